import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  type Ask,
  type CallerConfig,
  createRouter,
  type Outcome,
  PLAIN_CALLER,
  type PolicyConfig,
  PolicyError,
  REASON_CROWDED,
  REASON_RESIDENCY,
  type RetryConfig,
  type RetryGrant,
  type Router,
  reasonNames,
} from "../../src/policy/index.js";
import { config, EU27, luck, target } from "./helpers.js";

const RULE = { id: "eu", when: { origin: EU27 }, require: { processing: EU27 }, onEmpty: "refuse" } as const;
const TARGETS = [target("us", "US"), target("de", "DE"), target("fr", "FR")];
const BREAKER: CallerConfig["breaker"] = {
  kind: "consecutive",
  failures: 2,
  openMs: 1000,
  halfOpenCalls: 1,
};
const RETRY: RetryConfig = {
  ...PLAIN_CALLER.retry,
  retries: 3,
  backoff: { kind: "exponential", baseMs: 100, capMs: 1000 },
};

function guarded(caller: Partial<CallerConfig>, more: Partial<PolicyConfig> = {}): Router {
  return createRouter(config(TARGETS, { rules: [RULE], ...more }), { ...PLAIN_CALLER, ...caller }, ALL_PARTS);
}
const ask = (nowMs: number, more: Partial<Ask> = {}): Ask => ({
  origin: "US",
  dataClass: "chat",
  model: "m",
  tokens: 10,
  nowMs,
  luck: [0.1, 0.2],
  guardLuck: [0.5, 0.5],
  ...more,
});

/** Routes at `nowMs` and ends the call there at once; the id of the target, or the cause of the refusal. */
function call(router: Router, nowMs: number, outcome: Outcome, more: Partial<Ask> = {}): string {
  const answer = router.route(ask(nowMs, more));
  if (answer.kind !== "route") return answer.cause;
  settle(router, answer.target, nowMs, outcome);
  return answer.target;
}
function settle(router: Router, target: string, nowMs: number, outcome: Outcome): void {
  router.settle({ target, outcome, tokensReserved: 10, tokensUsed: 10, nowMs, startedMs: nowMs });
}

