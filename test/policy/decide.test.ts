import { describe, expect, it } from "vitest";
import {
  CAUSE_EVACUATING,
  CAUSE_POLICY_ERROR,
  CAUSE_RATE_REQUESTS,
  CAUSE_RATE_TOKENS,
  CAUSE_RESIDENCY,
  compilePolicy,
  createDecision,
  createState,
  type Decision,
  decide,
  explain,
  NO_TARGET,
  onProbe,
  type PolicyConfig,
  PolicyError,
  REFUSAL_CAUSES,
  REFUSE,
  RESULT_ABANDONED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_THROTTLED_TOKENS,
  RESULT_TIMEOUT,
  ROUTE,
  type RoutingRequest,
  reasonNames,
  STRATEGY_NAMES,
  setDrained,
} from "../../src/policy/index.js";
import { compiled, config, request, reserveAt, settleAt, target } from "./helpers.js";

const EU_RULE = {
  id: "eu-stays",
  when: { origin: ["DE"] },
  require: { processing: ["DE", "FR"] },
  onEmpty: "refuse",
} as const;
const [DE, US] = [0, 1];

function world(configuration: PolicyConfig) {
  const { policy, state } = compiled(configuration);
  const ask = (more: Partial<RoutingRequest> = {}): Decision =>
    decide(policy, state, request(more), createDecision());
  return { policy, state, ask };
}
const causeOf = (decision: Decision): string | undefined => REFUSAL_CAUSES[decision.cause];

