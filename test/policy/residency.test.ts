import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CHANNELS,
  type Channel,
  compilePolicy,
  createDecision,
  createState,
  decide,
  EXCLUSIONS,
  explain,
  onProbe,
  type Policy,
  type PolicyConfig,
  type PolicyState,
  type PolicyTarget,
  REFUSAL_CAUSES,
  RESULT_THROTTLED,
  ROUTE,
  type RoutingRequest,
  reachable,
  STRATEGY_NAMES,
  setDrained,
  targetNames,
} from "../../src/policy/index.js";
import { config, EU27, request, reserveAt, settleAt, target } from "./helpers.js";

/** Residency by the dumbest means: country by country, from the words of the rule, no masks. */
function lawfulByHand(c: PolicyConfig, t: number, origin: string, dataClass: string, model: string): boolean {
  const asked = c.targets[t]!;
  if (asked.models.indexOf(model) < 0) return false;
  for (const rule of c.rules) {
    const { when } = rule;
    if (when.origin !== undefined && when.origin.indexOf(origin) < 0) continue;
    if (when.dataClass !== undefined && when.dataClass.indexOf(dataClass) < 0) continue;
    if (when.model !== undefined && when.model.indexOf(model) < 0) continue;
    for (const channel of Object.keys(rule.require) as Channel[]) {
      const places = asked.data[channel] as readonly string[] | undefined;
      if (places === undefined || places.length === 0) return false;
      for (const place of places) if (rule.require[channel]!.indexOf(place) < 0) return false;
    }
  }
  return true;
}

