/** The region that serves each kind of user when nothing is wrong. */
import { compilePolicy, reachable } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { endpointPolicyConfig } from "./policies.js";

/**
 * site · classes + class → region of the lawful endpoint of the lowest tier that is nearest to the site,
 * the earlier one among equals; −1 when no endpoint is lawful.
 */
export function homeRegions(scenario: Scenario): Int32Array {
  const { sites, classes } = scenario.workload;
  const { endpoints, regions } = scenario.deployment;
  const config = endpointPolicyConfig(scenario);
  const policy = compilePolicy(config);
  const homes = new Int32Array(sites.length * classes.length).fill(-1);
  sites.forEach((site, s) => {
    classes.forEach((c, classIndex) => {
      const lawful = reachable(
        policy,
        config.origins.indexOf(site.country),
        classIndex,
        config.models.indexOf(c.model),
      );
      let best = -1;
      endpoints.forEach((endpoint, e) => {
        if ((lawful & (1 << e)) === 0) return;
        const rttUs = (i: number): number =>
          scenario.network.siteRegionRttUs[s * regions.length + endpoints[i]!.regionIndex]!;
        const isBetter =
          best < 0 ||
          endpoint.tier < endpoints[best]!.tier ||
          (endpoint.tier === endpoints[best]!.tier && rttUs(e) < rttUs(best));
        if (isBetter) best = e;
      });
      homes[s * classes.length + classIndex] = best < 0 ? -1 : endpoints[best]!.regionIndex;
    });
  });
  return homes;
}
