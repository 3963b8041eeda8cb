/** Shapes of JSON documents, and the first thing that does not fit one. */

/**
 * A leaf by name; a list by its item in `[]`; a record of equal values under the key `*`; what may be null under `?`; else
 * fields, of which those whose name ends in `?` may be left out.
 */
export type Shape =
  | "text"
  | "number"
  | "number?"
  | "flag"
  | "null"
  | "scalar"
  | readonly [Shape]
  | { readonly [key: string]: Shape };

/** The first thing that does not fit: `<path> must be <rule>`. */
export interface ShapeProblem {
  readonly path: string;
  readonly message: string;
}

const leaves: Readonly<
  Record<string, { readonly rule: string; readonly fits: (value: unknown) => boolean }>
> = {
  text: { rule: "a text", fits: (value) => typeof value === "string" },
  number: { rule: "a number", fits: (value) => typeof value === "number" },
  "number?": { rule: "a number or null", fits: (value) => value === null || typeof value === "number" },
  flag: { rule: "true or false", fits: (value) => typeof value === "boolean" },
  null: { rule: "null", fits: (value) => value === null },
  scalar: {
    rule: "a number or a text",
    fits: (value) => typeof value === "number" || typeof value === "string",
  },
};

/** The first place, in document order, at which `value` is not of `shape`; null when it is. */
export function shapeProblem(value: unknown, shape: Shape, path: string): ShapeProblem | null {
  if (typeof shape === "string") {
    const leaf = leaves[shape]!;
    return leaf.fits(value) ? null : { path, message: `${path} must be ${leaf.rule}` };
  }
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return { path, message: `${path} must be a list` };
    return firstProblem(value.map((item, i) => [item, shape[0] as Shape, `${path}[${i}]`]));
  }
  const { "?": whenGiven } = shape as { readonly "?"?: Shape };
  if (whenGiven !== undefined) return value === null ? null : shapeProblem(value, whenGiven, path);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { path, message: `${path || "the document"} must be an object` };
  }
  const fields = shape as { readonly [key: string]: Shape };
  const record = value as Record<string, unknown>;
  const below = (key: string): string => (path === "" ? key : `${path}.${key}`);
  const every = fields["*"];
  if (every !== undefined)
    return firstProblem(Object.keys(record).map((key) => [record[key], every, below(key)]));
  return firstProblem(
    Object.entries(fields).flatMap(([key, field]) => {
      const name = key.endsWith("?") ? key.slice(0, -1) : key;
      return name !== key && record[name] === undefined ? [] : [[record[name], field, below(name)]];
    }),
  );
}

function firstProblem(parts: readonly (readonly [unknown, Shape, string])[]): ShapeProblem | null {
  for (const [value, shape, path] of parts) {
    const problem =
      value === undefined ? { path, message: `${path} is missing` } : shapeProblem(value, shape, path);
    if (problem !== null) return problem;
  }
  return null;
}