describe("decide, refusing", () => {
  it("blames residency when the rule leaves nothing at all", () => {
    const { ask } = world(config([target("us", "US")], { rules: [EU_RULE] }));
    expect(causeOf(ask({ origin: DE }))).toBe("residency_no_legal_region");
    expect(ask({ origin: US }).target).toBe(0);
  });

  it("blames residency when the lawful are down and an unlawful one is up, health when all are down", () => {
    const { policy, state, ask } = world(
      config([target("us", "US"), target("de", "DE")], { rules: [EU_RULE] }),
    );
    onProbe(policy, state, 1, false);
    expect(causeOf(ask({ origin: DE }))).toBe("residency_no_legal_region");
    onProbe(policy, state, 0, false);
    expect(causeOf(ask({ origin: DE }))).toBe("no_healthy_region");
    expect(causeOf(ask({ origin: US }))).toBe("no_healthy_region");
  });

  it("does not blame residency for an unlawful target that is drained", () => {
    const { policy, state, ask } = world(
      config([target("us", "US"), target("de", "DE")], { rules: [EU_RULE] }),
    );
    onProbe(policy, state, 1, false);
    setDrained(state, 0, true);
    expect(causeOf(ask({ origin: DE }))).toBe("no_healthy_region");
  });

  it("refuses an origin, data class or model outside the configuration, never reading a neighbour's row", () => {
    const { ask } = world(config([target("us", "US")], { dataClasses: ["a", "b"], models: ["m"] }));
    for (const bad of [-1, 3, 0.5, Number.NaN]) expect(ask({ origin: bad }).cause).toBe(CAUSE_RESIDENCY);
    for (const bad of [-1, 2, 0.5, Number.NaN]) expect(ask({ dataClass: bad }).cause).toBe(CAUSE_RESIDENCY);
    for (const bad of [-1, 1, 0.5, Number.NaN]) expect(ask({ model: bad }).cause).toBe(CAUSE_POLICY_ERROR);
    expect(ask().kind).toBe(ROUTE);
  });

  it("calls a known model that nothing serves an error of the policy, not of residency", () => {
    const { ask } = world(config([target("us", "US")], { models: ["m", "other"] }));
    expect(ask({ model: 1 }).cause).toBe(CAUSE_POLICY_ERROR);
  });

  it("says evacuating when the lawful targets are up but drained, and does not fail open into them", () => {
    for (const failOpen of [false, true]) {
      const { state, ask } = world(config([target("a", "US"), target("b", "US")], { failOpen }));
      setDrained(state, 0, true);
      expect(ask().target).toBe(1);
      setDrained(state, 1, true);
      expect(ask().cause).toBe(CAUSE_EVACUATING);
      setDrained(state, 0, false);
      expect(ask().target).toBe(0);
    }
  });

  it("names the earliest time over all lawful healthy targets and the limit that sets it", () => {
    const limits = { requestsPerMin: 60, requestBurst: 1, tokensPerMin: 60_000, tokenBurst: 1000 };
    const { policy, state, ask } = world(config([target("a", "US", limits), target("b", "US", limits)]));
    reserveAt(policy, state, 0, 1000, 1000); // a: a request at 2000, 500 tokens at 1500
    state.tokens.force(1, 1000, 1000); // b: 300 tokens at 1300
    const first = ask({ tokens: 300 });
    expect([first.cause, first.retryAtMs]).toEqual([CAUSE_RATE_TOKENS, 1300]);
    onProbe(policy, state, 1, false);
    const second = ask({ tokens: 300 });
    expect([second.cause, second.retryAtMs]).toEqual([CAUSE_RATE_REQUESTS, 2000]);
  });

  it("gives a cooldown as a request limit with its end, and routes at that very end", () => {
    const { policy, state, ask } = world(config([target("a", "US")]));
    reserveAt(policy, state, 0, 1, 1000);
    settleAt(policy, state, 0, RESULT_THROTTLED, 1, 0, 1000, 4000);
    const refused = ask({ nowMs: 3999 });
    expect([refused.cause, refused.retryAtMs]).toEqual([CAUSE_RATE_REQUESTS, 4000]);
    expect(ask({ nowMs: 4000 }).target).toBe(0);
  });

  it("gives a cooldown for want of tokens as a token limit", () => {
    const { policy, state, ask } = world(config([target("a", "US")]));
    reserveAt(policy, state, 0, 1, 1000);
    settleAt(policy, state, 0, RESULT_THROTTLED_TOKENS, 1, 0, 1000, 4000);
    const refused = ask({ nowMs: 3999 });
    expect([refused.cause, refused.retryAtMs]).toEqual([CAUSE_RATE_TOKENS, 4000]);
    expect(ask({ nowMs: 4000 }).target).toBe(0);
  });

  it("gives no time when all that is missing is a place", () => {
    const { policy, state, ask } = world(config([target("a", "US", { maxInFlight: 1 })]));
    reserveAt(policy, state, 0, 1, 1000);
    const refused = ask();
    expect([causeOf(refused), refused.retryAtMs]).toEqual(["concurrency_full", 0]);
  });

  it("gives Infinity when the rate is nought", () => {
    const { ask } = world(config([target("a", "US", { requestsPerMin: 0, requestBurst: 1 })]));
    const refused = ask();
    expect([causeOf(refused), refused.retryAtMs]).toEqual(["rate_limit_rpm", Number.POSITIVE_INFINITY]);
  });

  it("counts a cooling target's end among the times when the others are at their limits", () => {
    const slow = { requestsPerMin: 1, requestBurst: 1 };
    const { policy, state, ask } = world(config([target("a", "US", slow), target("b", "US")]));
    reserveAt(policy, state, 0, 1, 1000);
    reserveAt(policy, state, 1, 1, 1000);
    settleAt(policy, state, 1, RESULT_THROTTLED, 1, 0, 1000, 5000);
    expect(ask().retryAtMs).toBe(5000);
  });
});

