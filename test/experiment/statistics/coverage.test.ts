/**
 * Whether intervals hold what they promise, by experiment: 95 % of them are to contain the truth. 4000 experiments see a
 * share with a standard error of 0.34 %, so that a method that holds 95.0 % leaves 93.5 … 96.5 % once in 80 000 seeds.
 */
import { describe, expect, it } from "vitest";
import { meanOf } from "../../../src/experiment/statistics/moments.js";
import type { Interval } from "../../../src/result/estimates.js";
import { statistics } from "./bundled.js";
import { normals, uniforms } from "./noise.js";

const { batchMeans, meanInterval, orderStatisticInterval, orderStatisticRanks } = statistics;
const { pairedDifference, runLengthNeeded, stopAt, wilsonInterval } = statistics;

const EXPERIMENTS = 4000;
const [LEAST, MOST] = [0.935, 0.965];

function listOf(n: number, draw: () => number): number[] {
  return Array.from({ length: n }, draw);
}

function holds({ low, high }: Interval, truth: number): boolean {
  return low <= truth && truth <= high;
}

/** Share of experiments that came out true. */
function shareOf(one: () => boolean, experiments = EXPERIMENTS): number {
  let hits = 0;
  for (let k = 0; k < experiments; k += 1) if (one()) hits += 1;
  return hits / experiments;
}

function expectNominal(name: string, share: number): void {
  expect(share, name).toBeGreaterThanOrEqual(LEAST);
  expect(share, name).toBeLessThanOrEqual(MOST);
}

/** An autoregressive series that begins in its steady state. */
function autoregressive(n: number, phi: number, mu: number, normal: () => number): number[] {
  let y = normal() / Math.sqrt(1 - phi * phi);
  return listOf(n, () => {
    const value = mu + y;
    y = phi * y + normal();
    return value;
  });
}

describe("an interval said to hold in 95 % of cases does so", () => {
  it.each([3, 10, 30])("around the mean of %i normal values", (n) => {
    const normal = normals(`t${n}`);
    expectNominal(
      `t, normal, n ${n}`,
      shareOf(() => holds(meanInterval(listOf(n, () => 10 + 3 * normal()))!, 10)),
    );
  });

  it("around the mean of 100 values of a skewed law", () => {
    const uniform = uniforms("skewed");
    const draw = (): number => -Math.log(1 - uniform());
    expectNominal(
      "t, exponential, n 100",
      shareOf(() => holds(meanInterval(listOf(100, draw))!, 1)),
    );
  });

  it.each([30, 100])("around a share of %i trials, over chances from 0.05 to 0.95", (trials) => {
    // At a single chance it swings around 95 %, since successes are whole: 93.0 % at 0.3 of 30 trials.
    const uniform = uniforms(`wilson${trials}`);
    const one = (): boolean => {
      const chance = 0.05 + 0.9 * uniform();
      let successes = 0;
      for (let k = 0; k < trials; k += 1) if (uniform() < chance) successes += 1;
      return holds(wilsonInterval(successes, trials), chance);
    };
    expectNominal(`Wilson, n ${trials}`, shareOf(one));
  });

  it("around a share of 0.97 of 200 trials", () => {
    const uniform = uniforms("wilson200");
    const one = (): boolean => {
      let successes = 0;
      for (let k = 0; k < 200; k += 1) if (uniform() < 0.97) successes += 1;
      return holds(wilsonInterval(successes, 200), 0.97);
    };
    expectNominal("Wilson, n 200, chance 0.97", shareOf(one));
  });

  it.each([
    [6, 0.5],
    [25, 0.5],
    [60, 0.9],
    [150, 0.95],
  ])("around a quantile of %i values, share %f below it, as often as its ranks say", (n, share) => {
    const uniform = uniforms(`order${n}`);
    const { attained } = orderStatisticRanks(n, share)!;
    const found = shareOf(() => holds(orderStatisticInterval(listOf(n, uniform), share)!, share));
    expect(attained).toBeGreaterThanOrEqual(0.95);
    // Four standard errors of the experiment: the ranks are whole, so what is attained is more than was asked.
    expect(Math.abs(found - attained)).toBeLessThan(4 * Math.sqrt((attained * (1 - attained)) / EXPERIMENTS));
  });

  it("around the mean of a series whose values depend on each other, by batches", () => {
    const normal = normals("batches");
    const one = (): boolean => holds(batchMeans(autoregressive(800, 0.6, 5, normal))!.interval, 5);
    expectNominal("20 batch means, AR(1) 0.6, n 800", shareOf(one, 3000));
  });

  it("around a paired difference under common luck", () => {
    const normal = normals("paired");
    const one = (): boolean => {
      const luck = listOf(12, () => 5 * normal());
      const [from, to] = [luck.map((x) => x + normal()), luck.map((x) => x + 2 + normal())];
      return holds(pairedDifference(from, to).interval!, 2);
    };
    expectNominal("paired t, n 12", shareOf(one));
  });

  it("around a mean that was stopped at as soon as the width asked was reached", () => {
    const normal = normals("sequential");
    const rule = { width: 0.05, least: 10, most: 1000, confidence: 0.95 };
    const counts: number[] = [];
    const one = (): boolean => {
      const values: number[] = [];
      let n: number | null = null;
      // In rounds of 20: what is taken ahead of the decision changes nothing in it.
      while (n === null) {
        values.push(...listOf(20, () => 10 + 2 * normal()));
        n = stopAt([values], rule);
      }
      counts.push(n);
      return holds(meanInterval(values.slice(0, n))!, 10);
    };
    expectNominal("sequential 5 %", shareOf(one, 3000));
    // (1.96 · 0.2 / 0.05)² = 61.5 would do if the spread were known.
    expect(meanOf(counts)).toBeGreaterThan(60);
    expect(meanOf(counts)).toBeLessThan(66);
  });
});

describe("the test for dependence of batches", () => {
  it("raises a false alarm in one of ten runs without any", () => {
    const normal = normals("independent");
    const share = shareOf(() => !batchMeans(listOf(200, normal))!.independent);
    // Four standard errors of 10 % in 4000.
    expect(Math.abs(share - 0.1)).toBeLessThan(0.019);
  });

  it("sees batches that are shorter than the memory of the series, whose interval misses the mean", () => {
    const normal = normals("dependent");
    let missed = 0;
    const share = shareOf(() => {
      const found = batchMeans(autoregressive(400, 0.97, 5, normal))!;
      if (!holds(found.interval, 5)) missed += 1;
      return !found.independent;
    }, 1000);
    expect(share).toBeGreaterThan(0.6);
    expect(missed / 1000).toBeGreaterThan(0.15);
  });

  it("comes with the length that is needed: a run as long as that has the width asked for", () => {
    const normal = normals("length");
    const width = 0.02;
    const ratios = listOf(200, () => {
      const pilot = batchMeans(autoregressive(2000, 0.6, 10, normal))!;
      const { factor } = runLengthNeeded(pilot, width);
      const longer = batchMeans(autoregressive(Math.ceil(2000 * factor), 0.6, 10, normal))!;
      return (longer.interval.high - longer.interval.low) / 2 / (width * longer.mean);
    });
    // The spread of 20 batches is known to a sixth, and so is the length; on average it comes out right.
    expect(meanOf(ratios)).toBeGreaterThan(0.9);
    expect(meanOf(ratios)).toBeLessThan(1.15);
  });
});
