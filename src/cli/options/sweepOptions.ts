/** The options of `regionsim sweep` and of what it has below it. */
import type { Argv } from "yargs";
import { readSegment, type Segment } from "../../experiment/sweep/segments.js";
import { SCHEDULERS } from "../../report/emitRecipes.js";
import type { SweepArguments } from "../commands/sweep.js";
import type { EmitArguments } from "../commands/sweepEmit.js";
import type { CollectArguments, MissingArguments, StatusArguments } from "../commands/sweepStore.js";
import { UsageError } from "../failures.js";
import type { Typed } from "./kebab.js";
import { type NumberOption, wholeOption } from "./numberOptions.js";
import { JOBS_OPTION } from "./replicationOptions.js";
import { BACKEND_OPTION } from "./workerOptions.js";

const MOST_SEGMENTS = 1_000_000;
const MOST_CORES = 1024;

function segmentsOption(describe: string): NumberOption {
  return wholeOption("segments", describe, 1, MOST_SEGMENTS);
}

const OUT_OPTION = {
  type: "string",
  requiresArg: true,
  describe: "Folder of the runs and what is made of them [default: reports/<name of the plan's file>]",
} as const;

const QUIET_OPTION = { type: "boolean", default: false, describe: "Only paths and errors" } as const;

const SEGMENT_OPTION = {
  type: "string",
  requiresArg: true,
  describe: "i/N: only share i of N equal ones, from 0/N to N-1/N; needs no coordinator",
  coerce: (given: string | undefined): Segment | undefined => {
    // What is given twice is refused elsewhere.
    if (given === undefined || Array.isArray(given)) return given as undefined;
    const reading = readSegment(given);
    if (!reading.ok) throw new UsageError(`--segment must be ${reading.rule}, got ${JSON.stringify(given)}`);
    return reading.segment;
  },
} as const;

/** What `regionsim sweep <plan>` takes. */
export function sweepOptions(y: Argv): Argv<Typed<SweepArguments>> {
  return y
    .positional("plan", { type: "string", demandOption: true, describe: "Plan, YAML or JSON" })
    .option("out", OUT_OPTION)
    .option("segment", SEGMENT_OPTION)
    .option("jobs", JOBS_OPTION)
    .option("cache", {
      type: "string",
      requiresArg: true,
      describe: "Folder of another sweep, whose runs are taken over where they are the same",
    })
    .option("backend", BACKEND_OPTION)
    .option("segments", segmentsOption("With --backend: shares to send [default: of some seconds each]"))
    .option("quiet", QUIET_OPTION)
    .option("progress", {
      choices: ["auto", "plain", "none"] as const,
      default: "auto" as const,
      describe: "A bar on a terminal, lines elsewhere; always lines; nothing",
    });
}

const TARGET = {
  type: "string",
  demandOption: true,
  describe: "A plan, or the folder of its runs",
} as const;

/** What `regionsim sweep status` takes. */
export function statusOptions(y: Argv): Argv<Typed<StatusArguments>> {
  return y
    .positional("target", TARGET)
    .option("out", OUT_OPTION)
    .option("segments", segmentsOption("Tell of each of so many segments"))
    .option("format", {
      choices: ["text", "json"] as const,
      default: "text" as const,
      describe: "How to print it",
    });
}

/** What `regionsim sweep missing` takes. */
export function missingOptions(y: Argv): Argv<Typed<MissingArguments>> {
  return y
    .positional("target", TARGET)
    .option("out", OUT_OPTION)
    .option("segments", segmentsOption("Segments instead of runs, of so many"))
    .option("format", {
      choices: ["list", "slurm", "json"] as const,
      default: "list" as const,
      describe: "One a line; a Slurm array such as 3,7-9,12; JSON",
    });
}

/** What `regionsim sweep collect` takes. */
export function collectOptions(y: Argv): Argv<Typed<CollectArguments>> {
  return y.positional("target", TARGET).option("out", OUT_OPTION).option("quiet", QUIET_OPTION);
}

/** What `regionsim sweep emit` takes. */
export function emitOptions(y: Argv): Argv<Typed<EmitArguments>> {
  const text = (describe: string) => ({ type: "string", requiresArg: true, describe }) as const;
  return y
    .positional("engine", { choices: SCHEDULERS, demandOption: true, describe: "Who runs the segments" })
    .positional("plan", { type: "string", demandOption: true, describe: "Plan, as the tasks will find it" })
    .option("segments", { ...segmentsOption("Tasks of the array"), demandOption: true })
    .option("out", OUT_OPTION)
    .option(
      "at-once",
      wholeOption("at-once", "Tasks at a time [default: as the engine likes]", 1, MOST_SEGMENTS),
    )
    .option("cores", wholeOption("cores", "Cores of one task [default: 1]", 1, MOST_CORES))
    .option("image", text("k8s, batch: container image with regionsim in it"))
    .option("storage", text("k8s: claim of the shared volume; batch: id of the EFS file system"))
    .option("queue", text("slurm: partition; batch: job queue")) as Argv<Typed<EmitArguments>>;
}
