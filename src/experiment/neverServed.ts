/** Who can never be served, whatever happens, as a run's first warning: all they ask is refused. */
import { classIndices } from "../model/policies.js";
import { reachable } from "../policy/index.js";
import type { Scenario } from "../scenario/scenario.js";
import { endpointReach, type GatewayPolicy, gatewayPolicy } from "./audit/endpointReach.js";
import { type EntryReach, entryReaches } from "./audit/entryReach.js";

/** More than these are counted. */
const MOST_TOLD = 3;

/** One sentence for users and classes whom the same keeps from being served; none without rules. */
export function neverServedWarnings(scenario: Scenario): readonly string[] {
  if (scenario.deployment.residency.length === 0) return [];
  const { sites, classes } = scenario.workload;
  const own = gatewayPolicy(scenario);
  const entryOf = entryReaches(scenario);
  const told = sites.flatMap(({ country }, site) => {
    const entry = entryOf(site);
    const found = classes.flatMap(({ id }, classIndex) => {
      const why = whyNever(scenario, own, entry, { site, classIndex });
      return why === null ? [] : [{ id, why }];
    });
    if (found.length === 0) return [];
    const whose =
      found.length === classes.length
        ? `users in ${country}`
        : `${found.map(({ id }) => id).join(", ")} from ${country}`;
    return [`${whose} can never be served: ${found[0]!.why}`];
  });
  const distinct = [...new Set(told)];
  const more = distinct.length - MOST_TOLD;
  return more > 0
    ? [
        ...distinct.slice(0, MOST_TOLD),
        `${more} more kinds of users can never be served; an audit names them`,
      ]
    : distinct;
}

/** Null for somebody who may be served. */
function whyNever(
  scenario: Scenario,
  own: GatewayPolicy,
  entry: EntryReach,
  kind: { readonly site: number; readonly classIndex: number },
): string | null {
  const { gateways, endpoints, routing } = scenario.deployment;
  if (entry.gateways === 0) return `${gateways[0]!.id}: ${entry.neverOf(0)}`;
  // Another system chooses by rules of its own.
  if ((routing.policy ?? null) !== null) return null;
  const { config, policy } = own;
  const origin = config.origins.indexOf(scenario.workload.sites[kind.site]!.country);
  if (reachable(policy, { origin, ...classIndices(scenario, config)[kind.classIndex]! }) !== 0) return null;
  const { model } = scenario.workload.classes[kind.classIndex]!;
  const first = Math.max(
    0,
    endpoints.findIndex((endpoint) => endpoint.model === model),
  );
  return `${endpoints[first]!.id}: ${endpointReach(scenario, own, kind, entry).neverOf(first)}`;
}
