/** What a gateway of a deployment decides by: no more than the file is needed, no key and no address. */
import { policySha256, productionPolicy } from "../../model/index.js";
import type { CallerConfig, PolicyConfig } from "../../policy/index.js";
import type { Scenario } from "../../scenario/scenario.js";

/** The policy of one gateway. Rows are by target. */
export interface GatewayPolicy {
  readonly policy: PolicyConfig;
  readonly caller: CallerConfig;
  /** Of both, as in decision logs. */
  readonly policySha256: string;
  readonly rttMs: readonly number[];
  readonly distanceKm: readonly number[];
  /** Which endpoint of the deployment each target is. */
  readonly endpointIndices: readonly number[];
}

/**
 * What the gateway of that id decides by. Endpoints that nothing stands behind are no targets of a real gateway: to
 * leave one out can only narrow what a request may reach.
 */
export function gatewayPolicy(scenario: Scenario, gateway: string): GatewayPolicy {
  const { policy: all, caller, rttMs, distanceKm } = productionPolicy(scenario);
  const upstreams = scenario.serve?.upstreams;
  const endpointIndices = all.targets.flatMap((_, e) => (upstreams?.[e] === null ? [] : [e]));
  const targets = endpointIndices.map((e) => all.targets[e]!);
  const policy = targets.length === all.targets.length ? all : { ...all, targets };
  const [rtt, km] = [rttMs(gateway), distanceKm(gateway)];
  return {
    policy,
    caller,
    policySha256: policySha256(policy, caller),
    rttMs: targets.map(({ id }) => rtt[id]!),
    distanceKm: targets.map(({ id }) => km[id]!),
    endpointIndices,
  };
}
