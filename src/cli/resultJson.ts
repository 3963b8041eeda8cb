/**
 * JSON laid out for people and for `diff`: two-space indentation, but a list of plain values stays on one
 * line, so a series of thousands of numbers is one line and not thousands. Same value, same bytes.
 */
type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

function isPlain(value: Json): boolean {
  return value === null || typeof value !== "object";
}

function layOut(value: Json, indent: string): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (items.every(isPlain)) return `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
    return `[\n${items.map((item) => inner + layOut(item, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value as { readonly [key: string]: Json }).filter(
    ([, item]) => item !== undefined,
  );
  if (entries.length === 0) return "{}";
  const rows = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${layOut(item, inner)}`);
  return `{\n${rows.join(",\n")}\n${indent}}`;
}

/** `value` as JSON text with a final newline. Anything that is plain JSON data may be given. */
export function jsonText(value: object): string {
  return `${layOut(value as Json, "")}\n`;
}
