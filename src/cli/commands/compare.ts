/** `regionsim compare`: which of these deployments, and what would it cost to be wrong? */
import { join } from "node:path";
import { compareScenarios } from "../../experiment/compare/compare.js";
import type { CompareOptions } from "../../experiment/compare/types.js";
import { UnknownMeasure } from "../../experiment/replicate/replicate.js";
import { comparisonSuites } from "../../report/checkSuites.js";
import { compareText, regressionLines } from "../../report/compareText.js";
import { comparisonWords } from "../../report/stepWords.js";
import type { Comparison } from "../../result/comparison.js";
import type { Issue } from "../../scenario/issue.js";
import { type CiArguments, placesOf, tellPipeline } from "../ciOutputs.js";
import { writeComparison } from "../compare/folder.js";
import { folderName, labelsOf } from "../compare/labels.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { portablePath } from "../manifest.js";
import type { ReplicationArguments } from "../options/replicationOptions.js";
import { createCountProgress, type ProgressMode } from "../progress.js";
import { assertReplaceable, writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { codeOf, createRunner } from "../runners.js";
import { type ScenarioFile, tryScenarioFile } from "../scenarioFile.js";
import { percentWord, shellCommand } from "../shellCommand.js";
import { note, wantsColour, writeOut } from "../terminal.js";

/** Arguments of {@link compare}. */
export interface CompareArguments extends ReplicationArguments, CiArguments {
  readonly files: readonly string[];
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly html: boolean;
  readonly atLeast?: number | undefined;
  /** `nothing`, or kinds of {@link Failure} with commas between them. */
  readonly failOn: string;
  readonly all: boolean;
  readonly quiet: boolean;
  readonly progress: ProgressMode;
}

type Failure = "regression" | "objective";

const STDOUT = "-";
const DEFAULTS = { reps: 20, most: 200, least: 10, confidence: 0.95, atLeast: 0.01 } as const;
const WIDTH = { least: 60, usual: 100, most: 140 } as const;
/** More designs than anybody compares, and fewer than a shell's pattern may name by mistake. */
const MOST_FILES = 8;
const MOST_NAMED = 12;

/** Exit 5 for a regression and 4 for an objective that is not met, where `--fail-on` names them; 0 otherwise. */
export async function compare(args: CompareArguments): Promise<ExitCode> {
  const failures = failuresOf(args.failOn);
  const options = compareOptionsOf(args);
  if (args.files.length < 2 || args.files.length > MOST_FILES)
    throw new UsageError(`compare takes 2 to ${MOST_FILES} files, got ${args.files.length}`);
  const sources = loadAll(args);
  const labels = labelsOf(args.files);
  const directory = directoryOf(args, labels);
  if (directory !== null) assertReplaceable(directory);
  const comparison = await run(args, sources, options);
  const report = directory === null ? null : await write(args, directory, { comparison, sources });
  await tell(args, comparison, report);
  const places = sources.map(({ scenario }, i) => placesOf(args.files[i]!, scenario));
  const failsOnRegression = failures.includes("regression");
  await tellPipeline(args, comparisonSuites(comparison, { places, failsOnRegression }), {
    words: () => comparisonWords(comparison),
    stream: args.json === STDOUT ? "stderr" : "stdout",
  });
  return exitCodeOf(failures, comparison);
}

function failuresOf(words: string): readonly Failure[] {
  if (words === "nothing") return [];
  return words.split(",").map((word) => {
    const kind = word.trim();
    if (kind === "regression" || kind === "objective") return kind;
    throw new UsageError(
      `--fail-on must be nothing, or some of regression, objective, got ${JSON.stringify(word)}`,
    );
  });
}

function compareOptionsOf(args: CompareArguments): CompareOptions {
  const { reps, untilCi, least, of, seed } = args;
  const { confidence = DEFAULTS.confidence, atLeast = DEFAULTS.atLeast } = args;
  if (untilCi === undefined && (least !== undefined || of.length > 0))
    throw new UsageError(`--${least === undefined ? "of" : "least"} needs --until-ci`);
  const replications = reps ?? (untilCi === undefined ? DEFAULTS.reps : DEFAULTS.most);
  if (least !== undefined && least > replications)
    throw new UsageError(`--least ${least} is more than the most allowed, ${replications}`);
  return {
    ...{ replications, confidence, atLeast },
    ...(untilCi === undefined
      ? {}
      : { until: { width: untilCi, least: Math.min(least ?? DEFAULTS.least, replications), of } }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** Every file, or every mistake in all of them. */
function loadAll({ files, seed, set }: CompareArguments): readonly ScenarioFile[] {
  const sources: ScenarioFile[] = [];
  const issues: Issue[] = [];
  for (const file of files) {
    const loaded = tryScenarioFile(file, { seed, set });
    if ("scenario" in loaded) sources.push(loaded);
    else issues.push(...loaded);
  }
  if (issues.length > 0) throw new InvalidInputError(issues);
  return sources;
}

function directoryOf(args: CompareArguments, labels: readonly string[]): string | null {
  if (args.out !== undefined) return args.out;
  return args.json === STDOUT && !args.html ? null : join("reports", folderName(labels));
}

async function run(
  args: CompareArguments,
  sources: readonly ScenarioFile[],
  options: CompareOptions,
): Promise<Comparison> {
  const labels = labelsOf(args.files);
  const progress = createCountProgress(
    args.quiet ? "none" : args.progress,
    `compare ${labels.join(", ")}`,
    options.replications * sources.length,
  );
  const runner = createRunner({ jobs: args.jobs, onProgress: (done) => progress.update(done) });
  try {
    const variants = await Promise.all(
      sources.map(async (source, i) => {
        const code = await codeOf(source);
        const known = { label: labels[i]!, path: portablePath(args.files[i]!), scenario: source.scenario };
        return code === undefined ? known : { ...known, code };
      }),
    );
    return await compareScenarios(runner, variants, {
      ...options,
      onProgress: (_, of) => progress.expect(of),
    });
  } catch (error) {
    throw error instanceof UnknownMeasure ? unknown(error) : error;
  } finally {
    progress.done();
    await runner.close();
  }
}

function unknown({ key, known }: UnknownMeasure): UsageError {
  const near = known.filter((name) => name.startsWith(key.split(/[.{]/)[0]!));
  const named = (near.length > 0 ? near : known).slice(0, MOST_NAMED).join(", ");
  return new UsageError(`--of ${key} is no measure that all files have a value of; the first has ${named}`);
}

function write(
  args: CompareArguments,
  directory: string,
  made: { readonly comparison: Comparison; readonly sources: readonly ScenarioFile[] },
): Promise<string> {
  const command = commandOf(args, made.comparison);
  return writeComparison(directory, { ...made, set: args.set, command }, args.html);
}

/** The command that makes the same comparison, however many replications it took to know enough. */
function commandOf(args: CompareArguments, { seed, replications, confidence, atLeast }: Comparison): string {
  return shellCommand([
    ...["regionsim", "compare", ...args.files.map(portablePath)],
    ...["--seed", seed, "--reps", String(replications)],
    ...(confidence === DEFAULTS.confidence ? [] : ["--confidence", percentWord(confidence)]),
    ...(atLeast === DEFAULTS.atLeast ? [] : ["--at-least", percentWord(atLeast)]),
    ...args.set.flatMap((setting) => ["--set", setting]),
  ]);
}

/** The last line says where the report is. */
async function tell(args: CompareArguments, comparison: Comparison, report: string | null): Promise<void> {
  const json = args.json === undefined ? "" : jsonText(comparison);
  if (args.json === STDOUT) {
    await writeOut(json);
    if (report !== null) note(report);
    return;
  }
  if (args.json !== undefined) writeWholeFile(args.json, json);
  const columns = process.stdout.columns ?? WIDTH.usual;
  const text = compareText(comparison, {
    colour: wantsColour(process.stdout),
    widthCharacters: Math.max(WIDTH.least, Math.min(WIDTH.most, columns)),
    isWhole: args.all,
  });
  await writeOut(`${args.quiet ? "" : `${text}\n\n`}${report}\n`);
}

function exitCodeOf(failures: readonly Failure[], comparison: Comparison): ExitCode {
  if (failures.includes("regression")) {
    const lines = regressionLines(comparison);
    for (const line of lines) note(line);
    if (lines.length > 0) return EXIT.regression;
  }
  const isMet = comparison.variants.every(({ replicated }) =>
    replicated.objectives.every(({ verdict }) => verdict === "pass"),
  );
  return failures.includes("objective") && !isMet ? EXIT.objectiveFailed : EXIT.ok;
}
