/**
 * The words of the command line. Only names and options live here and in options/: each command is a file of its own,
 * imported when it is called, so that asking for help costs no more than answering.
 */
import yargs, { type Argv } from "yargs";
import { VERSION } from "../version.js";
import { EXIT, type ExitCode } from "./exitCodes.js";
import { UsageError } from "./failures.js";
import { auditOptions } from "./options/auditOptions.js";
import { calibrateOptions } from "./options/calibrateOptions.js";
import { ciOptions } from "./options/ciOptions.js";
import { compareOptions } from "./options/compareOptions.js";
import { importOptions } from "./options/importOptions.js";
import { shareOption } from "./options/numberOptions.js";
import { queryOptions } from "./options/queryOptions.js";
import { replicationOptions } from "./options/replicationOptions.js";
import { SET_OPTION } from "./options/setOption.js";
import { sizeOptions } from "./options/sizeOptions.js";
import { sweepCommands } from "./options/sweepCommands.js";
import { workerOptions } from "./options/workerOptions.js";

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

function runOptions(y: Argv) {
  return ciOptions(steadyOptions(replicationOptions(singleRunOptions(y))));
}

function steadyOptions<T>(y: Argv<T>) {
  return y
    .option(
      "steady",
      shareOption(
        "steady",
        "Say whether one run without faults is long enough to know its means by this: 5%",
      ),
    )
    .option("warmup", {
      choices: ["auto"] as const,
      describe: "Set the warm-up to where a trial run without one had settled (MSER-5); no faults allowed",
    });
}

function singleRunOptions(y: Argv) {
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

function schemaOptions(y: Argv) {
  return y.positional("of", {
    choices: ["scenario", "plan", "results"] as const,
    default: "scenario" as const,
    describe: "Scenario files, sweep plans, or the columns of a sweep's tables",
  });
}

/** Only --set, --place, --of and the names of files may be said more than once; of two seeds neither is the right one. */
function assertGivenOnce(args: Readonly<Record<string, unknown>>): boolean {
  for (const [name, value] of Object.entries(args)) {
    if (!Array.isArray(value) || ["_", "set", "files", "place", "of", "objective", "knob"].includes(name))
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
        "Exit codes: 0 ok, 1 internal error, 2 usage, 3 invalid input, 4 objective failed or violation possible, 5 regression, 6 verify mismatch, 130 interrupted.",
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
      "compare <files..>",
      "Say what differs between deployments, under the same luck",
      compareOptions,
      async (args) => {
        code = await (await import("./commands/compare.js")).compare(args);
      },
    )
    .command(
      "audit <file>",
      "Prove where prompts can ever be, or say how they leak",
      auditOptions,
      async (args) => {
        code = await (await import("./commands/audit.js")).audit(args);
      },
    )
    .command(
      "size <file>",
      "Find the least capacity that survives the loss of regions",
      sizeOptions,
      async (args) => {
        code = await (await import("./commands/size.js")).size(args);
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
    .command(
      "query <results> <sql>",
      "Ask the tables of a run or a sweep in SQL",
      queryOptions,
      async (args) => {
        code = await (await import("./commands/query.js")).query(args);
      },
    )
    .command("sweep", "Make the runs of a plan, or a share of them", (y) =>
      sweepCommands(y, (ended) => {
        code = ended;
      }),
    )
    .command(
      "worker",
      "Run segments of sweeps that others send to a backend",
      workerOptions,
      async (args) => {
        code = await (await import("./commands/worker.js")).worker(args);
      },
    )
    .command(
      "schema [of]",
      "Print the JSON Schema of scenarios or plans, or the columns of results",
      schemaOptions,
      async (args) => {
        code = await (await import("./commands/schema.js")).schema(args);
      },
    )
    .completion("completion", "Print a completion script for bash or zsh")
    .parseAsync();
  return code;
}
