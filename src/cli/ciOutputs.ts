/** Telling a pipeline: a JUnit file, annotations on stdout, and the summary of the step where there is one to write. */
import { appendFileSync, statSync } from "node:fs";
import { dirname, sep } from "node:path";
import type { ScenarioPlaces } from "../report/checkSuites.js";
import { placeIn } from "../report/checkSuites.js";
import type { CheckSuite } from "../report/checks.js";
import { annotationLines, checkAnnotations, MOST_SUMMARY_BYTES } from "../report/github.js";
import { junitText } from "../report/junit.js";
import { cutToBytes, type StepWords, stepSummary } from "../report/stepSummary.js";
import type { Scenario } from "../scenario/scenario.js";
import { SET_FILE } from "../scenario/setValues.js";
import { writeWholeFile } from "./resultDirectory.js";
import { note, writeOut } from "./terminal.js";

/** What a command knows of its pipeline. */
export interface CiArguments {
  /** A file for JUnit cases. */
  readonly junit?: string | undefined;
  /** Annotations, and the step's summary. */
  readonly github: boolean;
}

/** Where annotations go: not into a document that goes to stdout. A workflow reads both. */
export type AnnotationStream = "stdout" | "stderr";

/** Tells all that `args` ask for. Throws what the file system says when the JUnit file cannot be written. */
export async function tellPipeline(
  args: CiArguments,
  suites: readonly CheckSuite[],
  told: { readonly words: () => StepWords; readonly stream: AnnotationStream },
): Promise<void> {
  if (args.junit !== undefined) writeWholeFile(args.junit, junitText(suites));
  if (!args.github) return;
  const lines = annotationLines(checkAnnotations(suites));
  if (told.stream === "stdout") await writeOut(lines);
  else if (lines !== "") note(lines.trimEnd());
  appendStepSummary(() => stepSummary(told.words(), suites));
}

/** Adds to the summary of the step, as far as there is room; a step without one has nowhere to say it. */
export function appendStepSummary(text: () => string): void {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (path === undefined || path === "") return;
  // Other commands of the step may have written before.
  const taken = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  appendFileSync(path, cutToBytes(text(), MOST_SUMMARY_BYTES - taken));
}

/** Where the objectives of a scenario are written, from where the command was called. */
export function placesOf(file: string, { objectives }: Scenario): ScenarioPlaces {
  const slashed = file.split(sep).join("/");
  const folder = dirname(file) === "." ? "" : dirname(slashed);
  return {
    file: slashed,
    objectives: new Map(
      objectives.flatMap(({ text, source }) =>
        // What the command line says stands in no file.
        source === undefined || source.startsWith(`${SET_FILE}:`)
          ? []
          : [[text, placeIn(source, { file: slashed, folder })] as const],
      ),
    ),
  };
}
