/** Targets that only their logs or traces keep out: what a deployment can change most easily, so refusals say so. */
import type { Links } from "./links.js";
import { lawfulMasks } from "./masks.js";
import type { Channel, PolicyConfig, ResidencyRule } from "./types.js";

const SINKS: readonly Channel[] = ["logs", "traces"];

/** By row and link as `lawful`: the targets that serve the model and break a rule on logs or traces and none on anything else. */
export function logOnlyMasks(
  config: PolicyConfig,
  links: Links,
  { serving, lawful }: { readonly serving: Int32Array; readonly lawful: Int32Array },
): Int32Array {
  const asks = config.rules.some(({ require, maxKeptDays }) =>
    SINKS.some((channel) => require[channel] !== undefined || maxKeptDays?.[channel] !== undefined),
  );
  if (!asks) return new Int32Array(lawful.length);
  const rules = config.rules.map(withoutSinks);
  return lawfulMasks({ ...config, rules }, links, serving).map((mask, i) => mask & ~lawful[i]!);
}

function withoutSinks(rule: ResidencyRule): ResidencyRule {
  const kept = <T>(by: { readonly [C in Channel]?: T }): { readonly [C in Channel]?: T } =>
    Object.fromEntries(Object.entries(by).filter(([channel]) => !SINKS.includes(channel as Channel)));
  return { ...rule, require: kept(rule.require), maxKeptDays: kept(rule.maxKeptDays ?? {}) };
}
