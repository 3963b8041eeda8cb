import type { Malformed } from "./base.js";

/** A case in one line: what is wrong, its code, what to find, what to put there with the mark, what is suggested. */
export type Row = readonly [name: string, code: string, find: string, replace: string, suggests?: string];

/** Rows as cases, each told as one mistake. */
export function casesOf(rows: readonly Row[]): readonly Malformed[] {
  return rows.map(([name, code, find, replace, suggests]) => ({
    name,
    code,
    edits: [[find, replace]],
    ...(suggests === undefined ? {} : { suggests }),
  }));
}
