/** Statistics beside another library, beside closed forms, and at their edges. */
import fc from "fast-check";
import * as simple from "simple-statistics";
import { describe, expect, it } from "vitest";
import { batchMeans } from "../../../src/experiment/statistics/batchMeans.js";
import { normalCdf, tCdf, tQuantile, tTail } from "../../../src/experiment/statistics/distributions.js";
import {
  meanInterval,
  noneSeenBound,
  orderStatisticInterval,
  orderStatisticRanks,
  wilsonInterval,
} from "../../../src/experiment/statistics/intervals.js";
import { mser5 } from "../../../src/experiment/statistics/mser5.js";
import { holm, pairedDifference } from "../../../src/experiment/statistics/paired.js";
import { relativeHalfWidth, stopAt } from "../../../src/experiment/statistics/sequential.js";
import { normals, publishedSeries, uniforms } from "./noise.js";

const SERIES = publishedSeries({ seed: 5, n: 60, phi: 0, mu: 3, x0: 3 });
const OTHER = publishedSeries({ seed: 6, n: 60, phi: 0, mu: 3.5, x0: 3 });
const column = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 30 });

function expectClose(found: number, expected: number, relative = 1e-12): void {
  expect(Math.abs(found - expected), `${found} for ${expected}`).toBeLessThanOrEqual(
    relative * Math.max(Math.abs(expected), 1e-300),
  );
}

describe("Student's t distribution", () => {
  it("has the closed forms of 1, 2 and 4 degrees of freedom", () => {
    for (const x of [1e-9, 0.01, 0.5, 1, 2, 5, 40, 1e4]) {
      expectClose(1 - tCdf(-x, 1), 0.5 + Math.atan(x) / Math.PI);
      expectClose(tTail(x, 1), Math.atan(1 / x) / Math.PI);
      const root = Math.sqrt(2 + x * x);
      expectClose(tTail(x, 2), 1 / (root * (root + x)));
      const u = x / Math.sqrt(4 + x * x);
      expect(Math.abs(tCdf(x, 4) - (0.5 + (3 * u - u * u * u) / 4))).toBeLessThan(1e-15);
    }
  });

  it("is undone by its quantile, with any real number of degrees of freedom", () => {
    const property = fc.property(
      fc.double({ min: 1e-6, max: 0.4999, noNaN: true }),
      fc.double({ min: 0.7, max: 5000, noNaN: true }),
      (p, df) => {
        const x = tQuantile(p, df);
        expectClose(tCdf(x, df), p, 1e-11);
        expect(tQuantile(1 - p, df)).toBeGreaterThan(0);
        expect(tQuantile(p * 1.0001, df)).toBeGreaterThan(x);
      },
    );
    fc.assert(property, { seed: 1, numRuns: 1000 });
  });

  it("is the normal one in the limit, and has its ends at infinity", () => {
    // z + (z³ + z)/4 · 1e-6 and the next term.
    expect(Math.abs(tQuantile(0.975, 1e6) - 1.959966356814107)).toBeLessThan(1e-11);
    expect(tQuantile(0.5, 3)).toBe(0);
    expect([tQuantile(0, 3), tQuantile(1, 3)]).toEqual([-Infinity, Infinity]);
    expect([tCdf(-Infinity, 3), tCdf(0, 3), tCdf(Infinity, 3)]).toEqual([0, 0.5, 1]);
  });

  it("keeps its value where the two ways of computing it meet", () => {
    for (const df of [1, 3, 30, 198, 199.999, 200, 200.001, 5000]) {
      const x = Math.sqrt((1.5 * df) / (df / 2 + 1));
      expectClose(tTail(x * (1 - 1e-12), df), tTail(x * (1 + 1e-12), df), 1e-11);
    }
    expectClose(tTail(2, 200 - 1e-10), tTail(2, 200), 1e-12);
  });
});

describe("beside another library", () => {
  it("means, spreads and intervals agree", () => {
    const { low, high } = meanInterval(SERIES)!;
    expectClose((low + high) / 2, simple.mean([...SERIES]));
    const half = 2.0009953780882688 * (simple.sampleStandardDeviation([...SERIES]) / Math.sqrt(60));
    expectClose((high - low) / 2, half, 1e-9);
    expectClose(relativeHalfWidth(SERIES), half / simple.mean([...SERIES]), 1e-9);
  });

  it("the correlation of batches agrees", () => {
    const found = batchMeans(SERIES, 60)!;
    expectClose(found.lag1, simple.sampleCorrelation(SERIES.slice(0, -1), SERIES.slice(1)), 1e-10);
    expect(found.size).toBe(1);
  });

  it("the normal distribution agrees with its table of five digits", () => {
    for (const z of [-3, -1.96, -0.5, 0, 0.1, 1, 2.5])
      expect(Math.abs(normalCdf(z) - simple.cumulativeStdNormalProbability(z))).toBeLessThan(6e-5);
  });

  it("the paired test is that of the differences", () => {
    const found = pairedDifference(SERIES, OTHER);
    const differences = SERIES.map((value, i) => OTHER[i]! - value);
    // Its spread has the divisor n.
    const t = simple.tTest(differences, 0) * Math.sqrt(59 / 60);
    expectClose(found.p, 2 * (1 - tCdf(Math.abs(t), 59)), 1e-6);
    const apart = simple.sampleVariance([...SERIES]) + simple.sampleVariance([...OTHER]);
    expectClose(found.varianceRatio!, apart / simple.sampleVariance(differences), 1e-9);
  });

  it("ranks have the binomial chance they say", () => {
    for (const [n, share] of [
      [6, 0.5],
      [25, 0.5],
      [60, 0.9],
      [100, 0.1],
    ] as const) {
      const ranks = orderStatisticRanks(n, share)!;
      const chances = simple.binomialDistribution(n, share)!;
      let inside = 0;
      for (let k = ranks.low; k < ranks.high; k += 1) inside += chances[k] ?? 0;
      expect(Math.abs(ranks.attained - inside), `n ${n}`).toBeLessThan(2e-4);
    }
  });
});

