/** The options of `regionsim audit`. */
import type { Argv } from "yargs";
import type { AuditArguments } from "../commands/audit.js";
import { JUNIT_OPTION } from "./ciOptions.js";
import type { Typed } from "./kebab.js";
import { SET_OPTION } from "./setOption.js";

/** What `regionsim audit` takes. */
export function auditOptions(y: Argv): Argv<Typed<AuditArguments>> {
  return y
    .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
    .option("set", SET_OPTION)
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the whole document to this file, or to stdout for -",
    })
    .option("markdown", {
      type: "string",
      requiresArg: true,
      describe: "Write tables to read and sign to this file, or to stdout for -",
    })
    .option("junit", JUNIT_OPTION)
    .option("format", {
      choices: ["text", "github"] as const,
      default: "text" as const,
      describe: "What goes to stdout: text, or github annotations",
    })
    .option("fail-on", {
      type: "string",
      default: "violation",
      requiresArg: true,
      describe:
        "Exit with 4 for any of these, commas between: violation, stranded, single-point, refusal, note; or nothing",
    })
    .option("all", {
      type: "boolean",
      default: false,
      describe: "Name what the text would only count",
    });
}
