/** Values per batch, as in the name of the rule. */
const BATCH = 5;
/** Below this many batches a minimum says nothing. */
const LEAST_BATCHES = 10;

/** Where the warm-up ends. */
export interface WarmUp {
  /** Values to leave off at the beginning, a multiple of 5. */
  readonly truncateAt: number;
  /** The marginal standard error at that point, squared: what is minimised. */
  readonly statistic: number;
  /** False where the minimum lies at the end of what was searched, or the series is too short: it may not be steady yet. */
  readonly reliable: boolean;
}

/**
 * MSER-5 (White, Cobb and Spratt 2000): the truncation after which the mean of what is left has the smallest standard
 * error, over means of 5 values, searched in the first half. Ties go to the earlier point. Not for runs with an outage:
 * what happens then is what such a run is about.
 */
export function mser5(series: readonly number[]): WarmUp {
  const batches = Math.floor(series.length / BATCH);
  const searched = Math.ceil(batches / 2);
  let best = { at: 0, statistic: Infinity };
  let [count, mean, squares] = [0, 0, 0];
  // Backwards, so that each value joins those after it once.
  for (let b = batches - 1; b >= 0; b -= 1) {
    const value = batchMean(series, b);
    const off = value - mean;
    count += 1;
    mean += off / count;
    squares += off * (value - mean);
    const statistic = squares / (count * count);
    if (b < searched && statistic <= best.statistic) best = { at: b, statistic };
  }
  return {
    truncateAt: best.at * BATCH,
    statistic: best.statistic,
    reliable: batches >= LEAST_BATCHES && best.at < searched - 1,
  };
}

function batchMean(series: readonly number[], batch: number): number {
  let sum = 0;
  for (let i = batch * BATCH; i < (batch + 1) * BATCH; i += 1) sum += series[i]!;
  return sum / BATCH;
}
