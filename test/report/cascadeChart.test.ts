import { describe, expect, it } from "vitest";
import { clearMiddle } from "../../src/report/cascadeLanes.js";
import { cascadeHeadline, hasCascadeTimeline, pushRows, stateRows } from "../../src/report/cascadeRows.js";
import { charts } from "../../src/report/charts.js";
import { marginLines } from "../../src/report/overloadSentences.js";
import { amplificationRows, serviceRows } from "../../src/report/serviceRows.js";
import { WIDE } from "../../src/report/theme.js";
import type { Result } from "../../src/result/result.js";
import { emptyResult, sampleResult } from "./sampleResult.js";

function withCascade(over: Partial<Result["cascade"]>): Result {
  const base = sampleResult();
  return { ...base, cascade: { ...base.cascade, ...over } };
}

function edge(from: string, to: string, startS: number): Result["cascade"]["edges"][number] {
  return { from, to, startS, endS: startS + 100, divertedShare: 0.834, pushedPerS: 120.4, usualPerS: 45 };
}

describe("the cascade timeline", () => {
  it("is drawn when something went down or over, and not otherwise", () => {
    const names = (result: Result): string[] => charts(result, [WIDE]).map(({ name }) => name);
    expect(names(sampleResult())).toContain("cascade");
    expect(names(emptyResult())).not.toContain("cascade");
    const slow = sampleResult().lanes.map((lane) => ({ ...lane, state: "slow" }));
    expect(hasCascadeTimeline({ ...withCascade({ overloads: [] }), lanes: slow })).toBe(false);
    expect(hasCascadeTimeline({ ...emptyResult(), cascade: sampleResult().cascade })).toBe(true);
  });

  it("says who pushed, with how much and what share, on top of what", () => {
    const [row] = pushRows(withCascade({ edges: [edge("us", "eu", 1570)] }));
    expect(row?.caption.replaceAll("\u00a0", " ")).toBe(
      "26:10 eu pushed over: +120/s from us (83 %), on top of its usual 45/s",
    );
    expect(row?.pushers).toEqual(["us"]);
  });

  it("tells pushers of one fall together and falls in the order of time", () => {
    const rows = pushRows(
      withCascade({ edges: [edge("a", "c", 300), edge("b", "c", 300), edge("a", "b", 200)] }),
    );
    expect(rows.map(({ region, pushers }) => [region, pushers])).toEqual([
      ["b", ["a"]],
      ["c", ["a", "b"]],
    ]);
  });

  it("paints a fault over the overload it caused, and leaves out what lies beyond the run", () => {
    const rows = stateRows(
      withCascade({
        overloads: [
          { region: "eu", startS: 590, endS: 700, reason: "line" },
          { region: "us", startS: 3000, endS: 3100, reason: "crash" },
        ],
      }),
    );
    expect(rows.map(({ region, state }) => `${region} ${state}`)).toEqual([
      "eu overloaded",
      "eu down",
      "us down",
    ]);
  });

  it("heads with what fell first, who followed, and that it did not end", () => {
    expect(cascadeHeadline(withCascade({ overloads: [], edges: [] }))).toBe(
      "eu down at 10:00 and us down at 25:00: no other region falls",
    );
    const overloads = [{ region: "asia", startS: 660, endS: 800, reason: "line" as const }];
    expect(
      cascadeHeadline(withCascade({ overloads, edges: [], metastable: true })).replaceAll("\u00a0", " "),
    ).toBe("eu down at 10:00: asia falls after 60 s; the fault ends, the outage does not");
  });

  it("says of a region that it fell again only when a fault had taken it down before", () => {
    const fall = (region: string, startS: number): Result["cascade"]["overloads"][number] => {
      return { region, startS, endS: startS + 60, reason: "line" };
    };
    const lane = (region: string, state: string): Result["lanes"][number] => {
      return { region, observer: "truth", state, startS: 600, endS: 660 };
    };
    const base = withCascade({ overloads: [fall("asia", 670), fall("eu", 700)], edges: [] });
    const headline = (lanes: Result["lanes"], over: Result = base): string =>
      cascadeHeadline({ ...over, lanes }).replaceAll("\u00a0", " ");
    expect(headline([lane("eu", "down")])).toBe(
      "eu down at 10:00: asia falls after 70 s and eu again after 100 s",
    );
    expect(headline([lane("asia", "capacity-loss")])).toBe(
      "eu down at 10:00: asia falls after 70 s and eu after 100 s",
    );
    // A control plane that is down takes no service away: what falls meanwhile falls of its load.
    const early = withCascade({ overloads: [fall("asia", 620)], edges: [] });
    expect(headline([lane("asia", "control-plane-down")], early)).toContain("asia falls after 20 s");
    expect(headline([lane("asia", "capacity-loss")], early)).toContain("no other region falls");
  });

  it("has in its legend every colour that is painted, whatever the totals say", () => {
    const base = sampleResult();
    const generous = { ...base, optimum: { ...base.optimum, refusedByPolicy: 0 } };
    const spec = JSON.stringify(charts(generous, [WIDE]).find(({ name }) => name === "cascade"));
    expect(serviceRows(generous).some((row) => row.withPolicy > row.served)).toBe(true);
    expect(spec).toContain("lost, though there was lawful room");
  });

  it("says of a region without capacity that it has none, and not how many times it is loaded", () => {
    const base = sampleResult();
    const [margin] = base.cascade.margins;
    const none = { ...margin!, capacityPerS: 0, usualPeakPerS: 3, retrySafeMargin: 0 };
    const lines = marginLines(withCascade({ margins: [none] }));
    expect(lines).toEqual([`Distance to the cliff: ${none.region} has no capacity for what its users ask.`]);
  });

  it("keeps words in bars clear of arrows that pass", () => {
    expect(clearMiddle(0, 200, 60, [])).toBe(100);
    expect(clearMiddle(0, 200, 60, [95])).toBe(133);
    expect(clearMiddle(0, 200, 60, [90, 130])).toBe(52);
    // Where no place is free the middle is as good as any.
    expect(clearMiddle(0, 80, 60, [40])).toBe(40);
  });

  it("stacks served, lost by policy and unavoidable to no more than was offered", () => {
    const rows = serviceRows(sampleResult());
    expect(rows.length).toBeGreaterThan(50);
    for (const row of rows) {
      expect(row.withPolicy).toBeGreaterThanOrEqual(row.served);
      expect(row.withUnavoidable).toBeGreaterThanOrEqual(row.withPolicy);
      expect(row.withUnavoidable).toBeLessThanOrEqual(Math.max(row.offered, row.served) + 1e-9);
    }
    // While the EU is down all that is lost of the EU's users is unavoidable in the sample.
    const during = rows.find((row) => row.startMin === 12)!;
    expect(during.withUnavoidable - during.withPolicy).toBeGreaterThan(50);
    expect(during.withPolicy - during.served).toBeLessThan(1);
    // While the US is down the EU had room for all: what is lost then is the policy's.
    const later = rows.find((row) => row.startMin === 26)!;
    expect(later.withUnavoidable).toBe(later.withPolicy);
    expect(later.withPolicy - later.served).toBeGreaterThan(1);
    expect(rows.at(-1)!.startMin).toBe(40);
  });

  it("counts calls per request and leaves a gap where nobody asked", () => {
    const base = sampleResult();
    const { series } = base;
    const silent = Object.fromEntries(
      Object.entries(series.byOrigin).map(([origin, columns]) => [
        origin,
        { ...columns, offered: columns.offered.map((n, i) => (i < 6 ? 0 : n)) },
      ]),
    );
    const rows = amplificationRows({ ...base, series: { ...series, byOrigin: silent } });
    expect(rows[0]!.value).toBeNull();
    expect(rows[10]!.value).toBeCloseTo(1.05, 2);
  });

  it("counts no calls per request before the warm-up ended, when most requests are not counted", () => {
    const base = sampleResult();
    const rows = amplificationRows({ ...base, scenario: { ...base.scenario, warmupS: 120 } });
    expect(rows.filter(({ startMin }) => startMin < 2).every(({ value }) => value === null)).toBe(true);
    expect(rows.find(({ startMin }) => startMin >= 2)!.value).not.toBeNull();
  });
});
