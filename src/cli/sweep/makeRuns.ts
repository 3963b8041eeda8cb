/** Makes the runs that a store lacks: on this machine's cores, or on the workers of a backend. */
import { runSegment, type Segment, type Sweep, segmentRange } from "../../experiment/sweep/index.js";
import { createProgress, leftWords, type ProgressMode } from "../progress.js";
import { createRunner } from "../runners.js";
import { note } from "../terminal.js";
import { freshRunner } from "./freshRunner.js";
import type { SweepStore } from "./store.js";
import { codeOf, refusedPoint } from "./sweepFile.js";

/** Which runs, with what, and how to tell of it. */
export interface Making {
  readonly sweep: Sweep;
  readonly store: SweepStore;
  /** The share to make; the whole for a backend. */
  readonly segment: Segment;
  readonly jobs?: number | undefined;
  readonly backend?: string | undefined;
  readonly segments?: number | undefined;
  readonly quiet: boolean;
  readonly progress: ProgressMode;
  /** What progress speaks of. */
  readonly label: string;
}

type Show = (done: number, of: number, what: string) => void;

/** Ends when they are there. Throws what the first failing run threw, after the others. */
export async function makeRuns(making: Making): Promise<void> {
  const progress = createProgress(making.quiet ? "none" : making.progress, making.label);
  const startMs = performance.now();
  let first: number | null = null;
  const show: Show = (done, of, what) => {
    // The pace is that of what is made now; what was there before took no time.
    first ??= done - 1;
    const left = leftWords(done - first, of - first, performance.now() - startMs);
    progress.update(done / of, `${done} of ${of} ${what}${left}`);
  };
  try {
    await (making.backend === undefined ? runHere(making, show) : runElsewhere(making, making.backend, show));
  } finally {
    progress.done();
  }
}

async function runHere({ sweep, store, segment, jobs, quiet }: Making, show: Show): Promise<void> {
  const { from, to } = segmentRange(segment, sweep.runs);
  const runner = freshRunner(() => createRunner({ jobs }));
  try {
    const { had, ran, failed, error } = await runSegment(sweep, segment, {
      runner,
      store,
      codeOf: (scenario) => codeOf(sweep, scenario),
      onDone: (done) => show(done, to - from, "runs"),
    });
    if (!quiet) note(`${ran} runs made, ${had} there before${failed === 0 ? "" : `, ${failed} failed`}`);
    if (failed > 0) throw error;
  } catch (error) {
    throw refusedPoint(error);
  } finally {
    await runner.close();
  }
}

/** Only asked for is the backend's client loaded, which not everybody has installed. */
async function runElsewhere({ sweep, store, segments }: Making, backend: string, show: Show): Promise<void> {
  const { backendAddress } = await import("../backends/address.js");
  const { runOnBackend } = await import("../backends/driver.js");
  await runOnBackend({
    sweep,
    store,
    address: backendAddress(backend),
    segments: segments ?? null,
    onProgress: (done, of) => show(done, of, "segments"),
  });
}
