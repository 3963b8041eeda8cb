/** `regionsim run`: a scenario in, a result directory out. */
import { extname, join } from "node:path";
import type { ReplicationPlan } from "../../experiment/replicate/replicate.js";
import { untapedPart } from "../../model/index.js";
import { objectiveSuite } from "../../report/checkSuites.js";
import { summaryText } from "../../report/index.js";
import { runWords } from "../../report/stepWords.js";
import type { Result } from "../../result/result.js";
import type { Scenario } from "../../scenario/scenario.js";
import { renderArtefacts } from "../artefacts.js";
import { type CiArguments, placesOf, tellPipeline } from "../ciOutputs.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { makeManifest, portablePath } from "../manifest.js";
import type { ReplicationArguments } from "../options/replicationOptions.js";
import { createProgress, type ProgressMode } from "../progress.js";
import { replicationPlan, runReplications } from "../replications.js";
import { assertReplaceable, writeResultDirectory, writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { loadScenarioFile, type ScenarioFile } from "../scenarioFile.js";
import { simulate } from "../simulate.js";
import { assertNoFaults, settledWarmup } from "../steadiness.js";
import { note, wantsColour, writeOut } from "../terminal.js";

/** Arguments of {@link run}. */
export interface RunArguments extends ReplicationArguments, CiArguments {
  readonly file: string;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly html: boolean;
  readonly csv: boolean;
  readonly svg: boolean;
  readonly quiet: boolean;
  readonly progress: ProgressMode;
  /** Relative half-width by which one run is to know its means. */
  readonly steady?: number | undefined;
  readonly warmup?: "auto" | undefined;
  /** Folder for the gateways' decision logs. */
  readonly decisions?: string | undefined;
}

const STDOUT = "-";

/** Where the result goes: `--out`, else reports/<name of the file>, else nowhere for a bare `--json -`. */
function outputDirectory(args: RunArguments, mainFile: string): string | null {
  if (args.out !== undefined) return args.out;
  if (args.json === STDOUT && !args.html && !args.csv && !args.svg) return null;
  return join("reports", mainFile.slice(0, mainFile.length - extname(mainFile).length));
}

async function writeReport(
  args: RunArguments,
  directory: string,
  source: ScenarioFile,
  result: Result,
): Promise<string> {
  const scenario = {
    path: portablePath(args.file),
    copy: `scenario/${source.mainFile}`,
    sha256: result.scenario.sha256,
  };
  const made = { scenario, seed: result.seed, set: args.set, digest: result.digest };
  const files = new Map<string, string | Uint8Array>([
    ["result.json", jsonText(result)],
    ["summary.txt", `${summaryText(result, { colour: false }).trimEnd()}\n`],
    ...(await renderArtefacts(result, args, made)),
  ]);
  for (const [path, { bytes }] of source.files) files.set(`scenario/${path}`, bytes);
  const manifest = makeManifest(made, files);
  writeResultDirectory(directory, files, manifest);
  return join(directory, args.html ? "report.html" : "summary.txt");
}

/** What is asked for; refused before anything is simulated where it does not fit together. */
function planOf(args: RunArguments, { scenario }: ScenarioFile): ReplicationPlan | null {
  const plan = replicationPlan(args);
  if (args.decisions !== undefined) assertTaped(scenario, plan);
  if (args.steady === undefined) return plan;
  if (plan !== null)
    throw new UsageError("--steady asks one long run; it goes with neither --reps nor --until-ci");
  assertNoFaults(scenario, "--steady");
  return null;
}

function assertTaped(scenario: Scenario, plan: ReplicationPlan | null): void {
  if (plan !== null)
    throw new UsageError("--decisions writes those of one run; it goes with neither --reps nor --until-ci");
  const part = untapedPart(scenario);
  if (part !== null) throw new UsageError(`--decisions cannot tell of this scenario: ${part}`);
}

/** The result of one run, or of as many as `plan` asks for. */
async function resultOf(
  args: RunArguments,
  source: ScenarioFile,
  plan: ReplicationPlan | null,
): Promise<Result> {
  const mode = args.quiet ? "none" : args.progress;
  if (plan !== null)
    return runReplications(source, plan, { jobs: args.jobs, progress: mode, label: args.file });
  const steady = args.steady === undefined ? null : { width: args.steady };
  const progress = createProgress(mode, args.file);
  return simulate(source.scenario, (share) => progress.update(share), {
    module: source.module,
    steady,
    decisions: args.decisions ?? null,
  }).finally(() => progress.done());
}

/** Exit 4 when an objective fails. The last line says where the report is. */
export async function run(given: RunArguments): Promise<ExitCode> {
  const loaded = loadScenarioFile(given.file, { seed: given.seed, set: given.set });
  const plan = planOf(given, loaded);
  const directory = outputDirectory(given, loaded.mainFile);
  if (directory !== null) assertReplaceable(directory);
  const set = given.warmup === "auto" ? [...given.set, await settledWarmup(loaded)] : given.set;
  const args = { ...given, set };
  const source = set === given.set ? loaded : loadScenarioFile(args.file, { seed: args.seed, set });
  const result = await resultOf(args, source, plan);

  const reportPath = directory === null ? null : await writeReport(args, directory, source, result);
  if (args.json === STDOUT) await writeOut(jsonText(result));
  else if (args.json !== undefined) writeWholeFile(args.json, jsonText(result));

  if (args.json === STDOUT) {
    if (reportPath !== null) note(reportPath);
  } else {
    const summary = summaryText(result, { colour: wantsColour(process.stdout) }).trimEnd();
    await writeOut(`${args.quiet ? "" : `${summary}\n\n`}${reportPath}\n`);
  }
  await tellPipeline(args, [objectiveSuite(result, placesOf(args.file, source.scenario))], {
    words: () => runWords(result),
    stream: args.json === STDOUT ? "stderr" : "stdout",
  });
  return result.objectives.every((objective) => objective.pass) ? EXIT.ok : EXIT.objectiveFailed;
}
