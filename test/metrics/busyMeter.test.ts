import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BusyMeter } from "../../src/metrics/index.js";

const WINDOW_US = 10;
const WINDOWS = 12;

/** A change of level, so long after the one before. */
interface Step {
  readonly afterUs: number;
  readonly by: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    afterUs: fc.oneof(fc.nat(4), fc.constantFrom(10, 20, 55)),
    by: fc.integer({ min: -2, max: 3 }),
  }),
  { maxLength: 40 },
);

/** µs by µs: what was in use during each belongs to the window it lies in. */
function dumb(list: readonly Step[], endUs: number): number[] {
  const integral = new Array<number>(WINDOWS).fill(0);
  const levelAt: number[] = [];
  let level = 0;
  for (const { afterUs, by } of list) {
    for (let us = 0; us < afterUs; us++) levelAt.push(level);
    level += by;
  }
  while (levelAt.length < endUs) levelAt.push(level);
  levelAt.slice(0, endUs).forEach((n, us) => {
    const window = Math.floor(us / WINDOW_US);
    if (window < WINDOWS) integral[window] = integral[window]! + n;
  });
  return integral;
}

describe("busyMeter", () => {
  it("agrees with adding up the level microsecond by microsecond", () => {
    fc.assert(
      fc.property(steps, fc.nat(30), (list, restUs) => {
        const meter = new BusyMeter(WINDOW_US, WINDOWS);
        let nowUs = 0;
        let level = 0;
        let peak = 0;
        for (const { afterUs, by } of list) {
          nowUs += afterUs;
          level += by;
          peak = Math.max(peak, level);
          meter.change(by, nowUs);
          expect(meter.level).toBe(level);
        }
        meter.settle(nowUs + restUs);
        expect([...meter.integralUs]).toEqual(dumb(list, nowUs + restUs));
        expect(meter.peak).toBe(peak);
      }),
      { seed: 12, numRuns: 400 },
    );
  });

  it("counts nothing twice when it is settled often", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 20 }), (pausesUs) => {
        const meter = new BusyMeter(WINDOW_US, WINDOWS);
        meter.change(3, 0);
        let nowUs = 0;
        for (const us of pausesUs) {
          nowUs += us;
          meter.settle(nowUs);
        }
        const total = meter.integralUs.reduce((sum, us) => sum + us, 0);
        expect(total).toBe(3 * Math.min(nowUs, WINDOW_US * WINDOWS));
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it("leaves out what happens after the last window", () => {
    const meter = new BusyMeter(WINDOW_US, WINDOWS);
    meter.change(1, 115);
    meter.settle(500);
    meter.change(4, 600);
    meter.settle(700);
    expect(meter.integralUs.reduce((sum, us) => sum + us, 0)).toBe(5);
  });
});
