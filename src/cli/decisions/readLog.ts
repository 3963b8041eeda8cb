/** A decision log from disk, step by step: it may be larger than memory. */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { PolicyError, readStep, type Step, TornLine } from "../../policy/index.js";
import { InvalidInputError } from "../failures.js";

/** A step and where it stands. */
export interface LoggedStep {
  readonly step: Step;
  /** Counted from 1. */
  readonly line: number;
}

/**
 * The steps of the log at `path`. A line that is not whole is told to `warn` where a process may have been killed over it:
 * as the last one, or before a beginning. Any other mistake ends the reading with its line.
 */
export async function* readLog(path: string, warn: (sentence: string) => void): AsyncGenerator<LoggedStep> {
  const input = createReadStream(path, { encoding: "utf8" });
  let line = 0;
  let tornAt = 0;
  try {
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      line += 1;
      if (text === "") continue;
      const step = stepOf(path, text, line);
      if (tornAt > 0) endTorn(path, tornAt, step, warn);
      tornAt = step === null ? line : 0;
      if (step !== null) yield { step, line };
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw mistake(path, 1, `cannot be read: ${error.code === "ENOENT" ? "no such file" : error.message}`);
  }
  if (tornAt > 0) warn(`${path}:${tornAt}: the last line is not whole and was left out`);
}

function stepOf(path: string, text: string, line: number): Step | null {
  try {
    return readStep(text);
  } catch (error) {
    if (error instanceof TornLine) return null;
    throw error instanceof PolicyError ? mistake(path, line, error.message) : error;
  }
}

function endTorn(path: string, line: number, next: Step | null, warn: (sentence: string) => void): void {
  if (next?.step !== "begin") throw mistake(path, line, "the line is not JSON");
  warn(`${path}:${line}: a line is not whole, as when a process is killed, and was left out`);
}

/** One mistake in a log. */
export function mistake(file: string, line: number, message: string): InvalidInputError {
  return new InvalidInputError([
    { file, line, column: 1, path: "", code: "invalid-value", message, value: "" },
  ]);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
