import { csvParseRows } from "d3-dsv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvTables } from "../../src/result/csv.js";
import type { Result } from "../../src/result/result.js";
import { poisoned } from "../report/hostile.js";
import { emptyResult, replicaGroup, sampleResult } from "../report/sampleResult.js";

const LEADERS = ["=", "+", "-", "@", "\t", "\r", "\0"] as const;
const NAMES = [
  "requests.csv",
  "refusals.csv",
  "latency.csv",
  "series.csv",
  "faults.csv",
  "residency.csv",
  "regions.csv",
  "cascade.csv",
  "overloads.csv",
  "optimum.csv",
  "replicas.csv",
  "cost.csv",
];

/** A table's rows as records by header. */
function records(text: string): Record<string, string>[] {
  const [heads = [], ...rows] = csvParseRows(text);
  return rows.map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i] ?? ""])));
}

/** What a spreadsheet would not take for a formula: plain text, or a number. */
function inert(cell: string): boolean {
  return !/^[=+\-@\t\r\0]/.test(cell) || /^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(cell);
}

describe("the tables of a result", () => {
  it("are twelve files, each with one header and rows of its width, the same text every time", () => {
    const whole: Result = {
      ...sampleResult(),
      replicas: [replicaGroup("eu-gpu")],
      cost: {
        currency: "USD",
        total: 3,
        perThousandServed: null,
        byEndpoint: [
          {
            id: "eu-gpu",
            inputTokens: 10,
            cachedTokens: 4,
            outputTokens: 2,
            tokensUsd: 1,
            replicaHours: 2,
            replicasUsd: 2,
          },
        ],
      },
    };
    const tables = csvTables(whole);
    expect(Object.keys(tables)).toEqual(NAMES);
    for (const [name, text] of Object.entries(tables)) {
      const rows = csvParseRows(text);
      expect(rows.length, name).toBeGreaterThan(1);
      expect(new Set(rows.map((row) => row.length)).size, name).toBe(1);
      expect(text.endsWith("\n") && !text.endsWith("\n\n"), name).toBe(true);
    }
    expect(csvTables(whole)).toEqual(tables);
  });

  it("conserve requests: offered is served plus refused plus in flight in every row", () => {
    for (const row of records(csvTables(sampleResult())["requests.csv"]!)) {
      expect(Number(row.offered)).toBe(Number(row.served) + Number(row.refused) + Number(row.inFlight));
    }
  });

  it("add up: refusals by origin and by phase sum to the whole", () => {
    const rows = records(csvTables(sampleResult())["refusals.csv"]!);
    const sumBy = (by: string): number =>
      rows.filter((row) => row.by === by).reduce((sum, row) => sum + Number(row.requests), 0);
    expect(sumBy("all")).toBe(sampleResult().requests.refused);
    for (const by of ["origin", "class", "phase", "originInPhase"]) expect(sumBy(by), by).toBe(sumBy("all"));
  });

  it("hold the series in long form: one value a row, every window of every column", () => {
    const { series } = sampleResult();
    const rows = records(csvTables(sampleResult())["series.csv"]!);
    const columns = 2 * 7 + 2 * 4 + Object.keys(series.refusedByCause).length + 2;
    expect(rows).toHaveLength(columns * series.startS.length);
    const offered = rows.filter(
      ({ by, label, measure }) => by === "origin" && label === "EU" && measure === "offered",
    );
    expect(offered.map((row) => Number(row.value))).toEqual(series.byOrigin.EU!.offered);
    expect(offered.map((row) => Number(row.startS))).toEqual(series.startS);
  });

  it("leave a cell empty where there is no value, never zero", () => {
    const rows = records(csvTables(sampleResult())["series.csv"]!);
    const first = rows.find(
      ({ measure, startS, label }) => label === "EU" && measure === "ttftP50Ms" && startS === "620",
    );
    expect(first?.value).toBe("");
  });

  for (const leader of LEADERS) {
    it(`make text that begins with ${JSON.stringify(leader)} inert in every text column`, () => {
      const tables = csvTables(poisoned(sampleResult(), leader));
      let guarded = 0;
      for (const [name, text] of Object.entries(tables)) {
        for (const row of csvParseRows(text)) {
          for (const cell of row) {
            expect(inert(cell), `${name}: ${JSON.stringify(cell)}`).toBe(true);
            if (cell.startsWith(`'${leader}`)) guarded += 1;
          }
        }
      }
      expect(guarded).toBeGreaterThan(100);
    });
  }

  it("guard a name in each text column of each table", () => {
    const columns: Readonly<Record<string, readonly string[]>> = {
      "requests.csv": ["label"],
      "refusals.csv": ["label"],
      "latency.csv": ["label"],
      "series.csv": ["label"],
      "faults.csv": ["id", "kind", "target"],
      "residency.csv": ["origin", "dataClass", "channel", "country", "at", "rule"],
      "regions.csv": ["id", "city", "country"],
      "cascade.csv": ["from", "to"],
      "overloads.csv": ["region"],
      "optimum.csv": ["label"],
    };
    const tables = csvTables(poisoned(sampleResult(), "="));
    for (const [name, heads] of Object.entries(columns)) {
      const rows = records(tables[name]!);
      for (const head of heads) {
        expect(
          rows.some((row) => row[head]?.startsWith("'=")),
          `${name} ${head}`,
        ).toBe(true);
      }
    }
  });

  it("leave numbers as they are, negative ones included", () => {
    const base = sampleResult();
    const negative: Result = {
      ...base,
      regions: base.regions.map((region) => ({ ...region, overloadedS: -1.5 })),
    };
    expect(records(csvTables(negative)["regions.csv"]!).map((row) => row.overloadedS)).toEqual([
      "-1.5",
      "-1.5",
    ]);
  });

  it("give back any name after quoting, guard aside", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (name) => {
        const base = sampleResult();
        const result: Result = { ...base, faults: [{ ...base.faults[0]!, target: name }] };
        const [row] = records(csvTables(result)["faults.csv"]!);
        expect(row!.target).toBe(/^[=+\-@\t\r\0]/.test(name) ? `'${name}` : name);
      }),
      { seed: 20260112, numRuns: 200 },
    );
  });

  it("are headers alone for a run in which nothing happened", () => {
    for (const [name, text] of Object.entries(csvTables(emptyResult()))) {
      expect(text, name).not.toMatch(/NaN|undefined|Infinity/);
      expect(csvParseRows(text).length, name).toBeLessThanOrEqual(name === "latency.csv" ? 3 : 2);
    }
  });
});
