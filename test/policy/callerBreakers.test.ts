import { describe, expect, it } from "vitest";
import {
  type BreakerConfig,
  type BreakerKind,
  createBreaker,
  Outliers,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  ReturningTargets,
  rampFactor,
  straightRamp,
} from "../../src/policy/index.js";
import { breakerContract } from "./callerContracts.js";
import { luck } from "./helpers.js";

const consecutive = { kind: "consecutive", failures: 3, openMs: 1000, halfOpenCalls: 2 } as const;
const rate = {
  kind: "failure-rate",
  threshold: 0.5,
  windowMs: 10_000,
  minCalls: 4,
  openMs: 1000,
  halfOpenCalls: 1,
} as const;

const EXAMPLES = {
  none: { kind: "none" },
  consecutive,
  "failure-rate": rate,
} as const satisfies Record<BreakerKind, BreakerConfig>;

for (const [kind, config] of Object.entries(EXAMPLES)) {
  breakerContract(kind, 1000, (targets) => createBreaker(config, targets));
}

/** A breaker of one target, driven by whole calls. */
class Driver {
  readonly breaker;
  nowMs = 0;

  constructor(config: BreakerConfig) {
    this.breaker = createBreaker(config, 1);
  }

  /** Makes a call of `ms` that ends as `result`, and says whether the target may be called after it. */
  call(result: number, ms = 10): boolean {
    this.breaker.onStart(0, this.nowMs);
    this.nowMs += ms;
    this.breaker.onEnd(0, result, this.nowMs - ms, this.nowMs);
    return this.mayCall();
  }

  mayCall(): boolean {
    return this.breaker.mayCallMask(this.nowMs) === 1;
  }
}

/** Opens a breaker of three consecutive failures. */
function opened(): Driver {
  const driver = new Driver(consecutive);
  for (let n = 0; n < 3; n++) driver.call(RESULT_ERROR);
  expect(driver.mayCall()).toBe(false);
  return driver;
}

describe("the consecutive breaker", () => {
  it("opens at the third failure in a row; a success between begins a new row, a throttled call does not", () => {
    const driver = new Driver(consecutive);
    for (const result of [RESULT_ERROR, RESULT_TIMEOUT, RESULT_OK, RESULT_ERROR, RESULT_ERROR]) {
      expect(driver.call(result)).toBe(true);
    }
    expect(driver.call(RESULT_THROTTLED)).toBe(true);
    expect(driver.call(RESULT_ABANDONED)).toBe(true);
    expect(driver.call(RESULT_TIMEOUT)).toBe(false);
  });

  it("may be called again exactly when it has been open for its time", () => {
    const driver = opened();
    driver.nowMs += 999;
    expect(driver.mayCall()).toBe(false);
    driver.nowMs += 1;
    expect(driver.mayCall()).toBe(true);
  });

  it("half-open lets two calls through at once and closes when both have succeeded", () => {
    const { breaker, nowMs } = opened();
    const t = nowMs + 1000;
    breaker.onStart(0, t);
    expect(breaker.mayCallMask(t)).toBe(1);
    breaker.onStart(0, t);
    expect(breaker.mayCallMask(t)).toBe(0);
    breaker.onEnd(0, RESULT_OK, t, t + 10);
    expect(breaker.mayCallMask(t + 10)).toBe(0);
    breaker.onEnd(0, RESULT_OK, t, t + 20);
    expect(breaker.mayCallMask(t + 20)).toBe(1);
    // Closed: a third and a fourth may be under way at once.
    for (let n = 0; n < 4; n++) breaker.onStart(0, t + 20);
    expect(breaker.mayCallMask(t + 20)).toBe(1);
  });

  it("half-open opens again for its whole time at one failure", () => {
    const driver = opened();
    driver.nowMs += 1000;
    expect(driver.call(RESULT_OK)).toBe(true);
    expect(driver.call(RESULT_ERROR)).toBe(false);
    driver.nowMs += 999;
    expect(driver.mayCall()).toBe(false);
    driver.nowMs += 1;
    expect(driver.mayCall()).toBe(true);
  });

  it("half-open gives the place of an abandoned call to another", () => {
    const driver = opened();
    driver.nowMs += 1000;
    for (let n = 0; n < 10; n++) expect(driver.call(RESULT_ABANDONED)).toBe(true);
  });

  it("does not count what was sent before it opened, neither half-open nor closed again", () => {
    const { breaker, nowMs } = opened();
    const t = nowMs + 1000;
    breaker.onStart(0, t);
    breaker.onEnd(0, RESULT_TIMEOUT, nowMs - 5, t + 1);
    breaker.onEnd(0, RESULT_OK, t, t + 10);
    breaker.onStart(0, t + 10);
    breaker.onEnd(0, RESULT_OK, t + 10, t + 20);
    for (let n = 0; n < 5; n++) breaker.onEnd(0, RESULT_TIMEOUT, nowMs - 5, t + 30);
    expect(breaker.mayCallMask(t + 30)).toBe(1);
    for (let n = 0; n < 3; n++) breaker.onEnd(0, RESULT_TIMEOUT, t + 30, t + 40);
    expect(breaker.mayCallMask(t + 40)).toBe(0);
  });

  it("counts a half-open call whose start is computed as end − round trip, with its rounding", () => {
    const driver = opened();
    const startMs = driver.nowMs + 1000.7;
    const endMs = startMs + 4567.89;
    expect(endMs - (endMs - startMs)).toBeLessThan(startMs);
    driver.breaker.onStart(0, startMs);
    driver.breaker.onEnd(0, RESULT_ERROR, endMs - (endMs - startMs), endMs);
    expect(driver.breaker.mayCallMask(endMs + 999)).toBe(0);
    expect(driver.breaker.mayCallMask(endMs + 1000)).toBe(1);
  });

  it("is not moved by calls made in spite of it, so failing open does not keep it open", () => {
    const driver = opened();
    const openMs = driver.nowMs;
    for (let n = 0; n < 50; n++) driver.call(RESULT_ERROR);
    driver.nowMs = openMs + 1000;
    expect(driver.mayCall()).toBe(true);
  });
});

