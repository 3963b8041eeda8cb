/** The options of `regionsim import`. */
import type { Argv } from "yargs";
import type { ImportArguments } from "../commands/import.js";

/** What `regionsim import` takes. */
export function importOptions(y: Argv): Argv<ImportArguments> {
  return y
    .positional("system", {
      choices: ["litellm", "portkey", "envoy"] as const,
      demandOption: true,
      describe: "Whose configuration it is; envoy reads Envoy AI Gateway's too",
    })
    .positional("file", { type: "string", demandOption: true, describe: "The configuration" })
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Scenario file to write [default: stdout]",
    })
    .option("force", { type: "boolean", default: false, describe: "Overwrite an existing file" })
    .option("strict", { type: "boolean", default: false, describe: "Keys nothing was made of are errors" })
    .option("place", {
      type: "string",
      default: [] as string[],
      requiresArg: true,
      coerce: (given: string | string[]): string[] => [given].flat(),
      describe: "id=place: where an endpoint processes, such as azure-eu=EU; may be repeated",
    })
    .option("format", {
      choices: ["text", "json"] as const,
      default: "text" as const,
      describe: "text: the scenario on stdout, notes on stderr; json: all of it on stdout",
    });
}
