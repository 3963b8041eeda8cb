/**
 * The words of the command line. Only names and options live here: each command is a file of its own,
 * imported when it is called, so that asking for help costs no more than answering.
 */
import yargs, { type Argv } from "yargs";
import { BANDWIDTH_GB_PER_S, type GpuName } from "../experiment/calibrate/kvPhysics.js";
import { VERSION } from "../version.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import { UsageError } from "./failures.js";
import { importOptions } from "./importOptions.js";

const HELP_WIDTH = 100;

function initOptions(y: Argv) {
  return y
    .positional("file", { type: "string", default: "scenario.yaml", describe: "Where to write it" })
    .option("template", {
      choices: ["active-active", "active-passive"] as const,
      default: "active-active" as const,
      describe: "Which deployment to start from",
    })
    .option("force", { type: "boolean", default: false, describe: "Overwrite an existing file" });
}

function validateOptions(y: Argv) {
  return y
    .positional("files", { type: "string", array: true, demandOption: true, describe: "Scenario files" })
    .option("format", {
      choices: ["text", "json", "github"] as const,
      default: "text" as const,
      describe: "text on stderr; json or github annotations on stdout",
    });
}

function artefactOptions<T>(y: Argv<T>) {
  return y
    .option("html", {
      type: "boolean",
      default: false,
      describe: "Write report.html, one self-contained file",
    })
    .option("csv", { type: "boolean", default: false, describe: "Write tables/*.csv" })
    .option("svg", { type: "boolean", default: false, describe: "Write charts/*.svg" });
}

const SET_OPTION = {
  type: "string",
  default: [] as string[],
  requiresArg: true,
  coerce: (given: string | string[]): string[] => [given].flat(),
  describe: "path=value: change one thing in the scenario; may be repeated",
} as const;

function runOptions(y: Argv) {
  return artefactOptions(
    y
      .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
      .option("seed", { type: "string", requiresArg: true, describe: "Use this seed instead of the file's" })
      .option("set", SET_OPTION)
      .option("out", {
        type: "string",
        requiresArg: true,
        describe: "Result folder, replaced as a whole [default: reports/<scenario>]",
      })
      .option("json", {
        type: "string",
        requiresArg: true,
        describe: "Write the result document to this file, or to stdout for -; with - no folder unless --out",
      }),
  )
    .option("quiet", { type: "boolean", default: false, describe: "Only the report's path and errors" })
    .option("progress", {
      choices: ["auto", "plain", "none"] as const,
      default: "auto" as const,
      describe: "A bar on a terminal, lines elsewhere; always lines; nothing",
    });
}

function reportOptions(y: Argv) {
  return artefactOptions(
    y
      .positional("result", { type: "string", demandOption: true, describe: "result.json, or its folder" })
      .option("out", {
        type: "string",
        requiresArg: true,
        describe: "Folder to write [default: the result's own folder]",
      }),
  );
}

function verifyOptions(y: Argv) {
  return y
    .positional("result", { type: "string", demandOption: true, describe: "result.json, or its folder" })
    .option("scenario", {
      type: "string",
      requiresArg: true,
      describe: "Scenario to re-run [default: the copy beside the result]",
    });
}

function auditOptions(y: Argv) {
  return y
    .positional("file", { type: "string", demandOption: true, describe: "Scenario, YAML or JSON" })
    .option("set", SET_OPTION)
    .option("json", {
      type: "string",
      requiresArg: true,
      describe: "Write the whole document to this file, or to stdout for -",
    })
    .option("markdown", {
      type: "string",
      requiresArg: true,
      describe: "Write tables to read and sign to this file, or to stdout for -",
    })
    .option("format", {
      choices: ["text", "github"] as const,
      default: "text" as const,
      describe: "What goes to stdout: text, or github annotations",
    })
    .option("fail-on", {
      type: "string",
      default: "violation",
      requiresArg: true,
      describe:
        "What ends with exit code 4, with commas: violation, stranded, single-point, refusal, note; or nothing",
    })
    .option("all", { type: "boolean", default: false, describe: "Every line and every place, none counted" });
}

/** A number within bounds; anything else is a mistake in the command line, not in a file. */
function numberOption(describe: string, least: number, isWhole: boolean) {
  return {
    type: "string",
    requiresArg: true,
    describe,
    coerce: (given: string | undefined): number | undefined => {
      if (given === undefined || Array.isArray(given)) return given as undefined;
      const value = Number(given);
      const isRight =
        given.trim() !== "" && value >= least && value <= 1e9 && (!isWhole || Number.isInteger(value));
      if (isRight) return value;
      const kind = isWhole ? "a whole number" : "a number";
      throw new UsageError(
        `${JSON.stringify(given)} must be ${kind} from ${least} to 1000000000: ${describe}`,
      );
    },
  } as const;
}

