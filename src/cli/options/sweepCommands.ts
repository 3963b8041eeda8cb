/** What `regionsim sweep` has below it. */
import type { Argv } from "yargs";
import type { ExitCode } from "../exitCodes.js";
import { collectOptions, emitOptions, missingOptions, statusOptions, sweepOptions } from "./sweepOptions.js";

/** Adds the commands; `end` is told the exit code of the one that ran. */
export function sweepCommands(y: Argv, end: (code: ExitCode) => void): Argv {
  return y
    .usage("$0 sweep <plan>\n\nMakes the runs of a plan, or a share of them, and collects what they leave.")
    .command("$0 <plan>", "Make the runs that are missing, and collect", sweepOptions, async (args) => {
      end(await (await import("../commands/sweep.js")).sweep(args));
    })
    .command(
      "status <target>",
      "Say how many runs are done, missing, failed",
      statusOptions,
      async (args) => {
        end(await (await import("../commands/sweepStore.js")).sweepStatus(args));
      },
    )
    .command("missing <target>", "List what is missing, also for Slurm", missingOptions, async (args) => {
      end(await (await import("../commands/sweepStore.js")).sweepMissing(args));
    })
    .command(
      "collect <target>",
      "Write runs.parquet, points.parquet and their manifest",
      collectOptions,
      async (args) => {
        end(await (await import("../commands/sweepStore.js")).sweepCollect(args));
      },
    )
    .command(
      "emit <engine> <plan>",
      "Print a recipe for Slurm, Kubernetes, AWS Batch or GNU parallel",
      emitOptions,
      async (args) => {
        end(await (await import("../commands/sweepEmit.js")).sweepEmit(args));
      },
    );
}
