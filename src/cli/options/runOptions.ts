/** The options of `regionsim run`. */
import type { Argv } from "yargs";
import type { RunArguments } from "../commands/run.js";
import { artefactOptions } from "./artefactOptions.js";
import { ciOptions } from "./ciOptions.js";
import type { Typed } from "./kebab.js";
import { shareOption } from "./numberOptions.js";
import { replicationOptions } from "./replicationOptions.js";
import { SET_OPTION } from "./setOption.js";

/** What `regionsim run` takes. */
export function runOptions(y: Argv): Argv<Typed<RunArguments>> {
  return ciOptions(steadyOptions(replicationOptions(singleRunOptions(y))));
}

function steadyOptions<T>(y: Argv<T>) {
  return y
    .option(
      "steady",
      shareOption(
        "steady",
        "Say whether one run without faults is long enough to know its means by this: 5%",
      ),
    )
    .option("warmup", {
      choices: ["auto"] as const,
      describe: "Set the warm-up to where a trial run without one had settled (MSER-5); no faults allowed",
    });
}

function singleRunOptions(y: Argv) {
  return artefactOptions(
    y
      .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
      .option("seed", { type: "string", requiresArg: true, describe: "Use this seed instead of the file's" })
      .option("set", SET_OPTION)
      .option("out", {
        type: "string",
        requiresArg: true,
        describe: "Result folder, replaced as a whole [default: reports/<scenario>]",
      })
      .option("json", {
        type: "string",
        requiresArg: true,
        describe: "Write the result document to this file, or to stdout for -; with - no folder unless --out",
      }),
  )
    .option("decisions", {
      type: "string",
      requiresArg: true,
      describe: "Write each gateway's decision log to this folder, as a real gateway writes its own",
    })
    .option("quiet", { type: "boolean", default: false, describe: "Only the report's path and errors" })
    .option("progress", {
      choices: ["auto", "plain", "none"] as const,
      default: "auto" as const,
      describe: "A bar on a terminal, lines elsewhere; always lines; nothing",
    });
}
