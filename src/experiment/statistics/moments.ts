/** Means and variances by two passes: no cancellation where the mean is large beside the spread. */

/** Arithmetic mean; NaN of nothing. Summed in the order given, so the same values in another order may differ by rounding. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Sample variance, divisor n − 1, around `mean`; 0 for fewer than two values. */
export function varianceOf(values: readonly number[], mean: number = meanOf(values)): number {
  if (values.length < 2) return 0;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return squares / (values.length - 1);
}

/** Largest |value|; 0 of nothing. */
export function largestOf(values: readonly number[]): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

/**
 * Spread below which values differ by rounding alone, as a share of the largest of what they were made from: a
 * difference of two doubles is off by about 1e-16 of them, and such noise is no evidence of anything.
 */
export const ROUNDING_SHARE: number = 1e-14;
