/** `regionsim size`: the least capacity that survives what is asked, and the scenario files that show it. */
import { basename, extname, join } from "node:path";
import { chooseCapacities } from "../../experiment/size/choice.js";
import { type LossCase, lossCases, type Survive } from "../../experiment/size/losses.js";
import { type Sized, sizeScenario } from "../../experiment/size/size.js";
import { roundsUpTo } from "../../experiment/size/types.js";
import type { Scenario } from "../../scenario/scenario.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { makeManifest, portablePath, sha256 } from "../manifest.js";
import type { ProgressMode } from "../progress.js";
import { assertReplaceable, writeResultDirectory, writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { codeOf, createRunner } from "../runners.js";
import { BASE_FOLDER } from "../size/sizedFiles.js";
import { type SizeOutcome, sizeFiles, sizeText } from "../size/sizeOutcome.js";
import { type FaultsFile, openFaults, openSource, type Source } from "../size/source.js";
import { trialNotes } from "../size/trialNotes.js";
import { note, wantsColour, writeOut } from "../terminal.js";

/** Arguments of {@link size}. */
export interface SizeArguments {
  readonly file: string;
  readonly survive: string;
  readonly objective: readonly string[];
  readonly knob: readonly string[];
  readonly confidence?: number | undefined;
  readonly maxFactor?: number | undefined;
  readonly reps?: number | undefined;
  readonly curve: boolean;
  readonly jobs?: number | undefined;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly out?: string | undefined;
  /** A file, or `-` for stdout. */
  readonly json?: string | undefined;
  readonly html: boolean;
  readonly quiet: boolean;
  readonly progress: ProgressMode;
}

const STDOUT = "-";

/** What is known before anything is simulated. */
interface Question {
  readonly source: Source;
  readonly faults: FaultsFile | null;
  readonly losses: readonly LossCase[];
}

/** Exit 4 where an objective cannot be met by any size, for whatever reason. */
export async function size(args: SizeArguments): Promise<ExitCode> {
  const question = ask(args);
  const directory = directoryOf(args, question.source);
  if (directory !== null) assertReplaceable(directory);
  const sized = await search(args, question);
  await tell(args, { ...question, ...sized, directory, command: commandOf(args) });
  const isMet = sized.settings.length > 0 && sized.sizing.unmet.length === 0;
  return isMet ? EXIT.ok : EXIT.objectiveFailed;
}

function ask(args: SizeArguments): Question {
  const { file, seed, set, objective } = args;
  const source = openSource({ file, seed, set, objectives: objective });
  const { survive, faults } = surviveOf(args.survive);
  const losses = lossCases(source.file.scenario, survive);
  assertAskable(source.file.scenario, survive);
  // Faults from a file are checked before anything runs.
  if (faults !== null) source.load([`faults=${JSON.stringify(faults.faults)}`], faults.at);
  return { source, faults, losses };
}

function surviveOf(text: string): { readonly survive: Survive; readonly faults: FaultsFile | null } {
  if (text === "none" || text === "own-faults") return { survive: { kind: text }, faults: null };
  if (text === "any-one-region") return { survive: { kind: "regions", most: 1 }, faults: null };
  if (text === "any-two") return { survive: { kind: "regions", most: 2 }, faults: null };
  if (extname(text).toLowerCase() !== ".csv")
    throw new UsageError(
      `--survive must be any-one-region, any-two, own-faults, none or a file that ends in .csv, got ${JSON.stringify(text)}`,
    );
  const faults = openFaults(text);
  return { survive: { kind: "faults", name: faults.name, faults: faults.faults }, faults };
}

function assertAskable({ objectives }: Scenario, { kind }: Survive): void {
  if (objectives.length === 0)
    throw new UsageError("nothing to size for: the file states no objectives, and no --objective is given");
  const named = objectives.find(({ selectors }) => selectors.fault !== undefined);
  if (named !== undefined && (kind === "regions" || kind === "none"))
    throw new UsageError(
      `${JSON.stringify(named.text)} is about one fault of the file, and --survive puts others in their place; say it without {fault=…}, or --survive own-faults`,
    );
}

function directoryOf(args: SizeArguments, { file: { mainFile } }: Source): string | null {
  if (args.out !== undefined) return args.out;
  if (args.json === STDOUT && !args.html) return null;
  return join("reports", `${basename(mainFile, extname(mainFile))}-size`);
}

const CURVE_REPLICATIONS = 4;

async function search(args: SizeArguments, { source, losses }: Question): Promise<Sized> {
  const { scenario } = source.file;
  const capacities = chooseCapacities(scenario, args.knob);
  if (typeof capacities === "string") throw new UsageError(`--knob ${capacities}`);
  if (capacities.first.length === 0) throw new UsageError("nothing to size: no capacity has a bound");
  const code = await codeOf(source.file);
  const runner = createRunner({ jobs: args.jobs });
  const notes = trialNotes(args.quiet ? "none" : args.progress, losses.length);
  try {
    return await sizeScenario(runner, {
      scenario,
      path: portablePath(args.file),
      survive: args.survive,
      losses,
      capacities,
      maxFactor: args.maxFactor ?? 8,
      rule: { rounds: roundsUpTo(args.reps ?? 16), confidence: args.confidence ?? 0.95 },
      load: (set) => scenarioOrReason(source, set),
      ...(code === undefined ? {} : { code }),
      curveReplications: args.curve ? CURVE_REPLICATIONS : 0,
      onTrial: notes.tried,
    });
  } finally {
    notes.done();
    await runner.close();
  }
}

/** A size that the loader refuses is one that cannot be, and says why. */
function scenarioOrReason(source: Source, set: readonly string[]): Scenario | string {
  try {
    return source.load(set);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.issues[0]?.message ?? "it is invalid";
    throw error;
  }
}

async function tell(args: SizeArguments, outcome: SizeOutcome): Promise<void> {
  const { sizing, directory } = outcome;
  if (directory !== null) {
    const files = await sizeFiles(outcome, args.html);
    const { seed, scenario } = sizing;
    const copy = `${BASE_FOLDER}/${outcome.source.file.mainFile}`;
    const made = { scenario: { ...scenario, copy }, seed, set: outcome.source.settings };
    const digest = sha256(jsonText(sizing));
    writeResultDirectory(directory, files, makeManifest({ ...made, digest }, files));
  }
  if (args.json === STDOUT) {
    await writeOut(jsonText(sizing));
    if (directory !== null) note(directory);
    return;
  }
  if (args.json !== undefined) writeWholeFile(args.json, jsonText(sizing));
  const text = args.quiet ? "" : await sizeText(outcome, wantsColour(process.stdout));
  await writeOut(`${text}${directory}\n`);
}

/** The words that find the same size again: without those that change nothing in it. */
function commandOf(args: SizeArguments): readonly string[] {
  const repeated = (name: string, values: readonly string[]): readonly string[] =>
    values.flatMap((value) => [`--${name}`, value]);
  const given = (name: string, value: string | number | undefined): readonly string[] =>
    value === undefined ? [] : [`--${name}`, String(value)];
  return [
    "size",
    portablePath(args.file),
    ...given("survive", args.survive.endsWith(".csv") ? portablePath(args.survive) : args.survive),
    ...repeated("objective", args.objective),
    ...repeated("knob", args.knob),
    ...given("confidence", args.confidence),
    ...given("max-factor", args.maxFactor),
    ...given("reps", args.reps),
    ...given("seed", args.seed),
    ...repeated("set", args.set),
  ];
}
