import { describe, expect, it } from "vitest";
import {
  CAUSE_CIRCUIT_OPEN,
  CAUSE_CONCURRENCY,
  CAUSE_EVACUATING,
  CAUSE_NO_HEALTHY,
  CAUSE_POLICY_ERROR,
  CAUSE_RATE_REQUESTS,
  CAUSE_RATE_TOKENS,
  CAUSE_RESIDENCY,
  compilePolicy,
  createDecision,
  createRouter,
  type Decision,
  decide,
  explain,
  HOLD,
  onProbe,
  type PolicyConfig,
  PolicyError,
  REASON_COOLDOWN,
  REFUSE,
  RESULT_THROTTLED,
  ROUTE,
  type RoutingRequest,
  reasonNames,
  setDrained,
} from "../../src/policy/index.js";
import { compiled, config, request, reserveAt, settleAt, target } from "./helpers.js";

const [BIG, MINI, NANO] = [0, 1, 2];

/** Two targets of a big model, one of a small one and one of a smaller, which may answer in its place. */
function chain(more: Partial<PolicyConfig> = {}) {
  const { policy, state } = compiled(
    config(
      [
        target("big-a", "DE", { models: ["big"] }),
        target("big-b", "US", { models: ["big"], tier: 1 }),
        target("mini", "DE", { models: ["mini"] }),
        target("nano", "FR", { models: ["nano"] }),
      ],
      { models: ["big", "mini", "nano"], fallbacks: { big: ["mini", "nano"] }, ...more },
    ),
  );
  const ask = (question: Partial<RoutingRequest> = {}): Decision =>
    decide(policy, state, request(question), createDecision());
  const down = (...targets: number[]): void => {
    for (const t of targets) onProbe(policy, state, t, false);
  };
  const coolDown = (t: number, untilMs: number): void => {
    reserveAt(policy, state, t, 1, 1000);
    settleAt(policy, state, t, RESULT_THROTTLED, 1, 0, 1000, untilMs);
  };
  return { policy, state, ask, down, coolDown };
}
const answer = ({ kind, target, model }: Decision): readonly number[] => [kind, target, model];

describe("fallback models", () => {
  it("come after every region of the model itself, in their order", () => {
    const { ask, down } = chain();
    expect(answer(ask())).toEqual([ROUTE, 0, BIG]);
    down(0);
    expect(answer(ask())).toEqual([ROUTE, 1, BIG]);
    down(1);
    expect(answer(ask())).toEqual([ROUTE, 2, MINI]);
    expect(reasonNames(ask().reason)).toEqual(["fallback-model"]);
    down(2);
    expect(answer(ask())).toEqual([ROUTE, 3, NANO]);
    down(3);
    expect(answer(ask())).toEqual([REFUSE, -1, BIG]);
  });

  it("are not carried on: what may answer for a fallback may not answer for the model", () => {
    const { ask, down } = chain({ fallbacks: { big: ["mini"], mini: ["nano"] } });
    down(0, 1, 2);
    expect(ask().kind).toBe(REFUSE);
    expect(answer(ask({ model: MINI }))).toEqual([ROUTE, 3, NANO]);
  });

  it("come before a target is tried again, and before that a fallback never tried; then the first model's is", () => {
    const { ask } = chain();
    expect(answer(ask({ tried: 0b0011 }))).toEqual([ROUTE, 2, MINI]);
    expect(answer(ask({ tried: 0b0111 }))).toEqual([ROUTE, 3, NANO]);
    const again = ask({ tried: 0b1111 });
    expect(answer(again)).toEqual([ROUTE, 0, BIG]);
    expect(reasonNames(again.reason)).toEqual(["tried-again"]);
  });

  it("are tried again themselves when nothing of the model is left", () => {
    const { ask, down } = chain();
    down(0, 1, 3);
    const again = ask({ tried: 0b0111 });
    expect(answer(again)).toEqual([ROUTE, 2, MINI]);
    expect(reasonNames(again.reason)).toEqual(["tried-again", "fallback-model"]);
  });

  it("stay inside the law of the model that was asked for as well as of the one that answers", () => {
    const onlyFrance = (model: string) => ({
      rules: [
        { id: "fr", when: { model: [model] }, require: { processing: ["FR"] }, onEmpty: "refuse" as const },
      ],
    });
    const asked = chain(onlyFrance("big"));
    expect(answer(asked.ask())).toEqual([ROUTE, 3, NANO]);
    expect(asked.ask({ model: MINI }).target).toBe(2);
    const answering = chain(onlyFrance("mini"));
    answering.down(0, 1);
    expect(answer(answering.ask())).toEqual([ROUTE, 3, NANO]);
    expect(answering.ask({ model: MINI }).cause).toBe(CAUSE_RESIDENCY);
  });

  it("come before failing open across regions only where nothing lawful of the model is left to try", () => {
    const { ask, down } = chain({ failOpen: true });
    down(0, 1);
    // Trying a target that is believed down is still trying the model itself.
    expect(answer(ask())).toEqual([ROUTE, 0, BIG]);
    expect(reasonNames(ask().reason)).toEqual(["health-excluded", "failed-open"]);
  });

  it("are no way past the caller's own narrowing or a drain", () => {
    const { state, ask } = chain();
    expect(ask({ narrow: 0b1000 }).target).toBe(3);
    for (const t of [0, 1, 2]) setDrained(state, t, true);
    expect(ask().target).toBe(3);
    setDrained(state, 3, true);
    expect([ask().kind, ask().cause]).toEqual([REFUSE, CAUSE_EVACUATING]);
  });

  it("must be models of the configuration", () => {
    const make = (fallbacks: Record<string, readonly string[]>) => () =>
      compilePolicy(config([], { fallbacks }));
    expect(make({ m: ["no"] })).toThrow(PolicyError);
    expect(make({ no: ["m"] })).toThrow('fallbacks[0] is unknown: "no"');
  });
});

