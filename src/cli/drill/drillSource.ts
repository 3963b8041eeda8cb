/** The scenario of a drill from the command line: the file, faults from elsewhere, and what a drill can do of it. */
import { extname } from "node:path";
import { parse } from "yaml";
import { InvalidInputError, UsageError } from "../failures.js";
import { fileIssue, readInputFile, UnreadableFile } from "../inputFiles.js";
import { loadScenarioFile, type ScenarioFile } from "../scenarioFile.js";
import { openFaults } from "../size/source.js";
import { type Twin, twinOf, undrillable } from "./twin.js";

/** What the command line says of it. */
export interface DrillSourceOptions {
  readonly file: string;
  /** A YAML, JSON or CSV file of faults, instead of the scenario's own. */
  readonly faults?: string | undefined;
  readonly duration?: string | undefined;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
}

/** A scenario that both worlds can run. */
export interface DrillSource {
  readonly twin: Twin;
  /** The file, with the scenario of both worlds in it. */
  readonly file: ScenarioFile;
}

/** Reads and checks everything. Throws {@link InvalidInputError} with every mistake, and {@link UsageError}. */
export function openDrill({ file: path, faults, duration, seed, set }: DrillSourceOptions): DrillSource {
  const settings = [
    ...(faults === undefined ? [] : [`faults=${JSON.stringify(faultsIn(faults))}`]),
    ...(duration === undefined ? [] : [`duration=${duration}`]),
    ...set,
  ];
  const file = loadScenarioFile(path, { seed, set: settings });
  const wrong = undrillable(file.scenario);
  if (wrong.length > 0) throw new UsageError(`this scenario cannot be drilled:\n  ${wrong.join("\n  ")}`);
  const twin = twinOf(file.scenario);
  return { twin, file: { ...file, scenario: twin.scenario } };
}

/** The list of faults in a file, by itself or under `faults:`. What is in it is checked with the scenario. */
function faultsIn(path: string): readonly unknown[] {
  if (extname(path).toLowerCase() === ".csv") return openFaults(path).faults;
  let read: unknown;
  try {
    read = parse(readInputFile(path).text);
  } catch (error) {
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(path, error)]);
    throw new UsageError(
      `--faults must be a file of faults in YAML, JSON or CSV, got ${JSON.stringify(path)}`,
    );
  }
  const list = Array.isArray(read) ? read : (read as { readonly faults?: unknown } | null)?.faults;
  if (Array.isArray(list)) return list;
  throw new UsageError(`--faults must be a file with a list of faults, got ${JSON.stringify(path)}`);
}
