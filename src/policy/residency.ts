/** Residency: which targets may lawfully see a request, decided once and before anything else. */
import type { Channel, ChannelPlaces, PolicyConfig, PolicyTarget, ResidencyRule } from "./types.js";
import { CHANNELS } from "./types.js";

/** What a rule found wrong with a target. */
export interface Violation {
  readonly ruleId: string;
  /** `file:line` of the rule, where known. */
  readonly source: string | null;
  readonly channel: Channel;
  /** The countries that are not allowed; empty when the target does not say where the channel happens. */
  readonly countries: readonly string[];
}

/** Whether a rule speaks about this request: every predicate it states holds. */
export function ruleApplies(rule: ResidencyRule, origin: string, dataClass: string, model: string): boolean {
  return (
    (rule.when.origin?.includes(origin) ?? true) &&
    (rule.when.dataClass?.includes(dataClass) ?? true) &&
    (rule.when.model?.includes(model) ?? true)
  );
}

/**
 * The first thing a rule finds wrong with the places of a target, channels in their fixed order, or
 * null when it is satisfied. A channel whose place is not known is as wrong as a forbidden one.
 */
export function ruleViolation(rule: ResidencyRule, data: ChannelPlaces): Violation | null {
  for (const channel of CHANNELS) {
    const allowed = rule.require[channel];
    if (allowed === undefined) continue;
    const places = data[channel] ?? [];
    const countries = places.filter((country) => !allowed.includes(country));
    if (places.length > 0 && countries.length === 0) continue;
    return { ruleId: rule.id, source: rule.source ?? null, channel, countries };
  }
  return null;
}

/** The first violation over all rules in their order, or null when the target is lawful. */
export function firstViolation(
  rules: readonly ResidencyRule[],
  target: PolicyTarget,
  origin: string,
  dataClass: string,
  model: string,
): Violation | null {
  for (const rule of rules) {
    if (!ruleApplies(rule, origin, dataClass, model)) continue;
    const violation = ruleViolation(rule, target.data);
    if (violation !== null) return violation;
  }
  return null;
}

/** The targets that serve each model, whatever the law says. */
export function servingMasks(config: PolicyConfig): Int32Array {
  const masks = new Int32Array(config.models.length);
  config.models.forEach((model, m) => {
    config.targets.forEach((target, t) => {
      if (target.models.includes(model)) masks[m]! |= 1 << t;
    });
  });
  return masks;
}

/**
 * The targets that may lawfully take a request, for every origin × data class × model (row-major).
 *
 * Residency is decided first and alone, so that no later stage can widen the set: a target missing
 * here is a refused request, never a slower one.
 */
export function lawfulMasks(config: PolicyConfig, serving: Int32Array): Int32Array {
  const masks = new Int32Array(config.origins.length * config.dataClasses.length * config.models.length);
  let row = 0;
  for (const origin of config.origins) {
    for (const dataClass of config.dataClasses) {
      config.models.forEach((model, m) => {
        let mask = 0;
        config.targets.forEach((target, t) => {
          if ((serving[m]! & (1 << t)) === 0) return;
          if (firstViolation(config.rules, target, origin, dataClass, model) === null) mask |= 1 << t;
        });
        masks[row++] = mask;
      });
    }
  }
  return masks;
}