describe("the failure-rate breaker", () => {
  it("does not open at its threshold, only above it", () => {
    const driver = new Driver(rate);
    for (const result of [RESULT_OK, RESULT_OK, RESULT_ERROR]) driver.call(result);
    expect(driver.call(RESULT_ERROR)).toBe(true);
    expect(driver.call(RESULT_THROTTLED)).toBe(false);
  });

  it("does not take 57 of 100 for more than 57 %, though 0.57 · 100 is a rounding below 57", () => {
    expect(0.57 * 100).toBeLessThan(57);
    const driver = new Driver({ ...rate, threshold: 0.57, minCalls: 100 });
    for (let n = 0; n < 43; n++) driver.call(RESULT_OK);
    for (let n = 0; n < 57; n++) driver.call(RESULT_ERROR);
    expect(driver.mayCall()).toBe(true);
    expect(driver.call(RESULT_ERROR)).toBe(false);
  });

  it("does not open before it has seen its least number of calls, abandoned ones not among them", () => {
    const driver = new Driver(rate);
    for (let n = 0; n < 3; n++) driver.call(RESULT_ERROR);
    for (let n = 0; n < 9; n++) expect(driver.call(RESULT_ABANDONED)).toBe(true);
    expect(driver.call(RESULT_ERROR)).toBe(false);
  });

  it("forgets what is older than its window, a tenth at a time", () => {
    for (const [gapMs, opens] of [
      [8900, true],
      [10_000, false],
      [1_000_000, false],
    ] as const) {
      const driver = new Driver(rate);
      for (let n = 0; n < 3; n++) driver.call(RESULT_ERROR, 1);
      driver.nowMs += gapMs;
      expect(driver.call(RESULT_ERROR, 1)).toBe(!opens);
    }
  });

  it("begins with an empty window when it has closed", () => {
    const driver = new Driver(rate);
    for (let n = 0; n < 4; n++) driver.call(RESULT_ERROR);
    driver.nowMs += 1000;
    expect(driver.call(RESULT_OK)).toBe(true);
    for (let n = 0; n < 3; n++) expect(driver.call(RESULT_ERROR)).toBe(true);
    expect(driver.call(RESULT_ERROR)).toBe(false);
  });
});

const outlier = { consecutiveFailures: 5, ejectionMs: 30_000, maxEjectionMs: 300_000, maxShare: 0.1 };

/** Fails a target until it would be ejected, at one instant. */
function fail(outliers: Outliers, target: number, nowMs: number, times = 5): void {
  for (let n = 0; n < times; n++) outliers.onEnd(target, RESULT_ERROR, nowMs, nowMs);
}

