/** Requests offered, served, refused and still under way, along the recording's dimensions. */
import type { Recording } from "../metrics/index.js";
import { mergeLatency } from "./latency.js";
import type { CauseCounts, Counts } from "./result.js";

/** A kind of request: who asked, for what, in which phase. */
export interface Kind {
  readonly site: number;
  readonly classIndex: number;
  readonly phase: number;
}

/** Requests offered of the kinds that `wanted` accepts. */
export function offeredOf(recording: Recording, wanted: (kind: Kind) => boolean): number {
  let sum = 0;
  eachKind(recording, (kind, cell) => {
    if (wanted(kind)) sum += recording.offered[cell]!;
  });
  return sum;
}

/** Refused by cause, only the causes that occurred, in the order of the closed list. */
export function refusedOf(recording: Recording, wanted: (kind: Kind) => boolean): CauseCounts {
  const causes = recording.labels.causes;
  const totals = new Float64Array(causes.length);
  eachKind(recording, (kind, cell) => {
    if (!wanted(kind)) return;
    for (let c = 0; c < causes.length; c++)
      totals[c] = totals[c]! + recording.refused[cell * causes.length + c]!;
  });
  return nameCauses(causes, totals);
}

/** Non-zero entries of a column indexed by cause. */
export function nameCauses(causes: readonly string[], column: ArrayLike<number>): CauseCounts {
  return Object.fromEntries(causes.map((cause, c) => [cause, column[c]!] as const).filter(([, n]) => n > 0));
}

/** All causes together. */
export function total(counts: CauseCounts): number {
  return Object.values(counts).reduce((sum, n) => sum + (n ?? 0), 0);
}

/** What became of the kinds that `wanted` accepts; whatever is neither served nor refused is in flight. */
export function countsOf(recording: Recording, wanted: (kind: Kind) => boolean): Counts {
  const offered = offeredOf(recording, wanted);
  const served = mergeLatency(recording, recording.e2e, wanted).count;
  const refused = total(refusedOf(recording, wanted));
  const inFlight = offered - served - refused;
  if (inFlight < 0) throw new Error(`bug: ${served} served and ${refused} refused of ${offered} offered`);
  return { offered, served, refused, inFlight };
}

function eachKind(recording: Recording, visit: (kind: Kind, cell: number) => void): void {
  const { sites, classes, phases } = recording.labels;
  let cell = 0;
  for (let site = 0; site < sites.length; site++)
    for (let classIndex = 0; classIndex < classes.length; classIndex++)
      for (let phase = 0; phase < phases.length; phase++, cell++) visit({ site, classIndex, phase }, cell);
}
