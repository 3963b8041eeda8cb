import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { REFUSAL_CAUSES } from "../../src/policy/index.js";
import { CAUSE_STYLES, CAUSES, causeStyle, causesPresent } from "../../src/report/causes.js";
import { CHART_NAMES, charts } from "../../src/report/charts.js";
import { refusalRateRows, trafficRows } from "../../src/report/flowChart.js";
import { latencyRows } from "../../src/report/latencyChart.js";
import { placeSpans } from "../../src/report/panels.js";
import { isDuring, outcomes, phaseShares, phases } from "../../src/report/phases.js";
import { refusalRows } from "../../src/report/refusalsChart.js";
import { laneRows, regionRows } from "../../src/report/regionChart.js";
import { peakPoints, ratePoints, total } from "../../src/report/rows.js";
import { faultSentence, refusalHeadline } from "../../src/report/sentences.js";
import { servedByRows } from "../../src/report/servedByChart.js";
import { NARROW, placeColours, WIDE } from "../../src/report/theme.js";
import type { Result } from "../../src/result/result.js";
import { emptyResult, sampleResult } from "./sampleResult.js";

/** SHA-256 of each chart's spec for the sample, first 16 digits: a change of looks shows up here. */
const GOLDEN: Readonly<Record<string, string>> = {
  cascade: "2b0cf1f429c5eb38",
  "cascade-narrow": "8f7397cf1eb76bc9",
  flow: "f69bfa1a75d49a6d",
  "flow-narrow": "6622209a0a55f358",
  latency: "c9ce8b035aaef9e2",
  "latency-narrow": "c39be69eac397877",
  refusals: "c09206ff41619c4b",
  "refusals-narrow": "b6568b4c2d708ed2",
  regions: "3dbd2717f78735ed",
  "regions-narrow": "e7f5554137e0fa34",
  "served-by": "0112d31eed3273b4",
  "served-by-narrow": "114ae7ec258152f7",
};

/** Charts of what the sample has none of. */
const ONLY_WHERE_THERE_ARE: readonly string[] = ["stores", "versions"];

function titleOf(name: string, result: Result): string {
  const chart = charts(result, [WIDE]).find((each) => each.name === name);
  return (chart!.spec.title as unknown as { text: string[] }).text.join(" ");
}

function seriesLike(windows: number): Result["series"] {
  const column = Array.from({ length: windows }, (_, i) => i % 7);
  const origin = {
    offered: column,
    served: column,
    refused: column,
    ttftP50Ms: column,
    ttftP95Ms: column,
    e2eP50Ms: column,
    e2eP95Ms: column,
  };
  const region = { utilisation: column, queue: column, calls: column, divertedCalls: column };
  return {
    windowS: 1,
    startS: column.map((_, i) => i),
    byOrigin: { EU: origin, US: origin },
    byRegion: { us: region, eu: region },
    refusedByCause: { queue_full: column, region_blackhole: column },
    attempts: column,
    calls: column,
  };
}

describe("chart specs", () => {
  it("are what they were: same rows, same bytes", () => {
    const digests = charts(sampleResult()).map(({ name, spec }) => [
      name,
      createHash("sha256").update(JSON.stringify(spec)).digest("hex").slice(0, 16),
    ]);
    expect(Object.fromEntries(digests)).toEqual(GOLDEN);
  });

  it("come in reading order, wide then narrow", () => {
    expect(charts(sampleResult()).map(({ name }) => name)).toEqual(
      CHART_NAMES.filter((name) => !ONLY_WHERE_THERE_ARE.includes(name)).flatMap((name) => [
        name,
        `${name}-narrow`,
      ]),
    );
  });

  it("never name data outside themselves, a link or a date", () => {
    for (const { name, spec } of [...charts(sampleResult()), ...charts(emptyResult())]) {
      const text = JSON.stringify(spec);
      expect(text, name).not.toMatch(/"url"|"href"|"temporal"|"timeUnit"|"signal"|"expr"/);
    }
  });

  it("begin every value axis of counts at zero", () => {
    for (const name of ["flow", "regions"]) {
      const spec = charts(sampleResult(), [WIDE]).find((each) => each.name === name)!.spec;
      expect(JSON.stringify(spec)).not.toContain('"zero":false');
    }
  });
});

