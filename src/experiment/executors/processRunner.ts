/**
 * Takes samples in processes of their own, one for each core. A process that dies, for whatever reason, is replaced and
 * its task given to another: a sample depends on its scenario and replication alone, so nobody can tell afterwards.
 */
import { type ChildProcess, fork } from "node:child_process";
import type { Scenario } from "../../scenario/scenario.js";
import type { Sample } from "../sample.js";
import type { SampleRunner, SampleTask, ScenarioCode } from "../sampleRunner.js";
import { type SampleAnswer, SampleFailed, type SampleOrder } from "./sampleMessages.js";

/** How samples are taken; none of it changes them. */
export interface ProcessOptions {
  /** Processes at most, ≥ 1. They are started when there is something for them to do. */
  readonly jobs: number;
  /**
   * The program each of them runs: it answers {@link SampleOrder} with {@link SampleAnswer}. Its one argument is the number
   * of this process, without which there is nobody to work for.
   */
  readonly entry: URL;
  /** Told how many samples are done so far, parts of running ones included. */
  readonly onProgress?: (done: number) => void;
}

/** So often is a task begun before its processes' deaths are put down to the task. */
const MOST_TRIES = 3;

/** Samples asked for together. */
interface Take {
  readonly samples: Sample[];
  left: number;
  readonly onSample: ((sample: Sample, task: SampleTask) => void) | undefined;
  readonly resolve: (samples: readonly Sample[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Job {
  readonly take: Take;
  /** Among the samples of its take. */
  readonly place: number;
  readonly task: SampleTask;
  tries: number;
}

interface Worker {
  readonly process: ChildProcess;
  readonly knows: Set<number>;
  job: Job | null;
  /** Of the task in hand. */
  share: number;
  /** How it ended, as far as is known. */
  end: string;
}

/** A runner with up to `jobs` processes, which live until it is closed. */
export function processRunner(options: ProcessOptions): SampleRunner {
  const pool = new Pool(options);
  return {
    add: (scenario, code) => pool.add(scenario, code),
    take: (tasks, onSample) => pool.take(tasks, onSample),
    close: () => pool.close(),
  };
}

class Pool {
  readonly #options: ProcessOptions;
  readonly #known: { readonly scenario: Scenario; readonly place: ScenarioCode["place"] | null }[] = [];
  readonly #waiting: Job[] = [];
  readonly #workers = new Set<Worker>();
  #done = 0;
  #closed = false;
  /** However this process ends, its children end with it. */
  readonly #killAll = (): void => {
    for (const { process: child } of this.#workers) child.kill("SIGKILL");
  };

  constructor(options: ProcessOptions) {
    this.#options = options;
    process.once("exit", this.#killAll);
  }

  add(scenario: Scenario, code: ScenarioCode | undefined): number {
    this.#known.push({ scenario, place: code?.place ?? null });
    return this.#known.length - 1;
  }

  take(tasks: readonly SampleTask[], onSample: Take["onSample"]): Promise<readonly Sample[]> {
    if (this.#closed) throw new Error("bug: samples wanted of a runner that was closed");
    if (tasks.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const samples = new Array<Sample>(tasks.length);
      const take: Take = { samples, left: tasks.length, onSample, resolve, reject };
      tasks.forEach((task, place) => {
        this.#waiting.push({ take, place, task, tries: 0 });
      });
      this.#handOut();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    process.off("exit", this.#killAll);
    const ends = [...this.#workers].map(
      ({ process: child }) => new Promise<void>((resolve) => child.once("exit", () => resolve())),
    );
    this.#killAll();
    await Promise.all(ends);
  }

  /** Gives waiting tasks to idle processes, starting new ones as long as there may be more. */
  #handOut(): void {
    for (const worker of this.#workers) {
      if (this.#waiting.length === 0) return;
      if (worker.job === null) this.#give(worker, this.#waiting.shift()!);
    }
    while (this.#waiting.length > 0 && this.#workers.size < this.#options.jobs)
      this.#give(this.#start(), this.#waiting.shift()!);
  }

  #start(): Worker {
    const child = fork(this.#options.entry, [String(process.pid)], {
      serialization: "advanced",
      execArgv: [],
      // What the code of a policy prints is no result.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const worker: Worker = { process: child, knows: new Set(), job: null, share: 0, end: "" };
    this.#workers.add(worker);
    child.on("message", (answer: SampleAnswer) => this.#hear(worker, answer));
    child.on("error", (error) => {
      worker.end = error.message;
      // One that never began does not exit either.
      if (child.pid === undefined) this.#bury(worker);
    });
    child.on("exit", (code, signal) => {
      worker.end = signal === null ? `status ${code}` : signal;
      this.#bury(worker);
    });
    return worker;
  }

  #give(worker: Worker, job: Job): void {
    worker.job = job;
    worker.share = 0;
    job.tries += 1;
    const { scenario: number, replication, keepResult = false } = job.task;
    if (!worker.knows.has(number)) {
      worker.knows.add(number);
      this.#tell(worker, { kind: "scenario", number, ...this.#known[number]! });
    }
    this.#tell(worker, { kind: "task", scenario: number, replication, keepResult });
  }

  /** A process that cannot be told anything any more is about to be buried, and its task given away. */
  #tell({ process: child }: Worker, order: SampleOrder): void {
    child.send(order, () => {});
  }

  #hear(worker: Worker, answer: SampleAnswer): void {
    const { job } = worker;
    if (job === null || this.#closed) return;
    if (answer.kind === "progress") {
      worker.share = answer.share;
      this.#report();
      return;
    }
    worker.job = null;
    worker.share = 0;
    if (answer.kind === "sample") this.#finish(job, answer.sample);
    else if (answer.kind === "refused")
      this.#fail(job, "refused", "the code of the policy cannot be used", answer.issues);
    else this.#fail(job, "threw", answer.stack || answer.message);
    this.#handOut();
  }

  #finish({ take, task, place }: Job, sample: Sample): void {
    this.#done += 1;
    this.#report();
    if (take.left === 0) return;
    take.samples[place] = sample;
    take.left -= 1;
    take.onSample?.(sample, task);
    if (take.left === 0) take.resolve(take.samples);
  }

  /** The whole take fails with its first failing sample; what of it has not begun never will. */
  #fail(
    { take, task }: Job,
    reason: SampleFailed["reason"],
    message: string,
    issues: SampleFailed["issues"] = [],
  ): void {
    const { seed } = this.#known[task.scenario]!.scenario;
    take.left = 0;
    take.reject(new SampleFailed(reason, message, { seed, replication: task.replication, issues }));
    const others = this.#waiting.filter((job) => job.take !== take);
    this.#waiting.splice(0, this.#waiting.length, ...others);
  }

  #bury(worker: Worker): void {
    if (!this.#workers.delete(worker)) return;
    const { job } = worker;
    worker.job = null;
    if (this.#closed) return;
    if (job !== null && job.take.left > 0) {
      if (job.tries < MOST_TRIES) this.#waiting.unshift(job);
      else this.#fail(job, "died", `its process ended ${MOST_TRIES} times, last with ${worker.end}`);
    }
    this.#handOut();
  }

  #report(): void {
    let running = 0;
    for (const { share } of this.#workers) running += share;
    this.#options.onProgress?.(this.#done + running);
  }
}
