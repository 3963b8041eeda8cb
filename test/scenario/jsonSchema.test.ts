import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { scenarioJsonSchema } from "../../src/scenario/index.js";
import type { JsonSchema } from "../../src/scenario/jsonSchema.js";

const committed = readFileSync(new URL("../../scenarios/scenario.schema.json", import.meta.url), "utf8");

test("the committed JSON Schema is the one the loader's schema makes", () => {
  expect(committed).toBe(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
});

test("every property of the JSON Schema says what it is", () => {
  const silent: string[] = [];
  const walk = (schema: JsonSchema, path: string): void => {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (property.description === undefined && property.$ref === undefined) silent.push(`${path}.${name}`);
      walk(property, `${path}.${name}`);
    }
    for (const form of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])])
      walk(form, path);
    if (typeof schema.additionalProperties === "object") walk(schema.additionalProperties, `${path}.*`);
    if (schema.items !== undefined && !Array.isArray(schema.items)) walk(schema.items, `${path}[]`);
    for (const [name, definition] of Object.entries(schema.definitions ?? {})) walk(definition, name);
  };
  walk(scenarioJsonSchema(), "");
  expect(silent).toEqual([]);
});

test("the JSON Schema is draft-07, which editors' YAML servers read", () => {
  expect(scenarioJsonSchema().$schema).toBe("http://json-schema.org/draft-07/schema#");
});
