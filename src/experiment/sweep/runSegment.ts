/** A share of a sweep's runs, on whatever takes samples, into whatever keeps rows. */
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, SampleTask, ScenarioCode } from "../sampleRunner.js";
import { pointText } from "./checkPoints.js";
import { type RowStore, rowOf } from "./rows.js";
import { type RunIdentity, runKey } from "./runList.js";
import { type Segment, segmentRange } from "./segments.js";
import { PointRefused, runAt, type Sweep } from "./sweep.js";

/** Runs handed to a runner at once: enough to keep every core busy, few enough to stop soon. */
const BATCH = 64;
/** So many runs fail before a segment is given up: one may be the fault of a machine, three are ours. */
const MOST_FAILURES = 3;

/** What a segment is run with. */
export interface SegmentOptions {
  readonly runner: SampleRunner;
  readonly store: RowStore;
  /** Asked between batches; true ends the segment early. */
  readonly shouldStop?: () => boolean;
  /** The code of a scenario's policy, where it has any. */
  readonly codeOf?: (scenario: Scenario) => Promise<ScenarioCode | undefined>;
  /** Told after each run how many runs of the segment are done, those that were there before included. */
  readonly onDone?: (done: number) => void;
}

/** How a segment ended. */
export interface SegmentOutcome {
  /** Of the whole segment; more than the other three together when it was stopped. */
  readonly runs: number;
  /** There before. */
  readonly had: number;
  readonly ran: number;
  readonly failed: number;
  /** What the first failing run threw; null when none did. */
  readonly error: unknown;
}

/**
 * Makes every run of `segment` that the store does not have, each exactly once. Runs are kept as they finish: whatever
 * happens, only those in flight are lost. A failing run is noted in the store and the others go on; what the store
 * throws ends it.
 */
export async function runSegment(
  sweep: Sweep,
  segment: Segment,
  options: SegmentOptions,
): Promise<SegmentOutcome> {
  const { from, to } = segmentRange(segment, sweep.runs);
  const seen = new Set<string>();
  const progress = new SegmentProgress(to - from, options.onDone);
  let wanted: Wanted[] = [];
  for (let run = from; run < to && progress.failed < MOST_FAILURES; run += 1) {
    const identity = sweep.identityOf(run);
    const key = runKey(identity);
    // Two points that come to the same scenario, such as 4 and 4.0, are one run.
    if (seen.has(key) || options.store.has(key)) progress.had += 1;
    else wanted.push({ ...identity, key, point: runAt(sweep.plan, run).point });
    seen.add(key);
    if (wanted.length < BATCH && run < to - 1) continue;
    if (options.shouldStop?.() === true) break;
    if (wanted.length > 0) await new Batch(sweep, wanted, options, progress).run();
    wanted = [];
  }
  return progress;
}

/** A run that is to be made. */
interface Wanted extends RunIdentity {
  readonly key: string;
  readonly point: number;
}

class SegmentProgress implements SegmentOutcome {
  readonly runs: number;
  had = 0;
  ran = 0;
  failed = 0;
  error: unknown = null;
  readonly #onDone: ((done: number) => void) | undefined;

  constructor(runs: number, onDone: ((done: number) => void) | undefined) {
    this.runs = runs;
    this.#onDone = onDone;
  }

  countRun(): void {
    this.ran += 1;
    this.#onDone?.(this.had + this.ran);
  }

  countFailure(error: unknown): void {
    this.error ??= error;
    this.failed += 1;
  }
}

/** What a store threw, told apart from what a run threw. */
interface Unwritable {
  readonly error: unknown;
}

/** Some runs, handed to the runner together. */
class Batch {
  readonly #sweep: Sweep;
  readonly #wanted: readonly Wanted[];
  readonly #options: SegmentOptions;
  readonly #progress: SegmentProgress;
  readonly #byTask = new Map<string, Wanted>();
  readonly #kept = new Set<Wanted>();
  #unwritable: Unwritable | null = null;

  constructor(sweep: Sweep, wanted: readonly Wanted[], options: SegmentOptions, progress: SegmentProgress) {
    this.#sweep = sweep;
    this.#wanted = wanted;
    this.#options = options;
    this.#progress = progress;
  }

  async run(): Promise<void> {
    const tasks = await this.#tasks();
    try {
      await this.#take(tasks);
    } catch {
      // The runner does not say which of them it was: those that are missing, one at a time.
      for (const task of tasks) if (this.#progress.failed < MOST_FAILURES) await this.#takeAlone(task);
    }
    if (this.#unwritable !== null) throw this.#unwritable.error;
  }

  async #tasks(): Promise<readonly SampleTask[]> {
    const { runner, codeOf } = this.#options;
    const numbers = new Map<number, number>();
    const tasks: SampleTask[] = [];
    for (const wanted of this.#wanted) {
      let scenario = numbers.get(wanted.point);
      if (scenario === undefined) {
        const made = this.#sweep.scenarioOf(wanted.point);
        assertSame(this.#sweep, wanted, made);
        scenario = runner.add(made, await codeOf?.(made));
        numbers.set(wanted.point, scenario);
      }
      const task = { scenario, replication: wanted.replication, keepResult: wanted.keepSeries };
      this.#byTask.set(taskName(task), wanted);
      tasks.push(task);
    }
    return tasks;
  }

  async #take(tasks: readonly SampleTask[]): Promise<void> {
    await this.#options.runner.take(tasks, (sample, task) =>
      this.#keep(sample, this.#byTask.get(taskName(task))!),
    );
  }

  async #takeAlone(task: SampleTask): Promise<void> {
    const wanted = this.#byTask.get(taskName(task))!;
    if (this.#unwritable !== null || this.#kept.has(wanted)) return;
    try {
      await this.#take([task]);
    } catch (error) {
      this.#progress.countFailure(error);
      this.#options.store.fail(wanted.key, error instanceof Error ? error.message : String(error));
    }
  }

  /** Called from within the runner, into which nothing of ours may be thrown. */
  #keep(sample: Sample, wanted: Wanted): void {
    if (this.#unwritable !== null) return;
    try {
      this.#options.store.append(rowOf(sample, { ...wanted, tool: VERSION }));
      this.#kept.add(wanted);
      this.#progress.countRun();
    } catch (error) {
      this.#unwritable = { error };
    }
  }
}

/** A key is taken from what was found of the point before; a run of another scenario must not be kept under it. */
function assertSame(sweep: Sweep, { point, scenarioSha256 }: Wanted, { sha256 }: Scenario): void {
  if (sha256 === scenarioSha256) return;
  const message = `the point ${pointText(sweep.points[point]!)} makes another scenario than plan.json in the folder of the runs says: remove that file, and it is made anew`;
  const at = { file: sweep.source.planFile, line: 1, column: 1, path: "" };
  throw new PointRefused([{ ...at, code: "inconsistent", message, value: sha256 }]);
}

function taskName({ scenario, replication }: SampleTask): string {
  return `${scenario}/${replication}`;
}
