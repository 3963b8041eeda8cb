import { describe, expect, it } from "vitest";
import { htmlReport } from "../../src/report/htmlReport.js";
import { summaryText } from "../../src/report/summary.js";
import { csvTables } from "../../src/result/csv.js";
import type { Interval, ObjectiveEstimate, Stopping } from "../../src/result/estimates.js";
import type { Result } from "../../src/result/result.js";
import { sampleResult } from "./sampleResult.js";

const interval = (low: number, high: number): Interval => ({ low, high, confidence: 0.95, method: "t" });
const share: Interval = { low: 0.8, high: 0.97, confidence: 0.95, method: "wilson" };

/** The made-up result as four replications might have left it. */
function many(
  stopping: Partial<Stopping> = {},
  verdicts: readonly ObjectiveEstimate["verdict"][] = [],
): Result {
  const base = sampleResult();
  const estimated = (key: string, mean: number, low: number, high: number) => ({
    key,
    n: 4,
    mean,
    sd: 1,
    interval: interval(low, high),
    min: low,
    median: mean,
    max: high,
    medianInterval: null,
  });
  return {
    ...base,
    warnings: [],
    replications: 4,
    objectives: base.objectives.map((objective, i) => ({
      ...objective,
      pass: (verdicts[i] ?? "pass") === "pass",
    })),
    replicated: {
      replications: 4,
      confidence: 0.95,
      stopping: { reason: "fixed", width: null, of: [], reached: null, least: 4, most: 4, ...stopping },
      digest: "0".repeat(64),
      estimates: [
        estimated("refused", 0.02, 0.018, 0.022),
        estimated("ttft.p95", 812, 798, 826),
        { ...estimated("failover", 70_000, 50_000, 90_000), n: 3 },
      ],
      pooled: [{ key: "ttft", count: 9, mean: 1, p50: 1, p90: 2, p95: 3, p99: 4, max: 5 }],
      objectives: base.objectives.map(({ name, value }, i) => ({
        name,
        verdict: verdicts[i] ?? "pass",
        mean: typeof value === "number" ? value : null,
        interval: typeof value === "number" ? interval(value * 0.9, value * 1.1) : null,
        passes: 3,
        of: 4,
        passInterval: share,
      })),
      missing: { failover: 1 },
    },
    replicationValues: { refused: [0.018, 0.02, 0.02, 0.022], failover: [50_000, 70_000, null, 90_000] },
  };
}

const text = (result: Result): string => summaryText(result, { colour: false });

describe("the summary of several replications", () => {
  it("says of every objective how sure it is and how often it held, and how many are open", () => {
    const [first] = many().objectives;
    const said = text(many({}, ["undecided"]));
    expect(said).toMatch(/^UNDECIDED: 1 of 4 objectives needs more than 4 replications to tell$/m);
    expect(said).toMatch(new RegExp(`^  open  .*${first!.name.slice(0, 6)}.*holds in 3 of 4$`, "m"));
    expect(text(many())).toMatch(/^PASS: all 4 objectives hold, over 4 replications$/m);
    expect(text(many({}, ["fail", "undecided"]))).toMatch(
      /^FAIL: 1 of 4 objectives is not met, 1 undecided, over 4 replications$/m,
    );
  });

  it("has a table of the measures with half-widths, and says what follows it", () => {
    const said = text(many());
    expect(said).toMatch(/^ {2}ttft\.p95 +812 ms +± 14 ms +798 ms +812 ms +826 ms +4 of 4$/m);
    expect(said).toMatch(/^ {2}failover +70\.00 s +± 20\.00 s .* 90\.00 s +3 of 4$/m);
    expect(said).toContain("What follows is replication 0.");
    expect(said).toContain(
      "Failover over replications: least 50.00 s, median 70.00 s, most 90.00 s; in 1 of 4 replications it never came.",
    );
  });

  it("says how far it came where the most allowed was not enough, and what would be", () => {
    const said = text(many({ reason: "capped", width: 0.05, of: ["ttft.p95", "refused"], reached: 0.15 }));
    // 4 · (15/5)² = 36.
    expect(said).toContain(
      "4 replications, the most allowed, did not bring ttft.p95 and refused within ± 5.0 %: ± 15.0 % was reached, about 36 would be needed; intervals at 95 %.",
    );
    const reached = text(many({ reason: "reached", width: 0.05, of: ["refused"], reached: 0.04 }));
    expect(reached).toContain("4 replications: refused within ± 5.0 %; intervals at 95 %.");
  });

  it("tells of a broken rule in any replication, which replication 0 need not show", () => {
    const broken = { ...many(), replicationValues: { "residency.violations": [0, 2, 0, 1] } };
    expect(text(broken)).toContain("RESIDENCY BROKEN in 2 of 4 replications.");
    expect(text(many())).not.toContain("BROKEN");
  });
});

describe("the page of several replications", () => {
  it("has a section over them, says that all else is replication 0, and lists every measure", () => {
    const page = htmlReport(many(), new Map()).replaceAll("\u00a0", " ");
    expect(page).toContain("<h2>Over 4 replications</h2>");
    expect(page).toContain("All else on this page, its charts and its tables show replication 0.");
    expect(page).toContain("3 of 4");
    expect(page).toContain("80.0 % to 97.0 %");
    expect(page).not.toMatch(/anecdote/);
  });

  it("of a single run has no such section", () => {
    expect(htmlReport(sampleResult(), new Map())).not.toMatch(/Over \d+ replications|How steady/);
  });
});

describe("tables of several replications", () => {
  it("hold one value a row and one measure a row, and are absent for a single run", () => {
    const tables = csvTables(many());
    expect(tables["replications.csv"]!.split("\n").slice(0, 3)).toEqual([
      "replication,measure,unit,value",
      "0,refused,ratio,0.018",
      "1,refused,ratio,0.02",
    ]);
    expect(tables["replications.csv"]).toContain("\n2,failover,ms,\n");
    expect(tables["estimates.csv"]).toContain("\nttft.p95,ms,4,812,1,798,826,t,798,812,826,,\n");
    expect(Object.keys(csvTables(sampleResult()))).not.toContain("replications.csv");
  });
});

describe("a run that was asked how steady it is", () => {
  const steady = (
    cutS: number,
    settled: boolean,
    independent: boolean,
    lengthNeeded: number | null,
  ): Result => ({
    ...sampleResult(),
    steady: {
      width: 0.01,
      windowS: 10,
      windows: 360,
      demandVaries: false,
      measures: [
        {
          key: "ttft.mean",
          mean: 812,
          interval: { ...interval(798, 826), method: "batch-means" },
          batches: 20,
          lag1: 0.1,
          independent,
          cutS,
          settled,
          lengthNeeded,
        },
      ],
    },
  });

  it("says its mean, its warm-up and whether it is long enough", () => {
    expect(text(steady(0, true, true, 0.5))).toMatch(
      /^Steady run: ttft\.mean 812 ms ± 14 ms \(batch means of 20\); MSER-5 would cut nothing after the warm-up of [^;]+\.$/m,
    );
    expect(text(steady(180, true, true, 2.97))).toContain("MSER-5 would cut 3 min more than the warm-up of");
    expect(text(steady(180, true, true, 2.97))).toContain(
      "too short for ± 1.0 %: about 3.0 times as long would do.",
    );
    expect(text(steady(0, false, false, 4))).toMatch(
      /still depend on each other: the interval is too narrow\); MSER-5 finds no end of the warm-up.*at least 4\.0 times as long/,
    );
  });
});
