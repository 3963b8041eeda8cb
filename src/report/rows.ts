/** Rows for charts and tables, read out of a result. Times in minutes since the start of the run. */
import type { Result, Series } from "../result/result.js";
import { CAUSES, type Cause } from "./causes.js";
import { short } from "./format.js";
import type { Span } from "./panels.js";

/** A chart never draws more points than this: the bytes stay small and the lines readable. */
const MAX_POINTS = 5000;

/** Longest name a label shows; the tables have it in full. */
export const NAME_CHARACTERS = 22;

/** Sum of a column. */
export function total(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}

/** Length of the time axis; at least one minute, so that an empty run still has one. */
export function durationMin(result: Result): number {
  return Math.max(result.scenario.durationS / 60, 1 / 60);
}

/** The faults as named stretches of the time axis, cut at its end. */
export function faultSpans(result: Result): readonly Span[] {
  const endMin = durationMin(result);
  return result.faults
    .filter((fault) => fault.startS / 60 < endMin)
    .map((fault) => ({
      startMin: Math.max(0, fault.startS / 60),
      endMin: Math.min(endMin, fault.endS / 60),
      label: `${short(fault.target, NAME_CHARACTERS)} ${faultWords(fault.kind)}`,
    }));
}

/** A fault's kind as it follows the name of what it strikes: `region-down` → `down`. */
export function faultWords(kind: string): string {
  const words = short(kind, NAME_CHARACTERS).replaceAll("-", " ");
  return words.replace(/^(region|endpoint|gateway|provider) /, "");
}

/** How many neighbouring windows share a point, so that `lines` lines stay within {@link MAX_POINTS}. */
export function windowsPerPoint(series: Series, lines: number): number {
  return Math.max(1, Math.ceil((series.startS.length * lines) / MAX_POINTS));
}

/** Moments of the points, minutes: the start of the first window of each. */
function pointStartsMin(series: Series, stride: number): readonly number[] {
  return series.startS.filter((_, index) => index % stride === 0).map((startS) => startS / 60);
}

/** A value that holds from `startMin`, minutes, to the next point. */
export interface TimePoint {
  readonly startMin: number;
  /** Null draws a gap. */
  readonly value: number | null;
}

/** A count per window as a rate per second; `stride` windows are averaged into a point. */
export function ratePoints(series: Series, counts: readonly number[], stride: number): readonly TimePoint[] {
  return pointStartsMin(series, stride).map((startMin, point) => {
    const part = counts.slice(point * stride, (point + 1) * stride);
    return { startMin, value: total(part) / (part.length * series.windowS) };
  });
}

/** The largest value of each `stride` windows, null where none has one: merging never hides a spike. */
export function peakPoints(
  series: Series,
  values: readonly (number | null)[],
  stride: number,
): readonly TimePoint[] {
  return pointStartsMin(series, stride).map((startMin, point) => {
    const part = values.slice(point * stride, (point + 1) * stride).filter((value) => value !== null);
    return { startMin, value: part.length === 0 ? null : part.reduce((a, b) => Math.max(a, b)) };
  });
}

/** Counts of several origins added window by window. */
export function addColumns(columns: readonly (readonly number[])[], length: number): readonly number[] {
  return Array.from({ length }, (_, index) => total(columns.map((column) => column[index] ?? 0)));
}

/** Origins in the order of the result. */
export function origins(result: Result): readonly string[] {
  return Object.keys(result.requestsBy.origin);
}

/** Regions in the order of the result, with any that only the served counts name. */
export function regionNames(result: Result): readonly string[] {
  const names = new Set(result.regions.map((region) => region.id));
  for (const phases of Object.values(result.servedBy)) {
    for (const regions of Object.values(phases)) for (const id of Object.keys(regions)) names.add(id);
  }
  return [...names];
}

/** Causes with a column in the series that is not all zero, in stacking order. */
export function causesOverTime(series: Series): readonly Cause[] {
  const present = (cause: Cause): boolean => (series.refusedByCause[cause] ?? []).some((value) => value > 0);
  const unknown = (Object.keys(series.refusedByCause) as Cause[]).filter((cause) => !CAUSES.includes(cause));
  return [...CAUSES, ...unknown].filter(present);
}