describe("the refusal that is told when every model refuses", () => {
  it("is the one whose limit ends first, whichever model it is of", () => {
    const { ask, down, coolDown } = chain();
    down(0, 1);
    coolDown(2, 9000);
    coolDown(3, 5000);
    expect(ask()).toMatchObject({ kind: REFUSE, cause: CAUSE_RATE_REQUESTS, retryAtMs: 5000, model: BIG });
    expect(ask({ nowMs: 5000 })).toMatchObject({ kind: ROUTE, target: 3 });
  });

  it("is of equal times the one of the earlier model", () => {
    const { state, ask, down, coolDown } = chain();
    down(1);
    for (const t of [0, 2, 3]) coolDown(t, 5000);
    state.coolingForTokens = 0b1100;
    expect(ask().cause).toBe(CAUSE_RATE_REQUESTS);
    state.coolingForTokens = 0b0001;
    expect(ask().cause).toBe(CAUSE_RATE_TOKENS);
  });

  it("goes from limits over places and guards to beliefs", () => {
    const { state, ask, down, coolDown } = chain();
    down(0, 1);
    expect(ask().kind).toBe(ROUTE);
    down(3);
    state.guarded = 0b0100;
    expect(ask().cause).toBe(CAUSE_CIRCUIT_OPEN);
    onUp(3);
    state.crowded = 0b1000;
    expect(ask().cause).toBe(CAUSE_CONCURRENCY);
    state.guarded = 0;
    coolDown(2, 7000);
    expect([ask().cause, ask().retryAtMs]).toEqual([CAUSE_RATE_REQUESTS, 7000]);

    function onUp(t: number): void {
      state.up |= 1 << t;
    }
  });

  it("is the fallback's when the model itself is served by nothing", () => {
    const { ask, down } = chain({ models: ["big", "mini", "nano", "old"], fallbacks: { old: ["mini"] } });
    expect(answer(ask({ model: 3 }))).toEqual([ROUTE, 2, MINI]);
    down(2);
    expect(ask({ model: 3 })).toMatchObject({ cause: CAUSE_NO_HEALTHY, model: 3 });
  });

  it("is that a place may become free where another limit would never end", () => {
    const never = { requestsPerMin: 0, requestBurst: 1 };
    const { policy, state } = compiled(
      config([target("never", "US", never), target("full", "US", { maxInFlight: 1 })]),
    );
    reserveAt(policy, state, 1, 1, 1000);
    const refused = decide(policy, state, request(), createDecision());
    expect([refused.cause, refused.retryAtMs]).toEqual([CAUSE_CONCURRENCY, 0]);
  });

  it("blames the law only for what it keeps from targets the caller has not left out itself", () => {
    const rules = [
      { id: "eu", when: { origin: ["DE"] }, require: { processing: ["DE"] }, onEmpty: "refuse" as const },
    ];
    const { policy, state } = compiled(
      config([target("de", "DE"), target("de2", "DE"), target("us", "US")], { rules }),
    );
    const cause = (narrow: number): number =>
      decide(policy, state, request({ narrow }), createDecision()).cause;
    onProbe(policy, state, 0, false);
    expect(cause(0b001)).toBe(CAUSE_NO_HEALTHY);
    expect(cause(0b101)).toBe(CAUSE_RESIDENCY);
    expect(cause(0b100)).toBe(CAUSE_RESIDENCY);
    expect(cause(0)).toBe(CAUSE_POLICY_ERROR);
  });
});

