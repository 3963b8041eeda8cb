/** The options of `regionsim sweep emit`. */
import type { Argv } from "yargs";
import { SCHEDULERS } from "../../report/emitRecipes.js";
import type { EmitArguments } from "../commands/sweepEmit.js";
import type { Typed } from "./kebab.js";
import { wholeOption } from "./numberOptions.js";

const MOST_SEGMENTS = 1_000_000;
const MOST_CORES = 1024;

/** What `regionsim sweep emit` takes. */
export function sweepEmitOptions(y: Argv): Argv<Typed<EmitArguments>> {
  const text = (describe: string) => ({ type: "string", requiresArg: true, describe }) as const;
  return y
    .positional("engine", { choices: SCHEDULERS, demandOption: true, describe: "Who runs the segments" })
    .positional("plan", { type: "string", demandOption: true, describe: "Plan, as the tasks will name it" })
    .option(
      "segments",
      wholeOption("segments", "Tasks of the array [default: 100, or one a run]", 1, MOST_SEGMENTS),
    )
    .option("out", text("Folder of the runs, which all tasks share [default: reports/<plan>]"))
    .option(
      "at-once",
      wholeOption("at-once", "Tasks at a time [default: as the engine likes]", 1, MOST_SEGMENTS),
    )
    .option("cores", wholeOption("cores", "Cores of one task [default: 1]", 1, MOST_CORES))
    .option("image", text("k8s, batch: container image with regionsim in it"))
    .option("storage", text("k8s: claim of the shared volume; batch: id of the EFS file system"))
    .option("queue", text("slurm: partition; batch: job queue"));
}
