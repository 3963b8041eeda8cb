import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WINDOW_BUCKETS, WindowCounts } from "../../src/policy/caller/windowCounts.js";
import {
  createThrottle,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  type ThrottleConfig,
  type ThrottleKind,
} from "../../src/policy/index.js";
import { throttleContract } from "./callerContracts.js";

const adaptive = { kind: "adaptive", k: 2, windowMs: 1000 } as const;
const successRate = {
  kind: "success-rate",
  threshold: 0.95,
  aggression: 2,
  windowMs: 1000,
  maxRejectShare: 0.8,
} as const;

const EXAMPLES = {
  none: { kind: "none" },
  adaptive,
  "success-rate": successRate,
} as const satisfies Record<ThrottleKind, ThrottleConfig>;

for (const [kind, config] of Object.entries(EXAMPLES)) throttleContract(kind, () => createThrottle(config));

describe("the adaptive throttle", () => {
  it("counts a try when it is attempted: with none answered yet the second is at risk by a half", () => {
    const throttle = createThrottle(adaptive);
    expect(throttle.refuses(0, 0)).toBe(false);
    expect(throttle.refuses(0, 0.5)).toBe(false);
    expect(throttle.refuses(0, 0.66)).toBe(true);
    // Three attempted, one of them refused here: 3 / 4.
    expect(throttle.refuses(0, 0.74)).toBe(true);
  });

  it("takes nothing back for a call given up, and all of it once the window has passed", () => {
    const throttle = createThrottle(adaptive);
    for (let n = 0; n < 9; n++) throttle.refuses(0, 0.99);
    throttle.onEnd(RESULT_ABANDONED, 0);
    expect(throttle.refuses(0, 0.89)).toBe(true);
    expect(throttle.refuses(1000, 0)).toBe(false);
  });
});

describe("the success-rate throttle", () => {
  it("never refuses more than its ceiling, and does not count what it refused", () => {
    const throttle = createThrottle(successRate);
    for (let n = 0; n < 1000; n++) throttle.onEnd(RESULT_ERROR, 0);
    for (let n = 0; n < 1000; n++) expect(throttle.refuses(0, 0.7999)).toBe(true);
    expect(throttle.refuses(0, 0.8)).toBe(false);
    // 19 successes of 20 are the threshold: with 1000 · 0.95 / 0.05 successes nothing is refused any more.
    for (let n = 0; n < 19_000; n++) throttle.onEnd(RESULT_OK, 0);
    expect(throttle.refuses(0, 0)).toBe(false);
  });
});

describe("WindowCounts", () => {
  it("counts what a list of times says, whatever the order of adding, reading and waiting", () => {
    const op = fc.record({
      row: fc.nat(1),
      column: fc.nat(1),
      waitMs: fc.constantFrom(0, 0, 3, 10, 99, 100, 101, 1000),
      add: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 150 }), (ops) => {
        const counts = new WindowCounts(2, 100);
        const added: { row: number; column: number; bucket: number }[] = [];
        let nowMs = 0;
        for (const { row, column, waitMs, add } of ops) {
          nowMs += waitMs;
          const bucket = Math.floor(nowMs / 10);
          if (add) {
            counts.add(row, column, nowMs);
            added.push({ row, column, bucket });
          }
          const kept = added.filter(
            (a) => a.row === row && a.column === column && a.bucket > bucket - WINDOW_BUCKETS,
          );
          expect(counts.total(row, column, nowMs)).toBe(kept.length);
        }
      }),
      { seed: 20261103, numRuns: 1000 },
    );
  });

  it("clears one row and leaves the others, and remembers all in a window without end", () => {
    const counts = new WindowCounts(3, Number.POSITIVE_INFINITY);
    for (const row of [0, 1, 2]) counts.add(row, 1, 5);
    counts.clear(1);
    expect([0, 1, 2].map((row) => counts.total(row, 1, 1e12))).toEqual([1, 0, 1]);
    expect(() => new WindowCounts(1, 0)).toThrow(RangeError);
  });
});
