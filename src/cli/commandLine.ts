/**
 * The command line: how words are read, and what is said when they cannot be. Commands are listed in commandList.ts and
 * each is a file of its own, imported when it is called, so that asking for help costs no more than answering.
 */
import yargs, { type Argv } from "yargs";
import { VERSION } from "../version.js";
import { COMMANDS } from "./commandList.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import { UsageError } from "./failures.js";

const HELP_WIDTH = 100;

/** Only --set, --place, --of, --gateway and the names of files may be said more than once; of two seeds neither is the right one. */
function assertGivenOnce(args: Readonly<Record<string, unknown>>): boolean {
  for (const [name, value] of Object.entries(args)) {
    if (
      !Array.isArray(value) ||
      ["_", "set", "files", "place", "of", "objective", "knob", "gateway", "target"].includes(name)
    )
      continue;
    throw new UsageError(`--${name} is given ${value.length} times`);
  }
  return true;
}

/** The parser's words in ours: it counts arguments where a reader wants to know what they are. */
function complaint(message: string): string {
  const [, got, needed] =
    /^Not enough non-option arguments: got (\d+), need at least (\d+)$/.exec(message) ?? [];
  if (got === undefined) return message;
  return `an argument is missing: got ${got} of ${needed}; --help after the command names them`;
}

function settings(argv: readonly string[]): Argv {
  return (
    yargs([...argv])
      .scriptName("regionsim")
      // The same words for everyone: a message is something to search for.
      .locale("en")
      .parserConfiguration({
        "dot-notation": false,
        "parse-numbers": false,
        "parse-positional-numbers": false,
      })
      .usage(
        "$0 <command>\n\nWhat happens to a multi-region LLM application when a region, provider or path fails.",
      )
      .version(VERSION)
      .alias("h", "help")
      .wrap(HELP_WIDTH)
      .strict()
      .recommendCommands()
      .demandCommand(1, "missing command; regionsim --help lists them")
      .check(assertGivenOnce)
      .showHelpOnFail(false)
      .exitProcess(false)
      .fail((message: string | null, error: Error | null | undefined) => {
        if (error !== undefined && error !== null && error.name !== "YError") throw error;
        throw new UsageError(complaint(message ?? error?.message ?? "the command line is invalid"));
      })
      .epilogue(
        "Exit codes: 0 ok, 1 internal error, 2 usage, 3 invalid input, 4 objective failed or violation possible, 5 regression, 6 verify mismatch, 7 incomplete sweep, 130 interrupted.",
      )
  );
}

/** Runs the command `argv` names and returns the process's exit code. Throws what failures.ts lists. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  let line = settings(argv);
  for (const add of COMMANDS) {
    line = add(line, (ended) => {
      code = ended;
    });
  }
  await line.completion("completion", "Print a completion script for bash or zsh").parseAsync();
  return code;
}
