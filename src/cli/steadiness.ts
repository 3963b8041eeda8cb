/** Runs that settle, and how long that takes. */
import type { Scenario } from "../scenario/scenario.js";
import { UsageError } from "./failures.js";
import type { ScenarioFile } from "./scenarioFile.js";
import { simulate } from "./simulate.js";
import { note } from "./terminal.js";

/** The width asked of the trial run decides nothing about its warm-up. */
const ANY_WIDTH = 0.05;

/** What a scenario with faults does after them is what its run is about: a rule for warm-ups would cut it away. */
export function assertNoFaults({ faults }: Scenario, option: string): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new UsageError(
    `${option} is for runs that settle, and is off for outage transients: this scenario has the fault ${first.id} (${first.kind}); use --reps for it`,
  );
}

/** Where a trial run without warm-up had settled by MSER-5, as a setting: `warmup=90s`. */
export async function settledWarmup({ scenario, module }: ScenarioFile): Promise<string> {
  assertNoFaults(scenario, "--warmup auto");
  const trial = { ...scenario, warmupUs: 0 };
  const { steady } = await simulate(trial, () => {}, { module, steady: { width: ANY_WIDTH } });
  if (steady === undefined) throw new Error("bug: a run asked how steady it is did not say");
  if (steady.measures.some(({ settled }) => !settled))
    note("warning: MSER-5 found no end of the warm-up in the first half of the run; it may never settle");
  const cutS = Math.ceil(Math.max(0, ...steady.measures.map((measure) => measure.cutS)));
  note(`warm-up of ${cutS} s, by MSER-5 over ${steady.windows} windows of ${steady.windowS} s`);
  return `warmup=${cutS}s`;
}
