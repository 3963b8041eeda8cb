import { describe, expect, it } from "vitest";
import { type Ask, createRouter, PolicyError, reasonNames } from "../../src/policy/index.js";
import { config, EU27, target } from "./helpers.js";

const RULE = {
  id: "eu-stays",
  when: { origin: EU27 },
  require: { processing: EU27, logs: EU27 },
  onEmpty: "refuse",
  source: "gateway.yaml:12",
} as const;

function gateway() {
  const targets = [target("us", "US", { maxInFlight: 2 }), target("eu", "DE", { maxInFlight: 1 })];
  return createRouter(config(targets, { rules: [RULE], strategy: "nearest", health: { fall: 2, rise: 1 } }));
}

const ask = (more: Partial<Ask> = {}): Ask => ({
  origin: "DE",
  dataClass: "chat",
  model: "m",
  tokens: 100,
  nowMs: 0,
  luck: [0.1, 0.2],
  rttMs: { us: 90, eu: 10 },
  ...more,
});

describe("createRouter", () => {
  it("routes by name, refuses by name, and explains by name", () => {
    const router = gateway();
    expect(router.route(ask())).toMatchObject({ kind: "route", target: "eu", model: "m" });
    const full = router.route(ask());
    expect(full).toMatchObject({ kind: "refuse", cause: "concurrency_full", retryAtMs: 0 });
    expect(reasonNames(full.reason)).toEqual(["residency-narrowed", "quota-excluded"]);
    expect(router.explain(ask()).candidates.map(({ id, exclusion }) => [id, exclusion])).toEqual([
      ["us", "residency"],
      ["eu", "concurrency"],
    ]);
    router.settle({ target: "eu", outcome: "ok", tokensReserved: 100, tokensUsed: 80, nowMs: 50 });
    expect(router.route(ask({ nowMs: 50 }))).toMatchObject({ kind: "route", target: "eu", model: "m" });
  });

  it("sends eu users nowhere when the eu is down, and everyone else to what is near and up", () => {
    const router = gateway();
    expect([router.probe("eu", false), router.probe("eu", false)]).toEqual([false, true]);
    const stranded = router.route(ask());
    expect(stranded).toMatchObject({ kind: "refuse", cause: "residency_no_legal_region", retryAtMs: 0 });
    expect(reasonNames(stranded.reason)).toEqual(["residency-narrowed", "health-excluded"]);
    expect(router.route(ask({ origin: "BR" }))).toMatchObject({ kind: "route", target: "us", model: "m" });
  });

  it("leaves a target that throttled alone until it said, and takes its place back", () => {
    const router = gateway();
    router.route(ask());
    router.settle({
      target: "eu",
      outcome: "throttled",
      tokensReserved: 100,
      tokensUsed: 0,
      nowMs: 10,
      retryAtMs: 900,
    });
    const cooling = router.route(ask({ nowMs: 899 }));
    expect(cooling).toMatchObject({ kind: "refuse", cause: "rate_limit_rpm", retryAtMs: 900 });
    expect(reasonNames(cooling.reason)).toEqual(["residency-narrowed", "cooldown-excluded"]);
    expect(router.route(ask({ nowMs: 900 }))).toMatchObject({ kind: "route", target: "eu", model: "m" });
  });

  it("takes no number that is none at the end of a call: a limit would never admit anything again", () => {
    const router = gateway();
    router.route(ask());
    const end = { target: "eu", outcome: "ok", tokensReserved: 100, tokensUsed: 80, nowMs: 50 } as const;
    for (const [key, value] of [
      ["tokensUsed", Number.NaN],
      ["tokensUsed", -1],
      ["tokensReserved", Number.POSITIVE_INFINITY],
      ["nowMs", Number.NaN],
      ["retryAtMs", Number.POSITIVE_INFINITY],
    ] as const) {
      const rule = key.startsWith("tokens") ? "a finite number >= 0" : "a finite number";
      expect(() => router.settle({ ...end, [key]: value })).toThrow(`${key} must be ${rule}, got ${value}`);
    }
    // The call is still under way, and nothing of it was settled.
    expect(router.route(ask({ nowMs: 50 }))).toMatchObject({ cause: "concurrency_full" });
    router.settle(end);
    expect(router.route(ask({ nowMs: 50 }))).toMatchObject({ kind: "route" });
  });

  it("lists what can ever be reached, drained or not", () => {
    const router = gateway();
    router.drain("eu", true);
    expect(router.reachable("DE", "chat", "m")).toEqual(["eu"]);
    expect(router.reachable("BR", "chat", "m")).toEqual(["us", "eu"]);
    expect(router.reachable("CN", "chat", "m")).toEqual([]);
    expect(router.route(ask({ origin: "US" }))).toMatchObject({ kind: "route", target: "us", model: "m" });
  });

  it("refuses an unknown origin, and lets `only` and `tried` narrow but never widen", () => {
    const router = gateway();
    expect(router.route(ask({ origin: "CN" }))).toMatchObject({ cause: "residency_no_legal_region" });
    expect(router.route(ask({ only: ["us"] }))).toMatchObject({ cause: "residency_no_legal_region" });
    expect(router.route(ask({ only: [] }))).toMatchObject({ kind: "refuse" });
    const elsewhere = router.route(ask({ origin: "US", tried: ["eu", "gone"] }));
    expect(elsewhere).toMatchObject({ kind: "route", target: "us", model: "m" });
    expect(reasonNames(elsewhere.reason)).toEqual(["tried-avoided"]);
    expect(router.route(ask({ tried: ["eu"] }))).toMatchObject({ kind: "route", target: "eu", model: "m" });
  });

  it("changes nothing by explaining", () => {
    const router = gateway();
    for (let n = 0; n < 5; n++) expect(router.explain(ask()).target).toBe("eu");
    expect(router.route(ask())).toMatchObject({ kind: "route", target: "eu", model: "m" });
  });

  it("stops at numbers that are none, at luck of 1, and at targets it does not know", () => {
    const router = gateway();
    expect(() => router.route(ask({ tokens: Number.NaN }))).toThrow(/tokens must be a finite number >= 0/);
    expect(() => router.route(ask({ tokens: -5 }))).toThrow(PolicyError);
    expect(() => router.route(ask({ nowMs: Number.POSITIVE_INFINITY }))).toThrow(
      /nowMs must be a finite number/,
    );
    expect(() => router.route(ask({ luck: [0.5, 1] }))).toThrow(/luck\[1\] must be in \[0, 1\), got 1/);
    expect(() => router.probe("eu-wst", true)).toThrow(/target is unknown: "eu-wst"/);
  });
});
