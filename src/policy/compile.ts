/** Turns a configuration into arrays and masks, once. */
import { firstBits } from "./bits.js";
import { lawfulMasks, servingMasks } from "./residency.js";
import { STRATEGIES } from "./strategies/index.js";
import type { Strategy } from "./strategies/strategy.js";
import { type PolicyConfig, PolicyError } from "./types.js";
import { configProblems } from "./validate.js";

/** A compiled configuration. Immutable; shared by any number of gateways. */
export interface Policy {
  readonly config: PolicyConfig;
  readonly targetCount: number;
  readonly originCount: number;
  readonly dataClassCount: number;
  readonly modelCount: number;
  /** The mask of all targets. */
  readonly all: number;
  /** Targets serving each model. */
  readonly serving: Int32Array;
  /** Lawful targets, [origin][dataClass][model] row-major. */
  readonly lawful: Int32Array;
  /** Targets of each distinct tier, best tier first. */
  readonly tiers: Int32Array;
  readonly weight: Float64Array;
  readonly maxInFlight: Float64Array;
  /** Targets with any limit of their own; the others are never asked about theirs. */
  readonly limited: number;
  readonly strategy: Strategy;
  readonly failOpen: boolean;
}

/**
 * Compiles a configuration, or throws one {@link PolicyError} with every problem in it. At most 31
 * targets, because a set of targets is one small integer.
 */
export function compilePolicy(config: PolicyConfig): Policy {
  const problems = configProblems(config);
  if (problems.length > 0) throw new PolicyError(problems);
  const serving = servingMasks(config);
  return {
    config,
    targetCount: config.targets.length,
    originCount: config.origins.length,
    dataClassCount: config.dataClasses.length,
    modelCount: config.models.length,
    all: firstBits(config.targets.length),
    serving,
    lawful: lawfulMasks(config, serving),
    tiers: tierMasks(config),
    weight: Float64Array.from(config.targets, (target) => target.weight),
    maxInFlight: Float64Array.from(config.targets, (target) => target.maxInFlight),
    limited: limitedMask(config),
    strategy: STRATEGIES[config.strategy],
    failOpen: config.failOpen,
  };
}

/**
 * Every target that can EVER be chosen for such a request, in any state of the world.
 *
 * Each later filter only removes, so this mask is the proof: what is not in it is never used. An
 * origin, data class or model that is not in the configuration gives the empty set.
 */
export function reachable(policy: Policy, origin: number, dataClass: number, model: number): number {
  // Each index on its own: one too large, or a half, would otherwise read another origin's row.
  if (!isIndex(origin, policy.originCount) || !isIndex(dataClass, policy.dataClassCount)) return 0;
  if (!isIndex(model, policy.modelCount)) return 0;
  return policy.lawful[(origin * policy.dataClassCount + dataClass) * policy.modelCount + model]!;
}

function isIndex(i: number, count: number): boolean {
  return (i | 0) === i && i >= 0 && i < count;
}

function limitedMask(config: PolicyConfig): number {
  return config.targets.reduce((mask, { maxInFlight, requestsPerMin, tokensPerMin }, t) => {
    const least = Math.min(maxInFlight, requestsPerMin, tokensPerMin);
    return least < Number.POSITIVE_INFINITY ? mask | (1 << t) : mask;
  }, 0);
}

function tierMasks(config: PolicyConfig): Int32Array {
  const tiers = [...new Set(config.targets.map((target) => target.tier))].sort((a, b) => a - b);
  return Int32Array.from(tiers, (tier) =>
    config.targets.reduce((mask, target, t) => (target.tier === tier ? mask | (1 << t) : mask), 0),
  );
}
