/** What goes where: results to stdout when asked for, everything else to stderr. */
import { writeSync } from "node:fs";

const STDERR = 2;

/** Writes one line to stderr; a reader that has gone away is not our problem. */
export function note(line: string): void {
  try {
    writeSync(STDERR, `${line}\n`);
  } catch {
    // Nobody is listening, and there is nowhere else to say so.
  }
}

/** Writes to stdout; resolves once it is handed over, so that nothing is lost when the process ends. */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/**
 * Ends quietly when the reader of stdout has had enough (`regionsim schema | head`): what was asked for
 * was delivered as far as it was wanted.
 */
export function endOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
}

/**
 * Whether to colour what goes to `stream`: `NO_COLOR` (any value) forbids, then `FORCE_COLOR` (other
 * than `0`) demands, then terminals get colour and pipes do not.
 */
export function wantsColour(stream: { readonly isTTY?: boolean }): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return stream.isTTY === true && TERM !== "dumb";
}
