/** What every measure did between two variants, and which of it is more than luck. */
import type { Change, Pair } from "../../result/comparison.js";
import { type MeasureUnit, measureInfo, metricOf } from "../../result/measures.js";
import { measureColumns } from "../replicate/estimate.js";
import type { Sample } from "../sample.js";
import { holm, type PairedDifference, pairedDifference } from "../statistics/paired.js";
import { signTest } from "./signTest.js";

/** At what level, and from which size on, a change is told. */
export interface ChangeRule {
  readonly confidence: number;
  /** Relative change below which one that holds is `small`. */
  readonly atLeast: number;
}

/** Every pair judged, and how many tests that was. */
export interface Changes {
  readonly pairs: readonly Pair[];
  /** Tests that could have found something; all of them hold together at the level of the rule. */
  readonly tests: number;
}

/** One value a replication; null where it has none. */
type Column = readonly (number | null)[];

/** A change before all of them are judged together. */
type Measured = Omit<Change, "verdict">;

/** The other variants beside the first. All have the same replications, in the same order. */
export function changesOf(variants: readonly (readonly Sample[])[], rule: ChangeRule): Changes {
  const [first, ...others] = variants.map(measureColumns);
  const measured = others.map((other) => measure(first!, other, rule.confidence));
  const all = measured.flatMap(({ changes }) => changes);
  const tested = all.filter(isTest);
  const holds = holm(
    tested.map(({ p }) => p),
    1 - rule.confidence,
  );
  const held = new Set(tested.filter((_, i) => holds[i]));
  const pairs = measured.map(({ changes, ...rest }, i) => ({
    variant: i + 1,
    changes: changes.map((change): Change => ({ ...change, verdict: verdictOf(change, held, rule) })),
    ...rest,
  }));
  return { pairs, tests: tested.length };
}

interface MeasuredPair {
  readonly changes: readonly Measured[];
  readonly onlyFirst: readonly string[];
  readonly onlyOther: readonly string[];
}

function measure(
  first: ReadonlyMap<string, Column>,
  other: ReadonlyMap<string, Column>,
  confidence: number,
): MeasuredPair {
  const changes: Measured[] = [];
  const onlyFirst: string[] = [];
  for (const [key, from] of first) {
    if (!hasValue(from)) continue;
    const to = columnOf(other, key, from.length);
    if (to === null) onlyFirst.push(key);
    else changes.push(changeOf(key, from, to, confidence));
  }
  const onlyOther: string[] = [];
  for (const [key, to] of other) {
    if (!hasValue(to) || hasValue(first.get(key))) continue;
    const from = columnOf(first, key, to.length);
    if (from === null) onlyOther.push(key);
    else changes.push(changeOf(key, from, to, confidence));
  }
  return { changes, onlyFirst, onlyOther };
}

/** A cause of refusal that a variant never saw is 0 there, as measures.ts has it; null where there is no value at all. */
function columnOf(columns: ReadonlyMap<string, Column>, key: string, n: number): Column | null {
  const column = columns.get(key);
  if (hasValue(column)) return column!;
  return key.startsWith("refused{cause=") ? new Array<number>(n).fill(0) : null;
}

function hasValue(column: Column | undefined): boolean {
  return column?.some((value) => value !== null) ?? false;
}

function changeOf(key: string, from: Column, to: Column, confidence: number): Measured {
  const both = bothOf(from, to);
  const { unit } = measureInfo(key);
  // Each has values, but never in the same replication: two means, and no pair to judge them by.
  if (both.from.length === 0) {
    const [a, b] = [meanOf(from), meanOf(to)];
    const apart = { n: 0, from: a, to: b, difference: b - a, interval: null, p: 1, varianceRatio: null };
    return { key, unit, ...apart, relative: null };
  }
  const paired = pairedDifference(both.from, both.to, confidence);
  const { n, interval, varianceRatio, difference } = paired;
  const p = pairedP(unit, paired, both);
  const { from: a, to: b } = paired;
  return {
    key,
    unit,
    n,
    from: a,
    to: b,
    difference,
    interval,
    relative: relativeOf(paired),
    p,
    varianceRatio,
  };
}

/** The replications in which both have a value. */
function bothOf(from: Column, to: Column): { readonly from: number[]; readonly to: number[] } {
  const both: { from: number[]; to: number[] } = { from: [], to: [] };
  from.forEach((a, r) => {
    const b = to[r] ?? null;
    if (a === null || b === null) return;
    both.from.push(a);
    both.to.push(b);
  });
  return both;
}

function meanOf(column: Column): number {
  const values = column.filter((value) => value !== null);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Two-sided p of no difference. Flags have no spread for a t test to speak of, and neither has anything that differs by
 * the same in every replication: counts are whole, quantiles come in the steps of a histogram, and the same step in two
 * replications of two is what a coin does. They are counted: how often up, how often down. A price is no coin.
 */
export function pairedP(
  unit: MeasureUnit,
  { p, n, difference, varianceRatio }: PairedDifference,
  both: { readonly from: readonly number[]; readonly to: readonly number[] },
): number {
  const isSteady = p === 0 && varianceRatio === null && difference !== 0;
  const isCounted = unit === "flag" || (unit !== "usd" && isSteady);
  if (!isCounted || n < 2) return p;
  const ups = both.from.filter((a, i) => both.to[i]! > a).length;
  const downs = both.from.filter((a, i) => both.to[i]! < a).length;
  return signTest(ups, downs);
}

function relativeOf({ from, difference, interval }: PairedDifference): Change["relative"] {
  if (from === 0 || interval === null) return null;
  const [a, b] = [interval.low / from, interval.high / from];
  return { mean: difference / from, low: Math.min(a, b), high: Math.max(a, b) };
}

/** What is the same in both however the luck falls was never in doubt, and is no test. */
function isTest({ n, p, varianceRatio }: Measured): boolean {
  return n >= 2 && !(p === 1 && varianceRatio === null);
}

function verdictOf(
  change: Measured,
  held: ReadonlySet<Measured>,
  { atLeast }: ChangeRule,
): Change["verdict"] {
  const { key, from, to, difference, interval } = change;
  if (!held.has(change)) {
    const excludesNone = interval === null || (interval.low <= 0 && interval.high >= 0);
    return excludesNone ? "same" : "uncertain";
  }
  if (sizeOf(change) < atLeast) return "small";
  const { better } = measureInfo(key);
  if (better === "neither" || isBelowOneCall(key, Math.max(from, to))) return "changed";
  return difference < 0 === (better === "lower") ? "better" : "worse";
}

/** Fewer calls than requests means refusals without a call, which is no good news; more than one is what amplifies. */
function isBelowOneCall(key: string, most: number): boolean {
  return metricOf(key) === "amplification" && most <= 1;
}

/**
 * How large a change is, relative to what it changes. Of shares that are good news, such as availability, that is what
 * they leave: from 99.5 % to 99.9 % is four fifths of the failures, not 0.4 %.
 */
function sizeOf({ key, unit, from, difference }: Measured): number {
  const isGood = unit === "ratio" && measureInfo(key).better === "higher";
  const base = Math.abs(isGood ? 1 - from : from);
  return base === 0 ? Number.POSITIVE_INFINITY : Math.abs(difference) / base;
}
