import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram, HistogramPool } from "../../src/metrics/index.js";

const RUNS = { seed: 11, numRuns: 200 };
/** Half a step of an octave of 128, against the step's lower end: 0.5 / 128. */
const RELATIVE = 0.004;
const SHARES = [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

/** Whole µs over nine decades, with many repeats and exact powers of two, where steps and octaves begin. */
const value = fc.oneof(
  fc.integer({ min: 1, max: 2_000_000_000 }),
  fc.integer({ min: 0, max: 47 }).map((n) => 2 ** n),
  fc.constantFrom(1, 2, 127, 128, 129, 1000, 1_000_000),
  fc.double({ min: 1, max: 1e9, noNaN: true }),
);
const values = fc.array(value, { minLength: 1, maxLength: 300 });

function merged(pool: HistogramPool, cells: readonly number[]): Histogram {
  const into = new Histogram();
  for (const cell of cells) pool.addTo(cell, into);
  return into;
}

function reading(histogram: Histogram): readonly number[] {
  return [histogram.count, histogram.max, ...SHARES.map((share) => histogram.quantile(share))];
}

/** The smallest value that at least `share` of all do not exceed, from a sorted copy. */
function exactQuantile(list: readonly number[], share: number): number {
  const sorted = Float64Array.from(list).sort();
  return sorted[Math.max(1, Math.ceil(share * sorted.length - 1e-9)) - 1]!;
}

describe("histogramPool", () => {
  it("reads every quantile within 0.4 % of the exact one of a sorted list", () => {
    fc.assert(
      fc.property(values, (list) => {
        const pool = new HistogramPool(3);
        for (const one of list) pool.record(1, one);
        const histogram = merged(pool, [1]);
        for (const share of SHARES) {
          const exact = exactQuantile(list, share);
          const read = histogram.quantile(share);
          expect(Math.abs(read - exact), `${share}: ${read} for ${exact}`).toBeLessThanOrEqual(
            RELATIVE * exact,
          );
        }
      }),
      RUNS,
    );
  });

  it("keeps count and maximum exactly, and the sum in the order of arrival", () => {
    fc.assert(
      fc.property(values, (list) => {
        const pool = new HistogramPool(1);
        for (const one of list) pool.record(0, one);
        const histogram = merged(pool, [0]);
        expect(histogram.count).toBe(list.length);
        expect(pool.count(0)).toBe(list.length);
        expect(histogram.max).toBe(Math.max(...list));
        expect(histogram.sum).toBe(list.reduce((sum, one) => sum + one, 0));
        expect(histogram.mean).toBe(histogram.sum / list.length);
      }),
      RUNS,
    );
  });

  it("merges cells in any order to the reading of one cell that saw everything", () => {
    const spread = fc.array(fc.tuple(fc.nat(6), value), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(spread, fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), (list, order) => {
        const parts = new HistogramPool(7);
        const whole = new HistogramPool(1);
        for (const [cell, one] of list) {
          parts.record(cell, one);
          whole.record(0, one);
        }
        expect(reading(merged(parts, order))).toEqual(reading(merged(whole, [0])));
      }),
      RUNS,
    );
  });

  it("keeps cells apart, however many pages they need", () => {
    const pool = new HistogramPool(40);
    for (let cell = 0; cell < 40; cell++)
      for (let octave = 0; octave < 48; octave++) pool.record(cell, 2 ** octave);
    for (let cell = 0; cell < 40; cell++) {
      expect(merged(pool, [cell]).count).toBe(48);
      expect(merged(pool, [cell]).quantile(1 / 48)).toBeLessThan(2);
      expect(merged(pool, [cell]).max).toBe(2 ** 47);
    }
  });

  it("reads values below one unit as at most their maximum, and an empty histogram as 0", () => {
    const pool = new HistogramPool(2);
    pool.record(0, 0);
    pool.record(0, 0);
    expect(merged(pool, [0]).quantile(0.5)).toBe(0);
    expect(merged(pool, [0]).mean).toBe(0);
    expect(reading(merged(pool, [1]))).toEqual(reading(new Histogram()));
    expect(new Histogram().quantile(0.5)).toBe(0);
    expect(new Histogram().mean).toBe(0);
  });

  it("never reads a larger share as a smaller value, nor any above the maximum", () => {
    fc.assert(
      fc.property(values, (list) => {
        const pool = new HistogramPool(1);
        for (const one of list) pool.record(0, one);
        const histogram = merged(pool, [0]);
        const read = SHARES.map((share) => histogram.quantile(share));
        expect(read).toEqual([...read].sort((a, b) => a - b));
        expect(read.at(-1)).toBeLessThanOrEqual(histogram.max);
      }),
      RUNS,
    );
  });
});
