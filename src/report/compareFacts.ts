/** What sentences, tables and lists about a comparison look up, and how they write it. */
import type { Change, Comparison } from "../result/comparison.js";
import type { Estimate, Interval } from "../result/estimates.js";
import { type MeasureUnit, measureInfo } from "../result/measures.js";
import { isSplit, worstOf } from "../result/splits.js";
import { count, decimal, duration, list, milliseconds, percent, short } from "./format.js";
import { NAME_CHARACTERS } from "./rows.js";
import { dollars } from "./servingTables.js";

const NBSP = "\u00a0";

/** What tables and sentences call a variant. */
export function labelOf({ variants }: Comparison, variant: number): string {
  return short(variants[variant]?.label ?? "", NAME_CHARACTERS);
}

/** A measure of a variant over its replications; undefined where it has none. */
export function estimateOf({ variants }: Comparison, variant: number, key: string): Estimate | undefined {
  return variants[variant]?.replicated.estimates.find((estimate) => estimate.key === key);
}

/** What a measure did between the first variant and another; undefined where one of the two has none. */
export function changeOf({ pairs }: Comparison, variant: number, key: string): Change | undefined {
  return pairs.find((pair) => pair.variant === variant)?.changes.find((change) => change.key === key);
}

/** Whether all variants run equally long: else sums over a run, such as its cost, differ by that alone. */
export function isAsLong({ variants }: Comparison): boolean {
  return variants.every(({ first }) => first.scenario.durationS === variants[0]!.first.scenario.durationS);
}

/** Whether a change holds jointly with all others, however small. */
export function isHeld(change: Change | undefined): boolean {
  return change !== undefined && change.verdict !== "same" && change.verdict !== "uncertain";
}

/** Whether a change holds, is news and is good or bad. */
export function isTold(change: Change): boolean {
  return change.verdict === "better" || change.verdict === "worse" || change.verdict === "changed";
}

/** A value of a measure as people read it. Means of flags are shares of replications. */
export function measureText(key: string, value: number): string {
  return unitText(measureInfo(key).unit, value);
}

function unitText(unit: MeasureUnit, value: number): string {
  if (unit === "ms") return value < 0 ? `−${timeText(-value)}` : timeText(value);
  if (unit === "ratio" || unit === "flag") return percent(value);
  if (unit === "usd") return dollars(value);
  return Math.abs(value) >= 100 || Number.isInteger(value) ? count(value) : decimal(value, 2);
}

function timeText(valueMs: number): string {
  return valueMs < 120_000 ? milliseconds(valueMs) : duration(valueMs / 1000);
}

/** `0.49…0.57 %`; empty where all replications are alike, or there is only one. */
export function intervalText(key: string, interval: Interval | null): string {
  if (interval === null || interval.low === interval.high) return "";
  const most = measureInfo(key).unit === "ratio" ? 1 : Number.POSITIVE_INFINITY;
  // The t interval of a share may reach beyond what a share can be.
  const [least, largest] = [Math.max(0, interval.low), Math.min(most, interval.high)];
  const [low, high] = [measureText(key, least), measureText(key, largest)];
  return low === high ? "" : rangeText(low, high);
}

/** `low…high`, the unit said once where it is the same: `0.49…0.57 %`. */
export function rangeText(low: string, high: string): string {
  const unit = /\u00a0[^\d\u00a0]+$/.exec(high)?.[0];
  return unit !== undefined && low.endsWith(unit)
    ? `${low.slice(0, low.length - unit.length)}…${high}`
    : `${low}…${high}`;
}

/** `+44 %`, `−3.1 %`; above three times as much, how many times. */
export function relativeText(relative: number): string {
  if (relative > 2) return `${decimal(1 + relative, 1 + relative < 10 ? 1 : 0)}${NBSP}×`;
  return `${signed(relative * 100)}${NBSP}%`;
}

/** A number with its sign, and a decimal where it is small. */
function signed(value: number): string {
  const text = decimal(Math.abs(value), Math.abs(value) < 10 ? 1 : 0);
  return value < 0 ? `−${text}` : `+${text}`;
}

/** A share that somebody wrote: `95 %`, `99.5 %`. */
export function levelText(ratio: number): string {
  const value = Math.round(ratio * 1e6) / 1e4;
  return `${String(value)}${NBSP}%`;
}

/** `+44 %, 95 % CI +38…+51`: what a change is and between what it lies. Empty where nothing can be said. */
export function changeText(change: Change, confidence: number): string {
  const { relative, interval, key } = change;
  const level = `${levelText(confidence)}${NBSP}CI`;
  if (relative !== null) {
    const times = relative.mean > 2;
    const figure = (value: number): string =>
      times ? decimal(1 + value, 1 + relative.mean < 10 ? 1 : 0) : signed(value * 100);
    const [low, high] = [figure(relative.low), figure(relative.high)];
    return low === high
      ? relativeText(relative.mean)
      : `${relativeText(relative.mean)}, ${level} ${low}…${high}`;
  }
  if (interval === null || interval.low === interval.high) return "";
  // From 0 on the difference is what it has become, and only the interval is news.
  const [low, high] = [measureText(key, interval.low), measureText(key, interval.high)];
  return `${level} ${rangeText(low, high)}`;
}

/** One thing said of several variants: those of which it is the same are named together. */
export function saidOfEach(comparison: Comparison, words: readonly string[]): string {
  const groups = new Map<string, string[]>();
  words.forEach((word, v) => {
    groups.set(word, [...(groups.get(word) ?? []), labelOf(comparison, v)]);
  });
  if (groups.size === 1 && words.length > 1)
    return `${words[0]}, ${words.length === 2 ? "both" : `all ${words.length}`}`;
  return [...groups].map(([word, labels]) => `${list(labels)} ${word}`).join("; ");
}

/**
 * What a measure comes to: the mean and between what it lies. Where most replications are alike and some are far from
 * them, a mean is what none of them has: then what is usual, and how many are how bad.
 */
export function estimateText(estimate: Estimate): string {
  const { key, mean } = estimate;
  const split = splitWords(estimate);
  if (split !== null) return `${split.usual}, but ${split.rare}`;
  const range = intervalText(key, estimate.interval);
  return `${measureText(key, mean)}${range === "" ? "" : ` (${range})`}`;
}

/** What most replications come to, and the others: `usually 0.5 %`, `up to 19 % in 2 of 20`; null where all are alike. */
export function splitWords(estimate: Estimate): { readonly usual: string; readonly rare: string } | null {
  if (!isSplit(estimate)) return null;
  const { key, n, median, apart } = estimate;
  const worst = worstOf(estimate);
  const reach = worst < median ? "down" : "up";
  const often = apart === undefined ? "the worst" : count(apart);
  return {
    usual: `usually ${measureText(key, median)}`,
    rare: `${reach} to ${measureText(key, worst)} in ${often} of ${count(n)} runs`,
  };
}
