/** Rollouts, pins, standbys, drills and evacuations as they are written: what they resolve to, and what is wrong with them. */
import { describe, expect, test } from "vitest";
import { type Drift, type Issue, loadScenario } from "../../src/scenario/index.js";
import { BASE, spoil } from "./malformed/base.js";
import { DRIFT } from "./malformed/driftCases.js";

const read = (): string => {
  throw new Error("no side files");
};

function issuesOf(text: string): readonly Issue[] {
  const result = loadScenario({ file: "case.yaml", text, read });
  return result.ok ? [] : result.issues;
}

describe("malformed drift", () => {
  test.each(DRIFT.map((each) => [each.name, each] as const))(
    "%s is refused at its line and column",
    (_, each) => {
      const { text, line, column } = spoil(BASE, each.edits);
      const issues = issuesOf(text);
      const shown = issues.map(
        (issue) => `${issue.line}:${issue.column} ${issue.code} ${issue.message} (${issue.suggestion ?? ""})`,
      );
      const hit = issues.find(
        (issue) => issue.line === line && issue.column === column && issue.code === each.code,
      );
      expect(hit, `expected ${line}:${column} ${each.code}, got\n${shown.join("\n")}`).toBeDefined();
      expect(shown, shown.join("\n")).toHaveLength(each.issues === "any" ? shown.length : (each.issues ?? 1));
      if (each.suggests !== undefined) expect(hit?.suggestion).toContain(each.suggests);
    },
  );
});

/** The base with blocks of its own before routing, and the box as a standby. */
function driftOf(blocks: string, box = ""): Drift | null {
  const text = BASE.replace("  routing: { strategy", `${blocks}  routing: { strategy`).replace(
    "discipline: fifo } }",
    `discipline: fifo }${box} }`,
  );
  const result = loadScenario({ file: "s.yaml", text, read });
  if (!result.ok) throw new Error(result.issues.map(({ message }) => message).join("\n"));
  return result.scenario.deployment.drift;
}

describe("drift", () => {
  test("is nothing where nothing is said of it", () => {
    expect(driftOf("")).toBeNull();
  });

  test("of a standby that says nothing but its age stands for all of its model, with the assumptions that are documented", () => {
    const standby = driftOf("", ", standby: { untested: 45d }")!.standbys[0]!;
    expect(standby).toMatchObject({
      endpointIndex: 2,
      activeIndices: [0, 1],
      trigger: { kind: "belief", holdUs: 30e6, quorum: 0.5 },
      stages: [{ name: "promotion", takesUs: 90e6 }],
      warmShare: 1,
      untested: { kind: "fixed", days: 45 },
      rot: { kind: "exponential", halfLifeDays: 180 },
      repairUs: 1200e6,
      failback: { holdUs: 300e6, rampUs: 600e6 },
    });
    expect(standby.failures.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  test("takes shares of causes as relative to each other, and ages in days", () => {
    const box =
      ", standby: { untested: { every: 36h }, failures: { a: 0.2, b: 0.6 }, rot: { kind: weibull, scale: 12h, shape: 2 } }";
    const standby = driftOf("", box)!.standbys[0]!;
    expect(standby.failures.map(({ cause }) => cause)).toEqual(["a", "b"]);
    standby.failures.forEach(({ share }, i) => {
      expect(share).toBeCloseTo([0.25, 0.75][i]!, 12);
    });
    expect(standby.untested).toEqual({ kind: "drilled", everyDays: 1.5 });
    expect(standby.rot).toEqual({ kind: "weibull", scaleDays: 0.5, shape: 2 });
  });

  test("holds a drill at the next such hour of the day, and drains what its standby stands for, class after class", () => {
    const box = ", standby: { untested: 45d, of: [eu-model] }";
    const drill = (first: string): Drift["drills"][number] =>
      driftOf(`  drills: [{ standby: dc-box, first: "${first}", classes: [batch] }]\n`, box)!.drills[0]!;
    // The base begins at noon.
    expect([drill("13:30").firstUs, drill("11:00").firstUs, drill("30m").firstUs]).toEqual([
      5400e6, 82_800e6, 1800e6,
    ]);
    expect(drill("13:30")).toMatchObject({
      id: "drill-1",
      endpointIndices: [1],
      standbyIndices: [0],
      stepOfClass: [1, 0],
      everyUs: Number.POSITIVE_INFINITY,
      order: "promote-first",
    });
  });

  test("drains a whole region in a drill of one, with the standbys of what is in it", () => {
    const box = ", standby: { untested: 45d, of: [eu-model] }";
    const [eu, us] = driftOf(
      "  drills: [{ region: eu, first: 1m }, { region: us, first: 1m }]\n",
      box,
    )!.drills;
    expect([eu!.endpointIndices, eu!.standbyIndices]).toEqual([[1], [0]]);
    expect([us!.endpointIndices, us!.standbyIndices]).toEqual([[0], []]);
  });

  test("leaves a region in the stages that are documented where none are given", () => {
    const [evacuation] = driftOf("  evacuations: [{ region: eu, at: 12m }]\n")!.evacuations;
    expect(evacuation!.stages.map(({ does, takesUs }) => [does, takesUs / 60e6])).toEqual([
      ["wait", 5],
      ["drain-entry", 2],
      ["drain-endpoints", 5],
    ]);
    expect(evacuation!.returnUs).toBe(Number.POSITIVE_INFINITY);
  });
});
