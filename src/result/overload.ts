/**
 * When a region was overloaded. In a *full* window it turns away or loses more than 1 % of its calls for
 * want of capacity, or has no free slot and a line. It is *overloaded* over every minute of which at least
 * half the windows are full: thirty seconds, as one stretch or in pieces. Pieces must count, because a
 * full region whose health checks time out is left alone until it is believed up again, and so is full
 * in turns; a minute holds a whole turn (fall + rise probes) of checks up to ten seconds apart.
 */
import type { Recording } from "../metrics/index.js";
import { regionCalls, regionUtilisation, wholeWindows } from "./windows.js";

const MINUTE_US = 60e6;
const FULL_SHARE = 0.5;
const CAPACITY_FAILURE_SHARE = 0.01;
const NO_FREE_SLOT = 0.98;

/** Windows `from` up to and not including `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A stretch of overload, and how most of its full windows were full; turned away where both are equal. */
export interface OverloadSpan extends Span {
  readonly reason: "turned-away" | "line";
}

const TURNED_AWAY = 1;
const LINE = 2;

/** Stretches in which each region was overloaded, from the first to the last full window of each, in time order. */
export function overloads(recording: Recording): OverloadSpan[][] {
  const wide = Math.max(1, Math.round(MINUTE_US / recording.windowUs));
  const whole = wholeWindows(recording);
  return recording.labels.regions.map((_, region) => {
    const manner = fullWindows(recording, region, whole);
    const full = manner.map((how) => (how === 0 ? 0 : 1));
    return stretches(full, wide).map((span) => {
      const inside = manner.subarray(span.from, span.to);
      const count = (wanted: number): number =>
        inside.reduce((sum, how) => sum + (how === wanted ? 1 : 0), 0);
      return { ...span, reason: count(LINE) > count(TURNED_AWAY) ? "line" : "turned-away" };
    });
  });
}

/** How each window of the region was full; 0 where it was not. */
function fullWindows(recording: Recording, region: number, whole: number): Uint8Array {
  const calls = regionCalls(recording, region);
  const busy = regionUtilisation(recording, region);
  const failures = recording.capacityFailures[region]!;
  const queue = recording.queuePeak[region]!;
  return Uint8Array.from({ length: whole }, (_, w) => {
    if (failures[w]! > CAPACITY_FAILURE_SHARE * Math.max(1, calls[w]!)) return TURNED_AWAY;
    return busy[w]! >= NO_FREE_SLOT && queue[w]! > 0 ? LINE : 0;
  });
}

/** The minutes that are full enough, joined where they overlap or touch, without thin ends. */
function stretches(full: Uint8Array, wide: number): Span[] {
  const found: Span[] = [];
  let sum = 0;
  // A minute may reach beyond the run: what is outside it is not full.
  for (let end = 1; end < full.length + wide; end++) {
    sum += (full[end - 1] ?? 0) - (full[end - 1 - wide] ?? 0);
    if (sum < FULL_SHARE * wide) continue;
    const first = Math.max(0, end - wide);
    const from = full.indexOf(1, first);
    const to = full.lastIndexOf(1, end - 1) + 1;
    const last = found.at(-1);
    if (last !== undefined && first <= last.to) found[found.length - 1] = { from: last.from, to };
    else found.push({ from, to });
  }
  return found.map((span) => withoutThinEnds(full, span, wide));
}

/**
 * Cuts off an end, at most a minute, of which less than half is full: a stray full window is not when it began.
 * An end stays when without it less than half a minute would be full.
 */
function withoutThinEnds(full: Uint8Array, { from, to }: Span, wide: number): Span {
  const enough = (a: number, b: number): boolean =>
    full.subarray(a, b).reduce((sum, n) => sum + n, 0) >= FULL_SHARE * wide;
  const begin = from + thinnest(full.subarray(from, Math.min(to, from + wide)));
  const cutFrom = enough(begin, to) ? begin : from;
  const end = to - thinnest(full.slice(Math.max(cutFrom, to - wide), to).reverse());
  return { from: cutFrom, to: enough(cutFrom, end) ? end : to };
}

/** Length of the beginning with the largest excess of empty windows over full ones, the shortest of equals; 0 for none. */
function thinnest(full: Uint8Array): number {
  let excess = 0;
  let largest = 0;
  let length = 0;
  full.forEach((isFull, i) => {
    excess += isFull === 1 ? -1 : 1;
    if (excess <= largest) return;
    largest = excess;
    length = i + 1;
  });
  return length;
}
