import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  Caller,
  type CallerConfig,
  PAID_NOTHING,
  PAID_RETRY,
  PLAIN_CALLER,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
} from "../../src/policy/index.js";
import { copyState, resultArb, u01 } from "./callerContracts.js";

const breaker = { kind: "consecutive", failures: 2, openMs: 500, halfOpenCalls: 1 } as const;
const outlier = { consecutiveFailures: 3, ejectionMs: 700, maxEjectionMs: 2000, maxShare: 0.5 };
const limit = { kind: "aimd", initial: 3, min: 1, max: 5, backoffRatio: 0.5, slowMs: 1000 } as const;
const full: CallerConfig = {
  retry: {
    retries: 2,
    budget: { kind: "token-bucket", size: 4, deposit: 0.25, depositOn: "start", fires: "at-least-one" },
    backoff: { kind: "exponential", baseMs: 100, capMs: 1000 },
    retryAfter: { obey: true, capMs: 5000 },
  },
  breaker,
  outlier,
  throttle: { kind: "adaptive", k: 2, windowMs: 1000 },
  limit,
  hedge: { afterMs: 200, extraCalls: 2, ratio: 0.5 },
  returning: { holdMs: 100, slowStartMs: 400, aggression: 1, minShare: 0.1 },
};

const TARGETS = 4;
const ALL = 0b1111;