const COUNTRIES = ["DE", "FR", "US", "CH", "GB"];
const ORIGINS = ["DE", "US", "BR"];
const CLASSES = ["public", "health"];
const MODELS = ["m", "n"];
const some = (from: readonly string[], minLength = 1) => fc.subarray([...from], { minLength });
const placesArb = fc
  .array(fc.tuple(fc.constantFrom(...CHANNELS.slice(0, 4)), some(COUNTRIES, 0)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((entries) => Object.fromEntries(entries) as { [C in Channel]?: readonly string[] });
const whenArb = fc.record(
  { origin: some(ORIGINS), dataClass: some(CLASSES), model: some(MODELS) },
  { requiredKeys: [] },
);
const NONE: Partial<PolicyTarget> = {};
const RATES: Partial<PolicyTarget> = {
  requestsPerMin: 600,
  requestBurst: 1,
  tokensPerMin: 6000,
  tokenBurst: 100,
};
const PLACES: Partial<PolicyTarget> = { maxInFlight: 1 };
const configArb: fc.Arbitrary<PolicyConfig> = fc.record({
  targets: fc
    .array(
      fc.record({
        models: some(MODELS, 0),
        data: fc.oneof(
          placesArb,
          fc.constant({ processing: ["DE"], logs: ["DE"], traces: ["DE"], "prompt-cache": ["FR"] }),
        ),
        tier: fc.integer({ min: 0, max: 2 }),
        weight: fc.integer({ min: 0, max: 3 }),
        limits: fc.constantFrom(NONE, RATES, PLACES),
      }),
      { minLength: 0, maxLength: 8 },
    )
    .map((rows) =>
      rows.map(({ limits, ...row }, t) => ({
        ...target(`t${t}`, "DE", limits),
        ...row,
      })),
    ),
  rules: fc
    .array(fc.record({ when: whenArb, require: placesArb }), { maxLength: 3 })
    .map((rows) => rows.map((row, r) => ({ id: `r${r}`, onEmpty: "refuse" as const, ...row }))),
  origins: fc.constant(ORIGINS),
  dataClasses: fc.constant(CLASSES),
  models: fc.constant(MODELS),
  strategy: fc.constantFrom(...STRATEGY_NAMES),
  failOpen: fc.boolean(),
  health: fc.constant({ fall: 1, rise: 1 }),
});

type Step = readonly [
  "probe" | "drain" | "throttle" | "load" | "tick" | "guard" | "crowd",
  number,
  boolean,
  number,
];
const stepArb: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom("probe", "drain", "throttle", "load", "tick", "guard", "crowd"),
  fc.nat(7),
  fc.boolean(),
  fc.integer({ min: 0, max: 300 }),
);
const askArb = fc.record({
  origin: fc.integer({ min: -1, max: 3 }),
  dataClass: fc.integer({ min: 0, max: 2 }),
  model: fc.integer({ min: 0, max: 2 }),
  tokens: fc.integer({ min: 0, max: 200 }),
  tried: fc.nat(255),
  narrow: fc.oneof(fc.constant(-1), fc.nat(255)),
  u: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  v: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  rttMs: fc.array(fc.constantFrom(1, 2, 3), { maxLength: 8 }),
});

/** Brings a gateway into some state; returns the time it ends at. */
function live(policy: Policy, state: PolicyState, steps: readonly Step[]): number {
  let nowMs = 0;
  for (const [what, which, flag, amount] of steps) {
    nowMs += what === "tick" ? amount : 1;
    // Masks with bits beyond the targets too: a guard may say anything, and nothing unlawful comes of it.
    if (what === "guard") state.guarded = flag ? amount : 0;
    if (what === "crowd") state.crowded = flag ? amount : -1 << which;
    if (policy.targetCount === 0) continue;
    const t = which % policy.targetCount;
    if (what === "probe") onProbe(policy, state, t, flag);
    if (what === "drain") setDrained(state, t, flag);
    if (what === "load") reserveAt(policy, state, t, flag ? amount : 0, nowMs);
    if (what === "throttle") {
      reserveAt(policy, state, t, 1, nowMs);
      settleAt(policy, state, t, RESULT_THROTTLED, 1, 0, nowMs, nowMs + amount);
    }
  }
  return nowMs;
}

function lawfulSet(c: PolicyConfig, asked: RoutingRequest): number[] {
  const [origin, dataClass, model] = [ORIGINS[asked.origin], CLASSES[asked.dataClass], MODELS[asked.model]];
  if (origin === undefined || dataClass === undefined || model === undefined) return [];
  return c.targets.map((_, t) => t).filter((t) => lawfulByHand(c, t, origin, dataClass, model));
}

const scene = [configArb, fc.array(stepArb, { maxLength: 30 }), askArb] as const;
const runs = { seed: 20260502, numRuns: 2000 };

describe("residency over random rules, places, states and requests", () => {
  it("is what a country-by-country reading of the rules gives, for every origin, class and model", () => {
    fc.assert(
      fc.property(configArb, (c) => {
        const policy = compilePolicy(c);
        ORIGINS.forEach((origin, o) => {
          CLASSES.forEach((dataClass, d) => {
            MODELS.forEach((model, m) => {
              const byHand = c.targets.filter((_, t) => lawfulByHand(c, t, origin, dataClass, model));
              expect(
                targetNames(policy, reachable(policy, { origin: o, dataClass: d, tenant: 0, model: m })),
              ).toEqual(byHand.map(({ id }) => id));
            });
          });
        });
      }),
      { ...runs, numRuns: 1000 },
    );
  });

  it("bounds every choice in every state, and every mask of a decision", () => {
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const policy = compilePolicy(c);
        const state = createState(policy);
        const asked = request({ ...ask, nowMs: live(policy, state, steps) });
        const decision = decide(policy, state, asked, createDecision());
        const lawful = lawfulSet(c, asked);
        if (decision.kind === ROUTE) expect(lawful).toContain(decision.target);
        const mask = lawful.reduce((all, t) => all | (1 << t), 0);
        expect(reachable(policy, asked)).toBe(mask);
        expect(decision.lawful).toBe(mask & asked.narrow);
        expect((decision.healthy | decision.admitted) & ~decision.lawful).toBe(0);
        expect((decision.healthy & state.guarded) | (decision.admitted & state.crowded)).toBe(0);
        if (!c.failOpen) expect(decision.admitted & ~decision.healthy).toBe(0);
        expect(decision.kind === ROUTE).toBe(decision.admitted !== 0);
      }),
      runs,
    );
  });

  it("chooses from the same candidates as the filters written out as lists", () => {
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const policy = compilePolicy(c);
        const state = createState(policy);
        const asked = request({ ...ask, nowMs: live(policy, state, steps) });
        const decision = decide(policy, state, asked, createDecision());
        const candidates = candidatesByHand(c, state, asked);
        if (candidates.length === 0) expect(decision.kind).not.toBe(ROUTE);
        else expect(candidates).toContain(decision.target);
        if (c.strategy === "priority" && candidates.length > 0) expect(decision.target).toBe(candidates[0]);
      }),
      runs,
    );
  });

  it("is explained by what decide did: the choice, the cause, and a rule wherever residency excludes", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const policy = compilePolicy(c);
        const state = createState(policy);
        const asked = request({ ...ask, nowMs: live(policy, state, steps) });
        const decision = decide(policy, state, asked, createDecision());
        const why = explain(policy, state, asked);
        expect(why.target).toBe(c.targets[decision.target]?.id ?? null);
        expect(why.cause).toBe(REFUSAL_CAUSES[decision.cause] ?? null);
        expect(why.retryAtMs).toBe(decision.retryAtMs);
        expect(why.candidates.filter(({ exclusion }) => exclusion === "chosen").length).toBe(
          decision.kind === ROUTE ? 1 : 0,
        );
        const lawful = lawfulSet(c, asked);
        why.candidates.forEach(({ exclusion, violation }, t) => {
          seen.add(exclusion);
          expect(violation !== null).toBe(exclusion === "residency");
          const stage = EXCLUSIONS.indexOf(exclusion);
          expect(stage > EXCLUSIONS.indexOf("residency"), exclusion).toBe(lawful.includes(t));
          const admitted = (decision.admitted & (1 << t)) !== 0;
          expect(stage >= EXCLUSIONS.indexOf("already-tried"), exclusion).toBe(admitted);
          if (violation === null) return;
          const rule = c.rules.find(({ id }) => id === violation.ruleId)!;
          const places = c.targets[t]!.data[violation.channel] ?? [];
          for (const country of violation.countries) {
            expect(places).toContain(country);
            expect(rule.require[violation.channel]).not.toContain(country);
          }
          if (violation.countries.length === 0) expect(places).toEqual([]);
        });
      }),
      runs,
    );
    // Every way of being passed over was met, so each was checked.
    expect([...seen].sort()).toEqual([...EXCLUSIONS].sort());
  });
});