describe("a router with a caller's guards", () => {
  it("stops calling a target that fails, tries it again after a while, and trusts it once it answers", () => {
    const router = guarded({ breaker: BREAKER });
    expect([call(router, 0, "error"), call(router, 1, "error"), call(router, 2, "ok")]).toEqual([
      "us",
      "us",
      "de",
    ]);
    expect(router.explain(ask(3)).candidates.map(({ exclusion }) => exclusion)).toEqual([
      "breaker",
      "chosen",
      "not-preferred",
    ]);
    expect(call(router, 1000, "ok")).toBe("de");
    // Half open: one call is let through, and the next only when it has answered.
    expect(router.route(ask(1001))).toMatchObject({ kind: "route", target: "us", model: "m" });
    expect(router.route(ask(1001))).toMatchObject({ kind: "route", target: "de", model: "m" });
    settle(router, "us", 1002, "ok");
    expect(call(router, 1003, "ok")).toBe("us");
  });

  it("refuses eu users with circuit_open when all that is lawful is guarded, and never turns to the us", () => {
    const router = guarded({ breaker: BREAKER });
    const eu = { origin: "DE" };
    for (const name of ["de", "de", "fr", "fr"]) expect(call(router, 0, "error", eu)).toBe(name);
    const open = router.route(ask(1, eu));
    expect(open).toMatchObject({ kind: "refuse", cause: "circuit_open", retryAtMs: 0 });
    expect(reasonNames(open.reason)).toEqual(["residency-narrowed", "breaker-excluded"]);
    expect(router.route(ask(1))).toMatchObject({ kind: "route", target: "us", model: "m" });
    expect(call(router, 1000, "ok", eu)).toBe("de");
  });

  it("ejects no more than the share allows", () => {
    const outlier = { consecutiveFailures: 1, ejectionMs: 1000, maxEjectionMs: 5000, maxShare: 0.34 };
    const router = guarded({ outlier });
    expect([0, 1, 2].map((nowMs) => call(router, nowMs, "error"))).toEqual(["us", "de", "de"]);
    expect(call(router, 1000, "ok")).toBe("us");
  });

  it("keeps to a limit it was given, target by target, and has room again when a call ends", () => {
    const router = guarded({ limit: { kind: "fixed", limit: 1 } });
    const eu = { origin: "DE" };
    expect([router.route(ask(0, eu)), router.route(ask(0, eu)), router.route(ask(0, eu))]).toEqual([
      { kind: "route", target: "de", model: "m", reason: REASON_RESIDENCY },
      { kind: "route", target: "fr", model: "m", reason: REASON_RESIDENCY | REASON_CROWDED },
      {
        kind: "refuse",
        cause: "concurrency_full",
        retryAtMs: 0,
        reason: REASON_RESIDENCY | REASON_CROWDED,
      },
    ]);
    settle(router, "fr", 1, "ok");
    expect(router.route(ask(1, eu))).toMatchObject({ kind: "route", target: "fr", model: "m" });
  });

  it("learns from round trips: a slow answer halves what a target may have under way", () => {
    const aimd = { kind: "aimd", initial: 4, min: 1, max: 10, backoffRatio: 0.5, slowMs: 100 } as const;
    for (const [rttMs, room] of [
      [99, 4],
      [101, 2],
    ] as const) {
      const router = guarded({ limit: aimd });
      const toUs = { only: ["us"] };
      router.route(ask(0, toUs));
      const end = { tokensReserved: 10, tokensUsed: 10, nowMs: rttMs, startedMs: 0 };
      router.settle({ target: "us", outcome: "ok", ...end });
      const routed = Array.from({ length: 6 }, () => router.route(ask(rttMs, toUs)).kind);
      expect(routed.filter((kind) => kind === "route").length, `${rttMs} ms`).toBe(room);
    }
  });

  it("refuses by chance what the targets would not accept, and learns nothing from what the law refuses", () => {
    const throttle = { kind: "adaptive", k: 2, windowMs: 60_000 } as const;
    const share = (lawRefuses: boolean): number => {
      const router = guarded({ throttle });
      const uniform = luck(20260507);
      for (let n = 0; n < 300 && lawRefuses; n++) {
        expect(call(router, n, "ok", { origin: "ZZ" })).toBe("residency_no_legal_region");
      }
      const causes = Array.from({ length: 400 }, (_, n) =>
        call(router, 300 + n, lawRefuses ? "ok" : "error", { guardLuck: [0.5, uniform()] }),
      );
      return causes.filter((cause) => cause === "local_throttle").length / causes.length;
    };
    expect(share(true)).toBe(0);
    // With nothing accepted n calls are let through with chance 1/(n+1) each: the harmonic number of 400 is 6.6.
    expect(share(false)).toBeGreaterThan(0.95);
    expect(share(false)).toBeLessThan(1);
  });

  it("holds a target back after its return and lets it in by its share", () => {
    const returning = { holdMs: 1000, slowStartMs: 1000, aggression: 1, minShare: 0 };
    const router = guarded({ returning });
    router.probe("us", false, 0);
    router.probe("us", true, 100);
    const at = (nowMs: number, draw: number) => call(router, nowMs, "ok", { guardLuck: [draw, 0] });
    expect([at(1099, 0), at(1600, 0.49), at(1600, 0.5), at(2100, 0.99)]).toEqual(["de", "us", "de", "us"]);
  });

  it("fails open inside the law when told to, though guards stand everywhere", () => {
    const router = guarded({ breaker: BREAKER }, { failOpen: true });
    const eu = { origin: "DE" };
    for (let n = 0; n < 4; n++) call(router, n, "error", eu);
    expect(call(router, 5, "ok", eu)).toBe("de");
    expect(router.explain(ask(6, eu)).reasons).toContain("failed-open");
  });
});

