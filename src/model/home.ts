/** Which endpoints may serve each kind of user, and which region does when nothing is wrong. */
import { compilePolicy, type ResidencyRule, reachable } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { enforcedRules } from "./enforced.js";
import { classIndices, endpointPolicyConfig } from "./policies.js";

/**
 * site · classes + class → mask of the endpoints that may lawfully serve it and have its model, by the rules as
 * written, whatever of them is checked.
 */
export function lawfulEndpoints(scenario: Scenario): Int32Array {
  return servingEndpoints(scenario, scenario.deployment.residency);
}

/** The same by other rules, or by none. */
export function servingEndpoints(scenario: Scenario, rules: readonly ResidencyRule[]): Int32Array {
  const { sites } = scenario.workload;
  const config = { ...endpointPolicyConfig(scenario), rules };
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
 * site · classes + class → region of the endpoint, among those the router takes for lawful, of the lowest tier that is nearest to the site,
 * the earlier one among equals; −1 when no endpoint is lawful.
 */
export function homeRegions(scenario: Scenario): Int32Array {
  const { classes } = scenario.workload;
  const { endpoints, regions, drift } = scenario.deployment;
  const standbys = new Set(drift?.standbys.map(({ endpointIndex }) => endpointIndex));
  return servingEndpoints(scenario, enforcedRules(scenario.deployment)).map((lawful, kind) => {
    const s = Math.floor(kind / classes.length);
    const rttUs = (e: number): number =>
      scenario.network.siteRegionRttUs[s * regions.length + endpoints[e]!.regionIndex]!;
    let best = -1;
    endpoints.forEach((endpoint, e) => {
      // When nothing is wrong a standby serves nobody.
      if ((lawful & (1 << e)) === 0 || standbys.has(e)) return;
      const isBetter =
        best < 0 ||
        endpoint.tier < endpoints[best]!.tier ||
        (endpoint.tier === endpoints[best]!.tier && rttUs(e) < rttUs(best));
      if (isBetter) best = e;
    });
    return best < 0 ? -1 : endpoints[best]!.regionIndex;
  });
}
