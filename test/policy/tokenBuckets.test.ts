import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBuckets } from "../../src/policy/index.js";
import { exponential, interval, luck } from "./helpers.js";

function bucket(perMin: number, burst: number): TokenBuckets {
  const buckets = new TokenBuckets(1);
  buckets.configure(0, perMin, burst);
  return buckets;
}

/**
 * Refused share of Poisson arrivals at a bucket of one unit per unit of time, in 20 batches.
 * A bucket of integer size b refuses exactly when an M/D/1 queue with b places (the one in service
 * counted) would be full.
 */
function refusedShare(burst: number, offeredOverLimit: number, arrivals: number, seed: number) {
  const uniform = luck(seed);
  const buckets = bucket(60_000, burst);
  const batches: number[] = [];
  let nowMs = 0;
  for (let batch = 0; batch < 20; batch++) {
    let refused = 0;
    for (let n = 0; n < arrivals / 20; n++) {
      nowMs += exponential(uniform) / offeredOverLimit;
      if (!buckets.take(0, 1, nowMs)) refused += 1;
    }
    batches.push(refused / (arrivals / 20));
  }
  return interval(batches);
}

describe("token buckets against M/D/1/b", () => {
  // Reference figures: M/D/1/b blocking by the embedded chain; the stated tolerance is 0.002.
  const cases: [number, number, number][] = [
    [1, 1, 0.5],
    [1, 2, 0.268941],
    [1, 5, 0.103449],
    [1, 10, 0.050847],
    [1, 20, 0.02521],
    [1, 60, 0.008357],
    [2, 1, 0.666667],
    [2, 2, 0.531689],
    [2, 5, 0.500253],
    [2, 10, 0.5],
  ];
  for (const [offered, burst, refused] of cases) {
    it(`refuses ${refused} of arrivals at ${offered} times the limit with burst ${burst}, within 0.002`, () => {
      const { mean, halfWidth } = refusedShare(burst, offered, 1_000_000, 100 * offered + burst);
      // Wider than the reference tolerance would mean anything passes.
      expect(halfWidth).toBeLessThan(0.003);
      expect(Math.abs(mean - refused), `${mean} ± ${halfWidth}`).toBeLessThan(0.002);
    });
  }

  it("refuses a third of the tokens at one and a half times a token limit, within 0.01", () => {
    const uniform = luck(9);
    const buckets = bucket(100_000, 100_000);
    let nowMs = 0;
    let offered = 0;
    let refused = 0;
    for (let n = 0; n < 400_000; n++) {
      nowMs += exponential(uniform) * 200; // 300 requests a minute
      const tokens = Math.round(250 + 500 * uniform()); // mean 500, so 150,000 tokens a minute
      offered += tokens;
      if (!buckets.take(0, tokens, nowMs)) refused += tokens;
    }
    expect(Math.abs(refused / offered - 1 / 3)).toBeLessThan(0.01);
  });
});

/** The dumbest bucket: a level brought up to date before each use. */
class PlainBucket {
  perMs: number;
  size: number;
  level: number;
  lastMs = 0;

  constructor(perMs: number, size: number) {
    this.perMs = perMs;
    this.size = size;
    this.level = size;
  }

  refill(nowMs: number): void {
    this.level = Math.min(this.size, this.level + (nowMs - this.lastMs) * this.perMs);
    this.lastMs = nowMs;
  }
}

// Powers of two everywhere: both buckets then compute without rounding and must agree exactly, ties too.
const opArb = fc.record({
  stepMs: fc.constantFrom(0, 0, 1, 2, 4, 16),
  what: fc.constantFrom("take", "take", "take", "force", "refund", "scale"),
  amount: fc.constantFrom(0, 1, 2, 4, 8, 16),
  factor: fc.constantFrom(0.25, 0.5, 1, 2),
});