/** The filters of a decision as lists; shares no code with the policy but the buckets' `has`. */
function candidatesByHand(c: PolicyConfig, state: PolicyState, asked: RoutingRequest): number[] {
  const is = (mask: number, t: number): boolean => Math.floor(mask / 2 ** t) % 2 === 1;
  const wished = (t: number): boolean => asked.narrow === -1 || is(asked.narrow, t);
  const live = lawfulSet(c, asked).filter((t) => wished(t) && !is(state.drained, t));
  const up = live.filter((t) => is(state.up, t));
  const free = up.filter((t) => !is(state.guarded >>> 0, t));
  let usable = free.filter((t) => !(state.cooldownUntilMs[t]! > asked.nowMs));
  if (usable.length === 0 && c.failOpen) usable = [free, up, live].find((set) => set.length > 0) ?? [];
  const admitted = usable.filter(
    (t) =>
      !is(state.crowded >>> 0, t) &&
      state.inFlight[t]! < c.targets[t]!.maxInFlight &&
      state.requests.has(t, 1, asked.nowMs) &&
      state.tokens.has(t, asked.tokens, asked.nowMs),
  );
  const untried = admitted.filter((t) => !is(asked.tried, t));
  const rest = untried.length > 0 ? untried : admitted;
  const best = Math.min(...rest.map((t) => c.targets[t]!.tier));
  return rest.filter((t) => c.targets[t]!.tier === best);
}

describe("residency by example", () => {
  const rule = (require: object) =>
    ({ id: "eu", when: { origin: EU27 }, require, onEmpty: "refuse", source: "eu-us.yaml:31" }) as const;

  it("forbids a target whose logs leave the zone although it computes inside", () => {
    const split = target("split", "DE", { data: { processing: ["DE"], logs: ["DE", "US"] } });
    const policy = compilePolicy(config([split], { rules: [rule({ processing: EU27, logs: EU27 })] }));
    expect(reachable(policy, { origin: 0, dataClass: 0, tenant: 0, model: 0 })).toBe(0);
    const why = explain(policy, createState(policy), request());
    expect(why.candidates[0]!.violation).toEqual({
      ruleId: "eu",
      source: "eu-us.yaml:31",
      channel: "logs",
      fault: "place",
      countries: ["US"],
      statement: null,
    });
    expect(why.text).toContain("split: residency by rule eu (eu-us.yaml:31): forbids logs in US");
  });

  it("forbids a target that does not say where a channel happens", () => {
    const silent = target("silent", "DE", { data: { processing: ["DE"] } });
    const policy = compilePolicy(config([silent], { rules: [rule({ "abuse-monitoring": EU27 })] }));
    expect(reachable(policy, { origin: 0, dataClass: 0, tenant: 0, model: 0 })).toBe(0);
    expect(explain(policy, createState(policy), request()).text).toContain(
      "needs to know where abuse-monitoring",
    );
  });

  it("tells London and Zurich from the EU", () => {
    const targets = [target("london", "GB"), target("zurich", "CH"), target("dublin", "IE")];
    const policy = compilePolicy(config(targets, { rules: [rule({ processing: EU27 })] }));
    expect(targetNames(policy, reachable(policy, { origin: 0, dataClass: 0, tenant: 0, model: 0 }))).toEqual([
      "dublin",
    ]);
    expect(targetNames(policy, reachable(policy, { origin: 1, dataClass: 0, tenant: 0, model: 0 }))).toEqual([
      "london",
      "zurich",
      "dublin",
    ]);
  });

  it("only narrows when a rule is added", () => {
    fc.assert(
      fc.property(configArb, (c) => {
        const all = compilePolicy(c);
        const fewer = compilePolicy({ ...c, rules: c.rules.slice(0, -1) });
        all.lawful.forEach((mask, row) => {
          expect(mask & ~fewer.lawful[row]!).toBe(0);
        });
      }),
      { seed: 20260503, numRuns: 500 },
    );
  });
});