function calibrateOptions(y: Argv) {
  return y
    .positional("log", {
      type: "string",
      demandOption: true,
      describe:
        "CSV: arrival_ms, first_token_ms, last_token_ms, input_tokens, output_tokens[, cached_tokens][, replica]",
    })
    .option("out", {
      type: "string",
      requiresArg: true,
      describe: "Preset file to write, with a picture beside it [default: <log>.preset.json]",
    })
    .option("id", { type: "string", requiresArg: true, describe: "Name of the preset [default: the log's]" })
    .option("fit-kv", {
      type: "boolean",
      default: false,
      describe: "Fit the cost of context too, not by physics",
    })
    .option("kv-ns", numberOption("Cost of a token of context, ns per step", 0, false))
    .option("kv-bytes-per-token", numberOption("Physics: keys and values of a token, bytes", 1, false))
    .option(
      "tensor-parallel",
      numberOption("Physics: accelerators that share a replica [default: 1]", 1, true),
    )
    .option("gpu", {
      choices: Object.keys(BANDWIDTH_GB_PER_S) as GpuName[],
      requiresArg: true,
      describe: "Physics: accelerator, for its memory bandwidth",
    })
    .option("bandwidth", numberOption("Physics: memory bandwidth of one accelerator, GB/s", 1, false))
    .option(
      "kv-tokens",
      numberOption("Memory of a replica, tokens of context [default: from the log]", 1, true),
    )
    .option(
      "max-seqs",
      numberOption("Sequences a replica works on at once [default: from the log, or 256]", 1, true),
    )
    .option("max-batched-tokens", numberOption("Tokens in one step [default: 8192]", 1, true))
    .option("kv-block", numberOption("Tokens in a block of memory [default: 16]", 1, true));
}

/** Only --set, --place and the names of files may be said more than once; of two seeds neither is the right one. */
function assertGivenOnce(args: Readonly<Record<string, unknown>>): boolean {
  for (const [name, value] of Object.entries(args)) {
    if (!Array.isArray(value) || ["_", "set", "files", "place"].includes(name)) continue;
    throw new UsageError(`--${name} is given ${value.length} times`);
  }
  return true;
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
        throw new UsageError(message ?? error?.message ?? "the command line is invalid");
      })
      .epilogue(
        "Exit codes: 0 ok, 1 internal error, 2 usage, 3 invalid input, 4 objective failed, 6 verify mismatch, 130 interrupted.",
      )
  );
}

/** Runs the command `argv` names and returns the process's exit code. Throws what failures.ts lists. */
export async function runCommandLine(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  await settings(argv)
    .command("init [file]", "Write a small commented scenario to start from", initOptions, async (args) => {
      code = await (await import("./commands/init.js")).init(args);
    })
    .command(
      "validate <files..>",
      "Report every mistake in scenario files",
      validateOptions,
      async (args) => {
        code = await (await import("./commands/validate.js")).validate(args);
      },
    )
    .command("run <file>", "Simulate a scenario and write its report", runOptions, async (args) => {
      code = await (await import("./commands/run.js")).run(args);
    })
    .command(
      "audit <file>",
      "Prove where prompts can ever be, or say how they leak",
      auditOptions,
      async (args) => {
        code = await (await import("./commands/audit.js")).audit(args);
      },
    )
    .command("report <result>", "Render a stored result again", reportOptions, async (args) => {
      code = await (await import("./commands/report.js")).report(args);
    })
    .command("verify <result>", "Run a stored result again and compare", verifyOptions, async (args) => {
      code = await (await import("./commands/verify.js")).verify(args);
    })
    .command(
      "calibrate <log>",
      "Fit the step times of replicas to a request log",
      calibrateOptions,
      async (args) => {
        code = await (await import("./commands/calibrate.js")).calibrate(args);
      },
    )
    .command(
      "import <system> <file>",
      "Make a scenario of a LiteLLM, Portkey or Envoy configuration",
      importOptions,
      async (args) => {
        code = await (await import("./commands/import.js")).importFile(args);
      },
    )
    .command("schema", "Print the JSON Schema of scenario files", {}, async () => {
      code = await (await import("./commands/schema.js")).schema();
    })
    .completion("completion", "Print a completion script for bash or zsh")
    .parseAsync();
  return code;
}
