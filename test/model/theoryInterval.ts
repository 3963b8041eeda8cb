/**
 * Confidence intervals over independent replications, and what it takes for a closed form to be confirmed:
 * the interval contains it, and is narrow enough to have been able to say no.
 */
import { expect } from "vitest";
import type { Result } from "../../src/result/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { runScenario } from "./theoryEngine.js";

/** Independent runs behind every interval. */
export const REPLICATIONS = 20;

/**
 * Student's t, 19 degrees of freedom, 0.9995 quantile. The suite holds about 150 such intervals, so at
 * 99.9 % each a correct engine would fail one of them with a chance of 1 in 7 on a fresh seed; the seeds are
 * fixed, so a test that passes keeps passing until the engine changes.
 */
const T_QUANTILE = 3.8834;

/** A mean over replications and how far from it the truth may lie, 99.9 % two-sided. */
export interface Interval {
  readonly mean: number;
  readonly halfWidth: number;
}

/** The t interval of exactly {@link REPLICATIONS} independent values. */
export function interval(values: readonly number[]): Interval {
  if (values.length !== REPLICATIONS) throw new Error(`${values.length} values, not ${REPLICATIONS}`);
  const mean = meanOf(values);
  const variance =
    meanOf(values.map((value) => (value - mean) * (value - mean))) * (REPLICATIONS / (REPLICATIONS - 1));
  return { mean, halfWidth: T_QUANTILE * Math.sqrt(variance / REPLICATIONS) };
}

/** Student's t, 18 degrees of freedom: one more is spent on the slope of the control. */
const T_QUANTILE_CONTROLLED = 3.9217;

/**
 * The interval of `values` after what a control explains has been taken out by regression: another reading of the same
 * runs, whose true mean is known. In queues the load explains a quarter to a half of the variance of a mean wait.
 */
export function controlled(
  values: readonly number[],
  control: readonly number[],
  controlMean: number,
): Interval {
  const [y, x] = [meanOf(values), meanOf(control)];
  const slope =
    meanOf(values.map((value, i) => (value - y) * (control[i]! - x))) /
    meanOf(control.map((c) => (c - x) * (c - x)));
  const adjusted = values.map((value, i) => value - slope * (control[i]! - controlMean));
  const mean = meanOf(adjusted);
  const residual =
    meanOf(adjusted.map((value) => (value - mean) * (value - mean))) * (REPLICATIONS / (REPLICATIONS - 2));
  const ofControl = meanOf(control.map((c) => (c - x) * (c - x)));
  const spread = 1 / REPLICATIONS + ((x - controlMean) * (x - controlMean)) / (REPLICATIONS * ofControl);
  return { mean, halfWidth: T_QUANTILE_CONTROLLED * Math.sqrt(residual * spread) };
}

/** Runs the scenario {@link REPLICATIONS} times with different luck; one interval per thing read. */
export function replicate<K extends string>(
  scenario: (replication: number) => Scenario,
  read: (result: Result) => Readonly<Record<K, number>>,
): Readonly<Record<K, Interval>> {
  const columns = replicateColumns(scenario, read);
  const names = Object.keys(columns) as K[];
  return Object.fromEntries(names.map((name) => [name, interval(columns[name])])) as Record<K, Interval>;
}

/** As {@link replicate}, but the values themselves. */
export function replicateColumns<K extends string>(
  scenario: (replication: number) => Scenario,
  read: (result: Result) => Readonly<Record<K, number>>,
): Readonly<Record<K, readonly number[]>> {
  const readings = Array.from({ length: REPLICATIONS }, (_, replication) =>
    read(runScenario(scenario(replication), { replication })),
  );
  const names = Object.keys(readings[0]!) as K[];
  return Object.fromEntries(
    names.map((name) => [name, readings.map((reading) => reading[name])]),
  ) as unknown as Record<K, readonly number[]>;
}

/**
 * Asserts that the interval contains `truth` and that its half-width is at most `maxShare` of it.
 * `absolute` is a deviation allowed on top, for closed forms that are given rounded or as a limit.
 */
export function expectTruth(
  name: string,
  found: Interval,
  truth: number,
  maxShare: number,
  absolute = 0,
): void {
  const text = `${name}: ${found.mean} ± ${found.halfWidth}, closed form ${truth}`;
  expect(found.halfWidth, `${text}: too wide to mean anything`).toBeLessThanOrEqual(
    maxShare * Math.abs(truth),
  );
  expect(Math.abs(found.mean - truth), text).toBeLessThanOrEqual(found.halfWidth + absolute);
}

/** The arithmetic mean; of nothing, NaN. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Kolmogorov-Smirnov distance of a sample from a continuous distribution, times √n: above 1.628 in 1 % of
 * samples from it, for the sample sizes used here.
 */
export function ksStatistic(sample: readonly number[], cdf: (value: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  let distance = 0;
  sorted.forEach((value, i) => {
    const share = cdf(value);
    distance = Math.max(distance, share - i / sorted.length, (i + 1) / sorted.length - share);
  });
  return distance * Math.sqrt(sorted.length);
}

/** {@link ksStatistic} above which a sample is not from the distribution, at 1 %. */
export const KS_AT_1_PERCENT = 1.628;

/** Cumulative distribution of the uniform law between two values. */
export function uniformCdf(from: number, to: number): (value: number) => number {
  return (value) => Math.min(1, Math.max(0, (value - from) / (to - from)));
}
