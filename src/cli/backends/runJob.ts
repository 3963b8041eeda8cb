/** One segment of a backend, run here. */
import { inlineRunner } from "../../experiment/sampleRunner.js";
import { type RowStore, runSegment, type Sweep } from "../../experiment/sweep/index.js";
import { VERSION } from "../../version.js";
import { rowLine } from "../sweep/rowLine.js";
import { packedLines, type SegmentJob, TooLarge } from "./wire.js";

/** Trying again, here or elsewhere, would end the same way. The message says why and what to do. */
export class Hopeless extends Error {
  override readonly name: string = "Hopeless";
}

/** Throws {@link Hopeless} for a job of another version: its rows would be those of another program. */
export function assertSameVersion({ version }: Pick<SegmentJob, "version">): void {
  if (version === VERSION) return;
  throw new Hopeless(
    `this worker is regionsim ${VERSION} and the sweep was sent by regionsim ${version}: install one version on both sides, such as npm install regionsim@${version} for the worker, and start the sweep again`,
  );
}

/** The rows of the job's segment, packed. Throws {@link Hopeless} when a run fails: it would fail everywhere. */
export async function runJob(sweep: Sweep, job: SegmentJob, onRow: () => void): Promise<string> {
  const rows = new Map<string, string>();
  const store: RowStore = {
    has: (key) => rows.has(key),
    append(row): void {
      rows.set(row.key, rowLine(row));
      onRow();
    },
    fail(): void {},
  };
  const segment = { index: job.segment, of: job.of };
  const { error } = await runSegment(sweep, segment, { runner: inlineRunner(), store });
  if (error !== null)
    throw new Hopeless(`a run failed: ${error instanceof Error ? error.message : String(error)}`);
  try {
    return packedLines(job, [...rows.values()]);
  } catch (tooLarge) {
    throw tooLarge instanceof TooLarge ? new Hopeless(tooLarge.message) : tooLarge;
  }
}