describe("titles", () => {
  it("say what is seen, from the figures", () => {
    expect(titleOf("flow", sampleResult())).toBe(
      "EU users are refused, never rerouted; US users are rerouted and partly refused: requests per second",
    );
    expect(titleOf("served-by", sampleResult())).toBe(
      "During faults EU users never leave eu; 43.8\u00a0% of US requests are served away from home",
    );
    expect(titleOf("refusals", sampleResult())).toMatch(
      /^Most refusals \(74\.6\u00a0%\) are of EU users: no lawful/,
    );
    expect(titleOf("regions", sampleResult())).toBe("eu is overloaded for 6\u00a0min\u00a058\u00a0s");
  });

  it("do not claim that nobody was rerouted when one request was", () => {
    const base = sampleResult();
    const leak = {
      ...base,
      servedBy: { ...base.servedBy, EU: { ...base.servedBy.EU, during: { eu: 31229, us: 1 } } },
      servedAway: { ...base.servedAway, EU: { ...base.servedAway.EU, during: 1 } },
    };
    expect(refusalHeadline(leak)).not.toContain("never rerouted");
  });

  it("tell the longest wait wherever it was, also after the faults, and not of a handful of requests", () => {
    const base = sampleResult();
    const { ttftMs } = base.latency;
    const withAfter = (p95: number, count: number): Result => ({
      ...base,
      latency: {
        ...base.latency,
        ttftMs: {
          ...ttftMs,
          originInPhase: {
            ...ttftMs.originInPhase,
            US: { ...ttftMs.originInPhase.US!, after: { ...ttftMs.originInPhase.US!.after!, p95, count } },
          },
        },
      },
    });
    expect(titleOf("latency", base)).toMatch(
      /^EU users' wait grows most during faults: first token p95 3.51/,
    );
    expect(titleOf("latency", withAfter(30_000, 20))).toMatch(
      /^US users' wait grows most after the faults: first token p95 30.00/,
    );
    expect(titleOf("latency", withAfter(30_000, 19))).toBe(titleOf("latency", base));
  });

  it("do not praise the waits of those who were served when nobody was", () => {
    const base = sampleResult();
    const silenced = Object.fromEntries(
      Object.entries(base.latency.ttftMs.originInPhase).map(([origin, byPhase]) => [
        origin,
        Object.fromEntries(
          Object.entries(byPhase).map(([key, quantiles]) => [
            key,
            key.startsWith("after") ? { ...quantiles, count: 0, p95: 0 } : { ...quantiles, p95: 900 },
          ]),
        ),
      ]),
    );
    const ttftMs = { ...base.latency.ttftMs, originInPhase: silenced };
    expect(titleOf("latency", { ...base, latency: { ...base.latency, ttftMs } })).toMatch(
      /^Nobody was served after /,
    );
  });

  it("name the region that was overloaded longest, not the one whose slots were fullest", () => {
    const base = sampleResult();
    const regions = base.regions.map((region) =>
      region.id === "us" ? { ...region, overloadedS: 500 } : { ...region, peakUtilisation: 1 },
    );
    expect(titleOf("regions", { ...base, regions })).toBe("us is overloaded for 8\u00a0min\u00a020\u00a0s");
  });

  it("count as away from home what was, however many homes an origin has", () => {
    const base = sampleResult();
    const twoHomes: Result = {
      ...base,
      servedBy: { ...base.servedBy, EU: { before: { eu: 6, us: 4 }, during: { eu: 6, us: 4 }, after: {} } },
      servedAway: { ...base.servedAway, EU: { before: 0, during: 0, after: 0 } },
    };
    expect(titleOf("served-by", twoHomes)).toMatch(/^During faults no EU request is served away from home;/);
    const moved: Result = {
      ...twoHomes,
      refusedBy: { ...base.refusedBy, originInPhase: {} },
      servedAway: { ...base.servedAway, EU: { before: 0, during: 4, after: 0 } },
    };
    expect(titleOf("served-by", moved)).toMatch(
      /^During faults 40.0\u00a0% of EU requests are served away from home;/,
    );
  });

  it("claim nothing about a run in which nothing happened", () => {
    const drawn = CHART_NAMES.filter((name) => name !== "cascade" && !ONLY_WHERE_THERE_ARE.includes(name));
    expect(drawn.map((name) => titleOf(name, emptyResult()))).toEqual([
      "Nobody asked anything: requests per second",
      "Who served whom",
      "No request was refused",
      "How long users wait",
      "How busy each region is",
    ]);
  });
});