describe("a router's retries", () => {
  const failed = (nowMs: number, grant?: RetryGrant) => ({
    outcome: "error" as const,
    tokens: 10,
    nowMs,
    luck: 0.5,
    ...(grant === undefined ? {} : { grant }),
  });

  it("are counted and waited for, each longer than the one before", () => {
    const router = guarded({ retry: RETRY });
    const waits: number[] = [];
    let grant: RetryGrant | undefined;
    for (let nowMs = 0; nowMs < 10; nowMs++) {
      call(router, nowMs, "error", grant === undefined ? {} : { grant });
      const answer = router.retry(failed(nowMs, grant));
      if (answer.kind === "give-up") {
        expect(answer.cause).toBeNull();
        break;
      }
      expect(answer.grant.waitMs).toBe(answer.waitMs);
      waits.push(answer.waitMs);
      grant = answer.grant;
    }
    expect(waits).toEqual([100, 200, 400]);
  });

  it("obey Retry-After up to the cap, and are never made after what went well or was given up", () => {
    const router = guarded({ retry: { ...RETRY, retryAfter: { obey: true, capMs: 5000 } } });
    const throttled = { ...failed(0), outcome: "throttled" as const };
    expect(router.retry({ ...throttled, retryAfterMs: 3000 })).toMatchObject({ waitMs: 3000 });
    expect(router.retry({ ...throttled, retryAfterMs: 9000 })).toMatchObject({ waitMs: 5000 });
    for (const outcome of ["ok", "abandoned"] as const)
      expect(router.retry({ ...failed(0), outcome })).toEqual({ kind: "give-up", cause: null });
  });

  it("end with a cause of their own when nothing pays for them, and first tries earn new ones", () => {
    const bucket = { kind: "token-bucket", size: 2, deposit: 0.5, depositOn: "start" } as const;
    const router = guarded({ retry: { ...RETRY, budget: { ...bucket, fires: "at-least-one" } } });
    const retried = () => {
      call(router, 0, "error");
      const answer = router.retry(failed(0));
      return answer.kind === "retry" ? "retry" : answer.cause;
    };
    // Full at 2: each first try earns half a retry, and what is above the size is lost.
    expect([retried(), retried(), retried(), retried(), retried()]).toEqual([
      "retry",
      "retry",
      "retry",
      "retry_budget_exhausted",
      "retry",
    ]);
  });

  it("give their place back when they are refused, done or forgone", () => {
    const budget = { kind: "concurrent-share", share: 0, min: 1 } as const;
    const router = guarded({ retry: { ...RETRY, budget } });
    const grantAt = (nowMs: number): RetryGrant | null => {
      call(router, nowMs, "error");
      const answer = router.retry(failed(nowMs));
      return answer.kind === "retry" ? answer.grant : null;
    };
    const first = grantAt(0)!;
    expect(grantAt(1)).toBeNull();
    router.forgo(first, 2);
    const second = grantAt(3)!;
    expect(call(router, 4, "ok", { grant: second, origin: "ZZ" })).toBe("residency_no_legal_region");
    const third = grantAt(5)!;
    const answer = router.route(ask(6, { grant: third }));
    expect(grantAt(7)).toBeNull();
    if (answer.kind !== "route") throw new Error(answer.cause);
    const end = { tokensReserved: 10, tokensUsed: 10, nowMs: 8, startedMs: 6, grant: third };
    router.settle({ target: answer.target, outcome: "error", ...end });
    expect(grantAt(9)).not.toBeNull();
  });

  it("are given back what they cost when they succeed, more after a throttled try than after a failed one", () => {
    const budget = { kind: "aws-standard", capacity: 10, cost: 4, throttleCost: 10 } as const;
    for (const [outcome, again] of [
      ["throttled", "retry"],
      ["error", "give-up"],
    ] as const) {
      const router = guarded({ retry: { ...RETRY, budget } });
      call(router, 0, outcome);
      const first = router.retry({ ...failed(0), outcome });
      if (first.kind === "give-up") throw new Error("the first is paid for");
      if (outcome === "error") expect(router.retry({ ...failed(0), outcome }).kind).toBe("retry");
      router.route(ask(1, { grant: first.grant }));
      const end = { tokensReserved: 10, tokensUsed: 10, nowMs: 1, startedMs: 1, grant: first.grant };
      router.settle({ target: "us", outcome: "ok", ...end });
      call(router, 2, "throttled");
      expect(router.retry({ ...failed(2), outcome: "throttled" }).kind).toBe(again);
    }
  });

  it("leave hedges out of the count: they are paid for on their own", () => {
    const router = guarded({ hedge: { afterMs: 50, extraCalls: 1, ratio: 0.5 } });
    expect([router.hedgeAfterMs(1), router.hedgeAfterMs(2)]).toEqual([50, Number.POSITIVE_INFINITY]);
    const hedges = Array.from({ length: 9 }, (_, n) => call(router, n, "ok", { hedge: true, tried: ["us"] }));
    const granted = hedges.indexOf("retry_budget_exhausted");
    expect(granted).toBeGreaterThan(0);
    expect(new Set(hedges.slice(0, granted))).toEqual(new Set(["de"]));
    expect(new Set(hedges.slice(granted))).toEqual(new Set(["retry_budget_exhausted"]));
    call(router, 10, "ok");
    call(router, 11, "ok");
    expect(call(router, 12, "ok", { hedge: true })).toBe("us");
    expect(call(router, 13, "ok", { hedge: true })).toBe("retry_budget_exhausted");
  });
});

