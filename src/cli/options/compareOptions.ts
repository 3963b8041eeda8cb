/** The options of `regionsim compare`. */
import type { Argv } from "yargs";
import type { CompareArguments } from "../commands/compare.js";
import { ciOptions } from "./ciOptions.js";
import type { Typed } from "./kebab.js";
import { shareOption, wholeOption } from "./numberOptions.js";
import { replicationOptions } from "./replicationOptions.js";
import { SET_OPTION } from "./setOption.js";

/** Of each file: beyond, a sweep is the better tool. */
const MOST_REPS = 100_000;

/** What `regionsim compare` takes. */
export function compareOptions(y: Argv): Argv<Typed<CompareArguments>> {
  return ciOptions(replicationOptions(files(y)))
    .option(
      "reps",
      wholeOption("reps", "Replications of each [default: 20; at most 200 with --until-ci]", 2, MOST_REPS),
    )
    .option(
      "until-ci",
      shareOption("until-ci", "Replications until differences are known to 5% of the first file's value"),
    )
    .option("at-least", shareOption("at-least", "Do not tell of changes smaller than this [default: 1%]"))
    .option("fail-on", {
      type: "string",
      default: "nothing",
      requiresArg: true,
      describe:
        "regression: exit with 5 where anything is worse than in the first file; objective: with 4 where one is not met; commas between",
    })
    .option("all", { type: "boolean", default: false, describe: "List every measure" })
    .option("quiet", { type: "boolean", default: false, describe: "Only the report's path and errors" })
    .option("progress", {
      choices: ["auto", "plain", "none"] as const,
      default: "auto" as const,
      describe: "A bar on a terminal, lines elsewhere; always lines; nothing",
    });
}

function files(y: Argv) {
  return y
    .positional("files", {
      type: "string",
      array: true,
      demandOption: true,
      describe: "Two scenarios or more; the others are compared with the first",
    })
    .option("seed", {
      type: "string",
      requiresArg: true,
      describe: "Use this seed instead of the first file's",
    })
    .option("set", SET_OPTION)
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Folder for the comparison, replaced as a whole [default: reports/<a>-vs-<b>]",
    })
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the document to this file, or to stdout for -; with - no folder unless --out",
    })
    .option("html", {
      type: "boolean",
      default: false,
      describe: "Write report.html, one self-contained file",
    });
}
