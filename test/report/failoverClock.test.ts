import { describe, expect, it } from "vitest";
import { clockSentence, clockTable } from "../../src/report/failoverClock.js";
import type { FaultClock, Result } from "../../src/result/index.js";
import { emptyResult } from "./sampleResult.js";

const ROW: FaultClock = {
  fault: "eu-lost",
  kind: "region-down",
  target: "eu",
  clock: "entry",
  bounds: { preset: "route53-fast", detectS: 36, movedS: 96, tailS: 636 },
  detectedS: 31,
  misdirected: 420,
  lastMisdirectedS: 84,
  isWithinBound: true,
};

const withRows = (...clock: readonly FaultClock[]): Result => ({ ...emptyResult(), clock });
const said = (...rows: readonly FaultClock[]): string =>
  clockSentence(withRows(...rows)).replaceAll("\u00a0", " ");

describe("the sentence on failover clocks", () => {
  it("says what was measured and what the configuration allows", () => {
    expect(said(ROW)).toBe(
      "Failover clock, eu down: noticed after 31 s, the last request went there after 84 s; by route53-fast at most 96 s, 10 min 36 s where answers are kept too long.",
    );
  });

  it("tells of the failover that lasted longest, and counts those beyond their bound", () => {
    const late = { ...ROW, target: "us", lastMisdirectedS: 700, isWithinBound: false, detectedS: null };
    const text = said(ROW, { ...late, bounds: { ...ROW.bounds!, preset: null, tailS: 96 } }, ROW);
    expect(text).toContain("us down: never noticed by all");
    expect(text).toContain("by the configuration at most");
    expect(text).not.toContain("kept too long");
    expect(text).toMatch(/ 1 of 3 took longer than they may\.$/);
  });

  it("says so where nothing would ever notice, and nothing where nobody was sent to a dead place", () => {
    expect(said({ ...ROW, clock: "gateways", bounds: null, isWithinBound: null })).toContain(
      "the last call went there after 84 s; nothing in the configuration would ever move calls.",
    );
    expect(said()).toBe("");
    expect(said({ ...ROW, misdirected: 0, lastMisdirectedS: null })).toBe("");
  });
});

describe("the table of failover clocks", () => {
  it("has as many cells as heads in every row, and a dash for what did not happen", () => {
    const unbounded = { ...ROW, bounds: null, isWithinBound: null, detectedS: null, lastMisdirectedS: null };
    const table = clockTable(withRows(ROW, unbounded, { ...ROW, isWithinBound: false }));
    for (const row of table.rows) expect(row).toHaveLength(table.heads.length);
    expect(table.rows.map((row) => row.at(-1)!.text)).toEqual(["yes", "—", "NO"]);
    expect(table.rows[1]!.filter(({ text }) => text === "—")).toHaveLength(6);
  });
});
