/** Two systems under the same luck: the differences, and what so many of them show together. */
import type { Interval } from "../../result/estimates.js";
import { tTail } from "./distributions.js";
import { CONFIDENCE, meanInterval } from "./intervals.js";
import { largestOf, meanOf, ROUNDING_SHARE, varianceOf } from "./moments.js";

/** What pairs say. */
export interface PairedDifference {
  readonly n: number;
  /** Means. */
  readonly from: number;
  readonly to: number;
  /** Of to − from. */
  readonly difference: number;
  /** Null for fewer than two pairs. */
  readonly interval: Interval | null;
  /** Two-sided, of no difference, by the t test. Without spread 0 where they differ and 1 where not; 1 for one pair. */
  readonly p: number;
  /** (variance of from + variance of to) / variance of the difference: above 1 where common luck helps; null where either is 0. */
  readonly varianceRatio: number | null;
}

/** Paired t test of `to` − `from`, pair i being of replication i in both; the lists are equally long and not empty. */
export function pairedDifference(
  from: readonly number[],
  to: readonly number[],
  confidence: number = CONFIDENCE,
): PairedDifference {
  const n = from.length;
  const differences = from.map((value, i) => to[i]! - value);
  const [fromMean, toMean, difference] = [meanOf(from), meanOf(to), meanOf(differences)];
  const noise = ROUNDING_SHARE * Math.max(largestOf(from), largestOf(to));
  const spread = varianceOf(differences, difference);
  const variance = spread <= noise * noise ? 0 : spread;
  const found = { n, from: fromMean, to: toMean, difference };
  if (variance === 0) {
    const interval: Interval | null =
      n < 2 ? null : { low: difference, high: difference, confidence, method: "t" };
    return { ...found, interval, p: n < 2 || Math.abs(difference) <= noise ? 1 : 0, varianceRatio: null };
  }
  const apart = varianceOf(from, fromMean) + varianceOf(to, toMean);
  return {
    ...found,
    interval: meanInterval(differences, confidence),
    p: 2 * tTail(Math.abs(difference) / Math.sqrt(variance / n), n - 1),
    varianceRatio: apart / variance,
  };
}

/**
 * Which of several tests hold together at `level` (0.05: at most one in twenty families has a false one), by Holm's steps:
 * in the order of `pValues`. Equal values stand or fall together or by their order, the earlier first.
 */
export function holm(pValues: readonly number[], level: number): readonly boolean[] {
  const order = pValues.map((_, i) => i).sort((a, b) => pValues[a]! - pValues[b]!);
  const holds = pValues.map(() => false);
  for (const [rank, i] of order.entries()) {
    if (!(pValues[i]! <= level / (pValues.length - rank))) break;
    holds[i] = true;
  }
  return holds;
}
