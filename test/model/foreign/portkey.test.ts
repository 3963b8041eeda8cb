/** Portkey as a reference: its tree, its retries, and the three leaks of its documented residency example. */
import { describe, expect, it } from "vitest";
import { holds, PortkeyBreakerState, retryWait } from "../../../src/model/foreign/portkeyTree.js";
import { foreignReach } from "../../../src/model/index.js";
import type { PortkeyNode, PortkeySource } from "../../../src/scenario/policySource.js";
import { readPortkeyQuery } from "../../../src/scenario/schemaPolicyPortkey.js";
import { requestClass } from "../buildScenario.js";
import { failing, foreignScenario, runForeign } from "./foreignScenario.js";

function node(over: Partial<PortkeyNode> = {}): PortkeyNode {
  return {
    mode: "single",
    name: null,
    weight: 1,
    endpointIndex: null,
    targets: [],
    statusCodes: null,
    conditions: [],
    otherwise: null,
    retry: null,
    breaker: null,
    at: "config.json:1",
    ...over,
  };
}

const leaf = (endpointIndex: number, over: Partial<PortkeyNode> = {}): PortkeyNode =>
  node({ endpointIndex, at: `config.json:${endpointIndex + 10}`, ...over });
const source = (root: PortkeyNode, breakerWorks = false): PortkeySource => ({
  kind: "portkey",
  root,
  breakerWorks,
});

function query(value: unknown): Exclude<ReturnType<typeof readPortkeyQuery>, string> {
  const read = readPortkeyQuery(value);
  if (typeof read === "string") throw new Error(read);
  return read;
}

/** A condition on the region; the word `then` is the other system's own. */
const goesTo = (name: string): PortkeyNode["conditions"][number] => ({
  query: query({ "metadata.user_region": { $eq: "EU" } }),
  // biome-ignore lint/suspicious/noThenProperty: the word is the other system's own.
  then: name,
  at: "config.json:7",
});
/** The documented example: an unrestricted primary, then a condition with a default. */
const residency = source(
  node({
    mode: "fallback",
    targets: [
      leaf(0),
      node({
        mode: "conditional",
        conditions: [goesTo("eu-backup")],
        otherwise: "us-backup",
        targets: [leaf(1, { name: "eu-backup" }), leaf(2, { name: "us-backup" })],
      }),
    ],
  }),
);
const endpoints = [{ id: "primary", data: {} }, { id: "eu-backup" }, { id: "us-backup" }];
const says = (user_region?: string) =>
  requestClass("chat", user_region === undefined ? {} : { metadata: { user_region } });

describe("the documented residency example", () => {
  const leaks = (user_region?: string): readonly string[] =>
    foreignReach(foreignScenario({ policy: residency, endpoints, classes: [says(user_region)] }), 0, 0)
      .filter(({ endpoint }) => endpoint !== 1)
      .map(({ endpoint, needs, how }) => `${endpoints[endpoint]!.id} ${needs} ${how}`);

  it("sends EU users to the unrestricted primary first, whatever they say", () => {
    for (const said of ["EU", "eu", undefined])
      expect(leaks(said)[0]).toBe(
        "primary state first target of the fallback, tried before the condition is asked (config.json:10)",
      );
  });

  it("sends a region written otherwise, and one that is missing, to the default branch", () => {
    for (const said of ["eu", undefined])
      expect(leaks(said)[1]).toMatch(
        /^us-backup state .*default branch, since no condition on metadata.user_region holds/,
      );
    // Two leaks, each with a sentence of its own.
    expect(leaks("eu")[1]).toContain('holds: the client sends metadata.user_region "eu"');
    expect(leaks(undefined)[1]).toContain("holds: the client sends no metadata.user_region");
    expect(leaks("EU")[1]).toMatch(
      /^us-backup client .*default branch when metadata.user_region is missing or written/,
    );
  });

  it("shows all three in a run, and the auditor counts them", () => {
    const classes = [
      says("EU"),
      requestClass("otherwise", { metadata: { user_region: "{origin:lower}" } }),
      requestClass("silent"),
    ];
    const end = runForeign(
      foreignScenario({
        policy: residency,
        endpoints,
        classes,
        onlyEu: true,
        faults: [failing(0, 1, 0, 60)],
      }),
    );
    const { arrived } = end;
    for (const kind of ["chat", "otherwise", "silent"])
      expect(arrived[`berlin ${kind} primary`]).toBeGreaterThan(10);
    expect(arrived["berlin chat eu-backup"]).toBeGreaterThan(10);
    expect(arrived["berlin chat us-backup"]).toBeUndefined();
    expect(arrived["berlin otherwise us-backup"]).toBeGreaterThan(10);
    expect(arrived["berlin silent us-backup"]).toBeGreaterThan(10);
    const lawful = arrived["berlin chat eu-backup"]!;
    expect(end.violations).toBe(Object.values(arrived).reduce((sum, n) => sum + n, 0) - lawful);
  });
});

