/**
 * `plan.json` of a store: which sweep it is of and what is known of its points, so that nobody checks them twice and
 * whoever has the folder alone can tell what is missing.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  pointsOf,
  type RunList,
  runListOf,
  type Sweep,
  type SweepMemo,
} from "../../experiment/sweep/index.js";
import type { SweepPlan } from "../../scenario/plan.js";
import { VERSION } from "../../version.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { makeFolder } from "../folders.js";
import { jsonText } from "../resultJson.js";

/** Its name. */
export const PLAN_FILE = "plan.json";
const SCHEMA = "regionsim.sweep/1";

/** Its content. */
export interface PlanFile {
  readonly schema: typeof SCHEMA;
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly plan: SweepPlan;
  readonly scenarioSha256: string;
  readonly points: number;
  readonly runs: number;
  readonly memo: SweepMemo;
}

/** The file in `directory`; null where there is none or it is none of ours. */
export function readPlanFile(directory: string): PlanFile | null {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(directory, PLAN_FILE), "utf8"));
  } catch {
    return null;
  }
  return isPlanFile(value) ? value : null;
}

function isPlanFile(value: unknown): value is PlanFile {
  if (typeof value !== "object" || value === null) return false;
  const { schema, tool, plan, memo } = value as Partial<Record<keyof PlanFile, unknown>>;
  return (
    schema === SCHEMA &&
    [tool, plan, memo].every((part) => typeof part === "object" && part !== null) &&
    Array.isArray((plan as Partial<SweepPlan>).designs) &&
    typeof (memo as Partial<SweepMemo>).scenarios === "object"
  );
}

/** What an earlier process has found out about the points; null when nothing is known. Refuses one of another version. */
export function memoIn(directory: string): SweepMemo | null {
  const found = readPlanFile(directory);
  if (found === null) return null;
  assertVersion(directory, found);
  return found.memo;
}

function assertVersion(directory: string, { tool }: PlanFile): void {
  if (tool.version === VERSION) return;
  const message = `the sweep was begun by regionsim ${tool.version}, and this is ${VERSION}; finish it with that version, or run it anew into another --out`;
  const at = { file: join(directory, PLAN_FILE), line: 1, column: 1 };
  throw new InvalidInputError([
    { ...at, path: "tool.version", code: "inconsistent", message, value: tool.version },
  ]);
}

/** Writes down what is known of `sweep`, unless that stands there. Whole or not at all. */
export function writePlanFile(directory: string, sweep: Sweep): void {
  const text = jsonText({
    schema: SCHEMA,
    tool: { name: "regionsim", version: VERSION },
    plan: sweep.plan,
    scenarioSha256: sweep.scenarioSha256,
    points: sweep.points.length,
    runs: sweep.runs,
    memo: sweep.memo(),
  } satisfies PlanFile);
  const target = join(directory, PLAN_FILE);
  if (textOf(target) === text) return;
  makeFolder(directory);
  putInPlace(target, text);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** Writes a file under a name of its own first: others may write the same one at the same moment, from other machines. */
export function putInPlace(target: string, content: string | Uint8Array): void {
  const partial = `${target}.partial-${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(partial, content, { flag: "wx", flush: true });
    renameSync(partial, target);
  } finally {
    rmSync(partial, { force: true });
  }
}

/** The run list of the store at `directory`, from its plan file alone. */
export function storedRunList(directory: string): RunList {
  const found = readPlanFile(directory);
  if (found === null) throw new UsageError(`${directory} is no folder of a sweep: it has no ${PLAN_FILE}`);
  assertVersion(directory, found);
  const { plan, scenarioSha256, memo } = found;
  const points = pointsOf(plan);
  const known = Object.keys(memo.scenarios).length;
  if (known < points.length)
    throw new UsageError(
      `${join(directory, PLAN_FILE)} knows ${known} of ${points.length} points so far: name the plan itself instead`,
    );
  return runListOf(
    { plan, points, sha256: memo.sha256, scenarioSha256 },
    (point) => memo.scenarios[points[point]!.id]!,
  );
}