describe("decide, choosing", () => {
  it("uses a later tier only when no earlier one has a candidate, whatever the strategy", () => {
    for (const strategy of STRATEGY_NAMES) {
      const targets = [target("far", "US", { tier: 7 }), target("near", "US", { tier: -1, maxInFlight: 1 })];
      const { policy, state, ask } = world(config(targets, { strategy }));
      expect(ask().target, strategy).toBe(1);
      expect(reasonNames(ask().reason)).not.toContain("tier-spilled");
      reserveAt(policy, state, 1, 1, 1000);
      expect(ask().target, strategy).toBe(0);
      expect(reasonNames(ask().reason)).toEqual(["quota-excluded", "tier-spilled"]);
    }
  });

  it("prefers an untried target of a later tier to a tried one of the best", () => {
    const { ask } = world(config([target("best", "US"), target("spare", "US", { tier: 1 })]));
    expect(ask({ tried: 0b01 }).target).toBe(1);
    expect(reasonNames(ask({ tried: 0b11 }).reason)).toContain("tried-again");
    expect(ask({ tried: 0b11 }).target).toBe(0);
  });

  it("goes back to a tried target rather than to one that is unhealthy or at its limits", () => {
    const { policy, state, ask } = world(config([target("a", "US"), target("b", "US", { maxInFlight: 1 })]));
    reserveAt(policy, state, 1, 1, 1000);
    expect(ask({ tried: 0b01 }).target).toBe(0);
    onProbe(policy, state, 1, false);
    expect(ask({ tried: 0b01 }).target).toBe(0);
  });

  it("prefers a target that asked for time to one believed down when failing open", () => {
    const { policy, state, ask } = world(config([target("a", "US"), target("b", "US")], { failOpen: true }));
    onProbe(policy, state, 0, false);
    reserveAt(policy, state, 1, 1, 1000);
    settleAt(policy, state, 1, RESULT_THROTTLED, 1, 0, 1000, 9000);
    const open = ask();
    expect(open.target).toBe(1);
    expect(reasonNames(open.reason)).toContain("failed-open");
    expect(open.healthy).toBe(0);
    expect(open.admitted).toBe(0b10);
  });

  it("keeps the limits when failing open", () => {
    const { policy, state, ask } = world(config([target("a", "US", { maxInFlight: 1 })], { failOpen: true }));
    reserveAt(policy, state, 0, 1, 1000);
    onProbe(policy, state, 0, false);
    expect(causeOf(ask())).toBe("concurrency_full");
  });

  it("lets the caller narrow and never widen", () => {
    const { ask } = world(
      config([target("us", "US"), target("de", "DE"), target("fr", "FR")], { rules: [EU_RULE] }),
    );
    expect(ask({ origin: DE }).target).toBe(1);
    expect(ask({ origin: DE, narrow: 0b101 }).target).toBe(2);
    expect(ask({ origin: DE, narrow: 0b001 }).target).toBe(NO_TARGET);
    expect(ask({ origin: DE, narrow: 0x7fffffff }).lawful).toBe(0b110);
  });

  it("changes nothing: the same question twice has the same answer and leaves the state as it was", () => {
    for (const strategy of STRATEGY_NAMES) {
      const targets = ["a", "b", "c"].map((id) => target(id, "US", { requestsPerMin: 60, requestBurst: 2 }));
      const { policy, state, ask } = world(config(targets, { strategy }));
      reserveAt(policy, state, 1, 5, 1000);
      const before = JSON.stringify(state);
      const first = ask({ rttMs: [3, 2, 1] });
      expect(ask({ rttMs: [3, 2, 1] })).toEqual(first);
      expect(JSON.stringify(state)).toBe(before);
    }
  });

  it("writes every field of a decision that held something else", () => {
    const { policy, state } = compiled(config([target("a", "US")]));
    const dirty = {
      kind: 9,
      target: 9,
      cause: 9,
      reason: 9,
      retryAtMs: 9,
      lawful: 9,
      healthy: 9,
      usable: 9,
      admitted: 9,
      model: 9,
      candidates: 9,
    };
    for (const asked of [request(), request({ origin: -1 }), request({ narrow: 0 })]) {
      const fresh = decide(policy, state, asked, createDecision());
      expect(decide(policy, state, asked, { ...dirty })).toEqual(fresh);
    }
  });

  it("holds 31 targets and reaches the last", () => {
    const targets = Array.from({ length: 31 }, (_, t) => target(`t${t}`, "US", { tier: 30 - t }));
    const { policy, ask } = world(config(targets));
    expect(policy.all).toBe(0x7fffffff);
    expect(ask().target).toBe(30);
  });
});

