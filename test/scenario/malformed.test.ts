import { describe, expect, test } from "vitest";
import { type Issue, loadScenario } from "../../src/scenario/index.js";
import { BASE, type Malformed, spoil } from "./malformed/base.js";
import { CLOCKS } from "./malformed/clockCases.js";
import { DEPLOYMENT } from "./malformed/deploymentCases.js";
import { ENDPOINTS } from "./malformed/endpointCases.js";
import { FAULTS } from "./malformed/faultCases.js";
import { HEAD } from "./malformed/headCases.js";
import { LIMITS } from "./malformed/limitCases.js";
import { OBJECTIVES } from "./malformed/objectiveCases.js";
import { RESIDENCY } from "./malformed/residencyCases.js";
import { ROUTING_CASES } from "./malformed/routingCases.js";
import { SYNTAX } from "./malformed/syntaxCases.js";
import { WORKLOAD } from "./malformed/workloadCases.js";

const GROUPS: Readonly<Record<string, readonly Malformed[]>> = {
  HEAD,
  DEPLOYMENT,
  ENDPOINTS,
  ROUTING: ROUTING_CASES,
  RESIDENCY,
  CLOCKS,
  WORKLOAD,
  FAULTS,
  OBJECTIVES,
  SYNTAX,
  LIMITS,
};

function issuesOf(text: string): readonly Issue[] {
  const result = loadScenario({
    file: "case.yaml",
    text,
    read: (path) => {
      throw new Error(`no ${path}`);
    },
  });
  return result.ok ? [] : result.issues;
}

test("the scenario that cases spoil is right as it stands", () => {
  expect(issuesOf(BASE)).toEqual([]);
});

for (const [group, cases] of Object.entries(GROUPS)) {
  describe(`malformed ${group.toLowerCase()}`, () => {
    test.each(cases.map((each) => [each.name, each] as const))(
      "%s is refused at its line and column",
      (_, each) => {
        const { text, line, column } = spoil(BASE, each.edits);
        const issues = issuesOf(text);
        const shown = issues.map(
          (issue) =>
            `${issue.line}:${issue.column} ${issue.code} ${issue.message} (${issue.suggestion ?? ""})`,
        );
        const hit = issues.find(
          (issue) => issue.line === line && issue.column === column && issue.code === each.code,
        );
        expect(hit, `expected ${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
        if (each.issues !== "any") expect(shown, shown.join("\n")).toHaveLength(each.issues ?? 1);
        if (each.suggests !== undefined) expect(hit?.suggestion).toContain(each.suggests);
      },
    );
  });
}