describe("fault sentences", () => {
  const base = sampleResult().faults[0]!;

  it("say what did not happen as plainly as what did", () => {
    const nothing = {
      ...base,
      firstImpactS: null,
      detectedS: null,
      gatewayDetectedS: null,
      entryDetectedS: null,
      shifted50S: null,
      shifted95S: null,
      shifted99S: null,
      restoredS: null,
      refused: 1,
    };
    const alone: Result = { ...sampleResult(), faults: [nothing] };
    expect(faultSentence(nothing, alone).replaceAll("\u00a0", " ")).toBe(
      "eu down 10:00–18:00: not detected, traffic not shifted, 1 refused; not restored by the end of the run.",
    );
    expect(faultSentence({ ...nothing, refused: 0 }, alone)).toContain(
      "no request was hurt, not detected, traffic not shifted, 0 refused",
    );
    expect(faultSentence({ ...nothing, endS: 2400 }, alone)).toContain("still going on when the run ended");
  });

  it("do not tell of a restoration that the next fault came before", () => {
    const open = { ...base, restoredS: null };
    expect(faultSentence(open, sampleResult())).toContain("; not restored before the next fault.");
    expect(faultSentence({ ...open, refused: 0 }, sampleResult())).toContain(
      "; nothing to restore before the next fault.",
    );
  });

  it("say of a fault after the end of the run that it never began, and tell it to no other fault", () => {
    const late = { ...base, id: "late", startS: 3600, endS: 4800, restoredS: null };
    expect(faultSentence(late, sampleResult())).toBe(
      "eu down at 1:00:00: never began, the run ended at 40:00.",
    );
    const open = { ...base, restoredS: null };
    const result = { ...sampleResult(), faults: [open, late] };
    expect(faultSentence(open, result)).toContain("; not restored by the end of the run.");
  });

  it("count the refusals of faults that begin together once", () => {
    const twin = { ...base, id: "us-down", target: "us", refused: 0 };
    const both: Result = { ...sampleResult(), faults: [base, twin] };
    expect(faultSentence(base, both)).toContain("32\u00a0680 refused");
    expect(faultSentence(twin, both)).toContain("refusals counted with eu down");
  });

  it("say who noticed: gateways, the entry that users ask, or both", () => {
    const told = (over: Partial<typeof base>): string =>
      faultSentence({ ...base, ...over }, sampleResult()).replaceAll("\u00a0", " ");
    expect(told({})).toContain("gateways noticed after 14.2 s, entry after 24 s,");
    expect(told({ entryDetectedS: null })).toContain("gateways noticed after 14.2 s, 99 %");
    expect(told({ gatewayDetectedS: null })).toContain(": entry noticed after 24 s,");
  });

  it("claim the largest share that was reached, and no more", () => {
    const half = { ...base, shifted95S: null, shifted99S: null };
    expect(faultSentence(half, sampleResult())).toContain("50\u00a0% of traffic shifted after 41\u00a0s");
    expect(faultSentence({ ...base, restoredS: base.endS }, sampleResult())).toContain(
      "service back as it ended",
    );
  });
});

