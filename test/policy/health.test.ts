import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HealthTracker, quorumUp } from "../../src/policy/index.js";
import { interval, luck } from "./helpers.js";

/** Beliefs from the whole history of one target: the dumbest thing that can be right. */
function upByHistory(history: readonly boolean[], fall: number, rise: number): boolean {
  let up = true;
  let since = 0;
  history.forEach((_, i) => {
    const need = up ? fall : rise;
    const last = history.slice(Math.max(since, i + 1 - need), i + 1);
    if (last.length === need && last.every((ok) => ok !== up)) {
      up = !up;
      since = i + 1;
    }
  });
  return up;
}

describe("HealthTracker", () => {
  it("believes what the whole history of each target says, and reports exactly the changes", () => {
    const reportArb = fc.tuple(fc.constantFrom(0, 1, 30), fc.boolean());
    const threshold = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(threshold, threshold, fc.array(reportArb, { maxLength: 80 }), (fall, rise, reports) => {
        const tracker = new HealthTracker(31, fall, rise);
        const histories = new Map<number, boolean[]>();
        for (const [i, ok] of reports) {
          const history = histories.get(i) ?? [];
          const before = upByHistory(history, fall, rise);
          history.push(ok);
          histories.set(i, history);
          const after = upByHistory(history, fall, rise);
          expect(tracker.report(i, ok)).toBe(before !== after);
          expect(tracker.isUp(i)).toBe(after);
        }
        let mask = 0;
        for (let i = 0; i < 31; i++) if (upByHistory(histories.get(i) ?? [], fall, rise)) mask |= 1 << i;
        expect(tracker.upMask).toBe(mask);
      }),
      { seed: 20260506, numRuns: 1500 },
    );
  });

  // Mean wait for k failures in a row: (1 - p^k) / ((1 - p) p^k).
  for (const [loss, fall, probes] of [
    [0.1, 3, 1110],
    [0.05, 3, 8420],
  ] as const) {
    it(`raises a false alarm every ${probes} probes on average at loss ${loss} and fall ${fall}, within 5 %`, () => {
      const uniform = luck(fall + probes);
      const runs: number[] = [];
      for (let run = 0; run < 8_000_000 / probes; run++) {
        const tracker = new HealthTracker(1, fall, 1);
        let count = 1;
        while (!tracker.report(0, uniform() >= loss)) count += 1;
        runs.push(count);
      }
      const { mean, halfWidth } = interval(runs);
      expect(halfWidth).toBeLessThan(0.15 * probes);
      expect(Math.abs(mean - probes), `${mean} ± ${halfWidth}`).toBeLessThan(0.05 * probes);
    });
  }

  it("refuses thresholds below one and more targets than a mask holds", () => {
    expect(() => new HealthTracker(1, 0, 1)).toThrow(RangeError);
    expect(() => new HealthTracker(1, 1, Number.NaN)).toThrow(RangeError);
    expect(() => new HealthTracker(32, 1, 1)).toThrow(RangeError);
  });
});

describe("quorumUp", () => {
  it("needs 3 of 16 checkers for a quorum of 18 %", () => {
    expect([0, 1, 2, 3, 4, 16].map((reports) => quorumUp(reports, 16, 0.18))).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it("does not count exactly the quorum as up, for any whole percentage", () => {
    for (let percent = 0; percent <= 100; percent++) {
      expect(quorumUp(percent, 100, percent / 100), `${percent} %`).toBe(false);
      expect(quorumUp(percent + 1, 100, percent / 100), `${percent} %`).toBe(true);
    }
  });

  it("is down without checkers", () => {
    expect(quorumUp(0, 0, 0)).toBe(false);
  });
});
