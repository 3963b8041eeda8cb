/** The options of `regionsim size`. */
import type { Argv } from "yargs";
import type { SizeArguments } from "../commands/size.js";
import type { Typed } from "./kebab.js";
import { shareOption, wholeOption } from "./numberOptions.js";
import { JOBS_OPTION } from "./replicationOptions.js";
import { SET_OPTION } from "./setOption.js";

/** May be given several times. */
function listOption(describe: string) {
  return {
    type: "string",
    default: [] as string[],
    requiresArg: true,
    coerce: (given: string | string[]): string[] => [given].flat(),
    describe,
  } as const;
}

/** What `regionsim size` takes. */
export function sizeOptions(y: Argv): Argv<Typed<SizeArguments>> {
  return y
    .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
    .option("survive", {
      type: "string",
      default: "any-one-region",
      requiresArg: true,
      describe: "any-one-region, any-two, own-faults, none, or a CSV file of faults",
    })
    .option("objective", listOption('What must hold, such as "refused <= 1%" [default: the file\'s own]'))
    .option(
      "knob",
      listOption("Capacity to size: path, or endpoint, gateway or quota [default: what binds each endpoint]"),
    )
    .option("confidence", shareOption("confidence", "Of every decision [default: 95%]"))
    .option(
      "max-factor",
      wholeOption("max-factor", "Largest size, times the file's own [default: 8]", 2, 1000),
    )
    .option("reps", wholeOption("reps", "Most replications of a size under each loss [default: 16]", 4, 1000))
    .option("curve", {
      type: "boolean",
      default: true,
      describe: "Simulate how availability depends on headroom; --no-curve saves the time",
    })
    .option("jobs", JOBS_OPTION)
    .option("seed", { type: "string", requiresArg: true, describe: "Use this seed instead of the file's" })
    .option("set", SET_OPTION)
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Folder for the sized files, replaced as a whole [default: reports/<scenario>-size]",
    })
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the sizing document to this file, or to stdout for -; with - no folder unless --out",
    })
    .option("html", {
      type: "boolean",
      default: false,
      describe: "Write report.html, one self-contained file",
    })
    .option("quiet", { type: "boolean", default: false, describe: "Only the folder and errors" })
    .option("progress", {
      choices: ["auto", "plain", "none"] as const,
      default: "auto" as const,
      describe: "Each size as it is tried; nothing",
    });
}
