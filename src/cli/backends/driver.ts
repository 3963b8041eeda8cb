/**
 * Runs a sweep on the workers of a backend. The queue is never trusted to remember: what is missing is known from the
 * store alone, so a segment that the backend lost is sent again and one that comes twice is kept once.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { missingSegments, type Sweep } from "../../experiment/sweep/index.js";
import { UsageError } from "../failures.js";
import type { SweepStore } from "../sweep/store.js";
import { bundleOf } from "../sweep/sweepFile.js";
import { note } from "../terminal.js";
import type { BackendAddress } from "./address.js";
import { keepRows } from "./collect.js";
import { askBackend, type Backend, openBackend } from "./connect.js";
import { chooseSegments } from "./segmentSize.js";
import { watchBackend } from "./watch.js";
import {
  DamagedValue,
  jobIdOf,
  jobsOf,
  packedBundle,
  readBundle,
  type SegmentJob,
  shownText,
} from "./wire.js";

/** A sweep and where it is to be run. */
export interface BackendSweep {
  readonly sweep: Sweep;
  readonly store: SweepStore;
  readonly address: BackendAddress;
  /** Parts to cut the run list into; null for as many as take some seconds each. */
  readonly segments: number | null;
  /** Told how many segments of how many are done. */
  readonly onProgress: (done: number, of: number) => void;
}

/** Between two looks at the queue. */
const LOOK_EVERY_MS = 300;
/** Between two checks that nothing sent was lost, in looks. */
const LOOKS_PER_CHECK = 20;
/** A segment is tried so often; workers that die do not count. */
const ATTEMPTS = { attempts: 5, backoff: { type: "exponential", delay: 500 } } as const;
/** Results that nobody asks for any more, left by a driver that was stopped for good, go after a week. */
const KEPT = { age: 7 * 24 * 3600 } as const;
const CHUNK = 1000;
const STATES = ["wait", "active", "delayed", "prioritized", "completed", "failed"] as const;

/**
 * Makes every run that the store lacks. Throws {@link UsageError} when the backend cannot be reached, a segment fails or
 * a value of the queue is damaged; what was collected before stays, and the same call goes on from there.
 */
export async function runOnBackend(options: BackendSweep): Promise<void> {
  const { sweep, address } = options;
  assertSendable(sweep);
  for (const risk of await askBackend(address)) note(`note: the backend ${address.shown}: ${risk}`);
  const watch = watchBackend(address);
  const backend = await openBackend(address, watch.onTrouble);
  try {
    const driver = await Driver.start(backend, options, watch.onAnswer);
    await driver.run();
  } finally {
    await backend.close();
  }
}

function assertSendable(sweep: Sweep): void {
  const { policy } = sweep.scenarioOf(0).deployment.routing;
  if (policy?.kind !== "module") return;
  throw new UsageError(
    "--backend does not send code, and this scenario's policy is a file of code; run its segments with --segment where the file is",
  );
}

class Driver {
  readonly #backend: Backend;
  readonly #options: BackendSweep;
  readonly #onAnswer: () => void;
  readonly #of: number;
  /** Segments that are not collected yet, by the name of their job. */
  readonly #open = new Map<string, SegmentJob>();

  private constructor(backend: Backend, options: BackendSweep, of: number, onAnswer: () => void) {
    this.#backend = backend;
    this.#options = options;
    this.#of = of;
    this.#onAnswer = onAnswer;
    const { sweep, store } = options;
    for (const job of jobsOf(sweep.sha256, missingSegments(sweep, of, store), of))
      this.#open.set(jobIdOf(job), job);
  }

  /** Cuts the sweep as an earlier call did whose segments may still be on the backend; else as it was told, or by itself. */
  static async start(backend: Backend, options: BackendSweep, onAnswer: () => void): Promise<Driver> {
    const { sweep, store } = options;
    const earlier = await backend.bundles.getJob(sweep.sha256);
    const earlierOf = readBundle(earlier?.data)?.of;
    // Somebody else's number could be one that nobody ever counts to.
    const isUsable = earlierOf !== undefined && earlierOf <= sweep.runs;
    const of = options.segments ?? (isUsable ? earlierOf : await chooseSegments(sweep, store));
    return new Driver(backend, options, of, onAnswer);
  }