describe("decide, with the caller's guards", () => {
  const pair = (more: Partial<PolicyConfig> = {}) =>
    world(config([target("a", "US"), target("b", "US")], more));

  it("passes over a guarded target while another is left, and says why", () => {
    const { state, ask } = pair();
    state.guarded = 0b01;
    const decision = ask();
    expect(decision.target).toBe(1);
    expect(decision.healthy).toBe(0b10);
    expect(reasonNames(decision.reason)).toEqual(["breaker-excluded"]);
  });

  it("says circuit_open when guards alone stand before every target that is up", () => {
    const { policy, state, ask } = pair();
    state.guarded = 0b11;
    expect([causeOf(ask()), ask().retryAtMs]).toEqual(["circuit_open", 0]);
    onProbe(policy, state, 0, false);
    expect(causeOf(ask())).toBe("circuit_open");
    onProbe(policy, state, 1, false);
    expect(causeOf(ask())).toBe("no_healthy_region");
  });

  it("says when a cooldown ends where no guard stands, not when a guarded target's does", () => {
    const { policy, state, ask } = pair();
    for (const [t, retryAtMs] of [
      [0, 3000],
      [1, 5000],
    ] as const) {
      reserveAt(policy, state, t, 1, 1000);
      settleAt(policy, state, t, RESULT_THROTTLED, 1, 0, 1000, retryAtMs);
    }
    state.guarded = 0b01;
    expect([ask().cause, ask().retryAtMs]).toEqual([CAUSE_RATE_REQUESTS, 5000]);
    expect(ask({ nowMs: 5000 }).target).toBe(1);
    state.guarded = 0b11;
    expect(causeOf(ask())).toBe("circuit_open");
  });

  it("blames the limits of the unguarded ones, at times at which only they are free", () => {
    const slow = { requestsPerMin: 60, requestBurst: 1 };
    const { policy, state, ask } = world(config([target("a", "US"), target("b", "US", slow)]));
    reserveAt(policy, state, 1, 1, 1000);
    reserveAt(policy, state, 0, 1, 1000);
    settleAt(policy, state, 0, RESULT_THROTTLED, 1, 0, 1000, 1500);
    state.guarded = 0b01;
    expect([ask().cause, ask().retryAtMs]).toEqual([CAUSE_RATE_REQUESTS, 2000]);
  });

  it("fails open to cooling targets before guarded ones, to those before targets believed down", () => {
    const three = [target("a", "US"), target("b", "US"), target("c", "US")];
    const { policy, state, ask } = world(config(three, { failOpen: true }));
    onProbe(policy, state, 0, false);
    state.guarded = 0b010;
    reserveAt(policy, state, 2, 1, 1000);
    settleAt(policy, state, 2, RESULT_THROTTLED, 1, 0, 1000, 9000);
    expect([ask().target, ask().admitted]).toEqual([2, 0b100]);
    onProbe(policy, state, 2, false);
    expect([ask().target, ask().admitted]).toEqual([1, 0b010]);
    onProbe(policy, state, 1, false);
    expect([ask().target, ask().admitted]).toEqual([0, 0b111]);
  });

  it("never fails open out of the law, though all that is lawful is guarded and the rest is not", () => {
    const targets = [target("us", "US"), target("de", "DE"), target("fr", "FR")];
    const { state, ask } = world(config(targets, { rules: [EU_RULE], failOpen: true }));
    state.guarded = 0b110;
    expect(ask({ origin: DE }).target).toBe(1);
    expect(ask({ origin: DE, tried: 0b010 }).target).toBe(2);
    expect(ask({ origin: DE, narrow: 0b001 }).target).toBe(NO_TARGET);
  });

  it("refuses with concurrency_full when the caller's own limit leaves no room, failing open or not", () => {
    for (const failOpen of [false, true]) {
      const { state, ask } = pair({ failOpen });
      state.crowded = 0b01;
      expect(ask().target).toBe(1);
      expect(reasonNames(ask().reason)).toEqual(["crowded-excluded"]);
      state.crowded = 0b11;
      expect([causeOf(ask()), ask().retryAtMs]).toEqual(["concurrency_full", 0]);
      state.guarded = 0b11;
      expect(causeOf(ask())).toBe(failOpen ? "concurrency_full" : "circuit_open");
    }
  });

  it("explains guarded and crowded targets as such", () => {
    const { policy, state } = pair();
    state.guarded = 0b01;
    state.crowded = 0b10;
    const why = explain(policy, state, request());
    expect(why.candidates.map(({ exclusion }) => exclusion)).toEqual(["breaker", "concurrency"]);
    expect(why.cause).toBe("concurrency_full");
  });
});

