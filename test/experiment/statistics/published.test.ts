/** Statistics against what is published of them, number by number. */
import { describe, expect, it } from "vitest";
import { batchMeans } from "../../../src/experiment/statistics/batchMeans.js";
import { normalQuantileOf, tQuantile } from "../../../src/experiment/statistics/distributions.js";
import { wilsonInterval } from "../../../src/experiment/statistics/intervals.js";
import { meanOf } from "../../../src/experiment/statistics/moments.js";
import { mser5 } from "../../../src/experiment/statistics/mser5.js";
import { ocbaFractions } from "../../../src/experiment/statistics/ocba.js";
import type { SplittingChain } from "../../../src/experiment/statistics/split.js";
import { statistics } from "./bundled.js";
import { type PublishedSeries, publishedSeries } from "./noise.js";
import { called, type PublishedCheck, withChecks } from "./reference.js";

/** Id → the test that holds us to it, or the file that does. */
const TESTED: Readonly<Record<string, ((checks: readonly PublishedCheck[]) => void) | string>> = {
  "S-TQUANT": quantiles,
  "S-WILSON": shares,
  "S-MSER5-A": (checks) => warmUp(checks, "S-MSER5-A"),
  "S-MSER5-C": (checks) => warmUp(checks, "S-MSER5-C"),
  "S-OCBA": allocation,
  "S-SPLIT": splitting,
  "S-CRN": "commonLuck",
  "S-STREAMS": "commonLuck",
};

function closeTo(found: number, expected: number, relative: number): void {
  expect(Math.abs(found - expected), `${found} for ${expected}`).toBeLessThanOrEqual(
    relative * Math.abs(expected),
  );
}

function quantiles(checks: readonly PublishedCheck[]): void {
  const { given, expected } = called<{ df: number[] }, { t: number[]; z: number }>(checks, "S-TQUANT");
  given.df.forEach((df, i) => {
    expect(Math.abs(tQuantile(0.975, df) - expected.t[i]!), `df ${df}`).toBeLessThan(5e-6);
  });
  expect(Math.abs(normalQuantileOf(0.975) - expected.z)).toBeLessThan(1e-14);
}

function shares(checks: readonly PublishedCheck[]): void {
  const { given, expected } = called<{ kn: [number, number][] }, { ci: [number, number][] }>(
    checks,
    "S-WILSON",
  );
  given.kn.forEach(([successes, trials], i) => {
    const { low, high } = wilsonInterval(successes, trials);
    const [expectedLow, expectedHigh] = expected.ci[i]!;
    expect(Math.abs(low - expectedLow), `${successes}/${trials} low`).toBeLessThan(2e-6);
    expect(Math.abs(high - expectedHigh), `${successes}/${trials} high`).toBeLessThan(2e-6);
  });
}

function warmUp(checks: readonly PublishedCheck[], id: string): void {
  const { given, expected } = called<
    PublishedSeries,
    Readonly<Record<string, number>> & { first3?: number[] }
  >(checks, id);
  const series = publishedSeries(given);
  expected.first3?.forEach((value, i) => {
    closeTo(series[i]!, value, 1e-9);
  });
  const found = mser5(series);
  expect(found.truncateAt).toBe(expected.truncateAt);
  expect(found.reliable).toBe(true);
  closeTo(found.statistic, expected.mserStatistic!, 1e-9);
  closeTo(meanOf(series), expected.meanAll!, 1e-9);
  const rest = series.slice(found.truncateAt);
  closeTo(meanOf(rest), expected.meanAfter!, 1e-9);
  const batches = batchMeans(rest)!;
  closeTo((batches.interval.high - batches.interval.low) / 2, expected.batch20HalfWidth95!, 1e-9);
  if (expected.batch20Mean !== undefined) closeTo(batches.mean, expected.batch20Mean, 1e-9);
  if (expected.batchLag1 !== undefined) closeTo(batches.lag1, expected.batchLag1, 1e-9);
}

function allocation(checks: readonly PublishedCheck[]): void {
  const { given, expected } = called<{ means: number[]; sd: number[] }, { fractions: number[] }>(
    checks,
    "S-OCBA",
  );
  const found = ocbaFractions(given.means, given.sd, "min");
  expected.fractions.forEach((fraction, i) => {
    expect(Math.abs(found[i]! - fraction)).toBeLessThan(1e-6);
  });
}

/** Customers in an M/M/1 queue, seen at arrivals and departures; it starts with the first customer. */
function queueChain(arrivalRate: number, serviceRate: number): SplittingChain<number> {
  const up = arrivalRate / (arrivalRate + serviceRate);
  return {
    start: () => 1,
    step: (customers, random) => customers + (random() < up ? 1 : -1),
    level: (customers) => customers,
    over: (customers) => customers === 0,
  };
}

function splitting(checks: readonly PublishedCheck[]): void {
  const { given, expected } = called<
    { cases: { lambda: number; mu: number; L: number }[] },
    { probability: number[] }
  >(checks, "S-SPLIT");
  given.cases.forEach(({ lambda, mu, L }, i) => {
    const found = statistics.rareEvent(queueChain(lambda, mu), {
      levels: L,
      effort: 500,
      estimates: 40,
      seed: "split",
    });
    const truth = expected.probability[i]!;
    const text = `λ ${lambda} L ${L}: ${found.probability} for ${truth}`;
    // Wide enough to say no: the reference allows 15 % of a mean of 40 estimates.
    expect(found.interval!.high - found.interval!.low, text).toBeLessThan(0.3 * truth);
    expect(Math.abs(found.probability - truth), text).toBeLessThan(0.15 * truth);
    expect(found.lost).toBe(0);
  });
}

describe("statistics", () => {
  withChecks("statistics", (checks) => {
    it("has a test for every published check", () => {
      expect(checks.map(({ id }) => id).sort()).toEqual(Object.keys(TESTED).sort());
    });

    for (const [id, test] of Object.entries(TESTED)) {
      if (typeof test === "string") continue;
      it(`gives the numbers published as ${id}`, () => test(checks));
    }
  });
});
