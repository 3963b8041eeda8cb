/** The mean of one long steady run, whose values depend on each other, by batches that hardly do. */
import type { Interval } from "../../result/estimates.js";
import { normalQuantileOf } from "./distributions.js";
import { CONFIDENCE, meanInterval } from "./intervals.js";
import { meanOf, varianceOf } from "./moments.js";

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
  // 1 − ratio/2 of independent values is near normal with this variance (Young 1941); positive means dependence.
  const sd = Math.sqrt((batches - 2) / (batches * batches - 1));
  const independent = 1 - vonNeumannRatio(means, mean) / 2 <= normalQuantileOf(1 - FALSE_ALARM) * sd;
  return {
    mean,
    interval: { ...interval, method: "batch-means" },
    lag1: lag1Of(means),
    batches,
    size,
    independent,
  };
}

/** Squared steps over squared deviations, which is near 2 without correlation; 2 of constant values. */
function vonNeumannRatio(means: readonly number[], mean: number): number {
  let [steps, squares] = [0, 0];
  means.forEach((value, i) => {
    squares += (value - mean) * (value - mean);
    if (i > 0) steps += (value - means[i - 1]!) * (value - means[i - 1]!);
  });
  return squares === 0 ? 2 : steps / squares;
}

/** Correlation of all but the last with all but the first, each around its own mean; 0 where either is constant. */
function lag1Of(means: readonly number[]): number {
  const [before, after] = [means.slice(0, -1), means.slice(1)];
  const [beforeMean, afterMean] = [meanOf(before), meanOf(after)];
  let products = 0;
  before.forEach((value, i) => {
    products += (value - beforeMean) * (after[i]! - afterMean);
  });
  const spread = Math.sqrt(varianceOf(before, beforeMean) * varianceOf(after, afterMean));
  return spread === 0 ? 0 : products / (spread * (before.length - 1));
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
