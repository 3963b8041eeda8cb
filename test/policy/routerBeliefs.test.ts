/** What a router is told beside decisions, tells of itself, and takes over from another. */
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  type Ask,
  type CallerConfig,
  createRouter,
  HealthTracker,
  PLAIN_CALLER,
  type PolicyTarget,
  type Router,
  reasonNames,
  routerOnClock,
  TokenBuckets,
} from "../../src/policy/index.js";
import { config, target } from "./helpers.js";

const LIMITED = { requestsPerMin: 60, requestBurst: 60, tokensPerMin: 6000, tokenBurst: 6000 };

function router(caller: Partial<CallerConfig> = {}, more: Partial<PolicyTarget> = {}, waitMs = 0): Router {
  const targets = [target("a", "US", { ...LIMITED, ...more }), target("b", "DE")];
  return createRouter(config(targets, { waitForLimitsMs: waitMs }), { ...PLAIN_CALLER, ...caller });
}

const ask = (nowMs: number, more: Partial<Ask> = {}): Ask => ({
  origin: "US",
  dataClass: "chat",
  model: "m",
  tokens: 100,
  nowMs,
  luck: [0, 0],
  ...more,
});

const ONE = [target("a", "US")];
/** More than any budget here grants at once. */
const ASKED = 10;
const toA = { only: ["a"] };
const kindsOf = (told: Router, count: number, nowMs: number, more: Partial<Ask>): readonly string[] =>
  Array.from({ length: count }, () => told.route(ask(nowMs, more)).kind);

