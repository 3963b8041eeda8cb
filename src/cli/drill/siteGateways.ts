/** Which gateways the users of a site know, where their programs know them by themselves. */
import { entryPolicyConfig, gatewayRttRowMs, lawfulForAll } from "../../model/entryPolicy.js";
import { compilePolicy } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";

/** The gateways that are lawful for all that a site asks, the nearest first. */
export function lawfulNearestFirst(scenario: Scenario, site: number): readonly number[] {
  const config = entryPolicyConfig(scenario);
  const origin = config.origins.indexOf(scenario.workload.sites[site]!.country);
  const lawful = lawfulForAll(compilePolicy(config), scenario, config, origin);
  const rttMs = gatewayRttRowMs(scenario, site);
  return scenario.deployment.gateways
    .map((_, g) => g)
    .filter((g) => ((lawful >> g) & 1) !== 0)
    .sort((a, b) => rttMs[a]! - rttMs[b]! || a - b);
}
