/** What became of standbys and drills, in sentences. */
import { describe, expect, it } from "vitest";
import { driftLines } from "../../src/report/driftSentences.js";
import type {
  OperationResult,
  OperationsResult,
  PromotionResult,
  StandbyResult,
} from "../../src/result/resultDrift.js";
import { sampleResult } from "./sampleResult.js";

const MIN = 60;

function tried(over: Partial<PromotionResult>): PromotionResult {
  return {
    why: "loss",
    neededS: 10 * MIN,
    startS: 10 * MIN,
    endS: 12 * MIN,
    daysUntested: 90,
    chance: 0.5,
    failure: null,
    ...over,
  };
}

function sentence(over: Partial<StandbyResult>): string {
  const standby: StandbyResult = {
    endpoint: "ie",
    actives: ["de"],
    daysUntested: 90,
    chance: 0.5,
    promotions: [],
    keptS: [],
    waitingSinceS: null,
    line: null,
    ...over,
  };
  const lines = driftLines({ ...sampleResult(), standbys: [standby] });
  return lines[0]!.replaceAll("\u00a0", " ");
}

/** What became of it. */
function told(over: Partial<StandbyResult>): string {
  return sentence(over).replace(/^.*?\): /, "");
}

const rotten = tried({ failure: "expired-key" });

describe("a sentence about a standby", () => {
  it("tells each time it was needed, in time order, and what was tried for it", () => {
    const promotions = [rotten, tried({ startS: 15 * MIN, endS: 16.5 * MIN }), tried({ why: "drill" })];
    expect(told({ promotions, keptS: [40 * MIN] })).toBe(
      "needed at 10:00: failed at 12:00 (expired-key) and served from 16:30, after 6 min 30 s; needed at 40:00: served already, for a drill.",
    );
  });

  it("tells of a wait that has not ended once, with what was tried", () => {
    expect(told({ promotions: [rotten], waitingSinceS: 10 * MIN })).toBe(
      "needed at 10:00: failed at 12:00 (expired-key) and not serving at the end.",
    );
    expect(told({ waitingSinceS: 50 * MIN })).toBe("needed at 50:00: not serving at the end.");
  });

  it("is short however often it was needed, and says when it was not", () => {
    const promotions = [1, 2, 3, 4, 5].map((m) => tried({ neededS: m * MIN, endS: (m + 1) * MIN }));
    expect(told({ promotions })).toMatch(/needed at 3:00: served from 4:00, after 60 s; and 2 times more\.$/);
    expect(told({ promotions: [tried({ why: "loss", neededS: 1e9 })] })).toMatch(/^needed at /);
    expect(told({})).toBe("not needed.");
  });

  it("tells of a drill before it was needed, and of the chance that it had left instead of that of the start", () => {
    const drill = tried({ why: "drill", endS: 5 * MIN, daysUntested: 3650, chance: 0.9999 });
    const later = tried({ daysUntested: 0.1, chance: 0.001 });
    const over = { daysUntested: 3650, chance: 0.9999, promotions: [drill, later] };
    const line = (more: Partial<StandbyResult> = {}): string => sentence({ ...over, ...more });
    expect(line()).toBe(
      "Standby ie, untested for 3 650 days until a drill at 5:00: needed at 10:00 (0.10 % to fail, as the scenario assumes): served from 12:00, after 2 min.",
    );
    expect(line({ promotions: [{ ...drill, failure: "expired-key" }], line: "s.yaml:9" })).toBe(
      "Standby ie, untested for 3 650 days until a drill at 5:00, which failed (expired-key) (s.yaml:9): not needed.",
    );
    // Needed before the drill too: then the chance of the start was the one that mattered.
    const early = tried({ neededS: 2 * MIN, endS: 3 * MIN, daysUntested: 3650, chance: 0.9999 });
    expect(line({ promotions: [early, drill, later] })).toMatch(
      /untested for 3 650 days \(99\.99 % to fail, .*\): needed at 2:00: served .*; needed at 10:00 \(0\.10 % to fail/,
    );
  });
});

describe("a sentence about drills", () => {
  it("does not charge them with the outage that ended one", () => {
    const drill = (outcome: string, refused: number): OperationResult => ({
      kind: "drill",
      id: "d",
      stage: "",
      startS: 0,
      endS: 1,
      outcome,
      served: 98,
      refused,
    });
    const { e2eMs } = sampleResult().latency;
    const quiet = { kind: "quiet", id: "", stage: "", times: 1, served: 100, refused: 0, e2eMs } as const;
    const list = [drill("passed", 2), drill("aborted: what it drained was lost in earnest", 500)];
    const operations: OperationsResult = { list, quiet, costs: [] };
    const [line] = driftLines({ ...sampleResult(), operations });
    expect(line!.replaceAll("\u00a0", " ")).toBe(
      "Drills: 2 due, 1 passed and 1 skipped, aborted or not over; meanwhile 2 requests refused (2.0 %; in quiet time 0 %).",
    );
  });
});
