/** Sequential stopping (Chow and Robbins 1965): as many replications as the width asked for takes, and no more. */
import { tQuantile } from "./distributions.js";
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
  const sums = columns.map(() => ({ mean: 0, squares: 0 }));
  for (let n = 1; n <= shared; n += 1) {
    columns.forEach((column, c) => {
      addTo(sums[c]!, column[n - 1]!, n);
    });
    if (n < Math.max(2, rule.least)) continue;
    // half ≤ width·|mean|, squared and without a division, so that a constant 0 passes.
    const t = tQuantile((1 + rule.confidence) / 2, n - 1);
    const factor = (t * t) / ((n - 1) * n);
    const allowed = rule.width * rule.width;
    if (sums.every(({ mean, squares }) => factor * squares <= allowed * mean * mean)) return n;
  }
  return null;
}

function addTo(sum: { mean: number; squares: number }, value: number, n: number): void {
  const off = value - sum.mean;
  sum.mean += off / n;
  sum.squares += off * (value - sum.mean);
}
