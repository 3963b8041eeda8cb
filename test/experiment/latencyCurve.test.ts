import { expect, test } from "vitest";
import { latencyCurve } from "../../src/experiment/compare/latencyCurve.js";
import { Histogram, type PackedHistogram } from "../../src/metrics/index.js";

/** A histogram in which every step of an octave holds `each` values. */
function filled(each: number): Histogram {
  const steps = Array.from({ length: 64 }, (_, i) => 64 * 12 + i);
  const packed: PackedHistogram = {
    ...{ count: 64 * each, sum: 0, max: 2 ** 20 },
    ...{ steps, counts: steps.map(() => each) },
  };
  const histogram = new Histogram();
  histogram.addPacked(packed);
  return histogram;
}

test("a curve climbs, and every point is that quantile in ms", () => {
  const histogram = filled(1000);
  const { count, shares, valuesMs } = latencyCurve(histogram);
  expect(count).toBe(64_000);
  expect(shares[0]).toBe(0.01);
  expect(shares[shares.length - 1]).toBe(0.999);
  shares.forEach((share, i) => {
    expect(valuesMs[i]).toBe(histogram.quantile(share) / 1000);
    if (i > 0) expect(valuesMs[i]).toBeGreaterThanOrEqual(valuesMs[i - 1]!);
  });
});

test("a curve ends where fewer than ten values lie beyond, and an empty one has no points", () => {
  // Of 640 values, ten lie beyond 98.4 %.
  expect(latencyCurve(filled(10)).shares.at(-1)).toBe(0.98);
  expect(latencyCurve(new Histogram())).toEqual({ count: 0, shares: [], valuesMs: [] });
});
