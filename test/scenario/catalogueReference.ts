/**
 * Reads the reference data that lies beside the repository, when it does. Absent, a test that needs it is skipped with
 * its reason, except under CI, where absence is a failure: a check that silently never runs is no check.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { it } from "vitest";

const REPOSITORY = resolve(fileURLToPath(import.meta.url), "../../..");

/** `../shared/<file>` from the repository's root. */
function referencePath(file: string): string {
  return resolve(REPOSITORY, "../shared", file);
}

/** The records of a CSV file (no line breaks or doubled quotes inside cells); lines that start with # are comments. */
export function readRecords(file: string): readonly Readonly<Record<string, string>>[] {
  const lines = readFileSync(referencePath(file), "utf8").split("\n");
  const [header, ...rows] = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const names = header!.split(",");
  return rows.map((row) => {
    const cells = splitCells(row);
    return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
  });
}

export function readReferenceJson(file: string): unknown {
  return JSON.parse(readFileSync(referencePath(file), "utf8"));
}

/** A test that needs the named reference files. */
export function itWith(files: readonly string[], name: string, body: () => void): void {
  const missing = files.filter((file) => !existsSync(referencePath(file)));
  if (missing.length === 0) {
    it(name, body);
  } else if (process.env.CI === "true") {
    it(name, () => {
      throw new Error(`reference data missing: ${missing.join(", ")}`);
    });
  } else {
    console.warn(`skipped "${name}": no ../shared/${missing[0]}`);
    it.skip(name, body);
  }
}

function splitCells(row: string): readonly string[] {
  return (row.match(/("[^"]*"|[^,]*)(,|$)/g) ?? []).map((cell) =>
    cell.replace(/,$/, "").replace(/^"|"$/g, ""),
  );
}

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const half = sorted.length / 2;
  return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
}