describe("a guarded router asked wrongly", () => {
  it("stops at what it cannot learn from, before anything has changed", () => {
    const throttled = guarded({ throttle: { kind: "adaptive", k: 2, windowMs: 1000 } });
    const { guardLuck: _, ...withoutLuck } = ask(0);
    expect(() => throttled.route(withoutLuck)).toThrow(/guardLuck\[0\] must be in \[0, 1\), got undefined/);
    expect(() => throttled.route(ask(0, { guardLuck: [0, 1] }))).toThrow(
      /guardLuck\[1\] must be in \[0, 1\), got 1/,
    );
    const router = guarded({ breaker: BREAKER });
    router.route(ask(5));
    const end = { target: "us", outcome: "ok", tokensReserved: 10, tokensUsed: 10, nowMs: 7 } as const;
    expect(() => router.settle(end)).toThrow(/startedMs must be a time up to nowMs/);
    expect(() => router.settle({ ...end, startedMs: 8 })).toThrow(PolicyError);
    router.settle({ ...end, startedMs: 5 });
    const returning = { holdMs: 1, slowStartMs: 0, aggression: 1, minShare: 0 };
    expect(() => guarded({ returning }).probe("us", true)).toThrow(/nowMs must be a finite number/);
    const again = { outcome: "error", tokens: 1, nowMs: 0 } as const;
    expect(() => guarded({}).retry({ ...again, luck: 1 })).toThrow(/luck must be in \[0, 1\), got 1/);
  });
});

describe("a guarded router in any state", () => {
  const stepArb = fc.record({
    what: fc.constantFrom("ask", "ask", "ask", "settle", "settle", "probe", "drain", "retry"),
    which: fc.nat(2),
    outcome: fc.constantFrom<Outcome[]>("ok", "error", "throttled", "timeout", "abandoned"),
    flag: fc.boolean(),
    gapMs: fc.constantFrom(0, 1, 1, 50, 400),
    origin: fc.constantFrom("DE", "US", "BR"),
    draws: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 4,
      maxLength: 4,
    }),
  });
  const callerArb: fc.Arbitrary<CallerConfig> = fc.record({
    retry: fc.constantFrom<RetryConfig[]>(RETRY, { ...RETRY, budget: { kind: "ratio", ratio: 0.1 } }),
    breaker: fc.constantFrom<CallerConfig["breaker"][]>(BREAKER, { kind: "none" }),
    outlier: fc.constantFrom<CallerConfig["outlier"][]>(null, {
      consecutiveFailures: 1,
      ejectionMs: 1000,
      maxEjectionMs: 3000,
      maxShare: 1,
    }),
    throttle: fc.constantFrom<CallerConfig["throttle"][]>(
      { kind: "none" },
      { kind: "adaptive", k: 1.1, windowMs: 500 },
    ),
    limit: fc.constantFrom<CallerConfig["limit"][]>({ kind: "none" }, { kind: "fixed", limit: 1 }),
    hedge: fc.constantFrom<CallerConfig["hedge"][]>(null, { afterMs: 10, extraCalls: 1, ratio: 1 }),
    returning: fc.constantFrom<CallerConfig["returning"][]>(null, {
      holdMs: 100,
      slowStartMs: 300,
      aggression: 1,
      minShare: 0.1,
    }),
  });

  it("routes only to what can lawfully be reached, to what explain names, and never loses count", () => {
    const causes = new Set<string>();
    fc.assert(
      fc.property(
        callerArb,
        fc.boolean(),
        fc.array(stepArb, { maxLength: 60, size: "max" }),
        (caller, failOpen, steps) => {
          const router = guarded(caller, { failOpen });
          const open: { target: string; startedMs: number }[] = [];
          let nowMs = 0;
          for (const { what, which, outcome, flag, gapMs, origin, draws } of steps) {
            nowMs += gapMs;
            const [a, b, c, d] = draws as [number, number, number, number];
            const id = TARGETS[which]!.id;
            if (what === "probe") router.probe(id, flag, nowMs);
            else if (what === "drain") router.drain(id, flag && which === 0);
            else if (what === "retry") router.retry({ outcome, tokens: 1, nowMs, luck: a });
            else if (what === "settle" && open.length > 0) {
              const end = open.splice(which % open.length, 1)[0]!;
              router.settle({ ...end, outcome, tokensReserved: 10, tokensUsed: 10, nowMs });
            } else if (what === "ask") {
              const asked = ask(nowMs, { origin, luck: [a, b], guardLuck: [c, d], hedge: flag });
              const expected = router.explain(asked);
              const answer = router.route(asked);
              if (answer.kind !== "route") causes.add(answer.cause);
              else {
                expect(router.reachable(origin, "chat", "m")).toContain(answer.target);
                expect(answer.target).toBe(expected.target);
                open.push({ target: answer.target, startedMs: nowMs });
              }
            }
          }
          for (const end of open)
            router.settle({ ...end, outcome: "ok", tokensReserved: 10, tokensUsed: 0, nowMs });
        },
      ),
      { seed: 20260508, numRuns: 600 },
    );
    for (const cause of [
      "circuit_open",
      "concurrency_full",
      "local_throttle",
      "retry_budget_exhausted",
      "no_healthy_region",
    ])
      expect(causes).toContain(cause);
  });
});