describe("order statistics", () => {
  it("bound a median from 6 values on, and a 99th percentile from 368 on, at 95 %", () => {
    expect(orderStatisticRanks(5, 0.5)).toBeNull();
    expect(orderStatisticRanks(6, 0.5)).toEqual({ low: 1, high: 6, attained: 1 - 2 / 64 });
    // The largest of n is below it with chance 0.99^n, which is 2.5 % at 367.05.
    expect(orderStatisticRanks(367, 0.99)).toBeNull();
    expect(orderStatisticRanks(368, 0.99)!.high).toBe(368);
    expect(orderStatisticInterval([3, 1, 2], 0.5)).toBeNull();
    expect(orderStatisticInterval([], 0.5)).toBeNull();
  });

  it("are the same in whatever order the values come, mirrored for mirrored values", () => {
    const values = [9, 4, 7, 1, 8, 2, 6, 3, 5];
    const found = orderStatisticInterval(values, 0.5)!;
    expect([found.low, found.high]).toEqual([2, 8]);
    expect(orderStatisticInterval([...values].reverse(), 0.5)).toEqual(found);
    const [low, high] = [orderStatisticRanks(100, 0.2)!, orderStatisticRanks(100, 0.8)!];
    expect([low.low, low.high]).toEqual([101 - high.high, 101 - high.low]);
  });

  it("do not lose their chances among very many values", () => {
    const { low, high, attained } = orderStatisticRanks(1_000_000, 0.5)!;
    // The normal approximation: 500 000 ± 1.96 · 500.
    expect(Math.abs(low - 499_020)).toBeLessThanOrEqual(1);
    expect(Math.abs(high - 500_981)).toBeLessThanOrEqual(1);
    expect(attained).toBeLessThan(0.9505);
  });
});

describe("shares", () => {
  it("of nothing seen lie below the rule of three, one-sided, and below Wilson's end, two-sided", () => {
    expectClose(noneSeenBound(100), 1 - 0.05 ** (1 / 100), 1e-10);
    // 3/n is ln 20 = 2.996 over n, rounded; the exact bound is a little below.
    for (const n of [30, 100, 1000]) {
      expect(noneSeenBound(n)).toBeLessThan(3 / n);
      expect(noneSeenBound(n)).toBeGreaterThan(2.84 / n);
      expect(wilsonInterval(0, n).high).toBeGreaterThan(noneSeenBound(n));
    }
    expect(noneSeenBound(0)).toBe(1);
  });

  it("stay inside 0 and 1, hold what was seen, and mirror", () => {
    const property = fc.property(fc.nat(500), fc.nat(500), (a, b) => {
      const [k, n] = [Math.min(a, b), Math.max(a, b)];
      const { low, high } = wilsonInterval(k, n);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      if (n > 0) expect(low <= k / n && k / n <= high).toBe(true);
      const mirrored = wilsonInterval(n - k, n);
      expect(Math.abs(1 - mirrored.high - low)).toBeLessThan(1e-14);
    });
    fc.assert(property, { seed: 2, numRuns: 1000 });
  });
});

describe("a paired difference", () => {
  it("without spread is certain where there is one, and no difference where there is none", () => {
    const base = [0.1, 0.7, 1e6, 3];
    const equal = pairedDifference(base, base);
    expect([equal.p, equal.interval!.low, equal.interval!.high]).toEqual([1, 0, 0]);
    const shifted = pairedDifference(
      base,
      base.map((value) => value + 0.1),
    );
    expect([shifted.p, shifted.varianceRatio]).toEqual([0, null]);
    expectClose(shifted.difference, 0.1, 1e-6);
    expect(pairedDifference([1], [2])).toMatchObject({ n: 1, p: 1, interval: null, varianceRatio: null });
  });

  it("turns around with its sides, and its interval excludes 0 exactly where p is below 5 %", () => {
    const property = fc.property(column, fc.nat(1000), (from, seed) => {
      const uniform = uniforms(`pairs${seed}`);
      const to = from.map((value) => value + 10 * uniform() - 3);
      const [there, back] = [pairedDifference(from, to), pairedDifference(to, from)];
      expect(back.difference).toBe(-there.difference);
      expect(back.p).toBe(there.p);
      const { low, high } = there.interval!;
      expect(low > 0 || high < 0).toBe(there.p < 0.05);
    });
    fc.assert(property, { seed: 3, numRuns: 500 });
  });
});

