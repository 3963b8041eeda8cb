/** What can be asked of a folder of results: its Parquet files, or the tables of the result document in it. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join } from "node:path";
import { csvTables } from "../../result/csv.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { fileIssue, UnreadableFile } from "../inputFiles.js";
import { readStoredResult } from "../storedResult.js";
import type { QueryTable } from "./duckdb.js";

const PARQUET = ".parquet";
const RESULT = "result.json";

function nameOf(file: string): string {
  return basename(file, extname(file));
}

function parquetTables(folder: string): readonly QueryTable[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(PARQUET))
    .sort()
    .map((name) => ({ name: nameOf(name), file: join(folder, name), format: "parquet" }));
}

/** The tables of a result document, put where a reader of files finds them for as long as `use` takes. */
async function withResultTables<T>(
  path: string,
  use: (tables: readonly QueryTable[]) => Promise<T>,
): Promise<T> {
  const { result } = readStoredResult(path);
  const folder = mkdtempSync(join(tmpdir(), "regionsim-query-"));
  try {
    const tables = Object.entries(csvTables(result)).map(([name, text]): QueryTable => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return { name: nameOf(name), file, format: "csv" };
    });
    return await use(tables);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Calls `use` with the tables at `path`: a Parquet file, a folder of them, a result document or its folder. Throws
 * {@link InvalidInputError} where nothing is there, {@link UsageError} where it is something else.
 */
export async function withTables<T>(
  path: string,
  use: (tables: readonly QueryTable[]) => Promise<T>,
): Promise<T> {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined)
    throw new InvalidInputError([
      fileIssue(path, new UnreadableFile("unreadable", "no such file or folder")),
    ]);
  if (!found.isDirectory()) {
    if (extname(path) === PARQUET) return use([{ name: nameOf(path), file: path, format: "parquet" }]);
    return withResultTables(path, use);
  }
  const tables = parquetTables(path);
  if (tables.length > 0) return use(tables);
  if (readdirSync(path).includes(RESULT)) return withResultTables(path, use);
  throw new UsageError(
    `${path} holds neither Parquet files nor ${RESULT}; a sweep has them after: regionsim sweep collect ${dirname(join(path, "x"))}`,
  );
}