describe("colours", () => {
  it("are one for each cause of the house, with families side by side", () => {
    expect([...CAUSES].sort()).toEqual([...REFUSAL_CAUSES].sort());
    const colours = CAUSES.map((cause) => CAUSE_STYLES[cause].colour);
    expect(new Set(colours).size).toBe(CAUSES.length);
    const families = CAUSES.map((cause) => CAUSE_STYLES[cause].family);
    const runs = families.filter((family, index) => family !== families[index - 1]);
    expect(runs).toHaveLength(new Set(families).size);
  });

  it("give a cause from a newer version its own name, and never a key of Object.prototype", () => {
    expect(causeStyle("brand_new").label).toBe("brand_new");
    expect(causeStyle("constructor").label).toBe("constructor");
    expect(causesPresent({ brand_new: 2, queue_full: 1 } as never).map(([cause]) => cause)).toEqual([
      "queue_full",
      "brand_new",
    ]);
  });

  it("are shared by a region and the users it is home to, and differ between places", () => {
    expect(placeColours(["EU", "US"]).get("EU")).toBe(placeColours(["us", "eu"]).get("eu"));
    const ten = placeColours(["EU", "eu-west", "US", "constructor", "JP", "x", "y", "z", "BR", "IN"]);
    expect(new Set(ten.values()).size).toBe(10);
    expect(placeColours(Array.from({ length: 30 }, (_, i) => `p${i}`)).size).toBe(30);
  });
});

