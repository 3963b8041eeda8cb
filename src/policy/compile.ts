/** Turns a configuration into arrays and masks, once. */
import { firstBits } from "./bits.js";
import { type Links, linksOf, tenantsOf } from "./links.js";
import { logOnlyMasks } from "./logSinks.js";
import { holdRows, lawfulMasks, servingMasks } from "./masks.js";
import { STRATEGIES, type Strategies, type StrategyConfig, strategyConfigOf } from "./strategies/index.js";
import type { Strategy } from "./strategies/strategy.js";
import { type PolicyConfig, PolicyError } from "./types.js";
import { configProblems } from "./validate.js";

/** A compiled configuration. Immutable; shared by any number of gateways. */
export interface Policy {
  readonly config: PolicyConfig;
  readonly targetCount: number;
  readonly originCount: number;
  readonly dataClassCount: number;
  readonly tenantCount: number;
  readonly modelCount: number;
  /** The mask of all targets. */
  readonly all: number;
  /** Targets serving each model. */
  readonly serving: Int32Array;
  /** Which models may answer for which. */
  readonly links: Links;
  /** Lawful targets, [origin][dataClass][tenant][link] row-major. */
  readonly lawful: Int32Array;
  /** As `lawful`: those that only their logs or traces keep out. */
  readonly logOnly: Int32Array;
  /** 1 where a request with nothing lawful usable is held instead of refused, [origin][dataClass][tenant][model]. */
  readonly holds: Uint8Array;
  readonly waitForLimitsMs: number;
  /** Targets of each distinct tier, best tier first. */
  readonly tiers: Int32Array;
  readonly weight: Float64Array;
  readonly maxInFlight: Float64Array;
  /** Targets with any limit of their own; the others are never asked about theirs. */
  readonly limited: number;
  readonly strategy: Strategy;
  /** The strategy's. */
  readonly options: StrategyConfig;
  readonly failOpen: boolean;
}

/**
 * Compiles a configuration, or throws one {@link PolicyError} with every problem in it. At most 31
 * targets, because a set of targets is one small integer.
 */
export function compilePolicy(config: PolicyConfig): Policy {
  return compileWith(config, STRATEGIES);
}

/** As {@link compilePolicy}, where only these strategies are at hand. */
export function compileWith(config: PolicyConfig, strategies: Partial<Strategies>): Policy {
  const problems = configProblems(config, strategies);
  if (problems.length > 0) throw new PolicyError(problems);
  const serving = servingMasks(config);
  const links = linksOf(config);
  const lawful = lawfulMasks(config, links, serving);
  const options = strategyConfigOf(strategies, config.strategy)!;
  return {
    config,
    targetCount: config.targets.length,
    originCount: config.origins.length,
    dataClassCount: config.dataClasses.length,
    tenantCount: tenantsOf(config).length,
    modelCount: config.models.length,
    all: firstBits(config.targets.length),
    serving,
    links,
    lawful,
    logOnly: logOnlyMasks(config, links, { serving, lawful }),
    holds: holdRows(config),
    waitForLimitsMs: config.waitForLimitsMs ?? 0,
    tiers: tierMasks(config),
    weight: Float64Array.from(config.targets, (target) => target.weight),
    maxInFlight: Float64Array.from(config.targets, (target) => target.maxInFlight),
    limited: limitedMask(config),
    strategy: strategies[options.kind] as Strategy,
    options,
    failOpen: config.failOpen,
  };
}

/**
 * Every target that can EVER be chosen for such a request, in any state of the world, those of fallback models
 * included.
 *
 * Each later filter only removes, so this mask is the proof: what is not in it is never used. An
 * origin, data class, tenant or model that is not in the configuration gives the empty set.
 */
export function reachable(
  policy: Policy,
  request: {
    readonly origin: number;
    readonly dataClass: number;
    readonly tenant: number;
    readonly model: number;
  },
): number {
  const row = rowOf(policy, request.origin, request.dataClass, request.tenant);
  if (row < 0 || !isIndex(request.model, policy.modelCount)) return 0;
  const { first } = policy.links;
  let mask = 0;
  for (let link = first[request.model]!; link < first[request.model + 1]!; link++) {
    mask |= policy.lawful[row * policy.links.count + link]!;
  }
  return mask;
}

/**
 * The row of the tables for such a request; −1 when any of the three is not in the configuration.
 *
 * Each index is looked at on its own: one too large, or a half, would otherwise read another origin's row.
 */
export function rowOf(policy: Policy, origin: number, dataClass: number, tenant: number): number {
  if (!isIndex(origin, policy.originCount) || !isIndex(dataClass, policy.dataClassCount)) return -1;
  if (!isIndex(tenant, policy.tenantCount)) return -1;
  return (origin * policy.dataClassCount + dataClass) * policy.tenantCount + tenant;
}

/** Whether `i` is a position in a list of so many. */
export function isIndex(i: number, count: number): boolean {
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
