import { describe, expect, it } from "vitest";
import { htmlReport } from "../../src/report/htmlReport.js";
import { summaryText } from "../../src/report/summary.js";
import type { Result } from "../../src/result/result.js";
import { PAYLOADS, poisoned } from "./hostile.js";
import { emptyResult, replicaGroup, sampleResult } from "./sampleResult.js";

const plainly = { colour: false };

describe("the terminal's summary", () => {
  it("puts the verdict first and failed objectives before those that hold", () => {
    const lines = summaryText(sampleResult(), plainly).split("\n");
    expect(lines.slice(0, 6)).toEqual([
      "EU/US support assistant",
      "FAIL: 2 of 4 objectives are not met",
      "  FAIL  refused{origin=US} <= 0.5%: 2.5 % (target 0.50 %)",
      "  FAIL  cascade == none: us→eu (target none)",
      "  pass  residency.violations == 0: 0 (target 0)",
      "  pass  ttft.p95{from=EU} < 1500ms: 1.49 s (target 1.50 s)",
    ]);
  });

  it("has the figures a person acts on", () => {
    const text = summaryText(sampleResult(), plainly);
    const { offered, refused } = sampleResult().requests;
    const spaced = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, " ");
    expect(text).toContain(`${spaced(refused)} of ${spaced(offered)} requests refused (9.8 %).`);
    expect(text).toContain(
      "gateways noticed after 14.2 s, entry after 24 s, 99 % of traffic shifted after 80 s",
    );
    expect(text).toContain("no lawful region left: 29 379 (74.6 %)");
    expect(text).toContain("Residency: no violations in 1 203 341 hops and writes checked.");
    expect(text).toContain("Cascade: us→eu, depth 1; goodput after the last fault 99.80 % of before.");
    expect(text).toContain("Served away from home during faults: 43.8 % of US requests.");
    expect(text).toMatch(/EU +whole run +159 851 +33 223 +20\.8 % +633 ms +1\.86 s/);
    expect(text).toMatch(/during +63 751 +32 522 +51\.0 % +898 ms +3\.51 s/);
  });

  it("fits a terminal of 47 lines and 160 columns, and 60 lines however many origins, faults and warnings there are", () => {
    const base = sampleResult();
    const many: Result = {
      ...base,
      objectives: Array.from({ length: 40 }, () => base.objectives[1]!),
      faults: Array.from({ length: 40 }, () => base.faults[0]!),
      warnings: Array.from({ length: 40 }, (_, i) => `warning ${i}`),
      replicas: Array.from({ length: 40 }, (_, i) => replicaGroup(`group ${i}`)),
      cost: { currency: "USD", total: 12, perThousandServed: 0.03, byEndpoint: [] },
      requestsBy: {
        ...base.requestsBy,
        origin: Object.fromEntries(
          Array.from({ length: 40 }, (_, i) => [`origin ${i}`, base.requestsBy.origin.EU!]),
        ),
      },
    };
    for (const result of [base, many]) {
      const lines = summaryText(result, plainly).trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(result === base ? 47 : 60);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(160);
    }
    expect(summaryText(many, plainly)).toContain("… and 35 more");
  });

  it("uses colour only when told to, and says the same without", () => {
    const coloured = summaryText(sampleResult(), { colour: true });
    expect(coloured).toContain("\u001b[31mFAIL");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control sequences
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(summaryText(sampleResult(), plainly));
  });

  it("says so when residency was broken", () => {
    const broken = { ...sampleResult(), residency: { ...sampleResult().residency, violations: 1 } };
    expect(summaryText(broken, plainly)).toContain("Residency: 1 violation in");
    expect(summaryText(broken, { colour: true })).toContain("\u001b[31mResidency: 1 violation");
  });

  it("names what broke residency, the most frequent first", () => {
    const base = sampleResult();
    const rows = base.residency.rows.map((row, i) =>
      i < 2 ? { ...row, lawful: false, writes: i + 1 } : row,
    );
    const text = summaryText({ ...base, residency: { ...base.residency, violations: 3, rows } }, plainly);
    expect(text).toMatch(
      /Residency: 3 violations in .*\n {2}2 × public data of US users, processing in US at us-model: stated in eu-us\.yaml:40\n {2}1 × personal data of EU users, processing in DE at eu-model \(rule eu-stays\): stated in eu-us\.yaml:41 and forbidden by eu-us\.yaml:46/,
    );
  });

  it("does not call residency kept where no rule applies", () => {
    const base = sampleResult();
    const rows = base.residency.rows.map((row) => ({ ...row, rule: null }));
    const free = { ...base, residency: { ...base.residency, rows } };
    expect(summaryText(free, plainly)).toContain(
      "Residency: no rules apply, so nothing was judged; 1 203 341 hops and writes.",
    );
    expect(htmlReport(free, new Map())).toContain("residency violations (no rules apply)");
    expect(htmlReport(base, new Map())).not.toContain("no rules apply");
  });

  it("says what the rules leave, and promises users who may not leave no other region", () => {
    const base = sampleResult();
    expect(summaryText(base, plainly)).toContain(
      "; capacity that the rules leave is 0.61 × the peak, 1.24 × without rules",
    );
    const margins = base.cascade.margins.map((margin) => ({ ...margin, confined: true as const }));
    const text = summaryText({ ...base, cascade: { ...base.cascade, margins } }, plainly);
    expect(text).toContain(
      "eu is loaded to 40.6 % at its usual peak; its users have no other lawful region.",
    );
    expect(text).not.toContain("survive");
  });

  it("shows the whole run once where there are no faults to divide it", () => {
    const base = sampleResult();
    const before = <T>(groups: Readonly<Record<string, Readonly<Record<string, T>>>>): typeof groups =>
      Object.fromEntries(
        Object.entries(groups).map(([origin, { before: first }]) => [origin, { before: first! }]),
      );
    const { ttftMs } = base.latency;
    const calm: Result = {
      ...base,
      faults: [],
      servedBy: before(base.servedBy),
      servedAway: before(base.servedAway),
      refusedBy: { ...base.refusedBy, originInPhase: before(base.refusedBy.originInPhase) },
      latency: {
        ...base.latency,
        ttftMs: { ...ttftMs, by: { ...ttftMs.by, phase: { before: ttftMs.by.phase.before! } } },
      },
    };
    expect(summaryText(base, plainly)).toMatch(/^ +before +\d/m);
    expect(summaryText(calm, plainly)).toMatch(/^ +EU +whole run/m);
    expect(summaryText(calm, plainly)).not.toMatch(/^ +before +\d/m);
  });

  it("says whose the refusals were, and how far the cliff is", () => {
    const text = summaryText(sampleResult(), plainly);
    expect(text).toContain(
      "Of 39 381 refusals 7 402 are the policy's: for 31 979 no lawful gateway and endpoint had room",
    );
    expect(text).toContain("eu is loaded to 40.6 % at its usual peak, within the 50.0 % that survive");
    expect(text).toContain(
      "With every retry used, 3 calls a request, eu has 0.82 × the capacity it needs: a retry",
    );
    expect(text).toContain("Limits hit: eu-model (queue full 3 080).");
  });

  it("keeps the phases of faults when there is no room for all, and the worst when there is none for these", () => {
    const base = sampleResult();
    const inPhases = (names: readonly string[]): Result => {
      const spread = <T>(byPhase: Readonly<Record<string, T>>): Record<string, T> =>
        Object.fromEntries(
          names.map((name) => [name, byPhase[name.startsWith("during") ? "during" : "before"]!]),
        );
      const each = <T>(
        groups: Readonly<Record<string, Readonly<Record<string, T>>>>,
      ): Record<string, Record<string, T>> =>
        Object.fromEntries(Object.entries(groups).map(([origin, byPhase]) => [origin, spread(byPhase)]));
      const latency = (of: Result["latency"]["ttftMs"]): Result["latency"]["ttftMs"] => ({
        ...of,
        by: { ...of.by, phase: spread(of.by.phase) },
        originInPhase: each(of.originInPhase),
      });
      return {
        ...base,
        latency: { ttftMs: latency(base.latency.ttftMs), e2eMs: latency(base.latency.e2eMs) },
        servedBy: each(base.servedBy),
        servedAway: each(base.servedAway),
        refusedBy: { ...base.refusedBy, originInPhase: each(base.refusedBy.originInPhase) },
      };
    };
    const phasesOf = (count: number): string[] => [
      "before",
      ...Array.from({ length: count }, (_, i) => [`during f${i}`, `after f${i}`]).flat(),
    ];
    const four = summaryText(inPhases(phasesOf(4)), plainly);
    expect(four.match(/^ {2,}(EU|US)? +(f[0-3]|whole run) /gm)).toHaveLength(10);
    expect(four).toMatch(/^ +before /m);
    expect(four).not.toMatch(/^ +after /m);
    const five = summaryText(inPhases(phasesOf(5)), plainly);
    expect(five.match(/^ {2,}(EU|US)? +(f[0-4]|whole run) /gm)).toHaveLength(12);
    expect(five).not.toMatch(/^ +(before|after) /m);
    const six = summaryText(inPhases(phasesOf(6)), plainly);
    expect(six.match(/^ {2,}(EU|US)? +(f0|whole run) /gm)).toHaveLength(4);
  });

  it("is whole for a run in which nothing happened", () => {
    const text = summaryText(emptyResult(), plainly);
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(text).toContain("No requests were offered.");
    expect(text).toContain("NO OBJECTIVES");
  });

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "lets no hostile name command the terminal or add lines: payload %i",
    (_, payload) => {
      const text = summaryText(poisoned(sampleResult(), payload), plainly);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(text.split("\n")).toHaveLength(summaryText(sampleResult(), plainly).split("\n").length);
    },
  );
});
