/** What every member of each of the caller's families must keep; the tests of a member begin with it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Breaker,
  type Budget,
  type ConcurrencyLimit,
  firstBits,
  PAID_NOTHING,
  PAID_RETRY,
  PAID_THROTTLED_RETRY,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type Throttle,
} from "../../src/policy/index.js";

const RUNS = { seed: 20261101, numRuns: 400 };
const TARGETS = 3;

export const u01: fc.Arbitrary<number> = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
export const resultArb: fc.Arbitrary<number> = fc.constantFrom(
  RESULT_OK,
  RESULT_OK,
  RESULT_ERROR,
  RESULT_ERROR,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  RESULT_ABANDONED,
);

/** Writes one object's plain state over another's: fields and columns, and nothing else. */
export function copyState(from: object, to: object): void {
  for (const [key, value] of Object.entries(structuredClone(from))) {
    const there = (to as Record<string, unknown>)[key];
    if (ArrayBuffer.isView(value)) (there as Float64Array).set(value as Float64Array);
    else if (typeof value === "object" && value !== null) copyState(value, there as object);
    else (to as Record<string, unknown>)[key] = value;
  }
}

/** One step a subject is put through; it answers whatever it is asked, to be compared. */
interface Step {
  readonly what: number;
  readonly target: number;
  readonly result: number;
  readonly waitMs: number;
  /** The sum of the waits so far. */
  readonly nowMs: number;
  readonly u: number;
}

const stepsArb: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.record({
      what: fc.nat(3),
      target: fc.nat(TARGETS - 1),
      result: resultArb,
      // Few distinct waits, so that equal times and whole windows are common.
      waitMs: fc.constantFrom(0, 0, 1, 40, 100, 2500),
      u: u01,
    }),
    { maxLength: 120 },
  )
  .map((steps) => {
    let nowMs = 0;
    return steps.map((s) => {
      nowMs += s.waitMs;
      return { ...s, nowMs };
    });
  });

/** When the last of the steps was taken. */
function endMs(steps: readonly Step[]): number {
  return steps.at(-1)?.nowMs ?? 0;
}

/** A subject written down in the middle of its life and read back answers as if nothing had been. */
function keepsItsStatePlain<T extends object>(make: () => T, step: (it: T, s: Step) => unknown): void {
  it("is all in its fields: written down and read back it goes on alike", () => {
    fc.assert(
      fc.property(stepsArb, fc.nat(120), (steps, cut) => {
        let subject = make();
        const twin = make();
        steps.forEach((s, i) => {
          if (i === cut) {
            const copy = make();
            copyState(subject, copy);
            subject = copy;
          }
          expect(step(subject, s)).toEqual(step(twin, s));
        });
      }),
      RUNS,
    );
  });
}

const PAID = [PAID_NOTHING, PAID_RETRY, PAID_THROTTLED_RETRY];

/** Asserts the contract of `Budget` for one implementation. */
export function budgetContract(name: string, make: () => Budget): void {
  const step = (budget: Budget, s: Step): unknown => {
    if (s.what === 0) return budget.onFirstTry(10 * s.target, s.nowMs);
    if (s.what === 1) return budget.onEnd(s.result, PAID[s.target] ?? 0, s.nowMs);
    return budget.tryRetry(10 * s.target, s.result === RESULT_THROTTLED, s.nowMs);
  };
  describe(`${name} keeps the contract of a retry budget`, () => {
    keepsItsStatePlain(make, step);

    it("spends nothing on a refusal: asked again at once it refuses again", () => {
      fc.assert(
        fc.property(stepsArb, fc.nat(50), fc.boolean(), (steps, tokens, throttled) => {
          const budget = make();
          for (const s of steps) step(budget, s);
          if (budget.tryRetry(tokens, throttled, endMs(steps))) return;
          const before = structuredClone({ ...budget });
          expect(budget.tryRetry(tokens, throttled, endMs(steps))).toBe(false);
          expect(structuredClone({ ...budget })).toEqual(before);
        }),
        RUNS,
      );
    });

    it("survives its calls being forgotten and told of afterwards", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const budget = make();
          for (const s of steps) {
            if (s.what === 3) budget.forgetCalls();
            else step(budget, s);
            for (const value of Object.values(budget)) {
              if (typeof value === "number") expect(value).toBeGreaterThanOrEqual(0);
            }
          }
        }),
        RUNS,
      );
    });
  });
}

