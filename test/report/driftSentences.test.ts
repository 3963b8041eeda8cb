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

function told(over: Partial<StandbyResult>): string {
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
  return lines[0]!.replaceAll("\u00a0", " ").replace(/^.*?\): /, "");
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
    expect(told({ promotions: [tried({ why: "drill" })] })).toBe("not needed.");
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
