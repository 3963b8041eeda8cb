/** The options of `report` and `verify`, which begin with a stored result. */
import type { Argv } from "yargs";
import type { ReportArguments } from "../commands/report.js";
import type { VerifyArguments } from "../commands/verify.js";
import { artefactOptions } from "./artefactOptions.js";
import type { Typed } from "./kebab.js";

/** What `regionsim report` takes. */
export function reportOptions(y: Argv): Argv<Typed<ReportArguments>> {
  return artefactOptions(
    y
      .positional("result", { type: "string", demandOption: true, describe: "result.json, or its folder" })
      .option("out", {
        type: "string",
        requiresArg: true,
        describe: "Folder to write [default: the result's own folder]",
      }),
  );
}

/** What `regionsim verify` takes. */
export function verifyOptions(y: Argv): Argv<Typed<VerifyArguments>> {
  return y
    .positional("result", { type: "string", demandOption: true, describe: "result.json, or its folder" })
    .option("scenario", {
      type: "string",
      requiresArg: true,
      describe: "Scenario to re-run [default: the copy beside the result]",
    });
}