describe("Portkey's tree", () => {
  const callsOf = (root: PortkeyNode, over: object = {}): Readonly<Record<string, number>> =>
    runForeign(
      foreignScenario({
        policy: source(root),
        endpoints: [{ id: "eu-0" }, { id: "eu-1" }, { id: "eu-2" }],
        onlyEu: true,
        ...over,
      }),
    ).calls;

  it("shares load by weight, a default of 1, and none for 0", () => {
    const root = node({
      mode: "loadbalance",
      targets: [leaf(0, { weight: 5 }), leaf(1, { weight: 3 }), leaf(2, { weight: 1 })],
    });
    const calls = callsOf(root, { durationS: 500 });
    const all = calls["eu-0"]! + calls["eu-1"]! + calls["eu-2"]!;
    for (const [id, share] of [
      ["eu-0", 5 / 9],
      ["eu-1", 3 / 9],
      ["eu-2", 1 / 9],
    ] as const) {
      const halfWidth = 4 * Math.sqrt((share * (1 - share)) / all);
      expect(halfWidth).toBeLessThan(0.07);
      expect(Math.abs(calls[id]! / all - share)).toBeLessThan(halfWidth);
    }
    const none = node({ mode: "loadbalance", targets: [leaf(0, { weight: 0 }), leaf(1)] });
    expect(callsOf(none)["eu-0"]).toBe(0);
  });

  it("shares load inside a shared load independently of the outer choice", () => {
    const inner = node({ mode: "loadbalance", targets: [leaf(1), leaf(2)] });
    const calls = callsOf(node({ mode: "loadbalance", targets: [leaf(0), inner] }), { durationS: 500 });
    const all = calls["eu-1"]! + calls["eu-2"]!;
    expect(Math.abs(calls["eu-1"]! / all - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / all));
  });

  it("moves on after any failure, or after those listed only", () => {
    const faults = [failing(0, 1, 0, 60)];
    const chain = (statusCodes: readonly number[] | null) =>
      node({ mode: "fallback", statusCodes, targets: [leaf(0), leaf(1)] });
    expect(callsOf(chain(null), { faults })["eu-1"]).toBeGreaterThan(50);
    expect(callsOf(chain([500]), { faults })["eu-1"]).toBeGreaterThan(50);
    expect(callsOf(chain([429, 503]), { faults })["eu-1"]).toBe(0);
  });

  it("goes up past a fallback that is used up to the next one above", () => {
    const inner = node({ mode: "fallback", targets: [leaf(0), leaf(1)] });
    const calls = callsOf(node({ mode: "fallback", targets: [inner, leaf(2)] }), {
      faults: [failing(0, 1, 0, 60), failing(1, 1, 0, 60)],
    });
    expect(calls["eu-0"]).toBe(calls["eu-2"]);
    expect(calls["eu-1"]).toBe(calls["eu-2"]);
    expect(calls["eu-2"]).toBeGreaterThan(50);
  });

  it("is an error where no condition holds and there is no default, and a fallback moves on from it", () => {
    const asks = node({
      mode: "conditional",
      conditions: [goesTo("x")],
      targets: [leaf(0, { name: "x" })],
    });
    const alone = runForeign(foreignScenario({ policy: source(asks), endpoints, onlyEu: true }));
    expect(Object.keys(alone.refused)).toEqual(["policy_error"]);
    expect(callsOf(node({ mode: "fallback", targets: [asks, leaf(1)] }))["eu-1"]).toBeGreaterThan(50);
  });

  it("retries at a target before it moves on, and inherits how often", () => {
    const retry = { retries: 2, statusCodes: [500], usesRetryAfter: false };
    const calls = callsOf(node({ mode: "fallback", retry, targets: [leaf(0), leaf(1)] }), {
      faults: [failing(0, 1, 0, 60)],
      perSecond: 0.5,
    });
    // The last of them are still between two tries when the run ends.
    expect(calls["eu-0"]! - 3 * calls["eu-1"]!).toBeGreaterThanOrEqual(0);
    expect(calls["eu-0"]! - 3 * calls["eu-1"]!).toBeLessThan(12);
  });
});