describe("token buckets against a level kept by hand", () => {
  it("admit, charge and refund the same, at equal times too", () => {
    const rates = fc.constantFrom(0.25, 0.5, 1, 2);
    fc.assert(
      fc.property(rates, fc.constantFrom(1, 2, 8), fc.array(opArb, { maxLength: 60 }), (perMs, size, ops) => {
        const buckets = bucket(perMs * 60_000, size);
        const plain = new PlainBucket(perMs, size);
        let nowMs = 0;
        for (const { stepMs, what, amount, factor } of ops) {
          nowMs += stepMs;
          plain.refill(nowMs);
          expect(buckets.level(0, nowMs)).toBe(plain.level);
          if (what === "take") {
            const admit = plain.level >= Math.min(amount, plain.size);
            if (admit) plain.level -= amount;
            expect(buckets.take(0, amount, nowMs)).toBe(admit);
          } else if (what === "scale") {
            plain.perMs = perMs * factor;
            plain.size = size * factor;
            plain.level = Math.min(plain.level, plain.size);
            buckets.setScale(0, factor, nowMs);
          } else {
            const signed = what === "force" ? amount : -amount;
            plain.level = Math.min(plain.size, plain.level - signed);
            buckets.force(0, signed, nowMs);
          }
        }
      }),
      { seed: 20260504, numRuns: 3000 },
    );
  });

  it("are available exactly at the time they say, and not a millionth of a millisecond before", () => {
    const amountArb = fc.double({ min: 0.001, max: 500, noNaN: true });
    const takes = fc.array(fc.tuple(amountArb, fc.double({ min: 0, max: 100, noNaN: true })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), amountArb, takes, (perMin, burst, list) => {
        const buckets = bucket(perMin, burst);
        let nowMs = 0;
        for (const [amount, stepMs] of list) {
          nowMs += stepMs;
          const atMs = buckets.availableAtMs(0, amount, nowMs);
          expect(atMs).toBeGreaterThanOrEqual(nowMs);
          expect(buckets.has(0, amount, atMs)).toBe(true);
          if (atMs > nowMs + 1e-6) expect(buckets.has(0, amount, atMs - 1e-6)).toBe(false);
          buckets.force(0, amount, nowMs);
        }
      }),
      { seed: 20260505, numRuns: 1000 },
    );
  });
});

describe("token buckets at the edges", () => {
  it("admit more than the burst only when full, and wait out the debt", () => {
    const buckets = bucket(60_000, 10);
    expect(buckets.take(0, 25, 0)).toBe(true);
    expect(buckets.level(0, 0)).toBe(-15);
    expect(buckets.availableAtMs(0, 1, 0)).toBe(16);
    expect(buckets.availableAtMs(0, 25, 0)).toBe(25);
    expect(buckets.take(0, 25, 24)).toBe(false);
    expect(buckets.take(0, 25, 25)).toBe(true);
  });

  it("take all or nothing: a refused amount costs nothing", () => {
    const buckets = bucket(60, 5);
    expect(buckets.take(0, 3, 0)).toBe(true);
    expect(buckets.take(0, 3, 0)).toBe(false);
    expect(buckets.level(0, 0)).toBe(2);
  });

  it("never end a minute above burst plus a minute's rate", () => {
    const buckets = bucket(60, 5);
    let admitted = 0;
    for (let nowMs = 0; nowMs < 60_000; nowMs += 10) if (buckets.take(0, 1, nowMs)) admitted += 1;
    expect(admitted).toBe(64);
  });

  it("without a limit admit anything, at any time, scaled or not", () => {
    const buckets = new TokenBuckets(1);
    expect(buckets.take(0, 1e300, 0)).toBe(true);
    buckets.setScale(0, 0.5, 0);
    expect(buckets.take(0, 1e300, 0)).toBe(true);
    expect(buckets.availableAtMs(0, 1e300, 7)).toBe(7);
    expect(buckets.level(0, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("admit nothing while cut to nought, not even without a limit, and start again empty", () => {
    for (const perMin of [60_000, Number.POSITIVE_INFINITY]) {
      const buckets = bucket(perMin, perMin === 60_000 ? 10 : perMin);
      buckets.setScale(0, 0, 100);
      expect(buckets.has(0, 1, 1e12)).toBe(false);
      expect(buckets.availableAtMs(0, 1, 100)).toBe(Number.POSITIVE_INFINITY);
      buckets.setScale(0, 1, 200);
      expect(buckets.availableAtMs(0, 1, 200)).toBe(perMin === 60_000 ? 201 : 200);
    }
  });

  it("carry a debt through a cut to nought", () => {
    const buckets = bucket(60_000, 10);
    buckets.force(0, 30, 0);
    buckets.setScale(0, 0, 5);
    expect(buckets.level(0, 1000)).toBe(-15);
    buckets.setScale(0, 1, 1000);
    expect(buckets.availableAtMs(0, 1, 1000)).toBe(1016);
  });

  it("keep their columns apart and refuse figures that are none", () => {
    const buckets = new TokenBuckets(2);
    buckets.configure(0, 60, 1);
    buckets.configure(1, 60, 1);
    buckets.take(0, 1, 0);
    expect([buckets.has(0, 1, 0), buckets.has(1, 1, 0)]).toEqual([false, true]);
    expect(() => buckets.configure(0, Number.NaN, 1)).toThrow(RangeError);
    expect(() => buckets.setScale(0, -1, 0)).toThrow(RangeError);
  });
});
