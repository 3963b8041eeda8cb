/** The thread a simulation runs in; see simulate.ts for why it is a thread of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { runScenario } from "../experiment/index.js";
import type { Scenario } from "../scenario/scenario.js";
import type { WorkerMessage } from "./simulate.js";

/** Between two reports of progress: often enough for a bar to move, too rare to cost anything. */
const PROGRESS_EVERY_MS = 100;

const port = parentPort;
if (port === null) throw new Error("this file is the inside of a worker thread, not a program");

let nextReportMs = 0;

function tell(message: WorkerMessage): void {
  port?.postMessage(message);
}

const result = runScenario(workerData as Scenario, {
  onProgress: (share: number): void => {
    const nowMs = performance.now();
    if (nowMs < nextReportMs) return;
    nextReportMs = nowMs + PROGRESS_EVERY_MS;
    tell({ kind: "progress", share });
  },
});
tell({ kind: "result", result });
