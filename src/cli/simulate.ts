/**
 * Runs a scenario. A long run gets a thread of its own, because the engine never yields: only so can the
 * main thread draw progress and answer Ctrl-C at once. The result is the same bytes either way.
 */
import { Worker } from "node:worker_threads";
import { tuneHost } from "../experiment/executors/tuneHost.js";
import type { SteadyQuestion } from "../experiment/replicate/steady.js";
import type { Result } from "../result/result.js";
import type { Issue } from "../scenario/issue.js";
import type { Scenario } from "../scenario/scenario.js";
import { openDecisionFiles } from "./decisions/decisionFiles.js";
import { expectedRequests, SHORT_REQUESTS } from "./expectedRequests.js";
import { InvalidInputError, SimulationBug } from "./failures.js";
import { loadPolicyModules, type ModulePlace, noRouter } from "./policyModules.js";

/** What the thread is told: functions cannot be sent, so it loads the code of a policy itself. */
export interface WorkerTask {
  readonly scenario: Scenario;
  readonly module: ModulePlace | null;
  /** Asked of the run besides. */
  readonly steady: SteadyQuestion | null;
  /** The folder in which the gateways' decisions are written; null: nowhere. */
  readonly decisions: string | null;
}

/** What the thread says. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "result"; readonly result: Result }
  /** The code of the policy makes no router. */
  | { readonly kind: "refused"; readonly issues: readonly Issue[] }
  /** What the system said when decisions were to be written. */
  | { readonly kind: "unwritten"; readonly failure: NodeJS.ErrnoException };

/** The result of `scenario`; `onProgress` is told the share done, 0 to 1, at most ten times a second. */
export async function simulate(
  scenario: Scenario,
  onProgress: (share: number) => void,
  { module = null, steady = null, decisions = null }: Partial<Omit<WorkerTask, "scenario">> = {},
): Promise<Result> {
  // Loaded here even where a thread will load it again: what is wrong with it is the reader's to mend, not a bug of ours.
  const modules = await loadPolicyModules(module);
  if (expectedRequests(scenario) > SHORT_REQUESTS)
    return simulateInThread({ scenario, module, steady, decisions }, onProgress);
  const { PolicyModuleError, runScenario } = await import("../experiment/index.js");
  const files = decisions === null ? null : openDecisionFiles(decisions, scenario);
  let result: Result;
  try {
    const takeStep = files === null ? {} : { takeStep: files.takeStep };
    result = runScenario(scenario, { modules, ...(steady === null ? {} : { steady }), ...takeStep });
  } catch (error) {
    if (module !== null && error instanceof PolicyModuleError)
      throw noRouter(module, error.message, error.cause);
    throw new SimulationBug(scenario.seed, error);
  }
  files?.close();
  return result;
}

function simulateInThread(task: WorkerTask, onProgress: (share: number) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    tuneHost();
    const worker = new Worker(new URL("./simulationWorker.cjs", import.meta.url), {
      workerData: task,
    });
    const fail = (cause: unknown): void => reject(new SimulationBug(task.scenario.seed, cause));
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") onProgress(message.share);
      else if (message.kind === "refused") reject(new InvalidInputError(message.issues));
      else if (message.kind === "unwritten") reject(Object.assign(new Error("unwritten"), message.failure));
      else resolve(message.result);
    });
    worker.on("error", fail);
    // Settles nothing when the result has already arrived.
    worker.on("exit", (code) => fail(new Error(`the simulation ended with status ${code} and no result`)));
  });
}