describe("holding a request", () => {
  it("waits for the first limit or cooldown over all models that takes no longer than allowed", () => {
    const { ask, down, coolDown } = chain({ waitForLimitsMs: 3000 });
    down(0, 1);
    coolDown(2, 9000);
    coolDown(3, 4001);
    expect(ask()).toMatchObject({ kind: REFUSE, retryAtMs: 4001 });
    expect(ask({ nowMs: 1001 })).toMatchObject({ kind: HOLD, target: -1, model: BIG, retryAtMs: 4001 });
    expect(ask({ nowMs: 4001 })).toMatchObject({ kind: ROUTE, target: 3 });
  });

  it("never waits for what will never end, nor without being told to wait", () => {
    const never = target("never", "US", { requestsPerMin: 0, requestBurst: 1 });
    for (const waitForLimitsMs of [0, Number.POSITIVE_INFINITY]) {
      const { policy, state } = compiled(config([never], { waitForLimitsMs }));
      expect(decide(policy, state, request(), createDecision()).kind).toBe(REFUSE);
    }
    const { ask, down, coolDown } = chain();
    down(0, 1, 2);
    coolDown(3, 1001);
    expect(ask().kind).toBe(REFUSE);
  });

  const rule = (id: string, onEmpty: "refuse" | "queue") =>
    ({ id, when: { origin: ["DE"] }, require: { processing: ["DE"] }, onEmpty }) as const;

  it("is for a rule to say, and of several rules the stricter is obeyed", () => {
    const kinds = [["queue"], ["queue", "queue"], ["queue", "refuse"], ["refuse"]] as const;
    const found = kinds.map((all) => {
      const { ask, down } = chain({ rules: all.map((onEmpty, i) => rule(`r${i}`, onEmpty)), fallbacks: {} });
      down(0);
      // Nobody's rule: nothing says to hold it.
      expect(ask({ origin: 1, model: NANO, narrow: 0b0100 }).kind).toBe(REFUSE);
      return ask().kind;
    });
    expect(found).toEqual([HOLD, HOLD, REFUSE, REFUSE]);
  });

  it("by rule ends as soon as something lawful is usable, and is not for what nothing could ever take", () => {
    const { policy, state, ask, down } = chain({ rules: [rule("eu", "queue")], fallbacks: {} });
    down(0);
    expect(ask()).toMatchObject({ kind: HOLD, cause: CAUSE_RESIDENCY, retryAtMs: 0 });
    onProbe(policy, state, 0, true);
    expect(ask().kind).toBe(ROUTE);
    setDrained(state, 0, true);
    expect(ask().kind).toBe(HOLD);
    expect(ask({ model: NANO })).toMatchObject({ kind: REFUSE, cause: CAUSE_RESIDENCY });
  });

  it("by rule is for guards and cooldowns too, but not for lawful targets that are merely full", () => {
    const { state, ask, coolDown } = chain({ rules: [rule("eu", "queue")], fallbacks: {} });
    state.guarded = 0b1111;
    expect(ask()).toMatchObject({ kind: HOLD, cause: CAUSE_CIRCUIT_OPEN });
    state.guarded = 0;
    state.crowded = 0b1111;
    expect(ask()).toMatchObject({ kind: REFUSE, cause: CAUSE_CONCURRENCY });
    state.crowded = 0;
    coolDown(0, 60_000);
    expect(ask()).toMatchObject({ kind: HOLD, cause: CAUSE_RATE_REQUESTS, retryAtMs: 60_000 });
  });

  it("by a router is no try yet: nothing is paid for it, and the same question is asked again", () => {
    const config_ = config([target("a", "US")], { waitForLimitsMs: 5000 });
    const router = createRouter(config_);
    const asked = { origin: "US", dataClass: "chat", model: "m", tokens: 1, luck: [0, 0] as const };
    expect(router.route({ ...asked, nowMs: 1000 })).toMatchObject({ kind: "route", target: "a", model: "m" });
    router.settle({
      target: "a",
      outcome: "throttled",
      tokensReserved: 1,
      tokensUsed: 0,
      nowMs: 1000,
      retryAtMs: 3000,
    });
    const held = { kind: "hold", cause: "rate_limit_rpm", retryAtMs: 3000, reason: REASON_COOLDOWN };
    expect(router.route({ ...asked, nowMs: 1500 })).toEqual(held);
    expect(router.route({ ...asked, nowMs: 1500, hedge: true })).toEqual({ ...held, kind: "refuse" });
    expect(router.route({ ...asked, nowMs: 3000 }).kind).toBe("route");
  });
});

