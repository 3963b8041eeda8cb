import { expect, test } from "vitest";
import { type Issue, loadScenario } from "../../src/scenario/index.js";
import { readTraceCsv } from "../../src/scenario/traceCsv.js";
import { BASE, unmark } from "./malformed/base.js";
import { FAULT_FILES, type MalformedCsv, TRACES } from "./malformed/csvCases.js";

function expectMarked(issues: readonly Issue[], file: string, each: MalformedCsv): void {
  const clean = each.text.startsWith("\ufeff") ? each.text.slice(1) : each.text;
  const { line, column } = unmark(clean);
  const shown = issues.map(
    (issue) => `${issue.file}:${issue.line}:${issue.column} ${issue.code} ${issue.message}`,
  );
  const hit = issues.find(
    (issue) =>
      issue.file === file && issue.line === line && issue.column === column && issue.code === each.code,
  );
  expect(hit, `expected ${file}:${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
  if (each.suggests !== undefined) expect(hit?.suggestion).toContain(each.suggests);
}

const named = (cases: readonly MalformedCsv[]): [string, MalformedCsv][] =>
  cases.map((each) => [each.name, each]);

test.each(named(TRACES))("trace file: %s is refused at its line and column", (_, each) => {
  const names = { sites: ["DE", "ny"], classes: ["chat", "batch"] };
  const reading = readTraceCsv("trace.csv", each.text.replace("¦", ""), names);
  expect(reading.trace).toBeNull();
  expectMarked(reading.issues, "trace.csv", each);
});

test.each(named(FAULT_FILES))("fault file: %s is refused at its line and column", (_, each) => {
  const text = `${BASE.slice(0, BASE.indexOf("faults:"))}faults: side/faults.csv\n`;
  const result = loadScenario({ file: "case.yaml", text, read: () => each.text.replace("¦", "") });
  if (result.ok) throw new Error("loaded");
  expectMarked(result.issues, "side/faults.csv", each);
});
