import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_PARTS,
  type CallerConfig,
  COMMON_PARTS,
  createRouter,
  type Parts,
  PLAIN_CALLER,
  type StrategyName,
} from "../../src/policy/index.js";
import { config, luck, target } from "./helpers.js";

const TARGETS = [target("de", "DE"), target("fr", "FR", { weight: 2 }), target("us", "US")];
const GUARDED: CallerConfig = {
  ...PLAIN_CALLER,
  retry: {
    ...PLAIN_CALLER.retry,
    retries: 2,
    budget: { kind: "token-bucket", size: 5, deposit: 0.2, depositOn: "start", fires: "at-least-one" },
    backoff: { kind: "decorrelated-jitter", baseMs: 50, capMs: 900 },
  },
  breaker: { kind: "consecutive", failures: 2, openMs: 400, halfOpenCalls: 1 },
  limit: { kind: "aimd", initial: 2, min: 1, max: 9, backoffRatio: 0.5, slowMs: 90 },
  returning: { holdMs: 50, slowStartMs: 500, aggression: 1, minShare: 0.1 },
};

/** All that a router says while calls go well and badly by the same luck. */
function told(parts: Parts, strategy: StrategyName, seed: number): string[] {
  const router = createRouter(config(TARGETS, { strategy, health: { fall: 1, rise: 1 } }), GUARDED, parts);
  const next = luck(seed);
  const said: string[] = [];
  for (let nowMs = 0; nowMs < 4000; nowMs += 20) {
    if (next() < 0.1) router.probe("fr", next() < 0.6, nowMs);
    const answer = router.route({
      origin: "US",
      dataClass: "chat",
      model: "m",
      tokens: 10,
      nowMs,
      luck: [next(), next()],
      guardLuck: [next(), next()],
      rttMs: { de: 20, fr: 10, us: 90 },
    });
    said.push(JSON.stringify(answer));
    if (answer.kind !== "route") continue;
    const outcome = next() < 0.3 ? "error" : "ok";
    router.settle({
      target: answer.target,
      outcome,
      tokensReserved: 10,
      tokensUsed: 12,
      startedMs: nowMs,
      nowMs: nowMs + 10,
    });
    said.push(JSON.stringify(router.retry({ outcome, tokens: 10, nowMs: nowMs + 10, luck: next() })));
  }
  return said;
}

describe("a router's parts", () => {
  it("the common ones decide as all of them do, answer by answer, for every strategy in them", () => {
    const names = Object.keys(COMMON_PARTS.strategies) as StrategyName[];
    expect(names.length).toBeGreaterThanOrEqual(7);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(1_000_000), (name, seed) => {
        const common = told(COMMON_PARTS, name, seed);
        expect(common).toEqual(told(ALL_PARTS, name, seed));
        expect(common.some((line) => line.includes('"retry"'))).toBe(true);
      }),
      { numRuns: 60, seed: 606 },
    );
  });

  it.each([
    ["backoffs", Object.keys(COMMON_PARTS.backoffs)],
    ["budgets", Object.keys(COMMON_PARTS.budgets)],
    ["breakers", Object.keys(COMMON_PARTS.breakers)],
    ["limits", Object.keys(COMMON_PARTS.limits)],
    ["throttles", Object.keys(COMMON_PARTS.throttles)],
    ["ramps", Object.keys(COMMON_PARTS.ramps)],
    ["strategies", Object.keys(COMMON_PARTS.strategies)],
  ] as const)("the common %s are among all of them", (list, names) => {
    expect(Object.keys(ALL_PARTS[list])).toEqual(expect.arrayContaining(names));
  });

  it("what is configured and was not handed over is refused by name, and all the parts have it", () => {
    const plain = config(TARGETS);
    const { retry } = PLAIN_CALLER;
    const wants: readonly (readonly [Partial<CallerConfig>, string])[] = [
      [
        { retry: { ...retry, budget: { kind: "concurrent-share", share: 0.2, min: 1 } } },
        'retry.budget.kind is not among the parts: "concurrent-share"',
      ],
      [
        { retry: { ...retry, backoff: { kind: "exponential-random", baseMs: 1, capMs: 2 } } },
        'retry.backoff.kind is not among the parts: "exponential-random"',
      ],
      [
        { throttle: { kind: "adaptive", k: 2, windowMs: 1000 } },
        'throttle.kind is not among the parts: "adaptive"',
      ],
      [
        { returning: { holdMs: 0, slowStartMs: 10, aggression: 2, minShare: 0 } },
        'returning.aggression is not among the parts: "curved"',
      ],
    ];
    for (const [want, sentence] of wants) {
      const caller = { ...PLAIN_CALLER, ...want };
      expect(() => createRouter(plain, caller)).toThrow(sentence);
      expect(() => createRouter(plain, caller)).toThrow("ALL_PARTS has more");
      expect(() => createRouter(plain, caller, ALL_PARTS)).not.toThrow();
    }
    expect(() => createRouter({ ...plain, strategy: "maglev" })).toThrow(
      /strategy is not among the parts: "maglev" \(one of nearest, .*; ALL_PARTS has more\)/,
    );
    const one = { ...COMMON_PARTS, strategies: { maglev: ALL_PARTS.strategies.maglev! } };
    expect(() => createRouter({ ...plain, strategy: "maglev" }, PLAIN_CALLER, one)).not.toThrow();
  });
});