describe("rows", () => {
  it("keep every request: rates times their widths are the counts", () => {
    const result = sampleResult();
    const offered = total(
      trafficRows(result, "offered").map((row) => (row.value ?? 0) * result.series.windowS),
    );
    expect(offered).toBeCloseTo(result.requests.offered, 6);
    const refused = total(refusalRateRows(result).map((row) => (row.value ?? 0) * result.series.windowS));
    expect(refused).toBeCloseTo(result.requests.refused, 6);
    expect(total(refusalRows(result).map((row) => row.requests))).toBe(result.requests.refused);
    expect(total(outcomes(result).map((row) => row.requests))).toBe(result.requests.offered);
  });

  it("stay within five thousand points however long the run, and merging never hides a spike", () => {
    const long: Result = { ...sampleResult(), series: seriesLike(20_000) };
    for (const rows of [refusalRateRows(long), latencyRows(long, "ttft"), regionRows(long, "queue")]) {
      expect(rows.length).toBeLessThanOrEqual(5000);
      expect(rows.length).toBeGreaterThan(1000);
    }
    const series = { ...seriesLike(10), windowS: 2 };
    expect(peakPoints(series, [1, 9, null, 2, null, null, 3, 1, 1, 4], 4).map(({ value }) => value)).toEqual([
      9, 3, 4,
    ]);
    expect(peakPoints(series, [null, null, 1, 1, 1, 1, 1, 1, 1, 1], 2)[0]?.value).toBeNull();
    expect(ratePoints(series, [2, 4, 6, 8, 10, 12, 14, 16, 18, 20], 4).map(({ value }) => value)).toEqual([
      2.5, 6.5, 9.5,
    ]);
  });

  it("have no 95th percentile where fewer than twenty were served", () => {
    const base = sampleResult();
    const eu = base.series.byOrigin.EU!;
    const served = eu.served.map((_, window) =>
      window === 3 ? 19 : window === 4 ? 20 : window === 5 ? 1 : 500,
    );
    const few: Result = {
      ...base,
      series: { ...base.series, byOrigin: { ...base.series.byOrigin, EU: { ...eu, served } } },
    };
    const values = (quantile: string): boolean[] =>
      latencyRows(few, "ttft")
        .filter((row) => row.origin === "EU" && row.quantile === quantile)
        .slice(3, 6)
        .map((row) => row.value !== null);
    expect(values("p95")).toEqual([false, true, false]);
    expect(values("p50")).toEqual([true, true, true]);
  });

  it("keep the name of a phase whole: above its bar where there is no room beside it", () => {
    const base = sampleResult();
    const rename = <T>(by: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(
        Object.entries(by).map(([key, value]) => [key === "during" ? "during eu-down" : key, value] as const),
      );
    const named: Result = {
      ...base,
      faults: base.faults.map((fault) => ({ ...fault, target: "frankfurt-and-some-more" })),
      latency: emptyResult().latency,
      servedBy: { EU: rename(base.servedBy.EU!) },
      refusedBy: { ...base.refusedBy, originInPhase: { EU: rename(base.refusedBy.originInPhase.EU!) } },
    };
    const spec = JSON.stringify(charts(named, [WIDE]).find(({ name }) => name === "served-by")!.spec);
    expect(spec).toContain('{"phase":"frankfurt-and-some-more down","x":-100,');
  });

  it("keep lanes' names whole", () => {
    const base = sampleResult();
    const lanes = base.lanes.map((lane) => ({ ...lane, region: `${lane.region}-production-frankfurt-main` }));
    const spec = JSON.stringify(
      charts({ ...base, lanes }, [WIDE]).find(({ name }) => name === "regions")!.spec,
    );
    expect(spec).toContain('"lane":"eu-production-frankfurt-main · gw gw-us"');
  });

  it("fill each bar of who served whom from end to end", () => {
    const bars = new Map<string, number>();
    for (const row of servedByRows(sampleResult(), WIDE)) {
      const key = `${row.origin} ${row.phaseIndex}`;
      expect(row.from).toBeCloseTo(bars.get(key) ?? 0, 12);
      bars.set(key, row.to);
    }
    expect(bars.size).toBe(6);
    for (const end of bars.values()) expect(end).toBeCloseTo(1, 12);
  });

  it("put truth before belief in each region's lanes and keep cut names apart", () => {
    const lanes = [...new Set(laneRows(sampleResult()).map((row) => row.lane))];
    expect(lanes).toEqual([
      "eu · truth",
      "eu · entry",
      "eu · gw gw-us",
      "us · truth",
      "us · entry",
      "us · gw gw-eu",
    ]);
    const base = sampleResult().lanes[0]!;
    const alike: Result = {
      ...sampleResult(),
      lanes: ["a-region-with-a-very-long-name-1", "a-region-with-a-very-long-name-2"].map((region) => ({
        ...base,
        region,
      })),
    };
    expect(new Set(laneRows(alike).map((row) => row.lane)).size).toBe(2);
  });
});

describe("phases", () => {
  it("are told by the fault that made them, in the order of the result", () => {
    const base = sampleResult();
    const rename = <T>(by: Readonly<Record<string, T>>): Record<string, T> =>
      Object.fromEntries(
        Object.entries(by).map(([key, value]) => [key === "before" ? key : `${key} eu-down`, value] as const),
      );
    const named: Result = {
      ...base,
      latency: {
        ...base.latency,
        ttftMs: {
          ...base.latency.ttftMs,
          by: { ...base.latency.ttftMs.by, phase: rename(base.latency.ttftMs.by.phase) },
        },
      },
      servedBy: Object.fromEntries(Object.entries(base.servedBy).map(([origin, by]) => [origin, rename(by)])),
      refusedBy: {
        ...base.refusedBy,
        originInPhase: Object.fromEntries(
          Object.entries(base.refusedBy.originInPhase).map(([origin, by]) => [origin, rename(by)]),
        ),
      },
    };
    expect(phases(named).map(({ kind, label }) => `${kind}: ${label}`)).toEqual([
      "before: before",
      "during: eu down",
      "after: after",
    ]);
    expect(phaseShares(named, "EU", isDuring)).toEqual(phaseShares(base, "EU", isDuring));
  });
});

describe("names of faults above the panels", () => {
  it("never meet: neither bars nor labels of one row overlap", () => {
    const spans = Array.from({ length: 12 }, (_, i) => ({
      startMin: i * 2,
      endMin: i * 2 + 5,
      label: `region-${i} down`,
    }));
    for (const size of [WIDE, NARROW]) {
      const placed = placeSpans(spans, 40, size);
      for (const a of placed) {
        for (const b of placed) {
          if (a === b || a.row !== b.row) continue;
          expect(a.endMin <= b.startMin || b.endMin <= a.startMin).toBe(true);
          expect(Math.abs(a.textX - b.textX)).toBeGreaterThan(60);
        }
      }
    }
  });
});
