/** Every strategy with each of its options at its ends, read off the schema that scenarios are read with. */
import { z } from "zod";
import type { StrategyConfig, StrategyName } from "../../src/policy/index.js";
import type { JsonSchema } from "../../src/scenario/jsonSchema.js";
import { strategyOptionSchemas } from "../../src/scenario/schemaStrategy.js";

/** Texts that may be an end of something: shares and times. Those that the option does not take are left out. */
const TEXTS = ["0%", "1%", "100%", "0s", "1ms", "1s", "10d", "none"];
/** Numbers that may lie just inside an end that is not stated as a number. */
const NUMBERS = [0, 1e-6, 0.5, 1, 2, 3, 1000, 1e9];
/** Ends that take too long to try, and what is tried instead: a table of five million slots takes seconds to make. */
const INSTEAD: Readonly<Record<string, readonly unknown[]>> = { "maglev.tableSize": [2, 3, 1009] };

/** The configurations: one option at an end, the others as they are. Throws when an option has no end that is taken. */
export function boundConfigs(name: StrategyName): StrategyConfig[] {
  const schema = strategyOptionSchemas[name] as z.ZodType;
  const json = z.toJSONSchema(schema, { target: "draft-7", io: "input" }) as JsonSchema;
  return Object.entries(json.properties ?? {}).flatMap(([option, form]) => {
    if (option === "kind") return [];
    const taken = [...new Set(INSTEAD[`${name}.${option}`] ?? endsOf(form))].flatMap((value) => {
      const result = schema.safeParse({ kind: name, [option]: value });
      return result.success ? [result.data as StrategyConfig] : [];
    });
    const distinct = [...new Map(taken.map((config) => [JSON.stringify(config), config])).values()];
    if (distinct.length < 2) throw new Error(`${name}.${option} has no two ends that are taken`);
    return [distinct[0]!, distinct[distinct.length - 1]!];
  });
}

function endsOf(form: JsonSchema): unknown[] {
  const forms = form.anyOf ?? form.oneOf;
  if (forms !== undefined) return forms.flatMap(endsOf);
  if (form.const !== undefined) return [form.const];
  if (Array.isArray(form.enum)) return form.enum as unknown[];
  if (form.type === "boolean") return [false, true];
  if (form.type === "string") return TEXTS;
  if (form.type === "object") return [{}, { r0: 0, r1: 3, "r2/z1": 1e9 }];
  const { minimum, maximum } = form;
  return [minimum, ...NUMBERS, maximum].filter((value) => typeof value === "number");
}
