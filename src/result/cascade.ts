/**
 * Did one region's fall push another over? *Overloaded*: for at least thirty seconds (gaps of five
 * forgiven) a region turns away or loses more than 1 % of its calls for want of capacity, or has no free
 * slot and a line. *Edge A → B*: B, with no fault of its own, becomes overloaded while A is down or
 * overloaded, and at least 30 % of B's excess over its calls before the first fault belongs to A's users.
 */
import type { Recording } from "../metrics/index.js";
import type { Cascade, CascadeEdge } from "./result.js";
import { maxOver, regionCalls, regionUtilisation, sumOver, wholeWindows } from "./windows.js";

const MIN_OVERLOAD_US = 30e6;
const FORGIVEN_GAP_US = 5e6;
const CAPACITY_FAILURE_SHARE = 0.01;
const FULL = 0.98;
export const DIVERTED_SHARE = 0.3;
/** Metastable: served share of what is offered, against the same share before the first fault. */
const METASTABLE_SHARE = 0.5;
const SETTLING_US = 60e6;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Stretches of windows in which each region was overloaded. */
export function overloads(recording: Recording): Span[][] {
  return recording.labels.regions.map((_, region) => {
    const calls = regionCalls(recording, region);
    const busy = regionUtilisation(recording, region);
    const failures = recording.capacityFailures[region]!;
    const queue = recording.queuePeak[region]!;
    const bad = (w: number): boolean =>
      failures[w]! > CAPACITY_FAILURE_SHARE * Math.max(1, calls[w]!) || (busy[w]! >= FULL && queue[w]! > 0);
    return stretches(bad, wholeWindows(recording), FORGIVEN_GAP_US / recording.windowUs).filter(
      (s) => (s.to - s.from) * recording.windowUs >= MIN_OVERLOAD_US,
    );
  });
}

function stretches(holds: (w: number) => boolean, count: number, forgiven: number): Span[] {
  const found: Span[] = [];
  for (let w = 0; w < count; w++) {
    if (!holds(w)) continue;
    const last = found.at(-1);
    if (last !== undefined && w - last.to <= forgiven)
      found[found.length - 1] = { from: last.from, to: w + 1 };
    else found.push({ from: w, to: w + 1 });
  }
  return found;
}

export function cascade(recording: Recording, clientRetries: number): Cascade {
  const spans = overloads(recording);
  const edges = edgesOf(recording, spans);
  const after = goodputAfterOverBefore(recording);
  return {
    edges,
    depth: longestChain(edges),
    metastable: after !== null && after < METASTABLE_SHARE,
    goodputAfterOverBefore: after,
    margins: margins(recording, clientRetries),
  };
}

function edgesOf(recording: Recording, spans: readonly Span[][]): CascadeEdge[] {
  const { regions, faults } = recording.labels;
  const windowUs = recording.windowUs;
  const firstFault = Math.floor(
    Math.min(...faults.map((fault) => fault.startUs), recording.durationUs) / windowUs,
  );
  const warm = Math.floor(recording.warmupUs / windowUs);
  const edges: CascadeEdge[] = [];
  regions.forEach((victim, b) => {
    for (const span of spans[b]!) {
      const ownFault = faults.some(
        (fault) =>
          fault.regions.includes(b) &&
          fault.startUs < span.to * windowUs &&
          fault.endUs > span.from * windowUs,
      );
      if (ownFault) continue;
      const usual =
        (sumOver(regionCalls(recording, b), warm, firstFault) / Math.max(1, firstFault - warm)) *
        (span.to - span.from);
      const excess = Math.max(1, sumOver(regionCalls(recording, b), span.from, span.to) - usual);
      regions.forEach((pusher, a) => {
        const fell =
          faults.some(
            (fault) =>
              fault.movesTraffic &&
              fault.regions.includes(a) &&
              fault.startUs < span.to * windowUs &&
              fault.endUs > span.from * windowUs,
          ) || spans[a]!.some((s) => s.from < span.from && s.to > span.from);
        if (a === b || !fell) return;
        const divertedShare = Math.min(1, sumOver(regionCalls(recording, b, a), span.from, span.to) / excess);
        if (divertedShare < DIVERTED_SHARE) return;
        edges.push({
          from: pusher.id,
          to: victim.id,
          startS: (span.from * windowUs) / 1e6,
          endS: (span.to * windowUs) / 1e6,
          divertedShare,
        });
      });
    }
  });
  return edges;
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

/** Served over offered at the end of the run, a minute or more after the last fault, over the same before the first. */
function goodputAfterOverBefore(recording: Recording): number | null {
  const { faults } = recording.labels;
  if (faults.length === 0) return null;
  const share = (fromUs: number, toUs: number): number | null => {
    const from = Math.ceil(fromUs / recording.windowUs);
    const to = Math.floor(toUs / recording.windowUs);
    const offered = recording.offeredByOrigin.reduce((sum, column) => sum + sumOver(column, from, to), 0);
    const served = recording.servedByOrigin.reduce((sum, column) => sum + sumOver(column, from, to), 0);
    return offered < 20 || to - from < 10 ? null : served / offered;
  };
  const lastEndUs = Math.max(...faults.map((fault) => fault.endUs));
  const before = share(recording.warmupUs, Math.min(...faults.map((fault) => fault.startUs)));
  const after = share(
    Math.max(lastEndUs + SETTLING_US, recording.durationUs - 3 * SETTLING_US),
    recording.durationUs,
  );
  return before === null || after === null || before === 0 ? null : after / before;
}

function margins(recording: Recording, clientRetries: number): Cascade["margins"] {
  const { regions, endpoints } = recording.labels;
  const count = regions.length;
  return regions.map((region, r) => {
    const mine = endpoints.filter((endpoint) => endpoint.region === r);
    const capacity = mine.reduce((sum, endpoint) => sum + endpoint.capacityPerS, 0);
    const peakLoadPerS = maxOver(tenSecondMeans(recording, r), 0, recording.windowCount);
    const bounded = Number.isFinite(capacity) && mine.length > 0;
    return {
      region: region.id,
      capacityPerS: bounded ? capacity : null,
      peakLoadPerS,
      naiveLimit: count > 1 ? (count - 1) / count : 1,
      retrySafeMargin: bounded && peakLoadPerS > 0 ? capacity / ((1 + clientRetries) * peakLoadPerS) : null,
    };
  });
}

function tenSecondMeans(recording: Recording, region: number): Float64Array {
  const calls = regionCalls(recording, region);
  const span = Math.max(1, Math.round(10e6 / recording.windowUs));
  return calls.map((_, w) =>
    w + span > wholeWindows(recording)
      ? 0
      : sumOver(calls, w, w + span) / ((span * recording.windowUs) / 1e6),
  );
}