describe("the reducers", () => {
  it("give back the unused part of a reservation and charge what was used beyond it", () => {
    const limits = { tokensPerMin: 60_000, tokenBurst: 1000 };
    const { policy, state } = compiled(config([target("a", "US", limits)]));
    reserveAt(policy, state, 0, 800, 0);
    expect(state.tokens.level(0, 0)).toBe(200);
    settleAt(policy, state, 0, RESULT_OK, 800, 300, 0, 0);
    expect(state.tokens.level(0, 0)).toBe(700);
    reserveAt(policy, state, 0, 700, 0);
    settleAt(policy, state, 0, RESULT_OK, 700, 900, 0, 0);
    expect(state.tokens.level(0, 0)).toBe(-200);
    expect(state.inFlight[0]).toBe(0);
  });

  it("keep the later of two cooldowns in either order, and a cooldown through a success that overtook it", () => {
    for (const answers of [
      [9000, 5000],
      [5000, 9000],
    ]) {
      const { policy, state } = compiled(config([target("a", "US")]));
      for (const retryAtMs of answers) {
        reserveAt(policy, state, 0, 1, 1000);
        settleAt(policy, state, 0, RESULT_THROTTLED, 1, 0, 1000, retryAtMs);
      }
      reserveAt(policy, state, 0, 1, 1000);
      settleAt(policy, state, 0, RESULT_OK, 1, 1, 2000, 0);
      expect(decide(policy, state, request({ nowMs: 8999 }), createDecision()).kind).toBe(REFUSE);
      expect(decide(policy, state, request({ nowMs: 9000 }), createDecision()).kind).toBe(ROUTE);
    }
  });

  it("leave health to the probes: errors, timeouts and clients gone change no belief", () => {
    const { policy, state } = compiled(config([target("a", "US")]));
    for (const result of [RESULT_ERROR, RESULT_TIMEOUT, RESULT_ABANDONED]) {
      for (let n = 0; n < 50; n++) {
        reserveAt(policy, state, 0, 1, 1000);
        settleAt(policy, state, 0, result, 1, 0, 1000, 99_000);
      }
    }
    expect([state.up, state.cooling, state.inFlight[0]]).toEqual([1, 0, 0]);
  });

  it("stop at a settlement too many and at a target that does not exist", () => {
    const { policy, state } = compiled(config([target("a", "US")]));
    expect(() => settleAt(policy, state, 0, RESULT_OK, 1, 1, 0, 0)).toThrow(/settled more often/);
    for (const bad of [-1, 1, Number.NaN])
      expect(() => reserveAt(policy, state, bad, 1, 0)).toThrow(PolicyError);
  });

  it("believe everything up for ever when nothing probes", () => {
    const { policy, state } = compiled(config([target("a", "US")], { health: null }));
    for (let n = 0; n < 10; n++) expect(onProbe(policy, state, 0, false)).toBe(false);
    expect(state.up).toBe(1);
  });

  it("give each gateway beliefs of its own", () => {
    const policy = compilePolicy(config([target("a", "US")]));
    const [one, two] = [createState(policy), createState(policy)];
    onProbe(policy, one, 0, false);
    reserveAt(policy, one, 0, 1, 0);
    expect([two.up, two.inFlight[0]]).toEqual([1, 0]);
  });
});