describe("Holm's guard", () => {
  it("lets the smallest pass at level/m, the next at level/(m − 1), and stops at the first that fails", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005], 0.05)).toEqual([true, false, false, true]);
    expect(holm([0.04, 0.001, 0.02], 0.05)).toEqual([true, true, true]);
    // The third would pass alone; the second does not, and so neither does it.
    expect(holm([0.001, 0.03, 0.031], 0.05)).toEqual([true, false, false]);
    expect(holm([0.025, 0.025], 0.05)).toEqual([true, true]);
    expect(holm([], 0.05)).toEqual([]);
  });

  it("raises a false alarm in one family of twenty, where one test in twenty would in most", () => {
    const normal = normals("holm");
    let [guarded, bare] = [0, 0];
    for (let k = 0; k < 1000; k += 1) {
      const ps = Array.from({ length: 20 }, () => {
        const from = Array.from({ length: 6 }, normal);
        return pairedDifference(
          from,
          from.map(() => normal()),
        ).p;
      });
      if (holm(ps, 0.05).includes(true)) guarded += 1;
      if (ps.some((p) => p <= 0.05)) bare += 1;
    }
    // 4 standard errors above 5 % in 1000.
    expect(guarded / 1000).toBeLessThan(0.078);
    expect(guarded / 1000).toBeGreaterThan(0.02);
    expect(bare / 1000).toBeGreaterThan(0.55);
  });
});

describe("sequential stopping", () => {
  const rule = { width: 0.1, least: 3, most: 50, confidence: 0.95 };

  it("stops at the first prefix narrow enough, whatever comes after it", () => {
    const property = fc.property(column, column, fc.double({ min: 0.02, max: 3 }), (a, b, width) => {
      const asked = { ...rule, width };
      const narrow = (n: number): boolean =>
        [a, b].every((values) => relativeHalfWidth(values.slice(0, n)) <= width);
      let expected: number | null = null;
      for (let n = Math.min(a.length, b.length); n >= rule.least; n -= 1) if (narrow(n)) expected = n;
      expect(stopAt([a, b], asked)).toBe(expected);
      if (expected !== null) expect(stopAt([a.slice(0, expected), b], asked)).toBe(expected);
    });
    fc.assert(property, { seed: 4, numRuns: 500 });
  });

  it("never stops before the least nor after the most, and at once where nothing varies", () => {
    const zeros = Array.from({ length: 20 }, () => 0);
    expect(stopAt([zeros], rule)).toBe(3);
    expect(stopAt([zeros], { ...rule, least: 1 })).toBe(2);
    expect(stopAt([zeros], { ...rule, least: 30 })).toBeNull();
    expect(stopAt([zeros], { ...rule, least: 10, most: 9 })).toBeNull();
    expect([relativeHalfWidth([4]), relativeHalfWidth([-1, 1]), relativeHalfWidth([2, 2])]).toEqual([
      Infinity,
      Infinity,
      0,
    ]);
  });
});

describe("warm-up", () => {
  it("found where the series still drifts at half its length is not to be relied on", () => {
    const drifting = Array.from({ length: 500 }, (_, t) => t);
    expect(mser5(drifting)).toMatchObject({ truncateAt: 245, reliable: false });
    expect(mser5([]).reliable).toBe(false);
    expect(mser5([1, 2, 3, 4, 5, 6]).reliable).toBe(false);
  });

  it("of a series that is steady from the start is nothing, and ties go to the earlier point", () => {
    expect(mser5(Array.from({ length: 200 }, () => 7))).toEqual({
      truncateAt: 0,
      statistic: 0,
      reliable: true,
    });
  });

  it("is the minimum over the first half, by the definition", () => {
    const property = fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 10, maxLength: 80 }),
      (series) => {
        const batches = Array.from({ length: Math.floor(series.length / 5) }, (_, b) =>
          simple.mean(series.slice(5 * b, 5 * b + 5)),
        );
        const statistics = batches
          .slice(0, Math.ceil(batches.length / 2))
          .map((_, d) => simple.variance(batches.slice(d)) / (batches.length - d));
        const found = mser5(series);
        expect(Math.abs(found.statistic - Math.min(...statistics))).toBeLessThan(1e-12);
        expect(Math.abs(statistics[found.truncateAt / 5]! - found.statistic)).toBeLessThan(1e-12);
      },
    );
    fc.assert(property, { seed: 7, numRuns: 500 });
  });
});

describe("batches", () => {
  it("leave the rest of the series off at its end, and are none where there are too few values", () => {
    const series = [...Array.from({ length: 40 }, (_, i) => i % 2), 1000];
    expect(batchMeans(series)!.mean).toBe(0.5);
    expect(batchMeans(series)).toMatchObject({ size: 2, batches: 20, lag1: 0, independent: true });
    expect(batchMeans([1, 2, 3])).toBeNull();
    expect(batchMeans([1, 2, 3], 1)).toBeNull();
  });
});
