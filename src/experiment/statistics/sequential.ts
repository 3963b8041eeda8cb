/** Sequential stopping (Chow and Robbins 1965): as many replications as the width asked for takes, and no more. */
import { normalQuantileOf, tQuantile } from "./distributions.js";
import { CONFIDENCE, meanInterval } from "./intervals.js";
import { meanOf } from "./moments.js";

/** When it is enough. */
export interface StoppingRule {
  /** Largest half-width allowed, as a share of the mean. */
  readonly width: number;
  /** Replications before the first look: fewer than about 10 stop too early too often. */
  readonly least: number;
  /** Replications after which it is given up. */
  readonly most: number;
  readonly confidence: number;
}

/**
 * Half-width of the t interval as a share of |mean|: 0 where all values are alike, Infinity for fewer than two values and
 * for a mean of 0 with any spread.
 */
export function relativeHalfWidth(values: readonly number[], confidence: number = CONFIDENCE): number {
  const interval = meanInterval(values, confidence);
  if (interval === null) return Infinity;
  const half = (interval.high - interval.low) / 2;
  return half === 0 ? 0 : half / Math.abs(meanOf(values));
}

/**
 * The smallest n, `least` ≤ n ≤ `most`, at which the first n values of every column are narrow enough; null while there is
 * none. It looks at prefixes alone, so values that were taken ahead of the decision change nothing in it.
 */
export function stopAt(columns: readonly (readonly number[])[], rule: StoppingRule): number | null {
  let shared = rule.most;
  for (const column of columns) shared = Math.min(shared, column.length);
  const p = (1 + rule.confidence) / 2;
  const z = normalQuantileOf(p);
  const sums: Sums[] = columns.map(() => ({ mean: 0, squares: 0 }));
  for (let n = 1; n <= shared; n += 1) {
    columns.forEach((column, c) => {
      addTo(sums[c]!, column[n - 1]!, n);
    });
    if (n < Math.max(2, rule.least)) continue;
    // The normal value is the smaller and known: where that is too wide already, Student's need not be looked up.
    if (isNarrow(sums, n, z, rule.width) && isNarrow(sums, n, tQuantile(p, n - 1), rule.width)) return n;
  }
  return null;
}

/** half ≤ width·|mean| for all, squared and without a division, so that a constant 0 passes. */
function isNarrow(sums: readonly Sums[], n: number, quantile: number, width: number): boolean {
  const factor = (quantile * quantile) / ((n - 1) * n);
  return sums.every(({ mean, squares }) => factor * squares <= width * width * mean * mean);
}

/** Mean, and squared deviations from it, of the values so far. */
interface Sums {
  mean: number;
  squares: number;
}

function addTo(sum: Sums, value: number, n: number): void {
  const off = value - sum.mean;
  sum.mean += off / n;
  sum.squares += off * (value - sum.mean);
}
