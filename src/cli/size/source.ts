/**
 * A scenario's files, kept in memory: a search loads the scenario hundreds of times with other settings, and must not see
 * a file that changes meanwhile.
 */
import { basename } from "node:path";
import { Composer } from "../../scenario/compose.js";
import { readFaultsCsv } from "../../scenario/faultsCsv.js";
import { loadScenario } from "../../scenario/index.js";
import type { Issue, Position } from "../../scenario/issue.js";
import type { Scenario } from "../../scenario/scenario.js";
import { SET_FILE } from "../../scenario/setValues.js";
import { itemsOf, type SourceNode, toPlain } from "../../scenario/sourceTree.js";
import { InvalidInputError } from "../failures.js";
import { fileIssue, type InputFile, readInputFile, UnreadableFile } from "../inputFiles.js";
import { loadScenarioFile, type ScenarioFile } from "../scenarioFile.js";

/** What the command line says besides the file. */
export interface SourceOptions {
  readonly file: string;
  readonly seed?: string | undefined;
  readonly set: readonly string[];
  readonly objectives: readonly string[];
}

/** A scenario that can be loaded again and again. */
export interface Source {
  readonly file: ScenarioFile;
  /** Every setting of the command line, objectives included. */
  readonly settings: readonly string[];
  /** That of the command line; null for the file's own. */
  readonly seed: string | null;
  /** The scenario with more settings. Throws {@link InvalidInputError}; `faultsAt` says where faults come from. */
  load(more: readonly string[], faultsAt?: readonly Position[]): Scenario;
  /** The whole scenario as one tree, with more settings. */
  compose(more: readonly string[]): SourceNode;
}

/** Reads a scenario and all it names. Throws {@link InvalidInputError} with every mistake. */
export function openSource({ file: path, seed, set, objectives }: SourceOptions): Source {
  const first = loadScenarioFile(path, { seed, set });
  const settings = objectives.length === 0 ? set : [...set, `objectives=${JSON.stringify(objectives)}`];
  const inputOf = (more: readonly string[]) => ({
    file: path,
    text: first.files.get(first.mainFile)!.text,
    read: (relative: string): string => {
      const known = first.files.get(relative);
      if (known === undefined) throw new UnreadableFile("unreadable", "no such file");
      return known.text;
    },
    set: [...settings, ...more],
    ...(seed === undefined ? {} : { seed }),
  });
  const load: Source["load"] = (more, faultsAt = []) => {
    const loaded = loadScenario(inputOf(more));
    if (loaded.ok) return loaded.scenario;
    throw new InvalidInputError(loaded.issues.map((issue) => placed(issue, faultsAt)));
  };
  return {
    file: { ...first, scenario: load([]) },
    settings,
    seed: seed ?? null,
    load,
    compose: (more) => new Composer(inputOf(more)).compose()!,
  };
}

/** Faults that lie in a file of their own, as a setting holds them, and where each stands. */
export interface FaultsFile {
  readonly name: string;
  readonly input: InputFile;
  readonly faults: readonly unknown[];
  readonly at: readonly Position[];
}

/** Reads a CSV file of faults. What is in them is checked by whoever loads a scenario with them. */
export function openFaults(path: string): FaultsFile {
  let input: InputFile;
  try {
    input = readInputFile(path);
  } catch (error) {
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(path, error)]);
    throw error;
  }
  const { root, issues } = readFaultsCsv(path, input.text);
  if (root === null || issues.length > 0) throw new InvalidInputError(issues);
  const items = itemsOf(root);
  return { name: basename(path), input, faults: items.map(toPlain), at: items.map(({ at }) => at) };
}

/** What was said on the command line is placed there, and a fault from a file in its line. */
function placed(issue: Issue, faultsAt: readonly Position[]): Issue {
  if (issue.file !== SET_FILE) return issue;
  const [, kind, index] = /^(faults|objectives)\[(\d+)\]/.exec(issue.path) ?? [];
  if (kind === "objectives") return { ...issue, file: "--objective", line: Number(index) + 1, column: 1 };
  const at = kind === "faults" ? faultsAt[Number(index)] : undefined;
  return at === undefined ? issue : { ...issue, ...at };
}
