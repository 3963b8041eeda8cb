/** The thread a simulation runs in; see simulate.ts for why it is a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { PolicyModuleError, runScenario } from "../experiment/index.js";
import type { PolicyModules, TakeStep } from "../model/index.js";
import type { Result } from "../result/result.js";
import { openDecisionFiles } from "./decisions/decisionFiles.js";
import { writeFailure } from "./failures.js";
import { loadPolicyModules, type ModulePlace, noRouter } from "./policyModules.js";
import type { WorkerMessage, WorkerTask } from "./simulate.js";

/** Between two reports of progress: often enough for a bar to move, too rare to cost anything. */
const PROGRESS_EVERY_MS = 100;

const port = parentPort;
if (port === null) throw new Error("this file is the inside of a worker thread, not a program");

let nextReportMs = 0;

function tell(message: WorkerMessage): void {
  port?.postMessage(message);
}

const { scenario, module, steady, decisions } = workerData as WorkerTask;

function run(modules: PolicyModules): void {
  try {
    const files = decisions === null ? null : openDecisionFiles(decisions, scenario);
    const result = resultOf(modules, files?.takeStep);
    files?.close();
    tell({ kind: "result", result });
  } catch (error) {
    if (writeFailure(error) === null) throw error;
    // An error loses what the system said on its way out of a thread.
    const { code = "", syscall = "", path = "" } = error as NodeJS.ErrnoException;
    tell({ kind: "unwritten", failure: { name: "Error", message: "", code, syscall, path } });
  }
}

function resultOf(modules: PolicyModules, takeStep: TakeStep | undefined): Result {
  return runScenario(scenario, {
    modules,
    ...(takeStep === undefined ? {} : { takeStep }),
    ...(steady === null ? {} : { steady }),
    onProgress: (share: number): void => {
      const nowMs = performance.now();
      if (nowMs < nextReportMs) return;
      nextReportMs = nowMs + PROGRESS_EVERY_MS;
      tell({ kind: "progress", share });
    },
  });
}

/** What is wrong with somebody's code is told as such; anything else ends the thread, as a bug of ours. */
async function runCode(place: ModulePlace): Promise<void> {
  const modules = await loadPolicyModules(place);
  try {
    run(modules);
  } catch (error) {
    if (!(error instanceof PolicyModuleError)) throw error;
    tell({ kind: "refused", issues: noRouter(place, error.message, error.cause).issues });
  }
}

// Code is imported only where there is any: importing slows every typed array of the thread down (see .ci/setup.mjs).
if (module === null) run({});
else void runCode(module);
