/** Which endpoints may serve each kind of user, and which region does when nothing is wrong. */
import { compilePolicy, reachable } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { classIndices, endpointPolicyConfig } from "./policies.js";

/** site · classes + class → mask of the endpoints that may lawfully serve it and have its model. */
export function lawfulEndpoints(scenario: Scenario): Int32Array {
  const { sites } = scenario.workload;
  const config = endpointPolicyConfig(scenario);
  const policy = compilePolicy(config);
  const indices = classIndices(scenario, config);
  return Int32Array.from(
    sites.flatMap((site) => {
      const origin = config.origins.indexOf(site.country);
      return indices.map((of) => reachable(policy, { origin, ...of }));
    }),
  );
}

/**
 * site · classes + class → region of the lawful endpoint of the lowest tier that is nearest to the site,
 * the earlier one among equals; −1 when no endpoint is lawful.
 */
export function homeRegions(scenario: Scenario): Int32Array {
  const { classes } = scenario.workload;
  const { endpoints, regions } = scenario.deployment;
  return lawfulEndpoints(scenario).map((lawful, kind) => {
    const s = Math.floor(kind / classes.length);
    const rttUs = (e: number): number =>
      scenario.network.siteRegionRttUs[s * regions.length + endpoints[e]!.regionIndex]!;
    let best = -1;
    endpoints.forEach((endpoint, e) => {
      if ((lawful & (1 << e)) === 0) return;
      const isBetter =
        best < 0 ||
        endpoint.tier < endpoints[best]!.tier ||
        (endpoint.tier === endpoints[best]!.tier && rttUs(e) < rttUs(best));
      if (isBetter) best = e;
    });
    return best < 0 ? -1 : endpoints[best]!.regionIndex;
  });
}
