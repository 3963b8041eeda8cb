/** Intervals over independent replications. `confidence` is 0.95 where not given. */
import { exp, log } from "../../math/index.js";
import type { Interval } from "../../result/estimates.js";
import { normalQuantileOf, tQuantile } from "./distributions.js";
import { meanOf, varianceOf } from "./moments.js";

/** What intervals are stated at unless somebody asks for something else. */
export const CONFIDENCE: number = 0.95;

/** Student's t interval of the mean; null for fewer than two values. Of values that are all alike it has no width. */
export function meanInterval(values: readonly number[], confidence: number = CONFIDENCE): Interval | null {
  const n = values.length;
  if (n < 2) return null;
  const mean = meanOf(values);
  const half = tQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(varianceOf(values, mean) / n);
  return { low: mean - half, high: mean + half, confidence, method: "t" };
}

/**
 * Wilson's score interval of a share, inside [0, 1]; [0, 1] where nothing was tried. With no success its upper end is
 * z²/(n + z²), which is two-sided; {@link noneSeenBound} is the one-sided bound of the rule of three.
 */
export function wilsonInterval(successes: number, trials: number, confidence: number = CONFIDENCE): Interval {
  if (trials === 0) return { low: 0, high: 1, confidence, method: "wilson" };
  const z = normalQuantileOf((1 + confidence) / 2);
  const share = successes / trials;
  const spread = (z * z) / trials;
  const centre = (share + spread / 2) / (1 + spread);
  const half = Math.sqrt(spread * (share * (1 - share) + spread / 4)) / (1 + spread);
  return {
    low: successes === 0 ? 0 : Math.max(0, centre - half),
    high: successes === trials ? 1 : Math.min(1, centre + half),
    confidence,
    method: "wilson",
  };
}

/**
 * The share that an event seen in none of `trials` lies below, one-sided and exact: 1 − (1 − confidence)^(1/trials). At 95 %
 * that is 3/trials in round numbers, the rule of three. 1 where nothing was tried.
 */
export function noneSeenBound(trials: number, confidence: number = CONFIDENCE): number {
  return trials === 0 ? 1 : 1 - exp(log(1 - confidence) / trials);
}

/** Which of n sorted values bound a quantile, counted from 1, and how sure that is. */
export interface OrderRanks {
  readonly low: number;
  readonly high: number;
  /** Chance that a quantile of a continuous law lies between them: at least what was asked, since ranks are whole. */
  readonly attained: number;
}

/** Ranks of the interval of {@link orderStatisticInterval}; null where `n` values cannot say so much. */
export function orderStatisticRanks(
  n: number,
  share: number,
  confidence: number = CONFIDENCE,
): OrderRanks | null {
  const outside = (1 - confidence) / 2;
  const weights = binomialWeights(n, share);
  let [low, high] = [0, n + 1];
  let [below, above] = [0, 0];
  // Value number low lies above the quantile exactly where fewer than low of them are below it.
  while (low < n && below + weights[low]! <= outside) {
    below += weights[low]!;
    low += 1;
  }
  while (high > 1 && above + weights[high - 1]! <= outside) {
    above += weights[high - 1]!;
    high -= 1;
  }
  return low < 1 || high > n ? null : { low, high, attained: 1 - below - above };
}

/**
 * Interval of the quantile with a share `share` in (0, 1) below it, whatever the law: two of the values themselves. At
 * least `confidence`, equal tails; null where there are too few values (fewer than 6 for a median at 95 %).
 */
export function orderStatisticInterval(
  values: readonly number[],
  share: number,
  confidence: number = CONFIDENCE,
): Interval | null {
  const ranks = orderStatisticRanks(values.length, share, confidence);
  if (ranks === null) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return {
    low: sorted[ranks.low - 1]!,
    high: sorted[ranks.high - 1]!,
    confidence,
    method: "order-statistic",
  };
}

/** Chances of 0 … n successes, outwards from the likeliest: no power underflows, however many trials. */
function binomialWeights(n: number, share: number): Float64Array {
  const weights = new Float64Array(n + 1);
  const odds = share / (1 - share);
  const mode = Math.min(n, Math.floor((n + 1) * share));
  weights[mode] = 1;
  for (let k = mode; k < n; k += 1) weights[k + 1] = (weights[k]! * odds * (n - k)) / (k + 1);
  for (let k = mode; k > 0; k -= 1) weights[k - 1] = (weights[k]! * k) / (odds * (n - k + 1));
  let sum = 0;
  for (const weight of weights) sum += weight;
  return weights.map((weight) => weight / sum);
}
