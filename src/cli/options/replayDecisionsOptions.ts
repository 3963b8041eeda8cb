/** The options of `regionsim replay-decisions`. */
import type { Argv } from "yargs";
import type { ReplayDecisionsArguments } from "../commands/replayDecisions.js";
import type { Typed } from "./kebab.js";
import { wholeOption } from "./numberOptions.js";
import { SET_OPTION } from "./setOption.js";

/** Of each kind of change: more are not read. */
const MOST_EXAMPLES = 1000;

/** What `regionsim replay-decisions` takes. */
export function replayDecisionsOptions(y: Argv): Argv<Typed<ReplayDecisionsArguments>> {
  return y
    .positional("log", { type: "string", demandOption: true, describe: "Decision log of a gateway, JSONL" })
    .option("deployment", {
      type: "string",
      demandOption: true,
      requiresArg: true,
      describe: "Scenario file whose rules decide again",
    })
    .option("gateway", {
      type: "string",
      requiresArg: true,
      describe: "Decide as this gateway of the file [default: the one that the log names]",
    })
    .option("set", SET_OPTION)
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the document to this file, or to stdout for -",
    })
    .option("examples", wholeOption("examples", "Examples of each change [default: 3]", 0, MOST_EXAMPLES));
}
