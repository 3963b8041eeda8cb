/** How long requests waited, at a fixed ladder of shares: enough to draw the whole distribution, small enough to keep. */
import type { Histogram } from "../../metrics/index.js";
import type { LatencyCurve } from "../../result/comparison.js";
import { mergedHistogram, type Sample } from "../sample.js";

/** From 1 % to 99.9 %, closer together towards the slow end, where designs differ. */
const LADDER: readonly number[] = [
  0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98,
  0.985, 0.99, 0.993, 0.995, 0.997, 0.998, 0.999,
];

/** Beyond a share with fewer values than this, a quantile is the luck of a few requests. */
const LEAST_BEYOND = 10;

/** The curve of a histogram of µs, in ms; it ends where fewer than ten values lie beyond. */
export function latencyCurve(histogram: Histogram): LatencyCurve {
  const shares = LADDER.filter((share) => histogram.count * (1 - share) >= LEAST_BEYOND);
  return {
    count: histogram.count,
    shares,
    valuesMs: shares.map((share) => histogram.quantile(share) / 1000),
  };
}

/** The curves of all keys (`ttft{origin=EU}`) that any of `samples` has, in the order they first come. */
export function latencyCurves(samples: readonly Sample[]): Readonly<Record<string, LatencyCurve>> {
  const keys = new Set(samples.flatMap(({ histograms }) => [...histograms.keys()]));
  return Object.fromEntries([...keys].map((key) => [key, latencyCurve(mergedHistogram(samples, key))]));
}
