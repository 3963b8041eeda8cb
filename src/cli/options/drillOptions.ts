/** The options of `regionsim drill`. */
import type { Argv } from "yargs";
import type { DrillArguments } from "../commands/drill.js";
import type { Typed } from "./kebab.js";
import { wholeOption } from "./numberOptions.js";
import { SET_OPTION } from "./setOption.js";

/** What `regionsim drill` takes. */
export function drillOptions(y: Argv): Argv<Typed<DrillArguments>> {
  return y
    .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
    .option("faults", {
      type: "string",
      requiresArg: true,
      describe: "File of faults, YAML, JSON or CSV, instead of the scenario's own",
    })
    .option("seeds", wholeOption("seeds", "Runs of the real gateways [default: 1]", 1, 100))
    .option("reps", wholeOption("reps", "Runs of the simulator [default: 400]", 10, 100_000))
    .option("duration", {
      type: "string",
      requiresArg: true,
      describe: "Length of a run, such as 60s, instead of the scenario's",
    })
    .option("target", {
      type: "string",
      default: [] as string[],
      requiresArg: true,
      coerce: (given: string | string[]): string[] => [given].flat(),
      describe:
        "Gateway that runs elsewhere, id=https://…; only the load goes there, faults are its operator's",
    })
    .option("yes-load-this", {
      type: "boolean",
      default: false,
      describe: "The operator of a target on another machine allows the load",
    })
    .option("edge-secret-env", {
      type: "string",
      requiresArg: true,
      describe: "Variable with the secret by which a target's edge signs identities",
    })
    .option("key-env", {
      type: "string",
      requiresArg: true,
      describe: "Variable with the key that a target's callers have",
    })
    .option("seed", { type: "string", requiresArg: true, describe: "Use this seed instead of the file's" })
    .option("set", SET_OPTION)
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Folder for the report, the document and what the gateways logged",
    })
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the document to this file, or to stdout for -",
    })
    .option("quiet", { type: "boolean", default: false, describe: "Only what differs, and errors" });
}