describe("Caller", () => {
  it("guards nothing when only retries are configured, and does as soon as anything else is", () => {
    expect(new Caller(PLAIN_CALLER, TARGETS, ALL_PARTS).guards).toBe(false);
    expect(new Caller({ ...PLAIN_CALLER, retry: full.retry }, TARGETS, ALL_PARTS).guards).toBe(false);
    for (const part of ["breaker", "outlier", "throttle", "limit", "hedge", "returning"] as const) {
      expect(new Caller({ ...PLAIN_CALLER, [part]: full[part] }, TARGETS, ALL_PARTS).guards, part).toBe(true);
    }
  });

  it("plain, lets everything through whatever happens, retries nothing and waits for nothing", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(TARGETS - 1), resultArb, u01)), (calls) => {
        const caller = new Caller(PLAIN_CALLER, TARGETS, ALL_PARTS);
        calls.forEach(([target, result, u], nowMs) => {
          caller.firstTry(10, nowMs);
          expect(caller.throttles(nowMs, u)).toBe(false);
          caller.started(target, nowMs);
          caller.finished(target, result, 0, nowMs);
          caller.settled(result, PAID_NOTHING, nowMs);
          expect([caller.openMask(nowMs, u), caller.roomMask()]).toEqual([ALL, ALL]);
          expect([caller.tryRetry(1, 10, false, nowMs), caller.tryHedge()]).toEqual([false, false]);
          expect(caller.retryWaitMs(1, 0, 0, u)).toBe(0);
          expect(caller.hedgeAfterMs(1)).toBe(Number.POSITIVE_INFINITY);
        });
      }),
      { seed: 20261104, numRuns: 300 },
    );
  });

  it("opens what its breaker, its ejections and its returns all allow, and no more", () => {
    const caller = new Caller({ ...full, throttle: { kind: "none" } }, TARGETS, ALL_PARTS);
    const fail = (target: number, nowMs: number, times: number): void => {
      for (let n = 0; n < times; n++) {
        caller.started(target, nowMs);
        caller.finished(target, RESULT_ERROR, 0, nowMs);
      }
    };
    fail(0, 0, 2);
    expect(caller.openMask(0, 0)).toBe(0b1110);
    fail(0, 0, 1);
    caller.believedUp(3, 0);
    expect(caller.openMask(0, 0)).toBe(0b0110);
    // The breaker is due to be tried at 500, the ejection ends at 700, and the ramp is at half from 300 on.
    expect(caller.openMask(300, 0.49)).toBe(0b1110);
    expect(caller.openMask(300, 0.51)).toBe(0b0110);
    expect(caller.openMask(500, 0.99)).toBe(0b1110);
    expect(caller.openMask(700, 0.99)).toBe(0b1111);
  });

  it("has room at a target while fewer calls are under way than its limit, each target for itself", () => {
    const caller = new Caller({ ...PLAIN_CALLER, limit }, TARGETS, ALL_PARTS);
    for (let n = 0; n < 3; n++) {
      expect(caller.roomMask()).toBe(ALL);
      caller.started(1, 0);
    }
    expect(caller.roomMask()).toBe(0b1101);
    // A good answer with all three in use raises the limit to four; a drop halves it to two.
    caller.finished(1, RESULT_OK, 10, 10);
    caller.started(1, 10);
    expect(caller.roomMask()).toBe(ALL);
    caller.started(1, 10);
    expect(caller.roomMask()).toBe(0b1101);
    caller.finished(1, RESULT_THROTTLED, 10, 20);
    caller.finished(1, RESULT_ABANDONED, 10, 20);
    expect(caller.roomMask()).toBe(0b1101);
    caller.finished(1, RESULT_ABANDONED, 10, 20);
    expect(caller.roomMask()).toBe(ALL);
  });

  it("counts the call that ends among those under way: two of three are at least half of the limit", () => {
    const caller = new Caller({ ...PLAIN_CALLER, limit }, 1, ALL_PARTS);
    for (let n = 0; n < 2; n++) caller.started(0, 0);
    caller.finished(0, RESULT_OK, 10, 10);
    for (let n = 0; n < 2; n++) caller.started(0, 10);
    expect(caller.roomMask()).toBe(1);
    caller.started(0, 10);
    expect(caller.roomMask()).toBe(0);
  });

  it("is past its limit when a failed open sent more than there was room for, and says so until it is not", () => {
    const caller = new Caller({ ...PLAIN_CALLER, limit: { kind: "fixed", limit: 1 } }, 1, ALL_PARTS);
    for (let n = 0; n < 3; n++) caller.started(0, 0);
    for (const room of [0, 0, 1]) {
      caller.finished(0, RESULT_OK, 0, 0);
      expect(caller.roomMask()).toBe(room);
    }
  });

  it("grants a retry only within the count of tries and the budget, and spends none when the count forbids", () => {
    const caller = new Caller(full, TARGETS, ALL_PARTS);
    for (let n = 0; n < 10; n++) expect(caller.tryRetry(3, 1, false, 0)).toBe(false);
    expect([1, 2, 1, 2, 1].map((tries) => caller.tryRetry(tries, 1, false, 0))).toEqual([
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  it("waits its backoff, or as long as it was told within its cap, in each of the manners", () => {
    const waits = (after: CallerConfig["retry"]["retryAfter"]): number[] => {
      const caller = new Caller({ ...full, retry: { ...full.retry, retryAfter: after } }, 1, ALL_PARTS);
      return [0, 50, 3000, 9000].map((afterMs) => caller.retryWaitMs(2, 100, afterMs, 0.5));
    };
    expect(waits({ obey: true, capMs: 5000 })).toEqual([200, 200, 3000, 5000]);
    expect(waits({ obey: true, capMs: 5000, manner: "at-least" })).toEqual([200, 200, 3000, 5000]);
    expect(waits({ obey: true, capMs: 5000, manner: "beyond-backoff" })).toEqual([200, 200, 3000, 5200]);
    expect(waits({ obey: true, capMs: 5000, manner: "exactly" })).toEqual([200, 50, 3000, 200]);
    expect(waits({ obey: true, capMs: 5000, manner: "jittered" })).toEqual([200, 62.5, 3750, 200]);
    expect(waits({ obey: false, capMs: 5000 })).toEqual([200, 200, 200, 200]);
  });

  it("hedges as often as allowed after each call, and no more than its share of first tries and the burst", () => {
    const caller = new Caller(full, TARGETS, ALL_PARTS);
    expect([1, 2, 3].map((calls) => caller.hedgeAfterMs(calls))).toEqual([
      200,
      200,
      Number.POSITIVE_INFINITY,
    ]);
    let granted = 0;
    while (caller.tryHedge()) granted += 1;
    for (let n = 0; n < 100; n++) {
      caller.firstTry(1, n);
      if (caller.tryHedge()) granted += 1;
    }
    expect(granted).toBe(55);
  });

  it("forgets its calls when it dies, but not what it believes", () => {
    const caller = new Caller(full, 2, ALL_PARTS);
    for (let n = 0; n < 3; n++) caller.started(1, 0);
    for (let n = 0; n < 2; n++) {
      caller.started(0, 0);
      caller.finished(0, RESULT_TIMEOUT, 0, 0);
    }
    caller.started(0, 500);
    expect([caller.openMask(500, 0), caller.roomMask()]).toEqual([0b10, 0]);
    caller.forgetCalls();
    expect([...caller.inFlight]).toEqual([0, 0]);
    expect(caller.roomMask()).toBe(0b11);
    // Half-open as before, with the place of the lost call free again.
    expect(caller.openMask(500, 0)).toBe(0b11);
    caller.started(0, 500);
    expect(caller.openMask(500, 0)).toBe(0b10);
  });

  it("stops at a call finished more often than started, and at a target that is not there", () => {
    const caller = new Caller(full, 2, ALL_PARTS);
    expect(() => caller.finished(0, RESULT_OK, 0, 0)).toThrow(/^bug: target 0 finished more often/);
    for (const target of [-1, 2, Number.NaN]) {
      expect(() => caller.started(target, 0)).toThrow(/^bug: target must be an index below 2/);
      expect(() => caller.finished(target, RESULT_OK, 0, 0)).toThrow(/^bug:/);
      expect(() => caller.believedUp(target, 0)).toThrow(/^bug:/);
    }
  });

  it("keeps calls under way equal to those started and not finished, and goes on alike from a copy of its state", () => {
    const op = fc.record({
      what: fc.nat(6),
      target: fc.nat(TARGETS - 1),
      result: resultArb,
      waitMs: fc.constantFrom(0, 1, 90, 500),
      u: u01,
    });
    fc.assert(
      fc.property(fc.array(op, { maxLength: 200 }), fc.nat(200), (ops, cut) => {
        let caller = new Caller(full, TARGETS, ALL_PARTS);
        const twin = new Caller(full, TARGETS, ALL_PARTS);
        const started: number[][] = Array.from({ length: TARGETS }, () => []);
        let nowMs = 0;
        ops.forEach(({ what, target, result, waitMs, u }, i) => {
          nowMs += waitMs;
          if (i === cut) {
            const copy = new Caller(full, TARGETS, ALL_PARTS);
            copyState(caller, copy);
            caller = copy;
          }
          const calls = started[target] ?? [];
          const both = (ask: (it: Caller) => unknown): void => expect(ask(caller)).toEqual(ask(twin));
          if (what === 0) both((it) => it.started(target, nowMs));
          if (what === 0) calls.push(nowMs);
          const sinceMs = what === 1 ? calls.shift() : undefined;
          if (sinceMs !== undefined) both((it) => it.finished(target, result, nowMs - sinceMs, nowMs));
          if (what === 2) both((it) => it.firstTry(5, nowMs));
          if (what === 3) both((it) => it.settled(result, PAID_RETRY, nowMs));
          if (what === 4) both((it) => it.tryRetry(1, 5, false, nowMs));
          if (what === 5) both((it) => it.throttles(nowMs, u));
          if (what === 6) both((it) => it.believedUp(target, nowMs));
          both((it) => [it.openMask(nowMs, u), it.roomMask()]);
          expect([...caller.inFlight]).toEqual(started.map((times) => times.length));
          expect((caller.openMask(nowMs, u) | caller.roomMask()) & ~ALL).toBe(0);
        });
      }),
      { seed: 20261105, numRuns: 500 },
    );
  });
});
