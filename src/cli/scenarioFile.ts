/** A scenario from disk: the file, the side files it names, and what the loader makes of them. */
import { basename, dirname } from "node:path";
import { loadScenario } from "../scenario/index.js";
import type { Issue, Position } from "../scenario/issue.js";
import type { Scenario } from "../scenario/scenario.js";
import type { SourcePath } from "../scenario/sourceTree.js";
import { InvalidInputError } from "./failures.js";
import { confinedReader, fileIssue, type InputFile, readInputFile, UnreadableFile } from "./inputFiles.js";
import { type ModulePlace, policyModuleOf } from "./policyModules.js";

/** What the command line may change about a scenario. */
export interface ScenarioOverrides {
  readonly seed?: string | undefined;
  /** `path=value`, applied in order. */
  readonly set: readonly string[];
}

/** A valid scenario and every file it was made from. */
export interface ScenarioFile {
  readonly scenario: Scenario;
  /** Base name of the scenario file, a key of `files`. */
  readonly mainFile: string;
  /** The folder it lies in, as it was named. */
  readonly folder: string;
  /** Path relative to the scenario's folder → content, the scenario itself first. */
  readonly files: ReadonlyMap<string, InputFile>;
  /** The code of its policy; null for any other policy. */
  readonly module: ModulePlace | null;
  /** Where something of it is written. */
  readonly placeOf: (path: SourcePath) => Position;
}

/** The scenario in `path`, or every mistake in it. Never throws for what is in the files. */
export function tryScenarioFile(path: string, overrides: ScenarioOverrides): ScenarioFile | readonly Issue[] {
  let main: InputFile;
  try {
    main = readInputFile(path);
  } catch (error) {
    if (error instanceof UnreadableFile) return [fileIssue(path, error)];
    throw error;
  }
  const { read, taken } = confinedReader(path);
  const loaded = loadScenario({
    file: path,
    text: main.text,
    read,
    set: overrides.set,
    ...(overrides.seed === undefined ? {} : { seed: overrides.seed }),
  });
  if (!loaded.ok) return loaded.issues;
  const mainFile = basename(path);
  return {
    scenario: loaded.scenario,
    mainFile,
    folder: dirname(path),
    files: new Map([[mainFile, main], ...taken]),
    module: policyModuleOf(loaded.scenario, path),
    placeOf: loaded.placeOf,
  };
}

/** Like {@link tryScenarioFile}, for commands that cannot go on without it. */
export function loadScenarioFile(path: string, overrides: ScenarioOverrides): ScenarioFile {
  const loaded = tryScenarioFile(path, overrides);
  if (!("scenario" in loaded)) throw new InvalidInputError(loaded);
  return loaded;
}
