import { describe, expect, it } from "vitest";
import type { ObjectiveQuery, ObjectiveResult } from "../../src/result/index.js";
import { OBJECTIVE_METRICS, readObjective } from "../../src/scenario/objective.js";
import { EU, fault, Notes, refuse, resultOf, type Setting, serve, US } from "./recorded.js";

const names = {
  origin: null,
  class: ["chat", "code"],
  region: ["eu", "us"],
  endpoint: ["eu-model", "us-model"],
};
const setting: Setting = {
  durationS: 100,
  faults: [fault("one", 30, 40), fault("two", 60, 70)],
  phases: ["before", "during one", "after one", "during two", "after two"],
  edges: [30, 40, 60, 70].map((startS, i) => ({ startS, phase: i + 1 })),
};

/** EU: 8 served (2 of them in the US), 4 refused; US: 6 served, 2 refused; one of each still on its way. */
function judged(...texts: readonly string[]): readonly ObjectiveResult[] {
  const notes = new Notes(setting);
  for (const atS of [1, 2, 3, 41, 42, 71]) serve(notes, EU, atS, 100);
  serve(notes, EU, 31, 300, US);
  serve(notes, EU, 61, 500, US, 1);
  for (const atS of [32, 33, 62]) refuse(notes, EU, atS, "residency_no_legal_region");
  refuse(notes, EU, 5, "queue_full", 1);
  for (const atS of [1, 2, 31, 41, 61, 71]) serve(notes, US, atS, 200);
  for (const atS of [34, 63]) refuse(notes, US, atS, "queue_full");
  notes.offered(EU, 0, 99);
  notes.offered(US, 1, 99);
  const queries = texts.map((text): ObjectiveQuery => {
    const reading = readObjective(text, names);
    if (!reading.ok) throw new Error(`${text}: ${reading.rule}`);
    return reading.objective;
  });
  const residency = { checked: 40, violations: 3, rows: [] };
  return resultOf(notes.recording, queries, residency).objectives;
}

function value(text: string): number | string {
  return judged(text)[0]!.value;
}