describe("compilePolicy", () => {
  const problem = (more: Partial<PolicyConfig>): string => {
    try {
      compilePolicy(config([target("a", "US")], more));
    } catch (error) {
      if (error instanceof PolicyError) return error.message;
      throw error;
    }
    return "";
  };

  it("names the place, the rule and the value of every mistake at once", () => {
    const twins = [target("a", "US", { weight: -1 }), target("a", "us", { requestsPerMin: 10 })];
    expect(problem({ targets: twins, failOpen: true, health: { fall: 0, rise: 1.5 } }).split("\n")).toEqual([
      'targets[1] must be unique, got "a" again',
      "targets[0].weight must be a finite number >= 0, got -1",
      "targets[1].requestBurst must be a finite number > 0 beside requestsPerMin, got Infinity",
      'targets[1].data.processing[0] must be an ISO 3166-1 alpha-2 country in capitals, got "us"',
      'targets[1].data.logs[0] must be an ISO 3166-1 alpha-2 country in capitals, got "us"',
      "health.fall must be an integer >= 1, got 0",
      "health.rise must be an integer >= 1, got 1.5",
    ]);
  });

  it("refuses a rule whose misspelt predicate would silently switch it off", () => {
    const rule = (when: object) => ({ rules: [{ ...EU_RULE, when }] });
    expect(problem(rule({ origin: ["de"] }))).toMatch(/rules\[0\]\.when\.origin\[0\].*got "de"/);
    expect(problem(rule({ dataClass: ["chta"] }))).toMatch(
      /rules\[0\]\.when\.dataClass\[0\] is unknown: "chta"/,
    );
    expect(problem(rule({ model: ["n"] }))).toMatch(/rules\[0\]\.when\.model\[0\] is unknown: "n"/);
  });

  it("refuses a rule that could never hold or asks for nothing", () => {
    const rule = (more: object) => ({ rules: [{ ...EU_RULE, ...more }] });
    expect(problem(rule({ when: { origin: [] } }))).toBe("rules[0].when.origin must not be empty, got []");
    expect(problem(rule({ require: {} }))).toBe("rules[0].require must name a channel, got {}");
  });

  it("refuses a channel it does not know, on a rule or on a target", () => {
    const rules = [{ ...EU_RULE, require: { loggs: ["DE"] } as object }];
    expect(problem({ rules })).toMatch(/rules\[0\]\.require has an unknown channel: "loggs"/);
    const kept = [{ ...EU_RULE, maxKeptDays: { logs: 1, promptcache: 0 } as { logs: number } }];
    expect(problem({ rules: kept })).toBe(
      'rules[0].maxKeptDays has an unknown channel: "promptcache" (one of processing, logs, traces, prompt-cache, ' +
        "semantic-cache, store, vector-index, queue, abuse-monitoring)",
    );
    const targets = [target("a", "US", { data: { proccessing: ["DE"] } as object })];
    expect(problem({ targets })).toMatch(/targets\[0\]\.data has an unknown channel: "proccessing"/);
  });

  it("refuses 32 targets and a strategy nobody wrote", () => {
    const targets = Array.from({ length: 32 }, (_, t) => target(`t${t}`, "US"));
    expect(problem({ targets })).toBe("targets must have at most 31 entries, got 32");
    expect(problem({ strategy: "toString" as "nearest" })).toMatch(/strategy is unknown: "toString"/);
  });
});
