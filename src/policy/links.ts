/** Which models may answer for which: each model itself first, then its fallbacks in their order. */
import type { PolicyConfig } from "./types.js";

/** Pairs of a model that is asked for and one that may answer, in runs by the first. */
export interface Links {
  readonly count: number;
  /** The pairs of model `m` are those from `first[m]` up to and not including `first[m + 1]`. */
  readonly first: Int32Array;
  /** The model that answers, by pair. */
  readonly answering: Int32Array;
}

/** The pairs of a configuration. A model that is its own fallback, or one twice, counts once. */
export function linksOf(config: PolicyConfig): Links {
  const first = new Int32Array(config.models.length + 1);
  const answering: number[] = [];
  config.models.forEach((model, m) => {
    const fallbacks = config.fallbacks ?? {};
    // A model may be called what every object has a property for.
    const others = Object.hasOwn(fallbacks, model) ? fallbacks[model]! : [];
    const chain = new Set([model, ...others]);
    answering.push(...[...chain].map((name) => config.models.indexOf(name)));
    first[m + 1] = answering.length;
  });
  return { count: answering.length, first, answering: Int32Array.from(answering) };
}

/** Whose requests a policy knows; one tenant when the configuration names none. */
export function tenantsOf(config: PolicyConfig): readonly string[] {
  return config.tenants ?? DEFAULT_TENANTS;
}

const DEFAULT_TENANTS: readonly string[] = ["default"];
