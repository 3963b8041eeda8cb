/** `regionsim sweep status`, `missing` and `collect`: what a store has, what it lacks, and what it comes to. */
import { existsSync, statSync } from "node:fs";
import {
  arrayExpression,
  missingRuns,
  missingSegments,
  type RunList,
  segmentStandings,
} from "../../experiment/sweep/index.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { UsageError } from "../failures.js";
import { jsonText } from "../resultJson.js";
import { collect } from "../sweep/collect.js";
import { memoIn, storedRunList } from "../sweep/planFile.js";
import { openStore, type SweepStore } from "../sweep/store.js";
import { defaultDirectory, loadSweep } from "../sweep/sweepFile.js";
import { collectedText, missingText, runLine, statusText } from "../sweep/sweepText.js";
import { note, writeOut } from "../terminal.js";

/** What the three commands share. */
export interface StoreArguments {
  /** A plan, or the folder of its runs. */
  readonly target: string;
  readonly out?: string | undefined;
}

/** Arguments of {@link sweepStatus}. */
export interface StatusArguments extends StoreArguments {
  readonly segments?: number | undefined;
  readonly format: "text" | "json";
}

/** Arguments of {@link sweepMissing}. */
export interface MissingArguments extends StoreArguments {
  readonly segments?: number | undefined;
  readonly format: "list" | "slurm" | "json";
}

/** Arguments of {@link sweepCollect}. */
export interface CollectArguments extends StoreArguments {
  readonly quiet: boolean;
}

/** How many runs are done, missing and failed; by segment where told how many there are. */
export async function sweepStatus(args: StatusArguments): Promise<ExitCode> {
  const { list, store } = open(args);
  const [whole] = segmentStandings(list, 1, store);
  const each = args.segments === undefined ? [] : segmentStandings(list, args.segments, store);
  const { runs, done, missing, failed } = whole!;
  await writeOut(
    args.format === "json"
      ? jsonText({ runs, done, missing, failed, segments: each })
      : statusText(list, whole!, each),
  );
  return EXIT.ok;
}

/** Prints what is missing, or nothing; 0 in both cases, so that a script may ask. */
export async function sweepMissing({ segments, format, ...target }: MissingArguments): Promise<ExitCode> {
  if (format === "slurm" && segments === undefined)
    throw new UsageError(
      "--format slurm needs --segments: the number of segments the array was started with",
    );
  const { list, store } = open(target);
  const numbers = segments === undefined ? missingRuns(list, store) : missingSegments(list, segments, store);
  if (format === "slurm") await writeOut(numbers.length === 0 ? "" : `${arrayExpression(numbers)}\n`);
  else if (format === "json") {
    const found = segments === undefined ? { runs: numbers } : { of: segments, segments: numbers };
    await writeOut(jsonText(found));
  } else {
    const line = (number: number): string =>
      segments === undefined ? runLine(list, store, number) : `${number}/${segments}`;
    await writeOut(numbers.map((number) => `${line(number)}\n`).join(""));
  }
  return EXIT.ok;
}

/** Writes the tables and the manifest; exit 7 and nothing written when runs are missing. */
export async function sweepCollect({ quiet, ...target }: CollectArguments): Promise<ExitCode> {
  const { list, store } = open(target);
  const collected = collect(list, store);
  if (collected.complete) {
    await writeOut(collectedText(list, collected, quiet));
    return EXIT.ok;
  }
  note(missingText(list, store, collected.missing, target.target));
  return EXIT.incomplete;
}

/** A folder knows its plan; a plan given by name is read as it is now. */
function open({ target, out }: StoreArguments): { readonly list: RunList; readonly store: SweepStore } {
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  if (isFolder && out !== undefined && out !== target)
    throw new UsageError(`--out ${out} is the folder of a plan's runs, and ${target} is a folder itself`);
  const directory = isFolder ? target : (out ?? defaultDirectory(target));
  if (isFolder || existsSync(directory)) {
    const list = isFolder ? storedRunList(directory) : loadSweep(target, memoIn(directory));
    const store = openStore(directory);
    for (const each of store.notes) note(`note: ${each}`);
    return { list, store };
  }
  return { list: loadSweep(target), store: openStore(directory) };
}
