/** The options of commands that run a scenario several times. */
import type { Argv } from "yargs";
import type { Typed } from "./kebab.js";
import { type NumberOption, shareOption, wholeOption } from "./numberOptions.js";

/** Most replications of one scenario: beyond, a sweep is the better tool. */
const MOST_REPS = 100_000;
/** Processes: far more than any one machine has cores. */
const MOST_JOBS = 1024;

/** What a command knows of how often it is to run. */
export interface ReplicationArguments {
  readonly reps?: number | undefined;
  readonly untilCi?: number | undefined;
  readonly of: readonly string[];
  readonly least?: number | undefined;
  readonly confidence?: number | undefined;
  readonly jobs?: number | undefined;
}

/** `--jobs`, the same for every command that takes samples. */
export const JOBS_OPTION: NumberOption = wholeOption(
  "jobs",
  "Processes at most; results do not depend on it [default: all cores]",
  1,
  MOST_JOBS,
);

/** Adds the options that say how often a scenario is run. */
export function replicationOptions<T>(y: Argv<T>): Argv<T & Typed<ReplicationArguments>> {
  return y
    .option("reps", wholeOption("reps", "Run this many replications, each with other luck", 1, MOST_REPS))
    .option(
      "until-ci",
      shareOption(
        "until-ci",
        "Run replications until intervals are this narrow: 5% [at most: --reps, or 200]",
      ),
    )
    .option("of", {
      type: "string",
      default: [] as string[],
      requiresArg: true,
      coerce: (given: string | string[]): string[] => [given].flat(),
      describe: "Measure to know that well; may be repeated [default: what objectives are about]",
    })
    .option(
      "least",
      wholeOption("least", "Replications before widths are looked at [default: 10]", 2, MOST_REPS),
    )
    .option("confidence", shareOption("confidence", "Of all intervals [default: 95%]"))
    .option("jobs", JOBS_OPTION);
}
