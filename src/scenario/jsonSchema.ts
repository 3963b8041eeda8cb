/**
 * The JSON Schema (draft-07, which editors' YAML servers read) of scenario files, made from the schema that loads them.
 */
import { z } from "zod";
import { scenarioFileSchema } from "./schema.js";

/** A JSON Schema document or part of one. */
export interface JsonSchema {
  $id?: string;
  $schema?: string;
  type?: string;
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema | JsonSchema[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  definitions?: Record<string, JsonSchema>;
  required?: string[];
  [keyword: string]: unknown;
}

/**
 * The schema as plain data, the same bytes every time. Blocks do not insist on their required keys here, because a file
 * that `extends` another need not repeat them; the loader does, when everything is in place.
 */
export function scenarioJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(scenarioFileSchema, { target: "draft-7", io: "input" }) as JsonSchema;
  for (const block of ["deployment", "workload"]) {
    for (const form of schema.properties?.[block]?.anyOf ?? []) delete form.required;
  }
  const { $schema, ...rest } = schema;
  return { ...($schema === undefined ? {} : { $schema }), $id: "regionsim/1", ...rest };
}
