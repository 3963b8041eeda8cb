/**
 * The comparison document, `regionsim.comparison/1`: two or more deployments under the same users and the same luck.
 * The first variant is what the others are compared with. Plain JSON; key order is fixed by construction.
 */
import type { Interval, Replicated } from "./estimates.js";
import type { MeasureUnit } from "./measures.js";
import type { Result } from "./result.js";

/** How long served requests of all replications waited: columns of equal length, shares ascending. */
export interface LatencyCurve {
  /** Requests it is made of. */
  readonly count: number;
  /** Above 0, below 1. */
  readonly shares: readonly number[];
  /** That share of requests waited at most so long. */
  readonly valuesMs: readonly number[];
}

/** One of the scenarios compared. */
export interface Variant {
  /** What tables call it: the file's name without its ending, longer only where two would be alike. */
  readonly label: string;
  /** As given on the command line when that was relative, else the bare name. */
  readonly path: string;
  readonly replicated: Replicated;
  /** Replication 0, whole: its timelines are what the page draws. */
  readonly first: Result;
  /** `ttft{origin=EU}` and the like → the whole distribution. */
  readonly curves?: Readonly<Record<string, LatencyCurve>>;
}

/** What one measure did between the first variant and another. */
export interface Change {
  /** As in measures.ts. */
  readonly key: string;
  readonly unit: MeasureUnit;
  /** Replications in which both have a value. */
  readonly n: number;
  /** Means over those. */
  readonly from: number;
  readonly to: number;
  /** Of the paired difference to − from. */
  readonly difference: number;
  readonly interval: Interval | null;
  /** difference / from, and the interval by the same divisor; null where `from` is 0. */
  readonly relative: { readonly mean: number; readonly low: number; readonly high: number } | null;
  /** Two-sided, of no difference, before the guard. */
  readonly p: number;
  /** Variance of the difference with independent luck over that with common luck; null where either is 0. */
  readonly varianceRatio: number | null;
  /**
   * `better`, `worse`, `changed` (neither is good news): holds jointly with all others at the stated level.
   * `uncertain`: its own interval excludes 0, but not beyond what so many measures show by chance. `small`: it holds, and
   * is smaller than what was asked to be told of. `same`: all else.
   */
  readonly verdict: "better" | "worse" | "changed" | "uncertain" | "small" | "same";
}

/** A variant beside the first one. */
export interface Pair {
  /** Index among the variants, ≥ 1. */
  readonly variant: number;
  /** In the order of measures.ts. */
  readonly changes: readonly Change[];
  /** Measures that only one of the two has. */
  readonly onlyFirst: readonly string[];
  readonly onlyOther: readonly string[];
}

/** Cost against availability. */
export interface ParetoPoint {
  readonly variant: number;
  /** US dollars per 30 days at the scenario's load; null without prices. */
  readonly costPerMonth: number | null;
  readonly costInterval: Interval | null;
  readonly availability: number;
  readonly availabilityInterval: Interval | null;
  /** A variant shown to be better in one, and in the other better or as good; null when none is. */
  readonly dominatedBy: number | null;
}

/** The whole document. */
export interface Comparison {
  readonly schema: "regionsim.comparison/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly seed: string;
  readonly replications: number;
  readonly confidence: number;
  /** How many tests were looked at together, and how likely it is at most that any of them is false: 0.05. */
  readonly guard: { readonly method: "holm"; readonly tests: number; readonly level: number };
  /** Relative change below which a change is `small`. */
  readonly atLeast: number;
  /** False where the files do not describe the same users or the same faults: then pairs share only the seed. */
  readonly sameUsers: boolean;
  readonly sameFaults: boolean;
  readonly variants: readonly Variant[];
  readonly pairs: readonly Pair[];
  readonly pareto: readonly ParetoPoint[];
  readonly warnings: readonly string[];
}
