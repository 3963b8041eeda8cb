/** How far a cascade went: its longest chain, and who had nowhere left to go. */
import type { Recording } from "../metrics/index.js";
import { CapacityReader } from "./capacityReader.js";
import type { Fall } from "./cascadeEdges.js";
import type { Abandoned, CascadeEdge } from "./result.js";
import { wholeWindows } from "./windows.js";

/** Longest simple paths are hard to find: beyond so many steps the longest so far is taken. */
const MAX_STEPS = 100_000;

/**
 * Longest chain of edges of which each begins where the last ended, not before it, and no region comes twice.
 * Of several edges between two regions a chain takes the first it can: a later one only leaves less to follow.
 */
export function longestChain(edges: readonly CascadeEdge[]): number {
  const byStart = [...edges].sort((a, b) => a.startS - b.startS);
  let steps = 0;
  const follow = (last: CascadeEdge | undefined, seen: ReadonlySet<string>): number => {
    if (steps++ > MAX_STEPS) return 0;
    const tried = new Set<string>();
    let depth = 0;
    for (const edge of byStart) {
      const link = `${edge.from}\n${edge.to}`;
      const follows = last === undefined || (edge.from === last.to && edge.startS >= last.startS);
      if (!follows || seen.has(edge.to) || tried.has(link)) continue;
      tried.add(link);
      depth = Math.max(depth, 1 + follow(edge, new Set([...seen, edge.from, edge.to])));
    }
    return depth;
  };
  return follow(undefined, new Set());
}

/** Kinds of users whose every lawful endpoint could do nothing, or stood in a region that had fallen, and for how long. */
export function withoutRegion(recording: Recording, falls: readonly (readonly Fall[])[]): Abandoned[] {
  const { labels, offered, windowUs } = recording;
  const fallen = fallenEndpoints(recording, falls);
  const found = new Map<string, Abandoned>();
  labels.sites.forEach((site, s) => {
    labels.classes.forEach((className, c) => {
      const kind = s * labels.classes.length + c;
      const asked = offered.subarray(kind * labels.phases.length, (kind + 1) * labels.phases.length);
      const origin = labels.origins[site.origin]!;
      const key = `${origin}\n${className}`;
      const mask = labels.lawful[kind]!;
      if (mask === 0 || found.has(key) || asked.every((n) => n === 0)) return;
      const windows = fallen.reduce((sum, down) => sum + ((down & mask) === mask ? 1 : 0), 0);
      if (windows === 0) return;
      const startS = (fallen.findIndex((down) => (down & mask) === mask) * windowUs) / 1e6;
      found.set(key, { origin, class: className, startS, seconds: (windows * windowUs) / 1e6 });
    });
  });
  return [...found.values()];
}

/** Per window the mask of endpoints without capacity all through it, or in a region that had fallen. */
function fallenEndpoints(recording: Recording, falls: readonly (readonly Fall[])[]): Int32Array {
  const { labels, windowUs } = recording;
  const whole = wholeWindows(recording);
  const reader = new CapacityReader(recording);
  const fallen = new Int32Array(whole);
  for (let w = 0; w < whole; w++)
    reader.between(w * windowUs, (w + 1) * windowUs).forEach((calls, e) => {
      if (calls === 0) fallen[w] = fallen[w]! | (1 << e);
    });
  falls.forEach((list, region) => {
    const mask = labels.endpoints.reduce(
      (all, each, e) => (each.region === region ? all | (1 << e) : all),
      0,
    );
    for (const { from, to } of list)
      for (let w = from; w < Math.min(whole, to); w++) fallen[w] = fallen[w]! | mask;
  });
  return fallen;
}
