/**
 * The inside of a worker's processes: BullMQ loads this file in each of them and calls what it exports with one job
 * after another. It asks the backend for the texts of a sweep once.
 */
import type { SandboxedJob } from "bullmq";
import { tuneHost } from "../experiment/executors/tuneHost.js";
import type { Sweep } from "../experiment/sweep/index.js";
import { backendAddress } from "./backends/address.js";
import { openBackend } from "./backends/connect.js";
import { assertSameVersion, Hopeless, runJob } from "./backends/runJob.js";
import { DamagedValue, type PlanBundle, readBundle, readJob, unpackedBundle } from "./backends/wire.js";
import { InvalidInputError } from "./failures.js";
import { sweepOfBundle } from "./sweep/sweepFile.js";

tuneHost();

const parent = process.ppid;
/** The last one; workers mostly have one at a time. */
let known: { readonly sha: string; readonly sweep: Sweep } | null = null;

function endWithParent(): void {
  if (process.ppid !== parent) process.exit();
}

process.on("disconnect", () => process.exit());
// The worker may have been killed while this file was being loaded.
if (!process.connected) process.exit();

/** The return value of a segment's job: its rows. */
export default async function processSegment({ data }: SandboxedJob<unknown, string>): Promise<string> {
  try {
    const job = readJob(data);
    if (job === null) throw new Hopeless("this is no segment of a sweep; somebody else uses the queue");
    assertSameVersion(job);
    if (known?.sha !== job.sha) known = { sha: job.sha, sweep: await fetchSweep(job.sha) };
    // Runs follow one another without a pause in which this process could hear that its worker is gone.
    return await runJob(known.sweep, job, endWithParent);
  } catch (error) {
    if (!(error instanceof Hopeless)) throw error;
    // By this name BullMQ knows what not to try again; it travels as a property of the error's own.
    throw Object.defineProperty(new Error(error.message), "name", {
      value: "UnrecoverableError",
      enumerable: true,
    });
  }
}

async function fetchSweep(sha: string): Promise<Sweep> {
  const backend = await openBackend(backendAddress("env"), () => {});
  let data: unknown;
  try {
    data = (await backend.bundles.getJob(sha))?.data;
  } finally {
    await backend.close();
  }
  if (data === undefined) throw new Error("the sweep is not on the backend any more");
  const bundle = readBundle(data);
  if (bundle?.sha !== sha) throw damaged("it is none, or another one");
  assertSameVersion(bundle);
  return sweepIn(bundle);
}

/** Throws {@link Hopeless} when the bundle does not make the sweep it is named after. */
function sweepIn(bundle: PlanBundle): Sweep {
  let why = "its texts make another sweep than it is named after";
  try {
    const sweep = sweepOfBundle(unpackedBundle(bundle));
    if (sweep.sha256 === bundle.sha) return sweep;
  } catch (error) {
    if (error instanceof InvalidInputError) why = error.issues[0]?.message ?? error.message;
    else if (error instanceof DamagedValue) why = error.message;
    else throw error;
  }
  throw damaged(why);
}

function damaged(why: string): Hopeless {
  return new Hopeless(`what the backend keeps of the sweep is damaged: ${why}; start the sweep again`);
}
