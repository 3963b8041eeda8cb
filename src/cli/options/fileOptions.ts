/** The options of `init`, `validate` and `schema`, which only read and write files. */
import type { Argv } from "yargs";
import type { InitArguments } from "../commands/init.js";
import type { SchemaArguments } from "../commands/schema.js";
import type { ValidateArguments } from "../commands/validate.js";
import type { Typed } from "./kebab.js";

/** What `regionsim init` takes. */
export function initOptions(y: Argv): Argv<Typed<InitArguments>> {
  return y
    .positional("file", { type: "string", default: "scenario.yaml", describe: "Where to write it" })
    .option("template", {
      choices: ["active-active", "active-passive"] as const,
      default: "active-active" as const,
      describe: "Which deployment to start from",
    })
    .option("force", { type: "boolean", default: false, describe: "Overwrite an existing file" });
}

/** What `regionsim validate` takes. */
export function validateOptions(y: Argv): Argv<Typed<ValidateArguments>> {
  return y
    .positional("files", { type: "string", array: true, demandOption: true, describe: "Scenario files" })
    .option("format", {
      choices: ["text", "json", "github"] as const,
      default: "text" as const,
      describe: "text on stderr; json or github annotations on stdout",
    });
}

/** What `regionsim schema` takes. */
export function schemaOptions(y: Argv): Argv<Typed<SchemaArguments>> {
  return y.positional("of", {
    choices: ["scenario", "plan", "results"] as const,
    default: "scenario" as const,
    describe: "Scenario files, sweep plans, or the columns of a sweep's tables",
  });
}
