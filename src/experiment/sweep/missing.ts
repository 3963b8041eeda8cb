/** Which parts of a sweep are still to be run. */
import { runKey } from "./runList.js";
import { segmentRange } from "./segments.js";
import type { RunList } from "./sweep.js";

/** What a store knows of a run. */
export interface RunKnowledge {
  has(key: string): boolean;
  /** Whether it was tried and failed. */
  hasFailed(key: string): boolean;
}

/** How far a segment, or a whole sweep, is. */
export interface Standing {
  readonly runs: number;
  readonly done: number;
  /** Tried without success; part of the missing ones. */
  readonly failed: number;
  readonly missing: number;
}

/** How far each of `of` segments is, in their order. */
export function segmentStandings(sweep: RunList, of: number, known: RunKnowledge): readonly Standing[] {
  return Array.from({ length: of }, (_, index) => {
    const { from, to } = segmentRange({ index, of }, sweep.runs);
    let done = 0;
    let failed = 0;
    for (let run = from; run < to; run += 1) {
      const key = runKey(sweep.identityOf(run));
      if (known.has(key)) done += 1;
      else if (known.hasFailed(key)) failed += 1;
    }
    return { runs: to - from, done, failed, missing: to - from - done };
  });
}

/** Numbers of the segments, of `of`, that lack a run. */
export function missingSegments(sweep: RunList, of: number, known: RunKnowledge): readonly number[] {
  return segmentStandings(sweep, of, known).flatMap(({ missing }, index) => (missing > 0 ? [index] : []));
}

/** Numbers of the runs that are missing. */
export function missingRuns(sweep: RunList, known: RunKnowledge): readonly number[] {
  const missing: number[] = [];
  for (let run = 0; run < sweep.runs; run += 1)
    if (!known.has(runKey(sweep.identityOf(run)))) missing.push(run);
  return missing;
}

/** Ascending numbers as Slurm writes arrays: `3,7-9,12`. Empty for none. */
export function arrayExpression(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let last = i;
    while (numbers[last + 1] === numbers[last]! + 1) last += 1;
    parts.push(last === i ? `${numbers[i]}` : `${numbers[i]}-${numbers[last]}`);
    i = last + 1;
  }
  return parts.join(",");
}