describe("an explanation with fallbacks", () => {
  const rules = [
    {
      id: "eu",
      when: { origin: ["DE"] },
      require: { processing: ["DE", "FR"] },
      onEmpty: "queue" as const,
      source: "eu.yaml:7",
    },
  ];

  it("has a line per target and model, with the law's fault for each", () => {
    const { policy, state, down } = chain({ rules });
    down(0);
    expect(explain(policy, state, request()).text.split("\n")).toEqual([
      "DE / chat / big: route to mini as mini (fallback-model)",
      "  big-a: unhealthy",
      "  big-b: residency by rule eu (eu.yaml:7): forbids processing in US",
      "  mini: model-not-served",
      "  nano: model-not-served",
      "  mini as mini: chosen",
      "  nano as nano: earlier-model",
    ]);
  });

  it("tells targets that were tried already from those of a model that came too late", () => {
    const { policy, state } = chain();
    const why = explain(policy, state, request({ tried: 0b0011 }));
    expect(why.candidates.map(({ id, exclusion }) => `${id} ${exclusion}`)).toEqual([
      "big-a already-tried",
      "big-b already-tried",
      "mini model-not-served",
      "nano model-not-served",
      "mini chosen",
      "nano earlier-model",
    ]);
  });

  it("tells a target tried again from one that could have been", () => {
    const { policy, state } = chain({ fallbacks: {} });
    const why = explain(policy, state, request({ tried: 0b1111, model: BIG }));
    expect(why.candidates.slice(0, 2).map(({ exclusion }) => exclusion)).toEqual(["chosen", "later-tier"]);
  });

  it("says that and until when a request is held", () => {
    const { policy, state, down, coolDown } = chain({ rules, waitForLimitsMs: 10_000 });
    down(0, 2, 3);
    expect(explain(policy, state, request()).text).toContain("big: hold: residency_no_legal_region (");
    state.up |= 0b1000;
    coolDown(3, 4000);
    expect(explain(policy, state, request()).text).toContain("big: hold: rate_limit_rpm until 4000 ms");
  });

  it("says which of the four things a request names is not known", () => {
    const { policy, state } = chain({ tenants: ["acme"] });
    const word = (more: Partial<RoutingRequest>): string =>
      explain(policy, state, request(more)).candidates[0]!.exclusion;
    expect(word({ origin: 9 })).toBe("unknown-origin");
    expect(word({ dataClass: 9 })).toBe("unknown-data-class");
    expect(word({ tenant: 9 })).toBe("unknown-tenant");
    expect(word({ model: 9 })).toBe("model-not-served");
  });
});
