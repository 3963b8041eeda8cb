/** The rules as the router gets them: many a router in production knows where a call is processed, and no more. */
import { type Channel, firstViolation, type ResidencyRule } from "../policy/index.js";
import type { Deployment, Scenario } from "../scenario/scenario.js";

/**
 * The rules without what is not checked. A rule of which nothing is left is left out, and with it what it says about
 * requests that nothing may take.
 */
export function enforcedRules({ residency, routing }: Deployment): readonly ResidencyRule[] {
  const { enforces } = routing;
  if (enforces === undefined) return residency;
  const only = <T>(by: { readonly [C in Channel]?: T }): { readonly [C in Channel]?: T } =>
    Object.fromEntries(
      enforces.channels.flatMap((channel) => (by[channel] === undefined ? [] : [[channel, by[channel]]])),
    );
  return residency.flatMap((rule): readonly ResidencyRule[] => {
    const require = only(rule.require);
    const maxKeptDays = only(rule.maxKeptDays ?? {});
    const isEmpty = Object.keys(require).length + Object.keys(maxKeptDays).length === 0;
    return isEmpty ? [] : [{ ...rule, require, maxKeptDays }];
  });
}

/**
 * site · classes + class → mask of the endpoints that a copy of such a prompt may go to, whatever model they serve, as
 * far as the router checks: for probes and shadow traffic, which ask no policy.
 */
export function copyMasks({ deployment, workload }: Scenario): Int32Array {
  const rules = enforcedRules(deployment);
  const { endpoints } = deployment;
  return Int32Array.from(
    workload.sites.flatMap(({ country: origin }) =>
      workload.classes.map(({ id: dataClass, tenant, model }) =>
        endpoints.reduce((mask, endpoint, e) => {
          const concern = { origin, dataClass, tenant, models: [model, endpoint.model] };
          return firstViolation(rules, endpoint, concern) === null ? mask | (1 << e) : mask;
        }, 0),
      ),
    ),
  );
}
