/** `regionsim schema`: the JSON Schema of scenarios and plans, for editors, and what the columns of tables mean. */
import { EXIT, type ExitCode } from "../exitCodes.js";
import { jsonText } from "../resultJson.js";
import { writeOut } from "../terminal.js";

/** Arguments of {@link schema}. */
export interface SchemaArguments {
  readonly of: "scenario" | "plan" | "results";
}

/** Prints to stdout: a JSON Schema, draft-07, or for `results` a list of columns by file. */
export async function schema({ of }: SchemaArguments): Promise<ExitCode> {
  await writeOut(await textOf(of));
  return EXIT.ok;
}

async function textOf(of: SchemaArguments["of"]): Promise<string> {
  switch (of) {
    case "scenario": {
      const { scenarioJsonSchema } = await import("../../scenario/index.js");
      return `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
    }
    case "plan": {
      const { planJsonSchema } = await import("../../scenario/planSchema.js");
      return `${JSON.stringify(planJsonSchema(), null, 2)}\n`;
    }
    case "results": {
      const { describedTables } = await import("../../result/describedTables.js");
      return jsonText(describedTables());
    }
  }
}