describe("what a target says is left of its limits", () => {
  it("lowers the router's own estimate and never raises it", () => {
    const told = router();
    told.limitsLeft("a", 2, Number.NaN, 0);
    told.limitsLeft("a", 50, Number.NaN, 0);
    expect(kindsOf(told, 3, 0, toA)).toEqual(["route", "route", "refuse"]);
    const short = router();
    short.limitsLeft("a", Number.NaN, 150, 0);
    expect(short.route(ask(0, toA)).kind).toBe("route");
    expect(short.route(ask(0, toA))).toMatchObject({ cause: "rate_limit_tpm" });
  });

  it("is nothing where it is said to be less, and comes back at the limit's own pace", () => {
    const told = router();
    told.limitsLeft("a", -1e300, Number.NEGATIVE_INFINITY, 0);
    expect(told.route(ask(0, toA)).kind).toBe("refuse");
    // 100 tokens take a second at 6000 a minute, one request as long at 60.
    expect(told.route(ask(999, toA)).kind).toBe("refuse");
    expect(told.route(ask(1000, toA)).kind).toBe("route");
  });

  it("is of no account where nothing limits, and needs a time", () => {
    const told = router();
    told.limitsLeft("b", 0, 0, 0);
    expect(told.route(ask(0, { only: ["b"] })).kind).toBe("route");
    expect(() => told.limitsLeft("a", 1, 1, Number.NaN)).toThrow("nowMs must be a finite number, got NaN");
    expect(() => told.limitsLeft("c", 1, 1, 0)).toThrow('target is unknown: "c"');
  });

  it("leaves a bucket that holds less as it is, in debt too", () => {
    const buckets = new TokenBuckets(2);
    buckets.configure(0, 60, 10);
    buckets.force(0, 25, 0);
    buckets.lower(0, 3, 0);
    expect(buckets.level(0, 0)).toBe(-15);
    buckets.lower(0, 3, 20_000);
    expect(buckets.level(0, 20_000)).toBe(3);
    buckets.lower(1, 3, 0);
    expect(buckets.level(1, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what a router believes", () => {
  it("is told target by target and as masks, and taken over by another", () => {
    const old = router();
    old.probe("b", false);
    old.drain("b", true);
    old.route(ask(0));
    old.settle({
      target: "a",
      outcome: "throttled",
      tokensReserved: 100,
      tokensUsed: 0,
      nowMs: 5,
      retryAtMs: 900,
    });
    expect(old.belief("a")).toEqual({ up: true, drained: false, cooldownUntilMs: 900 });
    expect(old.belief("b")).toEqual({ up: false, drained: true, cooldownUntilMs: Number.NEGATIVE_INFINITY });
    expect(old.beliefs()).toEqual({ up: 1, drained: 2, cooling: 1, guarded: 0, crowded: 0 });
    const next = router();
    for (const name of ["a", "b"]) next.adopt(name, old.belief(name));
    expect(next.beliefs()).toEqual(old.beliefs());
    expect(next.route(ask(899))).toMatchObject({ kind: "refuse", retryAtMs: 900 });
    expect(next.route(ask(900))).toMatchObject({ kind: "route", target: "a" });
  });

  it("keeps a cooldown of its own that lasts longer, and takes none without an end", () => {
    const told = router();
    told.adopt("a", { up: true, drained: false, cooldownUntilMs: 900 });
    told.adopt("a", { up: true, drained: false, cooldownUntilMs: 300 });
    expect(told.belief("a").cooldownUntilMs).toBe(900);
    for (const cooldownUntilMs of [Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => told.adopt("a", { up: true, drained: false, cooldownUntilMs })).toThrow(
        /cooldownUntilMs must be/,
      );
  });

  it("starts a row of results anew where it was taken over, with a window as without", () => {
    const tracker = new HealthTracker(1, 2, 2);
    tracker.report(0, false);
    tracker.set(0, true);
    expect(tracker.report(0, false)).toBe(false);
    expect(tracker.report(0, false)).toBe(true);
    tracker.set(0, false);
    expect([tracker.isUp(0), tracker.report(0, true), tracker.report(0, true)]).toEqual([false, false, true]);
    const windowed = new HealthTracker(1, 1, 1, { size: 3, required: 2 });
    windowed.set(0, false);
    expect([windowed.report(0, true), windowed.report(0, true)]).toEqual([false, true]);
    windowed.set(0, true);
    expect([windowed.report(0, false), windowed.report(0, false)]).toEqual([false, true]);
  });
});

describe("a try", () => {
  const ratio = { kind: "ratio", ratio: 0.5 } as const;
  const retry = { ...PLAIN_CALLER.retry, retries: 3, budget: ratio };
  const hedge = { afterMs: 10, extraCalls: 1, ratio: 1 };
  const end = { tokensReserved: 100, tokensUsed: 100, nowMs: 1, startedMs: 0 };
  const asked = { outcome: "error", tokens: 100, nowMs: 1, luck: 0 } as const;
  /** Of {@link ASKED} retries, those that were paid for. */
  const granted = (told: Router): number =>
    Array.from({ length: ASKED }, () => told.retry(asked)).filter(({ kind }) => kind === "retry").length;

  it("ends once, with the call that says so", () => {
    const budget = { kind: "grpc-throttle", maxTokens: 4, tokenRatio: 1 } as const;
    const grants = (endsTry: boolean): number => {
      const told = createRouter(config(ONE), { ...PLAIN_CALLER, retry: { ...retry, budget } }, ALL_PARTS);
      for (let n = 0; n < 3; n++) {
        told.route(ask(0));
        told.settle({ ...end, target: "a", outcome: "error", endsTry });
      }
      return granted(told);
    };
    expect([grants(false), grants(true)]).toEqual([ASKED, 0]);
  });

  it("is refused, and counted as one, where it would be held to no use", () => {
    const earned = (more: Partial<Ask>): number => {
      const told = router({ retry }, { requestBurst: 1 }, 60_000);
      told.route(ask(0, toA));
      granted(told);
      const held = told.route(ask(0, { ...toA, ...more }));
      const kind = more.mayHold === false ? "refuse" : "hold";
      expect(held).toMatchObject({ kind, cause: "rate_limit_rpm", retryAtMs: 1000 });
      told.route(ask(0, { ...toA, ...more }));
      return granted(told);
    };
    expect([earned({}), earned({ mayHold: false })]).toEqual([0, 1]);
  });

  it("sets aside what its target counts, and pays for retries with what it weighs", () => {
    const told = router({}, { tokenBurst: 1000, tokensPerMin: 1000 });
    told.route(ask(0, { ...toA, tokensAt: { a: 900 } }));
    expect(told.route(ask(0, { ...toA, tokens: 101 }))).toMatchObject({ cause: "rate_limit_tpm" });
    expect(told.route(ask(0, toA)).kind).toBe("route");
    expect(() => told.route(ask(0, { tokensAt: { a: Number.NaN } }))).toThrow(
      /tokensAt must be a finite number/,
    );
    const budget = { kind: "llm-tokens", ratio: 1, burstTokens: 1000 } as const;
    const paying = router({ retry: { ...retry, budget } });
    expect(paying.retry({ ...asked, tokens: 1000 }).kind).toBe("retry");
    paying.route(ask(0, { weight: 700 }));
    expect(paying.retry({ ...asked, tokens: 701 }).kind).toBe("give-up");
    expect(paying.retry({ ...asked, tokens: 700 }).kind).toBe("retry");
  });

  it("gives no second call to where it is waiting already", () => {
    const told = router({ hedge }, {}, 0);
    told.route(ask(0, toA));
    const second = told.route(ask(0, { ...toA, tried: ["a"], hedge: true }));
    expect(second).toMatchObject({ kind: "refuse", cause: "no_healthy_region" });
    expect(reasonNames(second.reason)).toContain("tried-again");
    expect(told.route(ask(0, { tried: ["a"], hedge: true }))).toMatchObject({ kind: "route", target: "b" });
  });

  it("may end without a call of its own", () => {
    const budget = { kind: "concurrent-share", share: 1, min: 0 } as const;
    const told = createRouter(config(ONE), { ...PLAIN_CALLER, retry: { ...retry, budget } }, ALL_PARTS);
    told.route(ask(0));
    told.settle({ ...end, target: "a", outcome: "error", endsTry: false });
    const first = told.retry(asked);
    if (first.kind !== "retry") throw new Error("nothing was granted");
    expect(told.retry(asked).kind).toBe("retry");
    told.forgo(first.grant, 1);
    told.forgo(first.grant, 1);
    expect(told.retry(asked).kind).toBe("retry");
    told.forgo(first.grant, 1);
    told.forgo(undefined, 1);
    expect(told.retry(asked)).toEqual({ kind: "give-up", cause: "retry_budget_exhausted" });
  });

  it("is told apart by what it was short of, which a later refusal gives as its cause", () => {
    for (const [shortOfTokens, cause] of [
      [true, "rate_limit_tpm"],
      [false, "rate_limit_rpm"],
    ] as const) {
      const told = router();
      told.route(ask(0, toA));
      told.settle({ ...end, target: "a", outcome: "throttled", retryAtMs: 500, shortOfTokens });
      expect(told.route(ask(2, toA))).toMatchObject({ kind: "refuse", cause, retryAtMs: 500 });
    }
  });
});

describe("a router on a clock that shows the date", () => {
  const DATE_MS = 1_795_438_462_123.456;

  it("answers with dates, and with 0 and Infinity where there is none", () => {
    const told = routerOnClock(router({}, { requestBurst: 1 }), DATE_MS);
    expect(told.route(ask(DATE_MS, toA)).kind).toBe("route");
    expect(told.route(ask(DATE_MS, toA))).toMatchObject({ kind: "refuse", retryAtMs: DATE_MS + 1000 });
    expect(told.explain(ask(DATE_MS, toA)).retryAtMs).toBe(DATE_MS + 1000);
    expect(told.route(ask(DATE_MS + 1000, toA)).kind).toBe("route");
    told.drain("a", true);
    expect(told.route(ask(DATE_MS + 1000, toA))).toMatchObject({ kind: "refuse", retryAtMs: 0 });
  });

  it("hands its beliefs over as dates", () => {
    const told = routerOnClock(router(), DATE_MS);
    told.adopt("a", { up: true, drained: false, cooldownUntilMs: DATE_MS + 250 });
    expect(told.belief("a").cooldownUntilMs).toBe(DATE_MS + 250);
    expect(told.belief("b").cooldownUntilMs).toBe(Number.NEGATIVE_INFINITY);
    expect(told.route(ask(DATE_MS + 249, toA))).toMatchObject({ kind: "refuse", retryAtMs: DATE_MS + 250 });
  });
});
