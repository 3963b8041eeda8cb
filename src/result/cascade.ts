/**
 * Did one region's fall push another over, and did the system come back? *Edge A → B*: B, with no fault of
 * its own, becomes overloaded (see `overload.ts`) while A is down or overloaded, and in the first minute of
 * it at least 30 % of B's excess over its calls before the first fault belongs to A's users.
 */
import type { Recording } from "../metrics/index.js";
import { goodputAfterFaults } from "./goodput.js";
import { margins } from "./margins.js";
import { overloads, type Span } from "./overload.js";
import type { Cascade, CascadeEdge } from "./result.js";
import { regionCalls, sumOver } from "./windows.js";

/** A smaller share of a victim's excess is not what pushed it over: with three pushers one has at least a third. */
const DIVERTED_SHARE = 0.3;
const ONSET_US = 60e6;

/** Who overloaded whom, whether service stayed down after the last fault, and how far each region is from the cliff. */
export function cascade(recording: Recording, clientRetries: number): Cascade {
  const edges = edgesOf(recording, overloads(recording));
  const { afterOverBefore, metastable } = goodputAfterFaults(recording);
  return {
    edges,
    depth: longestChain(edges),
    metastable,
    goodputAfterOverBefore: afterOverBefore,
    margins: margins(recording, clientRetries),
  };
}

function edgesOf(recording: Recording, spans: readonly Span[][]): CascadeEdge[] {
  const { regions } = recording.labels;
  const seconds = (window: number): number => (window * recording.windowUs) / 1e6;
  return regions.flatMap((victim, b) =>
    spans[b]!.flatMap((span) => {
      const onset = onsetOf(recording, span);
      if (hasFault(recording, b, onset)) return [];
      const calls = regionCalls(recording, b);
      const usual = usualPerWindow(recording, calls) * (onset.to - onset.from);
      const excess = Math.max(1, sumOver(calls, onset.from, onset.to) - usual);
      return regions.flatMap((pusher, a): CascadeEdge[] => {
        const fell =
          fellBefore(recording, a, onset) || spans[a]!.some((s) => s.from < span.from && s.to > span.from);
        if (a === b || !fell) return [];
        const theirs = regionCalls(recording, b, a);
        const usualTheirs = usualPerWindow(recording, theirs) * (onset.to - onset.from);
        const pushed = Math.max(0, sumOver(theirs, onset.from, onset.to) - usualTheirs);
        const divertedShare = Math.min(1, pushed / excess);
        if (divertedShare < DIVERTED_SHARE) return [];
        const [startS, endS] = [seconds(span.from), seconds(span.to)];
        return [{ from: pusher.id, to: victim.id, startS, endS, divertedShare }];
      });
    }),
  );
}

/** The first minute of an overload, or all of a shorter one. What pushed a region over is there, not in what followed. */
function onsetOf(recording: Recording, span: Span): Span {
  const wide = Math.max(1, Math.round(ONSET_US / recording.windowUs));
  return { from: span.from, to: Math.min(span.to, span.from + wide) };
}

/** Whether a fault that names the region falls in the span. */
function hasFault(recording: Recording, region: number, span: Span): boolean {
  const { labels, windowUs } = recording;
  return labels.faults.some(
    ({ regions, startUs, endUs }) =>
      regions.includes(region) && startUs < span.to * windowUs && endUs > span.from * windowUs,
  );
}

/** Whether a fault that moves traffic away from the region was there when the span began, to the window. */
function fellBefore(recording: Recording, region: number, span: Span): boolean {
  const { labels, windowUs } = recording;
  return labels.faults.some(
    ({ movesTraffic, regions, startUs, endUs }) =>
      movesTraffic &&
      regions.includes(region) &&
      startUs <= (span.from + 1) * windowUs &&
      endUs > span.from * windowUs,
  );
}

/** Mean calls of a window between the warm-up and the first fault; 0 when there is nothing between. */
function usualPerWindow(recording: Recording, calls: Float64Array): number {
  const { labels, windowUs, warmupUs, durationUs } = recording;
  const firstUs = Math.min(...labels.faults.map((fault) => fault.startUs), durationUs);
  const from = Math.floor(warmupUs / windowUs);
  const to = Math.floor(firstUs / windowUs);
  return sumOver(calls, from, to) / Math.max(1, to - from);
}

function longestChain(
  edges: readonly CascadeEdge[],
  from?: CascadeEdge,
  seen: ReadonlySet<string> = new Set(),
): number {
  const next = edges.filter(
    (edge) =>
      (from === undefined || (edge.from === from.to && edge.startS >= from.startS)) && !seen.has(edge.to),
  );
  return next.reduce(
    (depth, edge) => Math.max(depth, 1 + longestChain(edges, edge, new Set([...seen, edge.from, edge.to]))),
    0,
  );
}
