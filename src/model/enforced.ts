/** The rules as the router gets them: many a router in production knows where a call is processed, and no more. */
import type { Channel, ResidencyRule } from "../policy/index.js";
import type { Deployment } from "../scenario/scenario.js";

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
