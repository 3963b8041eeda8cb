/** Rows that workers made, held against what was asked for before any of them is kept. */
import { runKey, type Sweep, segmentRange } from "../../experiment/sweep/index.js";
import { readLineHead } from "../sweep/rowLine.js";
import type { SweepStore } from "../sweep/store.js";
import { DamagedValue, type SegmentJob, unpackedLines } from "./wire.js";

/**
 * Keeps the rows of a job's return value, those that are there already excepted. All or none of them: throws
 * {@link DamagedValue} before the first is kept when they are not exactly the runs of the segment.
 */
export function keepRows(sweep: Sweep, store: SweepStore, job: SegmentJob, value: unknown): void {
  const lines = unpackedLines(job, value);
  const wanted = keysOf(sweep, job);
  for (const line of lines) {
    const head = readLineHead(line);
    if (head === null || head.kind !== "row") throw new DamagedValue("a line of it is no finished run");
    if (!wanted.delete(head.key)) throw new DamagedValue("it holds a run twice, or one of another segment");
  }
  if (wanted.size > 0) throw new DamagedValue(`it lacks ${wanted.size} runs of its segment`);
  store.appendLines(lines, `segment ${job.segment}/${job.of} from the backend`);
}

function keysOf(sweep: Sweep, { segment, of }: SegmentJob): Set<string> {
  const { from, to } = segmentRange({ index: segment, of }, sweep.runs);
  const keys = new Set<string>();
  for (let run = from; run < to; run += 1) keys.add(runKey(sweep.identityOf(run)));
  return keys;
}
