import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BACKOFF_KINDS, backoffMs, RETRY_BURST, RetryBudget } from "../../src/policy/index.js";
import { interval, luck } from "./helpers.js";

const u01 = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffMs", () => {
  it("stays between 0 and the cap for every kind, attempt and draw, but for the jitter that goes on top of the cap", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...BACKOFF_KINDS),
        fc.integer({ min: 0, max: 5000 }),
        fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.constant(Number.POSITIVE_INFINITY)),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 60_000 }),
        u01,
        (kind, baseMs, capMs, attempt, previousMs, u) => {
          const waitMs = backoffMs(kind, baseMs, capMs, attempt, previousMs, u);
          expect(waitMs).toBeGreaterThanOrEqual(0);
          expect(waitMs).toBeLessThanOrEqual(kind === "twenty-percent-jitter" ? 1.2 * capMs : capMs);
        },
      ),
      { seed: 20260507, numRuns: 3000 },
    );
  });

  it("doubles from the base at the first retry to the cap", () => {
    const waits = [1, 2, 3, 4, 5, 6, 1000].map((n) => backoffMs("exponential", 200, 5000, n, 0, 0.5));
    expect(waits).toEqual([200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it("spans half to all of it with equal jitter, and nothing to all of it with full jitter", () => {
    expect([0, 0.5].map((u) => backoffMs("equal-jitter", 200, 5000, 3, 0, u))).toEqual([400, 600]);
    expect([0, 0.5].map((u) => backoffMs("full-jitter", 200, 5000, 3, 0, u))).toEqual([0, 400]);
  });

  it("spans the base to three times the previous wait when decorrelated, whatever the attempt", () => {
    expect(backoffMs("decorrelated-jitter", 100, 5000, 1, 0, 0.5)).toBe(200);
    expect(backoffMs("decorrelated-jitter", 100, 5000, 9, 400, 0)).toBe(100);
    expect(backoffMs("decorrelated-jitter", 100, 5000, 9, 400, 0.5)).toBe(650);
    expect(backoffMs("decorrelated-jitter", 100, 5000, 9, 4000, 0.999)).toBe(5000);
  });

  it("has the base as its mean and its standard deviation when exponentially random", () => {
    const uniform = luck(3);
    const waits = Array.from({ length: 200_000 }, () =>
      backoffMs("exponential-random", 200, Number.POSITIVE_INFINITY, 4, 0, uniform()),
    );
    const { mean, halfWidth } = interval(waits);
    expect(Math.abs(mean - 200), `${mean} ± ${halfWidth}`).toBeLessThan(halfWidth);
    // Four standard errors of 200,000 exponential values are 4 · 200 / √200000.
    expect(Math.abs(halfWidth - 800 / Math.sqrt(200_000))).toBeLessThan(0.05);
  });
});

/** Attempts per first try and share of requests served, when each try fails on its own with chance `p`. */
function callUntilServed(failure: number, seed: number): { load: number; success: number } {
  const uniform = luck(seed);
  const firstTries = 600;
  const clients = 100;
  let attempts = 0;
  let served = 0;
  for (let client = 0; client < clients; client++) {
    const budget = new RetryBudget(0.1);
    for (let n = 0; n < firstTries; n++) {
      budget.onFirstTry();
      let tries = 1;
      let ok = uniform() >= failure;
      while (!ok && tries < 4 && budget.tryRetry()) {
        tries += 1;
        ok = uniform() >= failure;
      }
      attempts += tries;
      if (ok) served += 1;
    }
  }
  return { load: attempts / (clients * firstTries), success: served / (clients * firstTries) };
}

describe("RetryBudget", () => {
  // Published model of a retry bucket that earns 0.1 and holds 5: 100 clients, 600 first tries each.
  for (const [failure, load, success] of [
    [0.05, 1.0518, 0.9999],
    [0.2, 1.1061, 0.8832],
    [0.5, 1.107, 0.5561],
    [0.75, 1.1071, 0.2754],
  ] as const) {
    it(`makes ${load} attempts per request and serves ${success} when ${failure} of tries fail, within 0.008`, () => {
      const seen = callUntilServed(failure, 40 + 100 * failure);
      expect(Math.abs(seen.load - load), `${seen.load}`).toBeLessThan(0.008);
      expect(Math.abs(seen.success - success), `${seen.success}`).toBeLessThan(0.008);
    });
  }

  it("never grants more than its share of any stretch of first tries plus the burst", () => {
    const op = fc.constantFrom("first", "retry", "retry");
    const ratios = fc.constantFrom(0, 0.1, 0.2, 1 / 3, 1, 2.5);
    fc.assert(
      fc.property(ratios, fc.array(op, { maxLength: 300 }), fc.nat(300), (ratio, ops, from) => {
        const budget = new RetryBudget(ratio);
        let first = 0;
        let granted = 0;
        ops.forEach((what, i) => {
          if (what === "first") budget.onFirstTry();
          const retried = what === "retry" && budget.tryRetry();
          if (i < from) return;
          first += what === "first" ? 1 : 0;
          granted += retried ? 1 : 0;
          expect(granted).toBeLessThanOrEqual(ratio * first + RETRY_BURST + 1e-6);
        });
      }),
      { seed: 20260508, numRuns: 1000 },
    );
  });

  it("grants the tenth part exactly: one retry for every ten first tries once the burst is spent", () => {
    const budget = new RetryBudget(0.1);
    while (budget.tryRetry());
    let granted = 0;
    for (let n = 0; n < 1_000_000; n++) {
      budget.onFirstTry();
      if (budget.tryRetry()) granted += 1;
    }
    expect(granted).toBe(100_000);
  });

  it("grants everything at Infinity, nothing at nought, and refuses a ratio that is none", () => {
    const [all, none] = [new RetryBudget(Number.POSITIVE_INFINITY), new RetryBudget(0)];
    for (let n = 0; n < 100; n++) {
      expect([all.tryRetry(), none.tryRetry()]).toEqual([true, false]);
      none.onFirstTry();
      all.onFirstTry();
    }
    expect(() => new RetryBudget(-0.1)).toThrow(RangeError);
    expect(() => new RetryBudget(Number.NaN)).toThrow(RangeError);
  });
});
