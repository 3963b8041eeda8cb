import { describe, expect, it } from "vitest";
import {
  createDecision,
  decide,
  type PolicyConfig,
  type PolicyTarget,
  ROUTE,
  reachable,
  STRATEGY_NAMES,
} from "../../src/policy/index.js";
import { compiled, config, EU27, request, target } from "./helpers.js";

const LIMITED: Partial<PolicyTarget> = {
  requestsPerMin: 60,
  requestBurst: 1,
  tokensPerMin: 60,
  tokenBurst: 1,
  maxInFlight: 1,
};

/** Two models, two tiers, one target outside the law, one that serves both models; every one of the four limited. */
function small(more: Partial<PolicyConfig>): PolicyConfig {
  return config(
    [
      target("de", "DE", { ...LIMITED, models: ["m"] }),
      target("us", "US", { ...LIMITED, models: ["m", "n"] }),
      target("fr", "FR", { ...LIMITED, models: ["n"], tier: 1, weight: 0 }),
      target("both", "IE", { ...LIMITED, models: ["m", "n"], tier: 1 }),
    ],
    {
      models: ["m", "n"],
      rules: [
        { id: "eu", when: { origin: ["DE"] }, require: { processing: EU27, logs: EU27 }, onEmpty: "queue" },
      ],
      ...more,
    },
  );
}

/** What a target can be, as one believes: up, down, drained, cooling, guarded, crowded, or without a place or a request. */
const CONDITIONS = 7;
const LUCK = [
  [0, 0],
  [0.3, 0.9],
  [0.5, 0.1],
  [0.7, 0.7],
  [0.999, 0.4],
] as const;

/** Every target that is ever chosen, over every condition of every target and every set of targets tried before. */
function everChosen(c: PolicyConfig, origin: number): number {
  const { policy, state } = compiled(c);
  const out = createDecision();
  const targets = c.targets.length;
  let chosen = 0;
  for (let code = 0; code < CONDITIONS ** targets; code++) {
    state.up = policy.all;
    state.drained = 0;
    state.cooling = 0;
    state.guarded = 0;
    state.crowded = 0;
    for (let t = 0, rest = code; t < targets; t++, rest = Math.floor(rest / CONDITIONS)) {
      const condition = rest % CONDITIONS;
      if (condition === 1) state.up &= ~(1 << t);
      if (condition === 2) state.drained |= 1 << t;
      if (condition === 3) state.cooling |= 1 << t;
      if (condition === 4) state.guarded |= 1 << t;
      if (condition === 5) state.crowded |= 1 << t;
      state.cooldownUntilMs[t] = condition === 3 ? 5000 : Number.NEGATIVE_INFINITY;
      state.inFlight[t] = condition === 6 ? 1 : 0;
    }
    const tried = code % 16;
    const [u, v] = LUCK[code % LUCK.length]!;
    for (const model of [0, 1]) {
      const asked = request({ origin, model, tried, u, v, stickyKey: (code % 7) - 1 });
      decide(policy, state, asked, out);
      if (out.kind !== ROUTE) continue;
      if ((reachable(policy, asked) & (1 << out.target)) === 0) return -1;
      if (model === 0) chosen |= 1 << out.target;
    }
  }
  return chosen;
}

describe("reachable", () => {
  it.each(STRATEGY_NAMES)("is exactly what %s ever chooses, over every state of four targets", (kind) => {
    const strategy = kind === "maglev" ? { kind, tableSize: 101 } : kind;
    for (const fallbacks of [{}, { m: ["n"] }])
      for (const failOpen of [false, true]) {
        const c = small({ strategy, fallbacks, failOpen });
        const { policy } = compiled(c);
        for (const origin of [0, 1]) {
          const mask = reachable(policy, { origin, dataClass: 0, tenant: 0, model: 0 });
          expect(everChosen(c, origin).toString(2)).toBe(mask.toString(2));
        }
      }
  });

  it("is wider by the fallback's targets, and never by one outside the law", () => {
    const reach = (fallbacks: PolicyConfig["fallbacks"], origin: number): number =>
      reachable(compiled(small({ fallbacks: fallbacks ?? {} })).policy, {
        origin,
        dataClass: 0,
        tenant: 0,
        model: 0,
      });
    expect([reach({}, 0), reach({ m: ["n"] }, 0)]).toEqual([0b1001, 0b1101]);
    expect([reach({}, 1), reach({ m: ["n"] }, 1)]).toEqual([0b1011, 0b1111]);
    expect(reach({ n: ["m"] }, 0)).toBe(0b1001);
  });
});
