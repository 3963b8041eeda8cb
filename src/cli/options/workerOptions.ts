/** The options of `regionsim worker`, and what it shares with the command that sends sweeps. */
import type { Argv } from "yargs";
import type { WorkerArguments } from "../commands/worker.js";
import type { Typed } from "./kebab.js";
import { wholeOption } from "./numberOptions.js";
import { JOBS_OPTION } from "./replicationOptions.js";

const HOUR_S = 3600;
const DAY_S = 24 * HOUR_S;

/** `--backend`, for whoever sends segments and whoever works on them. */
export const BACKEND_OPTION: {
  readonly type: "string";
  readonly requiresArg: true;
  readonly describe: string;
} = {
  type: "string",
  requiresArg: true,
  describe: "Redis whose queue is used: redis://host:port, or env for what REGIONSIM_BACKEND says",
};

/** What `regionsim worker` takes. */
export function workerOptions(y: Argv): Argv<Typed<WorkerArguments>> {
  return y
    .option("backend", { ...BACKEND_OPTION, demandOption: true })
    .option("jobs", JOBS_OPTION)
    .option(
      "lease",
      wholeOption(
        "lease",
        "Seconds of silence after which a worker's segments go to others [default: 30]",
        1,
        HOUR_S,
      ),
    )
    .option(
      "idle",
      wholeOption("idle", "End after so many seconds without a segment [default: wait for ever]", 1, DAY_S),
    );
}
