/** Runs a scenario several times, and what may be asked for on the way. */
import { overReplications } from "../experiment/replicate/document.js";
import { summariseSamples } from "../experiment/replicate/estimate.js";
import { type ReplicationPlan, replicate, UnknownMeasure } from "../experiment/replicate/replicate.js";
import type { Replicated } from "../result/estimates.js";
import type { Result } from "../result/result.js";
import { UsageError } from "./failures.js";
import type { ReplicationArguments } from "./options/replicationOptions.js";
import { createCountProgress, type ProgressMode } from "./progress.js";
import { codeOf, createRunner } from "./runners.js";
import type { ScenarioFile } from "./scenarioFile.js";

/** Measures that a message about an unknown one names. */
const MOST_NAMED = 12;
const DEFAULT_MOST = 200;
const DEFAULT_LEAST = 10;
const DEFAULT_CONFIDENCE = 0.95;

/** What `args` ask for; null for a single run. Throws {@link UsageError} where they do not fit together. */
export function replicationPlan(args: ReplicationArguments): ReplicationPlan | null {
  const { reps, untilCi, least, confidence = DEFAULT_CONFIDENCE } = args;
  if (untilCi === undefined) {
    if (least !== undefined || args.of.length > 0)
      throw new UsageError(`--${least === undefined ? "of" : "least"} needs --until-ci`);
    if ((reps ?? 1) === 1 && args.confidence !== undefined)
      throw new UsageError("--confidence needs --reps 2 or more, or --until-ci: one run has no interval");
    if (reps === undefined || reps === 1) return null;
    return { least: reps, most: reps, width: null, of: [], confidence };
  }
  const most = reps ?? DEFAULT_MOST;
  if (most < 2) throw new UsageError("--until-ci needs --reps 2 or more: one run has no interval");
  if (least !== undefined && least > most)
    throw new UsageError(`--least ${least} is more than the most allowed, ${most}`);
  return { least: Math.min(least ?? DEFAULT_LEAST, most), most, width: untilCi, of: args.of, confidence };
}

/** How a command shows what it does. */
export interface ReplicationDisplay {
  readonly jobs?: number | undefined;
  readonly progress: ProgressMode;
  /** What progress speaks of. */
  readonly label: string;
}

/** The document of all replications that `plan` asks for. */
export async function runReplications(
  source: Pick<ScenarioFile, "scenario" | "module">,
  plan: ReplicationPlan,
  display: ReplicationDisplay,
): Promise<Result> {
  const progress = createCountProgress(display.progress, display.label, plan.most);
  const runner = createRunner({ jobs: display.jobs, onProgress: (done) => progress.update(done) });
  try {
    const number = runner.add(source.scenario, await codeOf(source));
    const { first, replicated, samples } = await replicate(runner, number, {
      ...plan,
      onOutlook: (replications) => progress.expect(replications),
    });
    return overReplications(first, replicated, samples);
  } catch (error) {
    throw error instanceof UnknownMeasure ? known(error) : error;
  } finally {
    progress.done();
    await runner.close();
  }
}

function known({ key, known: all }: UnknownMeasure): UsageError {
  const head = key.split(/[.{]/)[0]!;
  const near = all.filter((name) => name.startsWith(head));
  const named = near.length > 0 ? near : all;
  return new UsageError(
    `--of ${key} is no measure of this scenario; it has ${named.slice(0, MOST_NAMED).join(", ")}${named.length > MOST_NAMED ? ", …" : ""}`,
  );
}

/** The same replications as those of a stored document, with what it says of how many there had to be. */
export async function runAgain(
  source: Pick<ScenarioFile, "scenario" | "module">,
  { replications, stopping, confidence }: Replicated,
  jobs?: number,
): Promise<Result> {
  const runner = createRunner({ jobs });
  try {
    const number = runner.add(source.scenario, await codeOf(source));
    const plan = { least: replications, most: replications, width: null, of: [], confidence };
    const { first, samples } = await replicate(runner, number, plan);
    return overReplications(first, summariseSamples(samples, stopping, confidence), samples);
  } finally {
    await runner.close();
  }
}
