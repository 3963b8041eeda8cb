/** Who takes the samples of a command. */
import { availableParallelism } from "node:os";
import { processRunner } from "../experiment/executors/processRunner.js";
import { SampleFailed } from "../experiment/executors/sampleMessages.js";
import { PolicyModuleError } from "../experiment/index.js";
import type { Sample } from "../experiment/sample.js";
import {
  inlineRunner,
  type SampleRunner,
  type SampleTask,
  type ScenarioCode,
} from "../experiment/sampleRunner.js";
import type { Scenario } from "../scenario/scenario.js";
import { expectedRequests } from "./expectedRequests.js";
import { InvalidInputError, SimulationBug, UsageError } from "./failures.js";
import { loadPolicyModules, noRouter } from "./policyModules.js";
import type { ScenarioFile } from "./scenarioFile.js";

/** What a command says of its runner. */
export interface RunnerOptions {
  /** Processes at most; all cores of this machine when left out. What comes out does not depend on it. */
  readonly jobs?: number | undefined;
  /** Told how many samples are done, parts of running ones included, at most some times a second. */
  readonly onProgress?: (done: number) => void;
}

/** Samples that take together no more requests than this are done where we stand: processes take longer to start. */
const FEW_REQUESTS = 40_000;

/** A runner for as many samples as a command likes; the command closes it. Throws what failures.ts lists. */
export function createRunner(options: RunnerOptions = {}): SampleRunner {
  return new CommandRunner(options);
}

/** What `SampleRunner.add` wants to know of the code of a scenario's policy; undefined for any other policy. */
export async function codeOf({ module }: Pick<ScenarioFile, "module">): Promise<ScenarioCode | undefined> {
  return module === null ? undefined : { place: module, modules: await loadPolicyModules(module) };
}

/** Begins where it stands, and goes over to processes with the first samples that are worth it. */
class CommandRunner implements SampleRunner {
  readonly #options: RunnerOptions;
  readonly #known: { readonly scenario: Scenario; readonly code: ScenarioCode | undefined }[] = [];
  readonly #here: SampleRunner = inlineRunner();
  #pool: SampleRunner | null = null;
  /** Samples taken here; those of the processes are counted there. */
  #doneHere = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  add(scenario: Scenario, code?: ScenarioCode): number {
    this.#known.push({ scenario, code });
    this.#pool?.add(scenario, code);
    return this.#here.add(scenario, code);
  }

  async take(
    tasks: readonly SampleTask[],
    onSample?: (sample: Sample, task: SampleTask) => void,
  ): Promise<readonly Sample[]> {
    if (this.#pool === null && this.#isLittle(tasks)) return this.#takeHere(tasks, onSample);
    this.#pool ??= this.#startPool();
    try {
      return await this.#pool.take(tasks, onSample);
    } catch (error) {
      throw error instanceof SampleFailed ? explained(error) : error;
    }
  }

  async close(): Promise<void> {
    await this.#pool?.close();
  }

  #isLittle(tasks: readonly SampleTask[]): boolean {
    let requests = 0;
    for (const { scenario } of tasks) requests += expectedRequests(this.#known[scenario]!.scenario);
    return requests <= FEW_REQUESTS;
  }

  async #takeHere(
    tasks: readonly SampleTask[],
    onSample: ((sample: Sample, task: SampleTask) => void) | undefined,
  ): Promise<readonly Sample[]> {
    const samples: Sample[] = [];
    for (const task of tasks) {
      const { scenario, code } = this.#known[task.scenario]!;
      try {
        samples.push(...(await this.#here.take([task], onSample)));
      } catch (error) {
        if (code !== undefined && error instanceof PolicyModuleError)
          throw noRouter(code.place, error.message, error.cause);
        throw new SimulationBug(`${scenario.seed}, replication ${task.replication}`, error);
      }
      this.#doneHere += 1;
      this.#options.onProgress?.(this.#doneHere);
    }
    return samples;
  }

  #startPool(): SampleRunner {
    const { jobs, onProgress } = this.#options;
    const pool = processRunner({
      jobs: jobs ?? availableParallelism(),
      entry: new URL("./sampleWorker.cjs", import.meta.url),
      ...(onProgress === undefined ? {} : { onProgress: (done) => onProgress(done + this.#doneHere) }),
    });
    for (const { scenario, code } of this.#known) pool.add(scenario, code);
    return pool;
  }
}

function explained(failed: SampleFailed): Error {
  const { reason, seed, replication, issues, message } = failed;
  if (reason === "refused") return new InvalidInputError(issues);
  if (reason === "threw") return new SimulationBug(`${seed}, replication ${replication}`, message);
  return new UsageError(
    `replication ${replication} of seed ${JSON.stringify(seed)} cannot be run: ${message}; where memory is short, fewer --jobs help`,
  );
}
