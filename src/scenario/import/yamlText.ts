/** Writing YAML that a person goes on with: block style, plain words where that is safe, comments where they belong. */

const PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/;
const RESERVED: readonly string[] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/** A text as a scalar: plain where nobody could take it for anything else, else in quotes. */
export function scalar(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  const isPlain = PLAIN.test(value) && !RESERVED.includes(value.toLowerCase());
  return isPlain ? value : JSON.stringify(value);
}

/** A text for a comment: one line, whatever it came from. */
export function comment(text: string): string {
  return `# ${text.replaceAll(/\s+/g, " ")}`;
}

/** The lines of a value, each with the indent. Undefined, empty lists and empty mappings are left out by their owner. */
export function blockLines(value: unknown, indent: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, indent));
  if (value === null || typeof value !== "object") return [`${indent}${leaf(value)}`];
  return Object.entries(value).flatMap(([key, each]) => {
    if (isNothing(each)) return [];
    const name = scalar(key);
    if (isFlat(each)) return [`${indent}${name}: ${flow(each)}`];
    return [`${indent}${name}:`, ...blockLines(each, `${indent}  `)];
  });
}

function itemLines(item: unknown, indent: string): readonly string[] {
  if (isFlat(item)) return [`${indent}- ${flow(item)}`];
  const lines = blockLines(item, `${indent}  `);
  return lines.map((line, i) => (i === 0 ? `${indent}- ${line.slice(indent.length + 2)}` : line));
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

/** Scalars, and mappings and lists of scalars: short enough for one line. */
function isFlat(value: unknown): boolean {
  if (value === null || typeof value !== "object") return true;
  return Object.values(value).every((each) => each === null || typeof each !== "object" || isNothing(each));
}

function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(leaf).join(", ")}]`;
  if (value === null || typeof value !== "object") return leaf(value);
  const parts = Object.entries(value).flatMap(([key, each]) =>
    isNothing(each) ? [] : [`${scalar(key)}: ${leaf(each)}`],
  );
  return `{ ${parts.join(", ")} }`;
}

function leaf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? scalar(value)
    : JSON.stringify(value);
}
