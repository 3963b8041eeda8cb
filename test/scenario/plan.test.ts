import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/scenario/loadPlan.js";
import type { SweepPlan } from "../../src/scenario/plan.js";
import { planJsonSchema } from "../../src/scenario/planSchema.js";
import { spoil } from "./malformed/base.js";
import { PLAN_BASE, PLAN_CASES } from "./malformed/planCases.js";

function planOf(text: string): SweepPlan {
  const loaded = loadPlan("plan.yaml", text);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues, null, 2));
  return loaded.plan;
}

test("a plan says what it says, with units read off the ends of what is sampled", () => {
  expect(planOf(PLAN_BASE)).toEqual({
    name: "base",
    question: "none",
    scenario: "../small.yaml",
    seed: "plan",
    replications: 4,
    luck: "common",
    keepSeries: false,
    designs: [
      {
        kind: "grid",
        over: [
          { path: "deployment.entry.ttl", values: ["10s", "60s"] },
          { path: "faults[0].for", values: ["2m", "4m"] },
        ],
      },
      {
        kind: "list",
        points: [
          [
            { path: "deployment.entry.ttl", value: "10s" },
            { path: "workload.client", value: "null" },
          ],
          [{ path: "duration", value: "1h" }],
        ],
      },
      {
        kind: "latin-hypercube",
        points: 8,
        over: [
          { path: "workload.sites[0].rate", from: 5, to: 50, scale: "log", integer: false, suffix: "rps" },
        ],
      },
      {
        kind: "sobol",
        points: 16,
        over: [
          {
            path: "deployment.endpoints.eu.serving.concurrency",
            from: 10,
            to: 99,
            scale: "linear",
            integer: true,
            suffix: "",
          },
          { path: "warmup", from: 10.5, to: 20, scale: "linear", integer: false, suffix: "s" },
        ],
      },
    ],
  });
});

test("what is left out of a plan is one replication with common luck and no series", () => {
  const plan = planOf(
    "schema: regionsim.plan/1\nname: least\nscenario: a.yaml\ndesigns: [{ kind: list, points: [{ duration: 1h }] }]\n",
  );
  expect(plan).toMatchObject({ replications: 1, luck: "common", keepSeries: false, question: "" });
  expect(plan.seed).not.toBe("");
});

test("values keep what they are: a text of digits is quoted, a number is not, a tree is written out", () => {
  const text = `schema: regionsim.plan/1
name: values
scenario: a.yaml
designs:
  - kind: grid
    over:
      seed: ["42", "null", "a: b", plain, "0x1F"]
      x: [4, 4.50, true, null, [DE, FR], { kind: direct, gone: null }]
`;
  expect(planOf(text).designs).toEqual([
    {
      kind: "grid",
      over: [
        { path: "seed", values: ['"42"', '"null"', '"a: b"', "plain", '"0x1F"'] },
        {
          path: "x",
          values: ["4", "4.5", "true", "null", '["DE", "FR"]', '{ "kind": "direct", "gone": null }'],
        },
      ],
    },
  ]);
});

describe("a malformed plan", () => {
  test.each(PLAN_CASES.map((each) => [each.name, each] as const))(
    "%s is refused at its line and column",
    (_, each) => {
      const { text, line, column } = spoil(PLAN_BASE, each.edits);
      const loaded = loadPlan("plan.yaml", text);
      const issues = loaded.ok ? [] : loaded.issues;
      const shown = issues.map(
        (issue) => `${issue.line}:${issue.column} ${issue.code} ${issue.message} (${issue.suggestion ?? ""})`,
      );
      const hit = issues.find(
        (issue) => issue.line === line && issue.column === column && issue.code === each.code,
      );
      expect(hit, `expected ${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
      if (each.issues !== "any") expect(shown, shown.join("\n")).toHaveLength(each.issues ?? 1);
      if (each.suggests !== undefined) expect(hit?.suggestion).toContain(each.suggests);
    },
  );

  test("all mistakes are told at once", () => {
    const { text } = spoil(PLAN_BASE, [
      ["replications: 4", "replications: ¦0"],
      ["luck: common", "luck: shared"],
    ]);
    const loaded = loadPlan("plan.yaml", text);
    expect(loaded.ok ? [] : loaded.issues.map(({ line }) => line)).toEqual([6, 7]);
  });
});

test("the JSON Schema of plans allows no unknown keys and names the version it is of", () => {
  const schema = planJsonSchema();
  expect(schema.$id).toBe("regionsim.plan/1");
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties ?? {})).toContain("designs");
  expect(schema.required).toEqual(["schema", "name", "scenario", "designs"]);
});