describe("Portkey's rules by hand", () => {
  it("waits 1, 2, 4, 8, 16 s, and no more than five times", () => {
    const retry = { retries: 5, statusCodes: [429, 500, 502, 503, 504], usesRetryAfter: false };
    const waits = [0, 1, 2, 3, 4, 5].map((made) =>
      retryWait(retry, made, 503, { retryAfterMs: 9000, waitedMs: 0 }),
    );
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, -1]);
    expect(retryWait(retry, 0, 408, { retryAfterMs: 0, waitedMs: 0 })).toBe(-1);
  });

  it("waits for at most 60 s of Retry-After in all: 20 s pass, 50 s more do not", () => {
    const retry = { retries: 5, statusCodes: [429], usesRetryAfter: true };
    expect(retryWait(retry, 0, 429, { retryAfterMs: 20_000, waitedMs: 0 })).toBe(20_000);
    expect(retryWait(retry, 1, 429, { retryAfterMs: 50_000, waitedMs: 20_000 })).toBe(-1);
    expect(retryWait(retry, 1, 429, { retryAfterMs: 40_000, waitedMs: 20_000 })).toBe(40_000);
    expect(retryWait(retry, 0, 429, { retryAfterMs: 60_000, waitedMs: 0 })).toBe(-1);
  });

  it.each([
    [{ "metadata.a": { $eq: "x" } }, true],
    [{ "metadata.a": "X" }, false],
    [{ "metadata.b": { $ne: "x" } }, true],
    [{ "metadata.b": { $eq: "x" } }, false],
    [{ "metadata.a": { $in: ["y", "x"] } }, true],
    [{ "metadata.b": { $nin: ["x"] } }, true],
    [{ "metadata.a": { $regex: "^[xy]$" } }, true],
    [{ "params.max_tokens": { $gt: 10, $lte: 20 } }, true],
    [{ "params.max_tokens": { $lt: 20 } }, false],
    [{ "params.max_tokens": { $gte: "20" } }, false],
    [{ $or: [{ "metadata.a": "no" }, { $and: [{ "metadata.a": "x" }, { "url.pathname": "/v1" }] }] }, true],
  ])("%j is %s for a = x, 20 tokens, /v1", (asked, expected) => {
    const words = new Map<string, string | number>([
      ["metadata.a", "x"],
      ["params.max_tokens", 20],
      ["url.pathname", "/v1"],
    ]);
    expect(holds(query(asked), words)).toBe(expected);
  });

  it("a breaker opens at its count or share, by default above status 500 only, and closes after its time", () => {
    const settings = {
      failureThreshold: 2,
      failurePercent: null,
      minRequests: 0,
      cooldownMs: 30_000,
      statusCodes: [],
    };
    const byCount = new PortkeyBreakerState(settings);
    for (const status of [500, 429, 503]) byCount.ended(status, 0);
    expect(byCount.isOpen(1)).toBe(false);
    byCount.ended(503, 1);
    expect([1, 30_000, 30_001].map((ms) => byCount.isOpen(ms))).toEqual([true, true, false]);
    const byShare = new PortkeyBreakerState({
      ...settings,
      failureThreshold: null,
      failurePercent: 50,
      minRequests: 4,
    });
    for (const status of [503, 503, 200]) byShare.ended(status, 0);
    expect(byShare.isOpen(0)).toBe(false);
    byShare.ended(503, 0);
    expect(byShare.isOpen(0)).toBe(true);
  });

  it("a breaker that is read keeps nobody out of the open-source build; one that works does, until all are open", () => {
    const breaker = {
      failureThreshold: 2,
      failurePercent: null,
      minRequests: 0,
      cooldownMs: 1e9,
      statusCodes: [500],
    };
    const root = node({ mode: "loadbalance", breaker, targets: [leaf(0), leaf(1)] });
    const calls = (works: boolean, faults: Parameters<typeof foreignScenario>[0]["faults"]) =>
      runForeign(
        foreignScenario({
          policy: source(root, works),
          onlyEu: true,
          ...(faults === undefined ? {} : { faults }),
        }),
      ).calls;
    expect(calls(false, [failing(0, 1, 0, 60)]).eu).toBeGreaterThan(30);
    expect(calls(true, [failing(0, 1, 0, 60)]).eu).toBe(2);
    const all = calls(true, [failing(0, 1, 0, 60), failing(1, 1, 0, 60)]);
    expect(all.eu! + all.us!).toBeGreaterThan(80);
  });
});
