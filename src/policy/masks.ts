/** The tables a decision reads, made once from the rules. */
import { type Links, tenantsOf } from "./links.js";
import { type Concern, firstViolation, ruleApplies } from "./residency.js";
import type { PolicyConfig } from "./types.js";

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
 * The targets that may lawfully take a request, for every origin × data class × tenant × link (row-major).
 *
 * Residency is decided first and alone, so that no later stage can widen the set: a target missing
 * here is a refused request, never a slower one. A fallback is judged by the rules about the model that was asked
 * for as well as by those about the one that answers, so that falling back is no way around either.
 */
export function lawfulMasks(config: PolicyConfig, links: Links, serving: Int32Array): Int32Array {
  const rows = config.origins.length * config.dataClasses.length * tenantsOf(config).length;
  const masks = new Int32Array(rows * links.count);
  let at = 0;
  forEachRow(config, (concern) => {
    config.models.forEach((asked, m) => {
      for (let link = links.first[m]!; link < links.first[m + 1]!; link++) {
        const answering = links.answering[link]!;
        const models = [asked, config.models[answering]!];
        masks[at++] = lawfulAmong(config, serving[answering]!, { ...concern, models });
      }
    });
  });
  return masks;
}

function lawfulAmong(config: PolicyConfig, serving: number, concern: Concern): number {
  return config.targets.reduce((mask, target, t) => {
    if ((serving & (1 << t)) === 0) return mask;
    return firstViolation(config.rules, target, concern) === null ? mask | (1 << t) : mask;
  }, 0);
}

/** Whether all rules that speak about a request say to hold it, for every origin × data class × tenant × model. */
export function holdRows(config: PolicyConfig): Uint8Array {
  const holds: number[] = [];
  forEachRow(config, (concern) => {
    for (const model of config.models) {
      const about = config.rules.filter((rule) => ruleApplies(rule, { ...concern, models: [model] }));
      holds.push(about.length > 0 && about.every((rule) => rule.onEmpty === "queue") ? 1 : 0);
    }
  });
  return Uint8Array.from(holds);
}

function forEachRow(config: PolicyConfig, visit: (row: Omit<Concern, "models">) => void): void {
  for (const origin of config.origins)
    for (const dataClass of config.dataClasses)
      for (const tenant of tenantsOf(config)) visit({ origin, dataClass, tenant });
}
