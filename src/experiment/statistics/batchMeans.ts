/** The mean of one long steady run, whose values depend on each other, by batches that hardly do. */
import type { Interval } from "../../result/estimates.js";
import { normalQuantileOf } from "./distributions.js";
import { CONFIDENCE, meanInterval } from "./intervals.js";
import { meanOf } from "./moments.js";

/** Chance that batches without any correlation are called dependent. */
const FALSE_ALARM = 0.1;

/** What batches say. */
export interface BatchMeans {
  /** Of all batches: the rest of the series that fills none is left off at its end. */
  readonly mean: number;
  readonly interval: Interval;
  /** Correlation of neighbouring batches. */
  readonly lag1: number;
  readonly batches: number;
  /** Values per batch. */
  readonly size: number;
  /** Whether von Neumann's test lets the batches pass as independent; where it does not, the interval is too narrow. */
  readonly independent: boolean;
}

/** Non-overlapping batches of equal size, cut from the beginning; null for fewer values than batches, or one batch. */
export function batchMeans(
  series: readonly number[],
  batches: number = 20,
  confidence: number = CONFIDENCE,
): BatchMeans | null {
  const size = Math.floor(series.length / batches);
  if (size < 1) return null;
  const means = Array.from({ length: batches }, (_, b) => meanOf(series.slice(b * size, (b + 1) * size)));
  const interval = meanInterval(means, confidence);
  if (interval === null) return null;
  const mean = meanOf(means);
  const { lag1, vonNeumann } = neighbours(means, mean);
  // 1 − ratio/2 of independent values is near normal with this variance (Young 1941); positive means dependence.
  const sd = Math.sqrt((batches - 2) / (batches * batches - 1));
  const independent = 1 - vonNeumann / 2 <= normalQuantileOf(1 - FALSE_ALARM) * sd;
  return {
    mean,
    interval: { ...interval, method: "batch-means" },
    lag1,
    batches,
    size,
    independent,
  };
}

/** Lag-1 correlation and von Neumann's ratio (squared steps over squared deviations); 0 and 2 of constant values. */
function neighbours(means: readonly number[], mean: number): { lag1: number; vonNeumann: number } {
  let [products, steps, squares] = [0, 0, 0];
  means.forEach((value, i) => {
    squares += (value - mean) * (value - mean);
    if (i === 0) return;
    const before = means[i - 1]!;
    products += (value - mean) * (before - mean);
    steps += (value - before) * (value - before);
  });
  return squares === 0
    ? { lag1: 0, vonNeumann: 2 }
    : { lag1: products / squares, vonNeumann: steps / squares };
}

/** How much longer a run would have to be. */
export interface RunLength {
  /** Times its present length; at most 1 where it is long enough. Infinity where the mean is 0. */
  readonly factor: number;
  /** True where batches depend on each other: the spread is then larger than it looks, and so is the factor. */
  readonly atLeast: boolean;
}

/** What it takes until the half-width is a share `width` of the mean: it falls with the root of the length. */
export function runLengthNeeded(found: BatchMeans, width: number): RunLength {
  const half = (found.interval.high - found.interval.low) / 2;
  const ratio = half === 0 ? 0 : half / (width * Math.abs(found.mean));
  return { factor: ratio * ratio, atLeast: !found.independent };
}
