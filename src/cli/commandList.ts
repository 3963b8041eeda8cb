/** Every command: its words, its options, and the file that knows the rest, imported when it is called. */
import type { ArgumentsCamelCase, Argv } from "yargs";
import type { ExitCode } from "./exitCodes.js";
import { auditOptions } from "./options/auditOptions.js";
import { calibrateOptions } from "./options/calibrateOptions.js";
import { compareOptions } from "./options/compareOptions.js";
import { drillOptions } from "./options/drillOptions.js";
import { initOptions, schemaOptions, validateOptions } from "./options/fileOptions.js";
import { gatewayOptions } from "./options/gatewayOptions.js";
import { importOptions } from "./options/importOptions.js";
import { queryOptions } from "./options/queryOptions.js";
import { replayDecisionsOptions } from "./options/replayDecisionsOptions.js";
import { reportOptions, verifyOptions } from "./options/resultOptions.js";
import { runOptions } from "./options/runOptions.js";
import { sizeOptions } from "./options/sizeOptions.js";
import { sweepCommands } from "./options/sweepCommands.js";
import { workerOptions } from "./options/workerOptions.js";

/** Adds one command to the parser; `end` is told the exit code of the one that ran. */
export type AddCommand = (y: Argv, end: (code: ExitCode) => void) => Argv;

function command<Options>(
  form: string,
  about: string,
  options: (y: Argv) => Argv<Options>,
  call: (args: ArgumentsCamelCase<Options>) => Promise<ExitCode>,
): AddCommand {
  return (y, end) => y.command(form, about, options, async (args) => end(await call(args)));
}

/** In the order in which the help lists them. */
export const COMMANDS: readonly AddCommand[] = [
  command("init [file]", "Write a small commented scenario to start from", initOptions, async (args) =>
    (await import("./commands/init.js")).init(args),
  ),
  command("validate <files..>", "Report every mistake in scenario files", validateOptions, async (args) =>
    (await import("./commands/validate.js")).validate(args),
  ),
  command("run <file>", "Simulate a scenario and write its report", runOptions, async (args) =>
    (await import("./commands/run.js")).run(args),
  ),
  command(
    "compare <files..>",
    "Say what differs between deployments, under the same luck",
    compareOptions,
    async (args) => (await import("./commands/compare.js")).compare(args),
  ),
  command(
    "audit <file>",
    "Prove where prompts can ever be, or say how they leak",
    auditOptions,
    async (args) => (await import("./commands/audit.js")).audit(args),
  ),
  command(
    "size <file>",
    "Find the least capacity that survives the loss of regions",
    sizeOptions,
    async (args) => (await import("./commands/size.js")).size(args),
  ),
  command("report <result>", "Render a stored result again", reportOptions, async (args) =>
    (await import("./commands/report.js")).report(args),
  ),
  command("verify <result>", "Run a stored result again and compare", verifyOptions, async (args) =>
    (await import("./commands/verify.js")).verify(args),
  ),
  command(
    "calibrate <log>",
    "Fit the step times of replicas to a request log",
    calibrateOptions,
    async (args) => (await import("./commands/calibrate.js")).calibrate(args),
  ),
  command(
    "import <system> <file>",
    "Make a scenario of a LiteLLM, Portkey or Envoy configuration",
    importOptions,
    async (args) => (await import("./commands/import.js")).importFile(args),
  ),
  command("query <results> <sql>", "Ask the tables of a run or a sweep in SQL", queryOptions, async (args) =>
    (await import("./commands/query.js")).query(args),
  ),
  (y, end) =>
    y.command("sweep", "Make the runs of a plan, or a share of them", (below) => sweepCommands(below, end)),
  command("worker", "Run segments of sweeps that others send to a backend", workerOptions, async (args) =>
    (await import("./commands/worker.js")).worker(args),
  ),
  command("gateway <file>", "Run the gateways of a scenario on real traffic", gatewayOptions, async (args) =>
    (await import("./commands/gateway.js")).gateway(args),
  ),
  command("drill <file>", "Run the real gateways beside the simulator", drillOptions, async (args) =>
    (await import("./commands/drill.js")).drill(args),
  ),
  command(
    "replay-decisions <log>",
    "Decide again what a gateway decided, by the same rules or others",
    replayDecisionsOptions,
    async (args) => (await import("./commands/replayDecisions.js")).replayDecisions(args),
  ),
  command(
    "schema [of]",
    "Print the JSON Schema of scenarios or plans, or what results hold",
    schemaOptions,
    async (args) => (await import("./commands/schema.js")).schema(args),
  ),
];
