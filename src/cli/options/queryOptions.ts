/** The options of `regionsim query`. */
import type { Argv } from "yargs";
import type { QueryArguments } from "../commands/query.js";
import type { Typed } from "./kebab.js";

/** What `regionsim query` takes. */
export function queryOptions(y: Argv): Argv<Typed<QueryArguments>> {
  return y
    .positional("results", {
      type: "string",
      demandOption: true,
      describe: "Folder of a run or of a collected sweep, result.json, or a Parquet file",
    })
    .positional("sql", { type: "string", demandOption: true, describe: "A question for DuckDB" })
    .option("format", {
      choices: ["text", "csv", "json"] as const,
      default: "text" as const,
      describe: "Aligned columns, CSV, or JSON",
    });
}
