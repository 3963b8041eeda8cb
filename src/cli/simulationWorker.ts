/** The thread a simulation runs in; see simulate.ts for why it is a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { PolicyModuleError, runScenario } from "../experiment/index.js";
import type { PolicyModules } from "../model/index.js";
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

const { scenario, module, steady } = workerData as WorkerTask;

function run(modules: PolicyModules): void {
  const result = runScenario(scenario, {
    modules,
    ...(steady === null ? {} : { steady }),
    onProgress: (share: number): void => {
      const nowMs = performance.now();
      if (nowMs < nextReportMs) return;
      nextReportMs = nowMs + PROGRESS_EVERY_MS;
      tell({ kind: "progress", share });
    },
  });
  tell({ kind: "result", result });
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
