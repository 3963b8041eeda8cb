/** Which gateways each kind of user may lawfully come through. */
import { compilePolicy, reachable } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { entryPolicyConfig, lawfulForAll } from "./entryPolicy.js";
import { classIndices } from "./policies.js";

/**
 * site · classes + class → mask of the gateways that the entry may give the site, those lawful for all it asks, and
 * that the rules as written allow the class. An anycast prefix announced everywhere chooses none: all.
 */
export function lawfulGateways(scenario: Scenario): Int32Array {
  const { deployment, workload } = scenario;
  const { entry } = deployment;
  const config = entryPolicyConfig(scenario);
  const policy = compilePolicy(config);
  const isBlind = entry.kind === "anycast" && entry.scope === "global";
  const written = compilePolicy({ ...config, rules: isBlind ? [] : deployment.residency });
  const indices = classIndices(scenario, config);
  return Int32Array.from(
    workload.sites.flatMap((site) => {
      const origin = config.origins.indexOf(site.country);
      const given = lawfulForAll(policy, scenario, config, origin);
      return indices.map((of) => given & reachable(written, { origin, ...of }));
    }),
  );
}