/** Asserts the contract of `Breaker` for one implementation that opens for at most `openMs`. */
export function breakerContract(name: string, openMs: number, make: (targets: number) => Breaker): void {
  const all = firstBits(TARGETS);
  /** Calls last one wait: every step starts a call and ends the oldest one under way, if any. */
  const step = (breaker: Breaker, s: Step): unknown => {
    if (s.what === 3) return breaker.mayCallMask(s.nowMs);
    if (s.what === 2) return breaker.forgetCalls();
    breaker.onStart(s.target, s.nowMs - s.waitMs);
    return breaker.onEnd(s.target, s.result, s.nowMs - s.waitMs, s.nowMs);
  };
  describe(`${name} keeps the contract of a breaker`, () => {
    keepsItsStatePlain(() => make(TARGETS), step);

    it("names no target that is not there, and all of them before anything happened", () => {
      fc.assert(
        fc.property(stepsArb, fc.integer({ min: 1, max: 31 }), (steps, targets) => {
          const breaker = make(targets);
          expect(breaker.mayCallMask(0)).toBe(firstBits(targets));
          for (const s of steps) {
            step(breaker, { ...s, target: s.target % targets });
            expect(breaker.mayCallMask(s.nowMs) & ~firstBits(targets)).toBe(0);
          }
        }),
        RUNS,
      );
    });

    it("keeps every target callable while none of its calls fails", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const breaker = make(TARGETS);
          for (const s of steps) {
            const result = s.result === RESULT_ABANDONED ? RESULT_ABANDONED : RESULT_OK;
            step(breaker, { ...s, result });
            expect(breaker.mayCallMask(s.nowMs)).toBe(all);
          }
        }),
        RUNS,
      );
    });

    it("lets one target's failures change nothing for another", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const breaker = make(TARGETS);
          for (const s of steps) {
            const result = s.target === 1 ? s.result : RESULT_OK;
            step(breaker, { ...s, result });
            expect(breaker.mayCallMask(s.nowMs) | 0b010).toBe(all);
          }
        }),
        RUNS,
      );
    });

    it("shuts nobody out for ever: with no calls under way all may be called once it was open long enough", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const breaker = make(TARGETS);
          for (const s of steps) step(breaker, s);
          breaker.forgetCalls();
          expect(breaker.mayCallMask(endMs(steps) + openMs)).toBe(all);
        }),
        RUNS,
      );
    });

    it("gives the same mask however often it is asked", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const [asked, left] = [make(TARGETS), make(TARGETS)];
          for (const s of steps) {
            asked.mayCallMask(s.nowMs);
            step(asked, s);
            step(left, s);
          }
          expect(asked.mayCallMask(endMs(steps))).toBe(left.mayCallMask(endMs(steps)));
        }),
        RUNS,
      );
    });
  });
}

/** Asserts the contract of `Throttle` for one implementation. */
export function throttleContract(name: string, make: () => Throttle): void {
  const step = (throttle: Throttle, s: Step): unknown => {
    const refused = throttle.refuses(s.nowMs, s.u);
    if (!refused) throttle.onEnd(s.result, s.nowMs);
    return refused;
  };
  describe(`${name} keeps the contract of a throttle`, () => {
    keepsItsStatePlain(make, step);

    it("refuses nothing while everything succeeds", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const throttle = make();
          for (const s of steps) {
            expect(step(throttle, { ...s, result: RESULT_OK, u: 0 })).toBe(false);
          }
        }),
        RUNS,
      );
    });

    it("refuses every draw below one that it refuses, and never one just below 1", () => {
      fc.assert(
        fc.property(stepsArb, u01, u01, (steps, a, b) => {
          const throttle = make();
          for (const s of steps) step(throttle, s);
          const answer = (u: number): boolean => {
            const copy = make();
            copyState(throttle, copy);
            return copy.refuses(endMs(steps), u);
          };
          if (answer(Math.max(a, b))) expect(answer(Math.min(a, b))).toBe(true);
          expect(answer(1 - 2 ** -53)).toBe(false);
        }),
        RUNS,
      );
    });
  });
}

/** Asserts the contract of `ConcurrencyLimit` for one implementation with a limit in [min, max]. */
export function limitContract(
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
  make: () => ConcurrencyLimit,
): void {
  const step = (limit: ConcurrencyLimit, s: Step): unknown => {
    limit.onSample(s.waitMs, 5 * s.target, s.result !== RESULT_OK, s.nowMs);
    return limit.limit;
  };
  describe(`${name} keeps the contract of a concurrency limit`, () => {
    keepsItsStatePlain(make, step);

    it("is a whole number of at least 1 within its ends from the beginning on", () => {
      fc.assert(
        fc.property(stepsArb, (steps) => {
          const limit = make();
          for (const s of steps) {
            expect(limit.limit === Number.POSITIVE_INFINITY || Number.isInteger(limit.limit)).toBe(true);
            expect(limit.limit).toBeGreaterThanOrEqual(min);
            expect(limit.limit).toBeLessThanOrEqual(max);
            step(limit, s);
          }
        }),
        RUNS,
      );
    });

    it("never falls below its least, whatever is dropped", () => {
      const limit = make();
      for (let n = 0; n < 2000; n++) limit.onSample(60_000, 1000, true, 100 * n);
      expect(limit.limit).toBeGreaterThanOrEqual(min);
    });
  });
}
