/** Importing the configurations beside this file, and what an import must be in any case: a scenario that loads. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ImportOptions, ImportSystem } from "../../../src/scenario/import/index.js";
import { type ImportResult, importConfig, loadScenario, type Scenario } from "../../../src/scenario/index.js";

export type Imported = Extract<ImportResult, { readonly ok: true }>;

export function configText(name: string): string {
  return readFileSync(join(import.meta.dirname, "configs", name), "utf8");
}

export function imported(
  system: ImportSystem,
  name: string,
  options: ImportOptions = {},
  text: string = configText(name),
): Imported {
  const result = importConfig(system, text, `somewhere/${name}`, options);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
}

/** The scenario of a text that has to be right. */
export function loaded(text: string, side: Readonly<Record<string, string>> = {}): Scenario {
  const read = (path: string): string => {
    const found = side[path];
    if (found === undefined) throw new Error(`no ${path}`);
    return found;
  };
  const result = loadScenario({ file: "imported.yaml", text, read });
  expect(result.ok ? [] : result.issues).toEqual([]);
  if (!result.ok) throw new Error("invalid");
  return result.scenario;
}

/** The messages of warnings at a line. */
export function warnedAt({ warnings }: Imported, line: number): string {
  return warnings
    .filter((one) => one.line === line)
    .map((one) => one.message)
    .join("\n");
}

/** The line of a configuration that has a text in it. */
export function lineOf(name: string, part: string): number {
  return (
    configText(name)
      .split("\n")
      .findIndex((line) => line.includes(part)) + 1
  );
}

export function unmappedPaths({ unmapped }: Imported): readonly string[] {
  return unmapped.map(({ path }) => path);
}