describe("outlier ejection", () => {
  it("ejects at the fifth failure in a row for the ejection time and no longer", () => {
    const outliers = new Outliers(outlier, 4);
    fail(outliers, 2, 1000, 4);
    outliers.onEnd(2, RESULT_OK, 1000, 1000);
    fail(outliers, 2, 1000, 4);
    outliers.onEnd(2, RESULT_THROTTLED, 1000, 1000);
    expect(outliers.inUseMask(1000)).toBe(0b1111);
    fail(outliers, 2, 1000, 1);
    expect(outliers.inUseMask(30_999)).toBe(0b1011);
    expect(outliers.inUseMask(31_000)).toBe(0b1111);
  });

  it("ejects no more than its share of all, rounded down, but one when the share is above 0", () => {
    for (const [maxShare, targets, expected] of [
      [0, 4, 0],
      [0.1, 4, 1],
      [0.5, 5, 2],
      [0.2, 15, 3],
      [1, 4, 4],
    ] as const) {
      const outliers = new Outliers({ ...outlier, maxShare }, targets);
      for (let target = 0; target < targets; target++) fail(outliers, target, 0, 50);
      let out = 0;
      for (let target = 0; target < targets; target++) out += (outliers.inUseMask(0) >> target) & 1 ? 0 : 1;
      expect(out).toBe(expected);
    }
  });

  it("ejects at its next failure a target that had to stay, once another has come back", () => {
    const outliers = new Outliers(outlier, 4);
    fail(outliers, 0, 0);
    fail(outliers, 1, 0, 7);
    expect(outliers.inUseMask(29_999)).toBe(0b1110);
    outliers.onEnd(1, RESULT_ERROR, 30_000, 30_000);
    expect(outliers.inUseMask(30_000)).toBe(0b1101);
  });

  it("ejects for once more the time with each ejection, up to the longest, and lives down one per time in use", () => {
    const outliers = new Outliers({ ...outlier, maxShare: 1 }, 2);
    const ejectedForMs: number[] = [];
    let nowMs = 0;
    const ejectOnce = (): void => {
      fail(outliers, 0, nowMs);
      ejectedForMs.push(outliers.backAtMs[0]! - nowMs);
      nowMs = outliers.backAtMs[0]!;
    };
    for (let n = 0; n < 14; n++) ejectOnce();
    expect(ejectedForMs.map((ms) => ms / 30_000)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10, 10, 10]);
    ejectedForMs.length = 0;
    nowMs += 6 * 30_000 - 1;
    ejectOnce();
    nowMs += 3 * 30_000;
    ejectOnce();
    nowMs += 100 * 30_000;
    ejectOnce();
    expect(ejectedForMs.map((ms) => ms / 30_000)).toEqual([6, 4, 1]);
  });

  it("does not count calls that were sent before the target came back", () => {
    const outliers = new Outliers(outlier, 4);
    fail(outliers, 0, 1000);
    for (let n = 0; n < 9; n++) outliers.onEnd(0, RESULT_TIMEOUT, 900, 31_500);
    expect(outliers.inUseMask(31_500)).toBe(0b1111);
    fail(outliers, 0, 31_500);
    expect(outliers.inUseMask(31_500)).toBe(0b1110);
  });
});

describe("a target that returns", () => {
  const config = { holdMs: 5000, slowStartMs: 60_000, aggression: 1, minShare: 0.1 };

  it("is out during the hold, and then takes the share of requests its ramp says, within 4 standard errors", () => {
    const returning = new ReturningTargets(config, 2, straightRamp);
    returning.onBack(1, 10_000);
    expect(returning.admitsMask(14_999, 0)).toBe(0b01);
    const uniform = luck(11);
    const draws = 20_000;
    for (const [sinceMs, share] of [
      [0, 0.1],
      [30_000, 0.5],
      [54_000, 0.9],
    ] as const) {
      let admitted = 0;
      for (let n = 0; n < draws; n++) {
        if (returning.admitsMask(15_000 + sinceMs, uniform()) === 0b11) admitted += 1;
      }
      const halfWidth = 4 * Math.sqrt((share * (1 - share)) / draws);
      expect(halfWidth).toBeLessThan(0.015);
      expect(Math.abs(admitted / draws - share), `${admitted / draws}`).toBeLessThan(halfWidth);
    }
    expect(returning.admitsMask(75_000, 1 - 2 ** -53)).toBe(0b11);
    expect(returning.returning).toBe(0);
  });

  it("begins anew when it is believed up anew", () => {
    const returning = new ReturningTargets(config, 1, straightRamp);
    returning.onBack(0, 0);
    expect(returning.admitsMask(65_000, 0.99)).toBe(1);
    returning.onBack(0, 70_000);
    expect(returning.admitsMask(74_999, 0)).toBe(0);
  });

  it("never loses share as time passes, and has all of it at the end of the ramp or with none", () => {
    for (const aggression of [0.5, 1, 1.5, 3]) {
      let before = 0;
      for (let sinceMs = 0; sinceMs <= 60_000; sinceMs += 100) {
        const share = rampFactor({ ...config, aggression }, sinceMs);
        expect(share).toBeGreaterThanOrEqual(before);
        expect(share).toBeLessThanOrEqual(1);
        before = share;
      }
      expect(before).toBe(1);
    }
    expect(rampFactor({ ...config, slowStartMs: 0 }, 0)).toBe(1);
  });
});
