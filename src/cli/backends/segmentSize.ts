/** Into how many segments to cut a sweep whose runs nobody has timed. */
import { inlineRunner } from "../../experiment/sampleRunner.js";
import { type RowStore, runSegment, type Sweep } from "../../experiment/sweep/index.js";

/** Long enough that sending it costs nothing beside it, short enough that little is lost with a worker. */
const SEGMENT_MS = 10_000;
/** So that a handful of workers, some slower, end at about the same time. */
const LEAST = 32;
/** More are a burden to a queue. */
const MOST = 10_000;
/** Rows of one segment travel together. */
const MOST_RUNS = 256;

/** Times the first run that the store lacks, which keeps it, and cuts by that. Results do not depend on it. */
export async function chooseSegments(sweep: Sweep, store: RowStore): Promise<number> {
  for (let index = 0; index < sweep.runs; index += 1) {
    const startMs = performance.now();
    const { ran } = await runSegment(sweep, { index, of: sweep.runs }, { runner: inlineRunner(), store });
    if (ran > 0) return segmentsFor(sweep.runs, performance.now() - startMs);
  }
  return LEAST;
}

/** Segments for `runs` runs that take `runMs` each. */
export function segmentsFor(runs: number, runMs: number): number {
  const perSegment = Math.max(1, Math.min(MOST_RUNS, Math.floor(SEGMENT_MS / runMs)));
  const least = Math.min(runs, LEAST);
  return Math.max(least, Math.min(MOST, Math.ceil(runs / perSegment)));
}
