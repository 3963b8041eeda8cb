import type { OptionsOf } from "./configs.js";
import { ENVOY_DEFAULTS, EnvoyPicker } from "./envoyPicker.js";
import type { Strategy } from "./strategy.js";

/**
 * Envoy's priorities. A tier takes its healthy share × 1.4 of the requests in whole percents, at most all, and the
 * next ones what is left; degraded members come after healthy ones. Where all of it is less than 100 it is scaled up,
 * and a tier with fewer usable members than the panic threshold ignores health: its own, or when all tiers do, every
 * one by its number of members. Members of a tier take turns by weight.
 *
 * Differs from Envoy in this: only lawful targets are hosts, so a panic never leaves the law; a tier whose members
 * have no room, or have been tried, gives its share to the others instead of failing; and what `previous-priorities`
 * leaves out is what this request has tried, without the order in which it did.
 *
 * The reference has four rows of Envoy's documentation that its code does not give; this is the code, envoyproxy/envoy
 * load_balancer_impl.cc at 00cf9a0.
 */
export const envoyPriority: Strategy<OptionsOf<"envoy-priority">> = {
  name: "envoy-priority",
  usesLuck: true,
  reach: "live",
  defaults: { kind: "envoy-priority", ...ENVOY_DEFAULTS },
  create: (options, targets) => new EnvoyPicker(options, targets, null),
};
