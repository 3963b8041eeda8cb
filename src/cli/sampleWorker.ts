/** The process that takes samples for another one; see processRunner.ts. It lives as long as its parent wants it. */

import type { SampleAnswer, SampleOrder } from "../experiment/executors/sampleMessages.js";
import { tuneHost } from "../experiment/executors/tuneHost.js";
import { PolicyModuleError } from "../experiment/index.js";
import { takeSample } from "../experiment/sample.js";
import type { PolicyModules } from "../model/index.js";
import { InvalidInputError } from "./failures.js";
import { loadPolicyModules, noRouter } from "./policyModules.js";

/** Between two reports of progress: often enough for a bar to move, too rare to cost anything. */
const PROGRESS_EVERY_MS = 200;

if (process.send === undefined) throw new Error("this file is the inside of a process pool, not a program");
tuneHost();

type Known = Extract<SampleOrder, { readonly kind: "scenario" }>;

const known = new Map<number, Known>();
/** As the parent says it: it may have gone before this process began to look. */
const parent = Number(process.argv[2]);
let nextReportMs = 0;

function tell(answer: SampleAnswer): void {
  process.send?.(answer);
}

function onProgress(share: number): void {
  // Whoever wanted the sample is gone, and the loop of a run hears of nothing by itself.
  if (process.ppid !== parent) process.exit();
  const nowMs = performance.now();
  if (nowMs < nextReportMs) return;
  nextReportMs = nowMs + PROGRESS_EVERY_MS;
  tell({ kind: "progress", share });
}

type Task = Extract<SampleOrder, { readonly kind: "task" }>;

function take({ scenario: number, replication, keepResult }: Task, modules: PolicyModules): void {
  const { scenario, place } = known.get(number)!;
  try {
    tell({ kind: "sample", sample: takeSample(scenario, replication, { modules, keepResult, onProgress }) });
  } catch (error) {
    if (place !== null && error instanceof PolicyModuleError)
      tell({ kind: "refused", issues: noRouter(place, error.message, error.cause).issues });
    else if (error instanceof Error)
      tell({ kind: "threw", message: error.message, stack: error.stack ?? "" });
    else tell({ kind: "threw", message: String(error), stack: "" });
  }
}

/** Code is imported only where there is any: importing slows every typed array of a process down (see .ci/setup.mjs). */
async function takeWithCode(task: Task, place: NonNullable<Known["place"]>): Promise<void> {
  let modules: PolicyModules;
  try {
    modules = await loadPolicyModules(place);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    tell({ kind: "refused", issues: error.issues });
    return;
  }
  take(task, modules);
}

process.on("disconnect", () => process.exit());
process.on("message", (order: SampleOrder) => {
  if (order.kind === "scenario") {
    known.set(order.number, order);
    return;
  }
  const { place } = known.get(order.scenario)!;
  if (place === null) take(order, {});
  else void takeWithCode(order, place);
});
