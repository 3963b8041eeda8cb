/** The policy of a deployment for those who run it in production with a router of their own. */
import type { CallerConfig, PolicyConfig } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { distanceRowKm, endpointPolicyConfig, rttRowMs } from "./policies.js";

/** What `createRouter` takes, and what is known of the way from each gateway to each target. */
export interface ProductionPolicy {
  readonly policy: PolicyConfig;
  readonly caller: CallerConfig;
  /** Expected round trips from a gateway to each target, by the targets' ids, as questions take them. Throws for a gateway that is none. */
  readonly rttMs: (gateway: string) => Readonly<Record<string, number>>;
  /** Great circles, likewise. */
  readonly distanceKm: (gateway: string) => Readonly<Record<string, number>>;
}

/**
 * The configuration that the simulator itself routes by, so that what was simulated is what runs. Callers from
 * elsewhere than the workload's sites must be named in `serve.origins`; anybody else is refused.
 */
export function productionPolicy(scenario: Scenario): ProductionPolicy {
  const { gateways, endpoints, caller } = scenario.deployment;
  const byTarget =
    (rowOf: (scenario: Scenario, region: number) => Float64Array) =>
    (gateway: string): Readonly<Record<string, number>> => {
      const found = gateways.find(({ id }) => id === gateway);
      if (found === undefined) throw new Error(`no gateway ${JSON.stringify(gateway)}`);
      const row = rowOf(scenario, found.regionIndex);
      return Object.fromEntries(endpoints.map(({ id }, e) => [id, row[e]!]));
    };
  return {
    policy: endpointPolicyConfig(scenario),
    caller,
    rttMs: byTarget(rttRowMs),
    distanceKm: byTarget(distanceRowKm),
  };
}
