import { describe, expect, test } from "vitest";
import { type Issue, loadScenario } from "../../src/scenario/index.js";
import { type Malformed, spoil } from "./malformed/base.js";
import { CALLERS } from "./malformed/callerCases.js";
import { HEAVY } from "./malformed/heavyBase.js";
import { OVERLOAD } from "./malformed/overloadCases.js";
import { REPLICAS } from "./malformed/replicaCases.js";

const GROUPS: Readonly<Record<string, readonly Malformed[]>> = { REPLICAS, CALLERS, OVERLOAD };

function issuesOf(text: string): readonly Issue[] {
  const read = (path: string): string => {
    throw new Error(`no ${path}`);
  };
  const result = loadScenario({ file: "case.yaml", text, read });
  return result.ok ? [] : result.issues;
}

test("the scenario that says everything about serving and overload is right as it stands", () => {
  expect(issuesOf(HEAVY)).toEqual([]);
});

for (const [group, cases] of Object.entries(GROUPS)) {
  describe(`malformed ${group.toLowerCase()}`, () => {
    test.each(cases.map((each) => [each.name, each] as const))(
      "%s is refused once, at its line and column",
      (_, each) => {
        const { text, line, column } = spoil(HEAVY, each.edits);
        const issues = issuesOf(text);
        const shown = issues.map(
          (issue) =>
            `${issue.line}:${issue.column} ${issue.code} ${issue.message} (${issue.suggestion ?? ""})`,
        );
        const hit = issues.find(
          (issue) => issue.line === line && issue.column === column && issue.code === each.code,
        );
        expect(hit, `expected ${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
        expect(shown, shown.join("\n")).toHaveLength(1);
        expect(hit?.message).not.toMatch(/undefined|\[object|Invalid input|bug:|must be valid/);
        if (each.suggests !== undefined) expect(hit?.suggestion ?? "").toContain(each.suggests);
      },
    );
  });
}
