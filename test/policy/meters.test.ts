/** What a provider counts: requests and tokens a minute, tokens a day, growth of use. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CAUSE_RATE_REQUESTS,
  CAUSE_RATE_TOKENS,
  type MeterConfig,
  Meters,
  reservedTokens,
  usedTokens,
  WITHIN_METERS,
} from "../../src/policy/index.js";

const NEVER = Number.POSITIVE_INFINITY;
const MINUTE = 60_000;
const DAY = 86_400_000;

const FREE: MeterConfig = {
  requestsPerMin: NEVER,
  tokensPerMin: NEVER,
  requestBurst: NEVER,
  tokenBurst: NEVER,
  tokensPerDay: NEVER,
  outputBurndown: 1,
  countsCached: true,
  acceleration: null,
};

const meter = (over: Partial<MeterConfig>): Meters => new Meters([{ ...FREE, ...over }]);

/** Lets a call in if that is allowed now. */
function admit(meters: Meters, tokens: number, nowMs: number): boolean {
  if (meters.shortage(0, tokens, nowMs) !== WITHIN_METERS) return false;
  meters.take(0, tokens, nowMs);
  return true;
}

/** A call that ends at once and used all that was set aside. */
function use(meters: Meters, tokens: number, nowMs: number): boolean {
  const admitted = admit(meters, tokens, nowMs);
  if (admitted) meters.settle(0, tokens, tokens, nowMs);
  return admitted;
}

describe("an estimate and a settlement", () => {
  it("count an output token as often as the burndown says", () => {
    const config = { ...FREE, outputBurndown: 5 };
    expect(reservedTokens(config, 100, 40)).toBe(300);
    expect(usedTokens(config, 100, 0, 7)).toBe(135);
  });

  it("set aside the whole prompt, and drop what was cached only where that does not count", () => {
    expect(reservedTokens({ ...FREE, countsCached: false }, 100, 10)).toBe(110);
    expect(usedTokens({ ...FREE, countsCached: false }, 100, 90, 10)).toBe(20);
    expect(usedTokens({ ...FREE, countsCached: true }, 100, 90, 10)).toBe(110);
  });
});

describe("a meter", () => {
  it("names requests before tokens when both are short", () => {
    const meters = meter({ requestsPerMin: 60, requestBurst: 1, tokensPerMin: 60, tokenBurst: 10 });
    expect(use(meters, 10, 0)).toBe(true);
    expect(meters.shortage(0, 10, 0)).toBe(CAUSE_RATE_REQUESTS);
    expect(meters.shortage(0, 10, 1000)).toBe(CAUSE_RATE_TOKENS);
    expect(meters.shortage(0, 10, 10_000)).toBe(WITHIN_METERS);
  });

  it("admits again what a call gives back that ended without an answer, but not its request", () => {
    const meters = meter({ tokensPerMin: 60, tokenBurst: 100, requestsPerMin: 60, requestBurst: 2 });
    expect(admit(meters, 100, 0)).toBe(true);
    expect(meters.setAside(0)).toBe(100);
    expect(meters.shortage(0, 100, 0)).toBe(CAUSE_RATE_TOKENS);
    meters.settle(0, 100, 0, 0);
    expect(meters.setAside(0)).toBe(0);
    expect(admit(meters, 100, 0)).toBe(true);
    meters.settle(0, 100, 0, 0);
    expect(meters.shortage(0, 100, 0)).toBe(CAUSE_RATE_REQUESTS);
  });

  it("keeps those of other indices out of it", () => {
    const meters = new Meters([
      { ...FREE, tokensPerDay: 10 },
      { ...FREE, tokensPerDay: 10 },
    ]);
    meters.take(0, 50, 0);
    meters.settle(0, 50, 50, 0);
    expect(meters.shortage(0, 1, 1)).toBe(CAUSE_RATE_TOKENS);
    expect(meters.shortage(1, 1, 1)).toBe(WITHIN_METERS);
    expect([meters.setAside(0), meters.setAside(1)]).toEqual([0, 0]);
  });
});

describe("a daily cap", () => {
  it("refuses once it is used up, until exactly midnight", () => {
    const meters = meter({ tokensPerDay: 1000 });
    expect(use(meters, 999, 10)).toBe(true);
    expect(use(meters, 500, 20)).toBe(true);
    expect(use(meters, 1, 30)).toBe(false);
    expect(meters.availableAtMs(0, 1, 30)).toBe(DAY);
    expect(use(meters, 1, DAY - 0.001)).toBe(false);
    expect(use(meters, 1000, DAY)).toBe(true);
    expect(use(meters, 1, DAY)).toBe(false);
    expect(meters.availableAtMs(0, 1, DAY)).toBe(2 * DAY);
  });

  it("counts a call on the day on which it ends", () => {
    const meters = meter({ tokensPerDay: 1000 });
    meters.take(0, 2000, DAY - 1);
    expect(meters.shortage(0, 1, DAY - 1)).toBe(WITHIN_METERS);
    meters.settle(0, 2000, 1500, DAY + 1);
    expect(meters.shortage(0, 1, DAY + 2)).toBe(CAUSE_RATE_TOKENS);
  });

  it("shrinks with the scale of a fault, and knows no time of relief at none", () => {
    const meters = meter({ tokensPerDay: 1000 });
    expect(use(meters, 500, 0)).toBe(true);
    meters.setScale(0, 0.5, 1);
    expect(use(meters, 1, 2)).toBe(false);
    meters.setScale(0, 0, 3);
    expect(meters.availableAtMs(0, 1, 3)).toBe(NEVER);
    meters.setScale(0, 1, 4);
    expect(use(meters, 1, 5)).toBe(true);
  });
});

