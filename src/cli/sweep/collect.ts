/** A finished sweep as files: all of them and their manifest, or none. */
import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingRuns, type RunList, type SweepTables, sweepTables } from "../../experiment/sweep/index.js";
import { VERSION } from "../../version.js";
import { type FileSet, MANIFEST_FILE, sha256 } from "../manifest.js";
import { jsonText } from "../resultJson.js";
import type { SweepStore } from "./store.js";

const SERIES_FILE = "series.parquet";

/** What {@link collect} did. */
export type Collected =
  | {
      readonly complete: true;
      readonly digest: string;
      readonly files: readonly string[];
      readonly tables: SweepTables;
    }
  | { readonly complete: false; readonly missing: readonly number[] };

/**
 * Writes runs.parquet, points.parquet, series.parquet where the plan keeps them, and manifest.json into the store's
 * folder. Where runs are missing nothing is written. The bytes depend on the plan, the scenario and this tool's version
 * alone.
 */
export function collect(list: RunList, store: SweepStore): Collected {
  const missing = missingRuns(list, store);
  if (missing.length > 0) return { complete: false, missing };
  const tables = sweepTables(list, (key) => store.row(key));
  const files = new Map<string, string | Uint8Array>([
    ["runs.parquet", tables.runs],
    ["points.parquet", tables.points],
    ...(tables.series === null ? [] : [[SERIES_FILE, tables.series] as const]),
  ]);
  files.set(MANIFEST_FILE, jsonText(manifestOf(list, tables.digest, files)));
  putAll(store.directory, files);
  return {
    complete: true,
    digest: tables.digest,
    files: [...files.keys()].map((name) => join(store.directory, name)),
    tables,
  };
}

function manifestOf(
  { plan, points, runs, sha256: planSha256, scenarioSha256 }: RunList,
  digest: string,
  files: FileSet,
): object {
  return {
    schema: "regionsim.sweep-manifest/1",
    tool: { name: "regionsim", version: VERSION },
    plan: { name: plan.name, sha256: planSha256 },
    scenario: { path: plan.scenario, sha256: scenarioSha256 },
    seed: plan.seed,
    luck: plan.luck,
    points: points.length,
    replications: plan.replications,
    runs,
    digest,
    files: [...files].map(([path, content]) => ({ path, bytes: content.length, sha256: sha256(content) })),
  };
}

/** Every file under a name of its own first, then all in place, the manifest last: with it they are complete. */
function putAll(directory: string, files: FileSet): void {
  const mark = randomBytes(6).toString("hex");
  const partialOf = (name: string): string => join(directory, `.${name}.partial-${mark}`);
  try {
    for (const [name, content] of files) writeWhole(partialOf(name), content, join(directory, name));
    rmSync(join(directory, MANIFEST_FILE), { force: true });
    // A plan that kept its series once and does not now would leave them beside runs that they are not of.
    if (!files.has(SERIES_FILE)) rmSync(join(directory, SERIES_FILE), { force: true });
    for (const name of files.keys()) renameSync(partialOf(name), join(directory, name));
  } finally {
    for (const name of files.keys()) rmSync(partialOf(name), { force: true });
  }
}

/** Of a full disk the system does not say which file it was that had no room. */
function writeWhole(path: string, content: string | Uint8Array, target: string): void {
  try {
    writeFileSync(path, content, { flag: "wx", flush: true });
  } catch (error) {
    throw Object.assign(error as Error, { path: target });
  }
}