  async run(): Promise<void> {
    if (this.#open.size === 0) return;
    await this.#sendBundle();
    // What failed before is tried again: that is what starting once more is for.
    await this.#remove(await this.#mine(["failed"]));
    await this.#send([...this.#open.values()]);
    await this.#askForWorkers();
    const sent = new Set(this.#open.keys());
    for (let look = 1; this.#open.size > 0; look += 1) {
      await this.#collect();
      await this.#assertNoneFailed();
      if (look % LOOKS_PER_CHECK === 0) await this.#sendLost();
      if (this.#open.size > 0) await sleep(LOOK_EVERY_MS);
    }
    await this.#leaveNothing(sent);
  }

  async #sendBundle(): Promise<void> {
    const { sweep } = this.#options;
    const { bundles } = this.#backend;
    const bundle = packedBundle(sweep.sha256, this.#of, bundleOf(sweep));
    const there = await bundles.getJob(sweep.sha256);
    const known = readBundle(there?.data);
    if (known !== null && known.texts === bundle.texts && known.of === bundle.of) return;
    await there?.remove();
    await bundles.add("sweep", bundle, { jobId: sweep.sha256 });
  }

  async #send(jobs: readonly SegmentJob[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += CHUNK)
      await this.#backend.segments.addBulk(
        jobs.slice(at, at + CHUNK).map((data) => ({
          name: "segment",
          data,
          opts: { jobId: jobIdOf(data), ...ATTEMPTS, removeOnComplete: KEPT, removeOnFail: KEPT },
        })),
      );
  }

  /** Ids of open segments that are in any of `states`. */
  async #mine(states: readonly (typeof STATES)[number][]): Promise<readonly string[]> {
    const ids = await this.#backend.segments.getRanges([...states], 0, -1);
    this.#onAnswer();
    return ids.filter((id) => this.#open.has(id));
  }

  async #collect(): Promise<void> {
    const { sweep, store, onProgress } = this.#options;
    for (const id of await this.#mine(["completed"])) {
      const job = this.#open.get(id)!;
      const found = await this.#backend.segments.getJob(id);
      // Removed by somebody else between two questions: it counts as lost and is sent again.
      if (found === undefined) continue;
      try {
        keepRows(sweep, store, job, found.returnvalue);
      } catch (error) {
        if (!(error instanceof DamagedValue)) throw error;
        await this.#remove([id]);
        throw new UsageError(
          `what the backend returned for segment ${job.segment}/${job.of} is refused: ${error.message}. Nothing of it was kept; start the sweep again to have the segment run again`,
        );
      }
      this.#open.delete(id);
      await this.#remove([id]);
      onProgress(this.#of - this.#open.size, this.#of);
    }
  }

  async #assertNoneFailed(): Promise<void> {
    const [id] = await this.#mine(["failed"]);
    if (id === undefined) return;
    const { segment, of } = this.#open.get(id)!;
    const reason = (await this.#backend.segments.getJob(id))?.failedReason ?? "for an unknown reason";
    // The others would fail as well, and keep workers from what does not.
    await this.#remove([...this.#open.keys()]);
    throw new UsageError(`segment ${segment}/${of} failed on a worker: ${shownText(reason)}`);
  }

  /** A backend that was killed may have forgotten what it was told last. */
  async #sendLost(): Promise<void> {
    const there = new Set(await this.#mine(STATES));
    const lost = [...this.#open].flatMap(([id, job]) => (there.has(id) ? [] : [job]));
    if (lost.length === 0) return;
    note(`regionsim: the backend lost segments, ${lost.length} of them; they are sent again`);
    await this.#sendBundle();
    await this.#send(lost);
  }

  async #askForWorkers(): Promise<void> {
    const { address } = this.#options;
    if ((await this.#backend.segments.getWorkersCount()) > 0) return;
    note(
      `regionsim: ${this.#open.size} segments wait on ${address.shown} and nobody works on them; start workers: regionsim worker --backend ${address.shown}`,
    );
  }

  /** Removes jobs; one that a worker has in hand stays, and what comes of it is asked for by nobody. */
  async #remove(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += CHUNK)
      await Promise.all(
        ids.slice(at, at + CHUNK).map((id) => this.#backend.segments.remove(id).catch(() => 0)),
      );
  }

  /** A backend restored from its log may have what was removed before. */
  async #leaveNothing(sent: ReadonlySet<string>): Promise<void> {
    const ids = await this.#backend.segments.getRanges([...STATES], 0, -1);
    await this.#remove(ids.filter((id) => sent.has(id)));
    await this.#backend.bundles.remove(this.#options.sweep.sha256).catch(() => 0);
  }
}