describe("a limit on growth", () => {
  const growing = { acceleration: { factorPerMin: 2, freePerMin: 1000 } };

  /** Tokens used in a minute when as many come as are let in, 100 at a time. */
  function fill(meters: Meters, minute: number, most = NEVER): number {
    let used = 0;
    while (used < most && use(meters, 100, minute * MINUTE + used / 10_000)) used += 100;
    return used;
  }

  it("allows the free tokens first, then double the highest minute there was", () => {
    const meters = meter(growing);
    expect([0, 1, 2, 3].map((minute) => fill(meters, minute))).toEqual([1000, 2000, 4000, 8000]);
  });

  it("remembers the highest minute over quiet ones", () => {
    const meters = meter(growing);
    expect(fill(meters, 0, 900)).toBe(900);
    expect(fill(meters, 1, 300)).toBe(300);
    expect(fill(meters, 2)).toBe(1800);
    expect(fill(meters, 60)).toBe(3600);
  });

  it("names the next minute as the time to ask again", () => {
    const meters = meter(growing);
    fill(meters, 0);
    expect(meters.shortage(0, 100, 30_000)).toBe(CAUSE_RATE_TOKENS);
    expect(meters.availableAtMs(0, 100, 30_000)).toBe(MINUTE);
  });

  it("lets one call of any size into a minute without use, as a full bucket does", () => {
    const meters = meter(growing);
    expect(use(meters, 50_000, 0)).toBe(true);
    expect(use(meters, 1, 1)).toBe(false);
    // That was use, and use may double.
    expect(fill(meters, 1)).toBe(100_000);
  });

  it("does not count what was set aside and not used", () => {
    const meters = meter(growing);
    for (let n = 0; n < 6; n++) {
      expect(admit(meters, 500, n)).toBe(true);
      meters.settle(0, 500, 100, n);
    }
    expect(meters.shortage(0, 500, 10)).toBe(CAUSE_RATE_TOKENS);
    expect(use(meters, 400, 10)).toBe(true);
    expect(fill(meters, 1)).toBe(2000);
  });
});

/** Small numbers, so that limits are met exactly and often. */
const config = fc.record({
  requestsPerMin: fc.constantFrom(NEVER, 60, 600),
  tokensPerMin: fc.constantFrom(NEVER, 600, 7000),
  requestBurst: fc.constantFrom(1, 3),
  tokenBurst: fc.constantFrom(50, 400),
  tokensPerDay: fc.constantFrom(NEVER, NEVER, 300),
  outputBurndown: fc.constant(1),
  countsCached: fc.constant(true),
  acceleration: fc.constantFrom(null, null, { factorPerMin: 1.5, freePerMin: 100 }),
});
const step = fc.record({
  afterMs: fc.constantFrom(0, 0, 1, 250, 1000, 59_999, MINUTE, DAY / 3),
  tokens: fc.constantFrom(1, 10, 60, 500),
  what: fc.constantFrom("admit", "admit", "admit", "settle", "scale"),
  share: fc.constantFrom(0, 0.5, 1),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Plays the steps on a fresh meter; returns it, the time it is then, and what is still under way. */
function played(of: MeterConfig, steps: readonly Step[]): { meters: Meters; nowMs: number; open: number[] } {
  const meters = new Meters([of]);
  const open: number[] = [];
  let nowMs = 0;
  for (const { afterMs, tokens, what, share } of steps) {
    nowMs += afterMs;
    if (what === "admit") {
      if (admit(meters, tokens, nowMs)) open.push(tokens);
    } else if (what === "scale") meters.setScale(0, share, nowMs);
    else if (open.length > 0) {
      const reserved = open.shift()!;
      meters.settle(0, reserved, Math.floor(reserved * share), nowMs);
    }
  }
  return { meters, nowMs, open };
}

describe("whatever has happened before", () => {
  const steps = fc.array(step, { maxLength: 30 });
  const ask = fc.constantFrom(1, 10, 60, 500);

  it("a lone call is admitted at the time a meter names, and not a millisecond before", () => {
    let waited = 0;
    fc.assert(
      fc.property(config, steps, ask, (of, list, tokens) => {
        const { meters, nowMs } = played(of, list);
        const atMs = meters.availableAtMs(0, tokens, nowMs);
        const isWithin = meters.shortage(0, tokens, nowMs) === WITHIN_METERS;
        expect(isWithin).toBe(atMs === nowMs);
        if (atMs === NEVER) return;
        expect(played(of, list).meters.shortage(0, tokens, atMs)).toBe(WITHIN_METERS);
        if (atMs - 1 <= nowMs) return;
        waited += 1;
        expect(played(of, list).meters.shortage(0, tokens, atMs - 1)).not.toBe(WITHIN_METERS);
      }),
      { seed: 31, numRuns: 3000 },
    );
    expect(waited).toBeGreaterThan(300);
  });

  it("what is set aside is what calls under way have set aside", () => {
    fc.assert(
      fc.property(config, steps, (of, list) => {
        const { meters, open } = played(of, list);
        expect(meters.setAside(0)).toBe(open.reduce((sum, n) => sum + n, 0));
      }),
      { seed: 32, numRuns: 500 },
    );
  });
});
