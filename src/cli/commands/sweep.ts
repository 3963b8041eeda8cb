/** `regionsim sweep`: makes the runs of a plan, all or a share of them, and collects them when all are there. */
import { type Segment, WHOLE } from "../../experiment/sweep/index.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import type { ProgressMode } from "../progress.js";
import { collect } from "../sweep/collect.js";
import { makeRuns } from "../sweep/makeRuns.js";
import { memoIn, writePlanFile } from "../sweep/planFile.js";
import { openStore } from "../sweep/store.js";
import { defaultDirectory, loadSweep } from "../sweep/sweepFile.js";
import { collectedText, missingText } from "../sweep/sweepText.js";
import { note, writeOut } from "../terminal.js";

/** Arguments of {@link sweep}. */
export interface SweepArguments {
  readonly plan: string;
  readonly out?: string | undefined;
  readonly segment?: Segment | undefined;
  readonly jobs?: number | undefined;
  readonly cache?: string | undefined;
  readonly backend?: string | undefined;
  /** Parts that a backend's workers take; chosen by how long a run takes when left out. */
  readonly segments?: number | undefined;
  readonly quiet: boolean;
  readonly progress: ProgressMode;
}

/** A share ends with 0 when it is done itself; the whole is collected, and ends with 7 when runs are missing. */
export async function sweep(args: SweepArguments): Promise<ExitCode> {
  if (args.segment !== undefined && args.backend !== undefined)
    throw new UsageError(
      "--segment is a share for this machine and --backend sends all to others: give one of them",
    );
  if (args.segments !== undefined && args.backend === undefined)
    throw new UsageError("--segments is for --backend; a share for this machine is --segment i/N");
  const directory = args.out ?? defaultDirectory(args.plan);
  const store = openStore(directory, { cache: args.cache });
  try {
    for (const each of store.notes) note(`note: ${each}`);
    const loaded = loadSweep(args.plan, memoIn(directory));
    writePlanFile(directory, loaded);
    await makeRuns({ ...args, segment: args.segment ?? WHOLE, sweep: loaded, store, label: args.plan });
    // Points that nobody had looked at before are known now.
    writePlanFile(directory, loaded);
    if (args.segment !== undefined) return EXIT.ok;
    const collected = collect(loaded, store);
    if (!collected.complete) {
      note(missingText(loaded, store, collected.missing, directory));
      return EXIT.incomplete;
    }
    await writeOut(collectedText(loaded, collected, args.quiet));
    return EXIT.ok;
  } finally {
    store.close();
  }
}
