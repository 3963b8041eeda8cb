/** Rows for the charts and tables of a comparison. */
import type { Comparison, Variant } from "../result/comparison.js";
import type { Estimate } from "../result/estimates.js";
import { CAUSES, type Cause } from "./causes.js";
import { short } from "./format.js";
import { durationMin, faultSpans, origins, type TimePoint } from "./rows.js";
import type { ChartSize } from "./theme.js";

/** Told apart with the common colour vision deficiencies and in grey; never alone: dashes and names say the same. */
const VARIANT_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#a0408a", "#7a5c00"] as const;
const VARIANT_DASHES: readonly (readonly number[])[] = [
  [1, 0],
  [7, 3],
  [2, 2],
  [10, 3, 2, 3],
  [4, 6],
];

/** How a variant is drawn, wherever variants share a panel. */
export interface VariantStyle {
  readonly label: string;
  readonly colour: string;
  readonly dash: readonly number[];
}

/** Longest label a chart shows of a variant. */
const LABEL_CHARACTERS = { wide: 34, narrow: 22 } as const;

/** The style of each variant, in their order; beyond five they repeat. */
export function variantStyles({ variants }: Comparison, size: ChartSize): readonly VariantStyle[] {
  return variants.map(({ label }, v) => ({
    label: short(label, LABEL_CHARACTERS[size.name]),
    colour: VARIANT_COLOURS[v % VARIANT_COLOURS.length]!,
    dash: VARIANT_DASHES[v % VARIANT_DASHES.length]!,
  }));
}

/** What all replications say of a measure; null where none has it. */
export function estimateOf({ replicated }: Variant, key: string): Estimate | null {
  return replicated.estimates.find((estimate) => estimate.key === key) ?? null;
}

/** Mean share of requests refused, by cause, over all replications: those without a refusal of the cause count as 0. */
export function causeShares(variant: Variant): readonly (readonly [Cause, number])[] {
  const { estimates, replications } = variant.replicated;
  const shares = new Map<string, number>();
  for (const { key, mean, n } of estimates) {
    const cause = /^refused\{cause=([^},]+)\}$/.exec(key)?.[1];
    if (cause !== undefined && mean > 0) shares.set(cause, (mean * n) / replications);
  }
  const known = CAUSES.filter((cause) => shares.has(cause));
  const unknown = [...shares.keys()].filter((cause) => !(CAUSES as readonly string[]).includes(cause));
  return [...known, ...(unknown as Cause[])].map((cause) => [cause, shares.get(cause)!] as const);
}

/** Mean share of requests refused; 0 where nothing was offered. */
export function refusedMean(variant: Variant): number {
  return estimateOf(variant, "refused")?.mean ?? 0;
}

/** A chart never draws more minutes of a line than this. */
const MOST_POINTS = 1500;

/** Share of the requests of `origin` that finished in each minute and were refused; null where none finished. */
export function refusedPerMinute({ first }: Variant, origin: string): readonly TimePoint[] {
  const { startS } = first.series;
  const column = first.series.byOrigin[origin];
  const stepMin = Math.max(1, Math.ceil(durationMin(first) / MOST_POINTS));
  const refused = new Map<number, number>();
  const finished = new Map<number, number>();
  startS.forEach((atS, window) => {
    const minute = Math.floor(atS / 60 / stepMin) * stepMin;
    const lost = column?.refused[window] ?? 0;
    refused.set(minute, (refused.get(minute) ?? 0) + lost);
    finished.set(minute, (finished.get(minute) ?? 0) + lost + (column?.served[window] ?? 0));
  });
  const points = [...finished].map(([startMin, all]) => ({
    startMin,
    value: all === 0 ? null : refused.get(startMin)! / all,
  }));
  // The last minute is a step as wide as the others.
  const last = points[points.length - 1];
  return last === undefined ? [] : [...points, { startMin: durationMin(first), value: last.value }];
}

/** Origins of any variant, in the order of the first that has them. */
export function allOrigins({ variants }: Comparison): readonly string[] {
  return [...new Set(variants.flatMap(({ first }) => origins(first)))];
}

/** Whether all variants live through the same faults, so that one strip of names serves all their panels. */
export function sharesFaults({ variants }: Comparison): boolean {
  const said = variants.map(({ first }) => JSON.stringify([durationMin(first), faultSpans(first)]));
  return said.every((faults) => faults === said[0]);
}

/** The longest of all runs, minutes. */
export function longestMin({ variants }: Comparison): number {
  return Math.max(...variants.map(({ first }) => durationMin(first)));
}

/** Shares answered that differ by less than this are of the same people, as good as. */
const ALIKE = 0.01;

/** Whether two variants answer as good as the same requests, so that how long the answered wait can be compared. */
export function answersAlike({ pareto }: Comparison, a: number, b: number): boolean {
  return Math.abs((pareto[a]?.availability ?? 1) - (pareto[b]?.availability ?? 1)) < ALIKE;
}
