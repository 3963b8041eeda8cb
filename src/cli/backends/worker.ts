/**
 * Works on the segments of a backend. The simulating is done by processes of their own, one for each core: a process
 * that simulates hears of nothing, and one that cannot tell its backend that it lives is taken for dead.
 */
import { availableParallelism } from "node:os";
import type { Job, Worker } from "bullmq";
import { VERSION } from "../../version.js";
import { PROCESSOR_FILE } from "../processorFile.js";
import { note } from "../terminal.js";
import { BACKEND_VARIABLE, type BackendAddress } from "./address.js";
import { askBackend, connectionSettings, importBullMq, SEGMENT_QUEUE } from "./connect.js";
import { watchBackend } from "./watch.js";
import { readJob, type SegmentJob, shownText } from "./wire.js";

/** How a worker works. */
export interface WorkOptions {
  readonly address: BackendAddress;
  /** The address as it was given, for the processes that simulate. */
  readonly url: string;
  /** Segments at a time; all cores when left out. */
  readonly jobs?: number | undefined;
  /** After so long a silence of a worker its segments go to others. */
  readonly leaseMs: number;
  /** Ends after so long without a segment; null waits for ever. */
  readonly idleMs: number | null;
  /** Resolves when the worker is to take no more segments. */
  readonly stop: Promise<void>;
}

/** A segment whose workers die is given up after so many of them: it may be what kills them. */
const MOST_STALLS = 20;

/** Works until it is stopped or idle for long enough; segments in hand are finished first. */
export async function workOnSegments(options: WorkOptions): Promise<void> {
  const { address, leaseMs, jobs = availableParallelism() } = options;
  for (const risk of await askBackend(address)) note(`note: the backend ${address.shown}: ${risk}`);
  const { Worker: SegmentWorker } = await importBullMq();
  const worker: Worker<SegmentJob, string> = new SegmentWorker(SEGMENT_QUEUE, PROCESSOR_FILE, {
    connection: connectionSettings(address),
    concurrency: jobs,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: MOST_STALLS,
    // By its environment: what stands in the arguments of a process everybody on the machine can read.
    workerForkOptions: { env: { ...process.env, [BACKEND_VARIABLE]: options.url } },
  });
  const idle = report(worker, options);
  note(`regionsim ${VERSION}: working on ${address.shown}, ${jobs} segments at a time`);
  await Promise.race([options.stop, idle]);
  note("regionsim: no more segments are taken; those in hand are finished first");
  await worker.close();
}

/** Says what becomes of each segment. The promise resolves when there was none for long enough. */
function report(worker: Worker<SegmentJob, string>, { address, idleMs }: WorkOptions): Promise<void> {
  const watch = watchBackend(address);
  const inHand = new Set<string | undefined>();
  let timer: NodeJS.Timeout | undefined;
  return new Promise((resolve) => {
    const rest = (): void => {
      clearTimeout(timer);
      if (idleMs !== null && inHand.size === 0) timer = setTimeout(resolve, idleMs);
    };
    const end = (id: string | undefined, text: string): void => {
      watch.onAnswer();
      note(`regionsim: ${text}`);
      inHand.delete(id);
      rest();
    };
    worker.on("active", ({ id }) => {
      watch.onAnswer();
      inHand.add(id);
      clearTimeout(timer);
    });
    worker.on("completed", (job) => end(job.id, `${nameOf(job)} is done`));
    worker.on("failed", (job, error) =>
      end(job?.id, `${job === undefined ? "a segment" : nameOf(job)} failed: ${shownText(error.message)}`),
    );
    // Others have been given what this worker was too slow to say it was still at; the same rows from both do no harm.
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) inHand.delete(id);
      rest();
    });
    worker.on("stalled", (id) => note(`regionsim: the worker of ${id} is gone; it is given to another`));
    worker.on("error", watch.onTrouble);
    rest();
  });
}

/** Others can write to the queue: what a job holds need not be a segment. */
function nameOf({ data }: Job<unknown, string>): string {
  const job = readJob(data);
  return job === null
    ? "a job that is no segment"
    : `segment ${job.segment}/${job.of} of sweep ${job.sha.slice(0, 12)}`;
}
