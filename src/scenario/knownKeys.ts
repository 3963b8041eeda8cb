/**
 * Which keys may stand where, for suggestions, read off the JSON Schema so that the two cannot differ.
 */
import { type JsonSchema, scenarioJsonSchema } from "./jsonSchema.js";
import type { SourcePath } from "./sourceTree.js";

let cached: JsonSchema | undefined;

/**
 * The keys a mapping at `path` may have, in the order of the manual. Where several forms are possible: of those whose
 * `kind` is the one in `value`, or of all.
 */
export function knownKeys(path: SourcePath, value: unknown): readonly string[] {
  cached ??= scenarioJsonSchema();
  return keysIn(cached, path, value);
}

/** Like {@link knownKeys}, in files of another schema; one whose parts are not shared by reference. */
export function keysIn(schema: JsonSchema, path: SourcePath, value: unknown): readonly string[] {
  let forms = [schema];
  for (const step of path) forms = forms.flatMap((form) => below(form, step));
  const kind = value !== null && typeof value === "object" && "kind" in value ? value.kind : undefined;
  const flat = forms.flatMap(alternatives);
  const same = flat.filter((form) => form.properties?.kind?.const === kind && kind !== undefined);
  const keys = (same.length > 0 ? same : flat).flatMap((form) => Object.keys(form.properties ?? {}));
  return [...new Set(keys)];
}

function below(schema: JsonSchema, step: string | number): readonly JsonSchema[] {
  return alternatives(schema).flatMap((form): readonly JsonSchema[] => {
    if (typeof step === "number")
      return form.items === undefined || Array.isArray(form.items) ? [] : [form.items];
    if (form.properties !== undefined && Object.hasOwn(form.properties, step))
      return [form.properties[step]!];
    return typeof form.additionalProperties === "object" ? [form.additionalProperties] : [];
  });
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.$ref !== undefined) return alternatives(definition(schema.$ref));
  const forms = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  return forms === undefined ? [schema] : forms.flatMap(alternatives);
}

function definition(ref: string): JsonSchema {
  return cached?.definitions?.[ref.replace("#/definitions/", "")] ?? {};
}
