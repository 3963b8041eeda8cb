/** `regionsim schema`: the JSON Schema of scenario files, for editors. */
import { scenarioJsonSchema } from "../../scenario/index.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { writeOut } from "../terminal.js";

/** Prints the schema, draft-07, to stdout. */
export async function schema(): Promise<ExitCode> {
  await writeOut(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  return EXIT.ok;
}
