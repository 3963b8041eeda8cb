#!/usr/bin/env node
/** The program: runs the command line, says what went wrong in one form, and ends with its exit code. */
import { VERSION } from "../version.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import { InvalidInputError, SimulationBug, UsageError, writeFailure } from "./failures.js";
import { HELP_TEXT } from "./helpText.js";
import { endOnClosedPipe, note, writeOut } from "./terminal.js";

/**
 * Ctrl-C and polite kills. Nothing needs undoing: results are written in one uninterrupted stretch, so a
 * signal finds either nothing or a complete directory.
 */
function endOnSignals(): void {
  process.on("SIGINT", () => {
    note("interrupted");
    process.exit(EXIT.interrupted);
  });
  process.on("SIGTERM", () => process.exit(EXIT.terminated));
}

async function explain(error: unknown): Promise<ExitCode> {
  if (error instanceof UsageError) {
    note(`regionsim: ${error.message}`);
    return EXIT.usage;
  }
  if (error instanceof InvalidInputError) {
    const { formatIssues } = await import("../scenario/index.js");
    note(formatIssues(error.issues, { format: "text" }).trimEnd());
    return EXIT.invalidInput;
  }
  const unwritable = writeFailure(error);
  if (unwritable !== null) {
    note(`regionsim: ${unwritable}`);
    return EXIT.usage;
  }
  const cause = error instanceof SimulationBug ? error.cause : error;
  note(`bug: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  if (error instanceof SimulationBug) note(`seed: ${error.seed}`);
  note("This is a mistake in regionsim. Please report it with the scenario.");
  return EXIT.internalError;
}

/** Help and version without loading anything; all else goes through the command line. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  const ready = { "--help": HELP_TEXT, "-h": HELP_TEXT, "--version": `${VERSION}\n` }[argv.join(" ")];
  if (ready === undefined) return (await import("./commandLine.js")).runCommandLine(argv);
  await writeOut(ready);
  return EXIT.ok;
}

endOnClosedPipe();
endOnSignals();
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = await explain(error);
}
