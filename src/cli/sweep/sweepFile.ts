/** A sweep from disk, or from a bundle that holds every text of one. */
import { basename, dirname, extname, join } from "node:path";
import type { ScenarioCode } from "../../experiment/sampleRunner.js";
import { PointRefused, readSweep, type Sweep, type SweepMemo } from "../../experiment/sweep/index.js";
import { loadPlan } from "../../scenario/loadPlan.js";
import type { Scenario } from "../../scenario/scenario.js";
import { VERSION } from "../../version.js";
import { InvalidInputError } from "../failures.js";
import { confinedReader, fileIssue, readInputFile, UnreadableFile } from "../inputFiles.js";
import { loadPolicyModules, policyModuleOf } from "../policyModules.js";

/** Every text of a sweep and what is known of it: plain data, to be sent to a worker that has no files of ours. */
export interface SweepBundle {
  /** Version of the tool that made it; another one must not run it. */
  readonly tool: string;
  readonly planFile: string;
  readonly planText: string;
  readonly scenarioFile: string;
  readonly scenarioText: string;
  /** Side files by their path from the scenario. */
  readonly files: Readonly<Record<string, string>>;
  readonly memo: SweepMemo;
}

/** The sweep of the plan at `planPath`. Throws {@link InvalidInputError} with every mistake in it and its scenario. */
export function loadSweep(planPath: string, memo: SweepMemo | null = null): Sweep {
  const planText = readText(planPath);
  const plan = loadPlan(planPath, planText);
  if (!plan.ok) throw new InvalidInputError(plan.issues);
  const scenarioFile = join(dirname(planPath), plan.plan.scenario);
  let scenarioText: string;
  try {
    scenarioText = readInputFile(scenarioFile).text;
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    const message = `scenario must be a file that can be read, got ${JSON.stringify(plan.plan.scenario)}: ${error.message}`;
    const issue = { path: "scenario", code: error.code, message, value: plan.plan.scenario };
    throw new InvalidInputError([{ ...plan.scenarioAt, ...issue }]);
  }
  const { read } = confinedReader(scenarioFile);
  return orThrow(readSweep({ planFile: planPath, planText, scenarioFile, scenarioText, read }, memo));
}

function readText(path: string): string {
  try {
    return readInputFile(path).text;
  } catch (error) {
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(path, error)]);
    throw error;
  }
}

function orThrow(loaded: ReturnType<typeof readSweep>): Sweep {
  if (!loaded.ok) throw new InvalidInputError(loaded.issues);
  return loaded.sweep;
}

/** All that a worker elsewhere needs to run any part of `sweep`. */
export function bundleOf(sweep: Sweep): SweepBundle {
  const { planFile, planText, scenarioFile, scenarioText, read } = sweep.source;
  const memo = sweep.memo();
  const files = Object.fromEntries(memo.files.map((path) => [path, read(path)]));
  return { tool: VERSION, planFile, planText, scenarioFile, scenarioText, files, memo };
}

/** The sweep a bundle was made of. Throws {@link InvalidInputError} where its texts are not right. */
export function sweepOfBundle({ memo, files, ...texts }: SweepBundle): Sweep {
  const read = (path: string): string => {
    const text = Object.hasOwn(files, path) ? files[path] : undefined;
    if (text === undefined) throw new UnreadableFile("unreadable", "is not in the bundle");
    return text;
  };
  return orThrow(readSweep({ ...texts, read }, memo));
}

/** The code of the policy of a scenario of `sweep`, loaded; undefined where it has none. */
export async function codeOf(sweep: Sweep, scenario: Scenario): Promise<ScenarioCode | undefined> {
  const place = policyModuleOf(scenario, sweep.source.scenarioFile);
  return place === null ? undefined : { place, modules: await loadPolicyModules(place) };
}

/** A point that turns out to be wrong only when its turn comes is wrong input all the same. */
export function refusedPoint(error: unknown): unknown {
  return error instanceof PointRefused ? new InvalidInputError(error.issues) : error;
}

/** Where the runs of a plan go unless told: `reports/headroom.plan` for `headroom.plan.yaml`. */
export function defaultDirectory(planPath: string): string {
  return join("reports", basename(planPath, extname(planPath)));
}
