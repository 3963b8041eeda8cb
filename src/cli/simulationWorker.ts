/** The thread a simulation runs in; see simulate.ts for why it is a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { runScenario } from "../experiment/index.js";
import type { PolicyModules } from "../model/index.js";
import { loadPolicyModules } from "./policyModules.js";
import type { WorkerMessage, WorkerTask } from "./simulate.js";

/** Between two reports of progress: often enough for a bar to move, too rare to cost anything. */
const PROGRESS_EVERY_MS = 100;

const port = parentPort;
if (port === null) throw new Error("this file is the inside of a worker thread, not a program");

let nextReportMs = 0;

function tell(message: WorkerMessage): void {
  port?.postMessage(message);
}

const { scenario, module } = workerData as WorkerTask;

function run(modules: PolicyModules): void {
  const result = runScenario(scenario, {
    modules,
    onProgress: (share: number): void => {
      const nowMs = performance.now();
      if (nowMs < nextReportMs) return;
      nextReportMs = nowMs + PROGRESS_EVERY_MS;
      tell({ kind: "progress", share });
    },
  });
  tell({ kind: "result", result });
}

// Code is imported only where there is any: importing slows every typed array of the thread down (see .ci/setup.mjs).
if (module === null) run({});
else void loadPolicyModules(module).then(run);
