/** A result document somebody kept: read back, checked for shape, with the manifest beside it if any. */
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Result } from "../result/result.js";
import type { Issue } from "../scenario/issue.js";
import { InvalidInputError, UsageError } from "./failures.js";
import { fileIssue, readInputFile, UnreadableFile } from "./inputFiles.js";
import type { Manifest } from "./manifest.js";
import { readManifest } from "./resultDirectory.js";
import { RESULT_SHAPE } from "./resultShape.js";
import { shapeProblem } from "./shape.js";

/** The document and where it lies. */
export interface StoredResult {
  /** Path of the document itself. */
  readonly file: string;
  readonly directory: string;
  readonly result: Result;
  /** Null when the document stands alone. */
  readonly manifest: Manifest | null;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function issue(
  file: string,
  at: { line: number; column: number },
  path: string,
  message: string,
): InvalidInputError {
  const found: Issue = {
    file,
    ...at,
    path,
    code: path === "" ? "syntax" : "invalid-type",
    message,
    value: "",
  };
  return new InvalidInputError([found]);
}

/** Where JSON.parse gave up; engines say it as an offset, and not always. */
function placeOf(text: string, error: unknown): { line: number; column: number } {
  const offset = Number(/position (\d+)/.exec(String(error))?.[1] ?? 0);
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The line of the text on which the top-level key of `path` is written; 1 when it is not. */
function lineOfKey(text: string, path: string): number {
  const key = /^[^.[]+/.exec(path)?.[0] ?? "";
  const line = text.split("\n").findIndex((row) => row.startsWith(`  ${JSON.stringify(key)}:`));
  return line === -1 ? 1 : line + 1;
}

function parse(file: string, text: string): Result {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw issue(file, placeOf(text, error), "", "file must be valid JSON");
  }
  const schema =
    typeof value === "object" && value !== null ? (value as { schema?: unknown }).schema : undefined;
  if (schema !== "regionsim.result/1") {
    const message = `schema must be "regionsim.result/1", got ${JSON.stringify(schema) ?? "nothing"}`;
    throw issue(file, { line: lineOfKey(text, "schema"), column: 1 }, "schema", message);
  }
  const problem = shapeProblem(value, RESULT_SHAPE, "");
  if (problem !== null) {
    throw issue(
      file,
      { line: lineOfKey(text, problem.path), column: 1 },
      problem.path || "result",
      problem.message,
    );
  }
  return value as Result;
}

/** The result at `path`, a document or the folder that holds one. Throws {@link InvalidInputError}, and {@link UsageError} for a comparison. */
export function readStoredResult(path: string): StoredResult {
  const file = isDirectory(path) ? join(path, "result.json") : path;
  const directory = dirname(file);
  try {
    const { text } = readInputFile(file);
    return { file, directory, result: parse(file, text), manifest: readManifest(directory) };
  } catch (error) {
    if (error instanceof UnreadableFile && existsSync(join(directory, "comparison.json")))
      throw new UsageError(
        `${directory} holds a comparison, not the result of a run; compare makes it again`,
      );
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(file, error)]);
    throw error;
  }
}
