/**
 * Runs a scenario in a thread of its own, because the engine never yields: only so can the main thread
 * draw progress and answer Ctrl-C at once. The result is the same bytes as a direct call.
 */
import { Worker } from "node:worker_threads";
import type { Result } from "../result/result.js";
import type { Scenario } from "../scenario/scenario.js";
import { SimulationBug } from "./failures.js";

/** What the thread says. */
export type WorkerMessage =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "result"; readonly result: Result };

/** The result of `scenario`; `onProgress` is told the share done, 0 to 1, at most ten times a second. */
export function simulate(scenario: Scenario, onProgress: (share: number) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./simulationWorker.js", import.meta.url), { workerData: scenario });
    const fail = (cause: unknown): void => reject(new SimulationBug(scenario.seed, cause));
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") onProgress(message.share);
      else resolve(message.result);
    });
    worker.on("error", fail);
    // Settles nothing when the result has already arrived.
    worker.on("exit", (code) => fail(new Error(`the simulation ended with status ${code} and no result`)));
  });
}