describe("objectives", () => {
  it("counts requests, or takes their share of what was offered, as the target asks", () => {
    expect(value("offered == 22")).toBe(22);
    expect(value("served >= 1")).toBe(14);
    expect(value("served >= 50%")).toBeCloseTo(14 / 22, 12);
    expect(value("refused <= 1")).toBe(6);
    expect(value("refused <= 1%")).toBeCloseTo(6 / 22, 12);
    expect(value("inFlight <= 5")).toBe(2);
  });

  it("selects users, classes and causes, and all of them together", () => {
    expect(value("offered{origin=EU} > 0")).toBe(13);
    expect(value("refused{from=EU} > 0")).toBe(4);
    expect(value("refused{class=code} > 0")).toBe(1);
    expect(value("refused{cause=queue_full} > 0")).toBe(3);
    expect(value("refused{origin=EU, cause=queue_full} > 0")).toBe(1);
    expect(value("refused{origin=EU, cause=residency_no_legal_region} <= 10%")).toBeCloseTo(3 / 13, 12);
    expect(value("inFlight{class=code} <= 5")).toBe(1);
  });

  it("takes `during` to mean every spell of faults when there are several", () => {
    expect(value("refused{phase=during} <= 0")).toBe(5);
    expect(value("refused{phase=before} <= 0")).toBe(1);
    expect(value("served{phase=after} > 0")).toBe(5);
    expect(value("refused{origin=US, phase=during} <= 1%")).toBeCloseTo(2 / 4, 12);
  });

  it("selects the place that served, and for the others the region their users belong to", () => {
    expect(value("served{region=us} > 0")).toBe(8);
    expect(value("served{endpoint=eu-model} > 0")).toBe(6);
    expect(value("served{endpoint=eu-model, origin=US} > 0")).toBe(0);
    expect(value("refused{region=us} <= 0")).toBe(2);
    expect(value("refused{region=eu} <= 0")).toBe(4);
    expect(value("e2e.max{region=us, origin=EU} < 1s")).toBe(500);
  });

  it("reads latencies within 0.4 %, and mean and maximum to the microsecond", () => {
    expect(value("e2e.mean{origin=US} < 1s")).toBe(200);
    expect(value("ttft.mean{origin=US} < 1s")).toBe(100);
    expect(value("e2e.max < 1s")).toBe(500);
    for (const part of ["p50", "p90", "p95", "p99"]) {
      const read = value(`e2e.${part}{origin=US} < 1s`) as number;
      expect(Math.abs(read - 200), `${part} ${read}`).toBeLessThanOrEqual(0.8);
    }
    expect(value("e2e.p50{origin=EU, region=eu} < 1s")).toBeCloseTo(100, 0);
  });

  it("says how available the service was, also to some of its users", () => {
    expect(value("availability >= 99%")).toBeCloseTo(14 / 20, 12);
    expect(value("availability{origin=EU} >= 99%")).toBeCloseTo(8 / 12, 12);
    // The first minute saw 10 served and 4 refused, the second 4 and 2.
    expect(value("availability.worstMinute >= 99%")).toBeCloseTo(4 / 6, 12);
  });

  it("reads residency, cascade and attempts from the result", () => {
    expect(value("residency.violations == 0")).toBe(3);
    expect(value("residency.checked > 0")).toBe(40);
    expect(value("cascade == none")).toBe("none");
    expect(value("cascade.edges == 0")).toBe(0);
    expect(value("cascade.depth == 0")).toBe(0);
    expect(value("metastable == false")).toBe("false");
    expect(value("attempts.perRequest <= 2")).toBe(1);
  });

  it("takes the longest of the faults that take something down, or the one selected", () => {
    // Neither was noticed, and nobody moved; after the second the next ten seconds are served as before.
    expect(judged("detection <= 1h")[0]).toMatchObject({ value: "never", pass: false });
    expect(judged("restoration{fault=two} <= 10s")[0]).toMatchObject({ value: 0, pass: true });
    expect(judged("restoration{fault=three} <= 10s")[0]).toMatchObject({
      value: "no such fault",
      pass: false,
    });
  });

  it("tells the policy's refusals from those no lawful endpoint had room for", () => {
    // Ten calls a second at either endpoint, and never more than two asked: all refusals are the policy's.
    expect(value("optimum.refusedByPolicy == 0")).toBe(6);
    expect(value("optimum.refusedByPolicy{origin=EU} <= 10%")).toBeCloseTo(4 / 13, 12);
    expect(value("optimum.refusedUnavoidable == 0")).toBe(0);
    expect(value("optimum.headroom >= 1")).toBeGreaterThan(20);
  });

  it("holds nothing to a price, a cache or a fault that is not there", () => {
    expect(judged("cost <= 1000000", "prefixHitRate >= 0", "detection{fault=x} >= 0s")).toMatchObject([
      { value: "no prices", pass: false },
      { value: "no replicas", pass: false },
      { value: "no such fault", pass: false },
    ]);
  });

  it("refuses a selector that the metric has nothing to do with", () => {
    for (const text of ["cost{class=chat} < 1", "utilisation{origin=EU} < 1", "refused{fault=one} < 1"]) {
      expect(readObjective(text, names).ok, text).toBe(false);
    }
    expect(readObjective("utilisation{region=eu} < 90%", names).ok).toBe(true);
    expect(readObjective("detection{fault=x} < 9s", { ...names, fault: ["y"] }).ok).toBe(false);
  });

  it("knows every metric that a scenario may name", () => {
    const target = { time: "1s", requests: "1", count: "1", ratio: "1%", truth: "true", cascade: "none" };
    for (const [metric, kind] of Object.entries(OBJECTIVE_METRICS)) {
      expect(() => judged(`${metric} == ${target[kind]}`), metric).not.toThrow();
    }
  });

  it.each([
    ["<", false, false, true],
    ["<=", false, true, true],
    [">", true, false, false],
    [">=", true, true, false],
    ["==", false, true, false],
    ["!=", true, false, true],
  ])("holds a value %s its target only then", (operator, above, equal, below) => {
    const [over, same, under] = [13, 14, 15].map((target) => judged(`served ${operator} ${target}`)[0]!.pass);
    expect([over, same, under]).toEqual([above, equal, below]);
  });

  it("passes words by equality, and repeats what was asked beside what was found", () => {
    expect(judged("cascade == none", "cascade != none").map(({ pass }) => pass)).toEqual([true, false]);
    expect(judged("  refused{origin=US} <= 1 ")[0]).toEqual({
      name: "refused{origin=US} <= 1",
      pass: false,
      value: 2,
      target: 1,
      unit: "count",
    });
  });
});
