/** Commands as a reader can paste them. */
import { shellQuoted } from "../report/recipes/recipe.js";

/** `words` as one line for a POSIX shell. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuoted).join(" ");
}

/** A share as options take one: `5%`, `99.9%`. */
export function percentWord(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}
