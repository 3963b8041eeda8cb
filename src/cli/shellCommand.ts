/** Commands as a reader can paste them. */

/** `words` as one line for a POSIX shell. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellWord).join(" ");
}

/** A share as options take one: `5%`, `99.9%`. */
export function percentWord(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`;
}

function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
