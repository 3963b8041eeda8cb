import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compilePolicy,
  createDecision,
  createState,
  decide,
  EXCLUSIONS,
  explain,
  HOLD,
  onProbe,
  type Policy,
  type PolicyConfig,
  type PolicyState,
  REASON_FALLBACK,
  REFUSAL_CAUSES,
  RESULT_THROTTLED,
  ROUTE,
  type RoutingRequest,
  reachable,
  setDrained,
  targetNames,
} from "../../src/policy/index.js";
import { config, EU27, request, reserveAt, settleAt, target } from "./helpers.js";
import {
  type Asked,
  CLASSES,
  chainByHand,
  configArb,
  heldByHand,
  lawfulByHand,
  MODELS,
  ORIGINS,
  reachOf,
  tenantsByHand,
} from "./residencyOracle.js";
import { luckArb } from "./strategyWorlds.js";

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
const mostly = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: rare });
const askArb = fc.record({
  origin: mostly(fc.nat(2), fc.constantFrom(-1, 3)),
  dataClass: mostly(fc.nat(1), fc.constant(2)),
  tenant: mostly(fc.nat(1), fc.constant(2)),
  model: mostly(fc.constantFrom(0, 0, 1, 2), fc.constant(3)),
  tokens: fc.integer({ min: 0, max: 200 }),
  tried: fc.oneof(fc.constant(0), fc.nat(63)),
  narrow: mostly(fc.constant(-1), fc.nat(63)),
  stickyKey: fc.integer({ min: -1, max: 5 }),
  u: luckArb,
  v: luckArb,
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

/** The names behind a question; null when one of them is not in the configuration. */
function asNames(c: PolicyConfig, asked: RoutingRequest): Omit<Asked, "answering"> | null {
  const origin = ORIGINS[asked.origin];
  const dataClass = CLASSES[asked.dataClass];
  const tenant = tenantsByHand(c)[asked.tenant];
  const model = MODELS[asked.model];
  if (origin === undefined || dataClass === undefined || tenant === undefined || model === undefined)
    return null;
  return { origin, dataClass, tenant, asked: model };
}

/** For every model that may answer, in order, the targets that lawfully may. */
function lawfulChain(c: PolicyConfig, asked: RoutingRequest): { model: string; targets: number[] }[] {
  const names = asNames(c, asked);
  if (names === null) return [];
  return chainByHand(c, names.asked).map((model) => ({
    model,
    targets: c.targets.map((_, t) => t).filter((t) => lawfulByHand(c, t, { ...names, answering: model })),
  }));
}

const maskOf = (targets: readonly number[]): number => targets.reduce((mask, t) => mask | (1 << t), 0);
const scene = [configArb, fc.array(stepArb, { minLength: 4, maxLength: 24 }), askArb] as const;
const runs = { seed: 20260502, numRuns: 900 };

/** A policy in some state and a question to it. */
function sceneOf(c: PolicyConfig, steps: readonly Step[], ask: Partial<RoutingRequest>) {
  const policy = compilePolicy(c);
  const state = createState(policy);
  const asked = request({ ...ask, nowMs: live(policy, state, steps) });
  return { policy, state, asked, decision: decide(policy, state, asked, createDecision()) };
}

describe("residency over random rules, places, states and requests", () => {
  it("is what a country-by-country reading of the rules gives, for every origin, class, tenant and model", () => {
    let lawful = 0;
    let all = 0;
    fc.assert(
      fc.property(configArb, (c) => {
        const policy = compilePolicy(c);
        for (let origin = 0; origin < 3; origin++)
          for (let dataClass = 0; dataClass < 2; dataClass++)
            for (let tenant = 0; tenant < tenantsByHand(c).length; tenant++)
              for (let model = 0; model < 3; model++) {
                const asked = request({ origin, dataClass, tenant, model });
                const mask = lawfulChain(c, asked).reduce((set, { targets }) => set | maskOf(targets), 0);
                expect(reachable(policy, asked)).toBe(mask);
                lawful += targetNames(policy, mask).length;
                all += c.targets.length;
              }
      }),
      { ...runs, numRuns: 400 },
    );
    // Neither everything nor nothing was lawful, so both verdicts were checked often.
    expect(lawful / all).toBeGreaterThan(0.1);
    expect(lawful / all).toBeLessThan(0.9);
  });

  it("bounds every choice in every state, the model that answers, and every mask of a decision", () => {
    let fellBack = 0;
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const { policy, state, asked, decision } = sceneOf(c, steps, ask);
        const chain = lawfulChain(c, asked);
        expect(reachable(policy, asked)).toBe(chain.reduce((set, { targets }) => set | maskOf(targets), 0));
        expect(decision.healthy & ~decision.lawful).toBe(0);
        expect(decision.usable & ~decision.lawful).toBe(0);
        expect(decision.admitted & ~decision.usable).toBe(0);
        expect(decision.candidates & ~decision.admitted).toBe(0);
        expect((decision.healthy & state.guarded) | (decision.admitted & state.crowded)).toBe(0);
        expect(decision.lawful & ~asked.narrow).toBe(0);
        if (decision.kind !== ROUTE) {
          expect(decision.target).toBe(-1);
          expect(decision.model).toBe(asked.model);
          return;
        }
        const link = chain.find(({ model }) => model === MODELS[decision.model])!;
        expect(link.targets).toContain(decision.target);
        expect(decision.lawful).toBe(maskOf(link.targets) & asked.narrow);
        expect((decision.reason & REASON_FALLBACK) !== 0).toBe(decision.model !== asked.model);
        if (decision.model !== asked.model) fellBack += 1;
        if (!c.failOpen && reachOf(c) !== "live") expect(decision.admitted & ~decision.healthy).toBe(0);
      }),
      runs,
    );
    expect(fellBack).toBeGreaterThan(20);
  });

  it("chooses from the same candidates as the filters written out as lists, model after model", () => {
    let refused = 0;
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const { state, asked, decision } = sceneOf(c, steps, ask);
        // The others judge health or load themselves, and may find nothing good enough.
        if (reachOf(c) !== "tier") return;
        const byHand = candidatesByHand(c, state, asked);
        if (byHand === null) {
          refused += 1;
          expect(decision.kind).not.toBe(ROUTE);
          return;
        }
        expect(decision.kind).toBe(ROUTE);
        expect(MODELS[decision.model]).toBe(byHand.model);
        expect(decision.candidates).toBe(maskOf(byHand.candidates));
        expect(byHand.candidates).toContain(decision.target);
        if (c.strategy === "priority") expect(decision.target).toBe(byHand.candidates[0]);
      }),
      runs,
    );
    expect(refused).toBeGreaterThan(100);
  });

  it("holds a request only for a limit that passes soon, or where every rule about it says to", () => {
    const seen = { limit: 0, rule: 0 };
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const { asked, decision } = sceneOf(c, steps, ask);
        const names = asNames(c, asked);
        if (decision.kind === ROUTE || names === null) {
          expect(decision.kind).not.toBe(HOLD);
          return;
        }
        const waitMs = decision.retryAtMs === 0 ? Number.NaN : decision.retryAtMs - asked.nowMs;
        const isSoon = waitMs <= (c.waitForLimitsMs ?? 0) && waitMs !== Number.POSITIVE_INFINITY;
        const anyLawful = lawfulChain(c, asked).some(({ targets }) => (maskOf(targets) & asked.narrow) !== 0);
        const rulesSay = heldByHand(c, { ...names, answering: names.asked });
        if (isSoon || !(anyLawful && rulesSay)) expect(decision.kind === HOLD).toBe(isSoon);
        else if (decision.usable === 0) expect(decision.kind).toBe(HOLD);
        if (decision.kind === HOLD) seen[isSoon ? "limit" : "rule"] += 1;
      }),
      runs,
    );
    expect(Math.min(seen.limit, seen.rule)).toBeGreaterThan(5);
  });

  it("is explained by what decide did: the choice, the cause, and a rule wherever residency excludes", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(...scene, (c, steps, ask) => {
        const { policy, state, asked, decision } = sceneOf(c, steps, ask);
        const why = explain(policy, state, asked);
        expect(why.target).toBe(c.targets[decision.target]?.id ?? null);
        expect(why.cause).toBe(REFUSAL_CAUSES[decision.cause] ?? null);
        expect(why.retryAtMs).toBe(decision.retryAtMs);
        expect(why.kind).toBe(["route", "refuse", "hold"][decision.kind]);
        expect(why.model).toBe(decision.kind === ROUTE ? MODELS[decision.model] : null);
        const chosen = why.candidates.filter(({ exclusion }) => exclusion === "chosen");
        expect(chosen.map(({ id, model }) => [id, model])).toEqual(
          decision.kind === ROUTE ? [[why.target, why.model]] : [],
        );
        const chain = lawfulChain(c, asked);
        for (const { id, model, exclusion, violation } of why.candidates) {
          seen.add(exclusion);
          expect(violation !== null).toBe(exclusion === "residency");
          const t = c.targets.findIndex((one) => one.id === id);
          const lawful = chain.some((link) => link.model === model && link.targets.includes(t));
          const isAfterLaw = EXCLUSIONS.indexOf(exclusion) > EXCLUSIONS.indexOf("residency");
          expect(isAfterLaw, exclusion).toBe(lawful);
          if (violation === null) continue;
          const rule = c.rules.find((one) => one.id === violation.ruleId)!;
          for (const country of violation.countries) {
            expect(JSON.stringify(c.targets[t]!.data[violation.channel])).toContain(country);
            expect(rule.require[violation.channel]).not.toContain(country);
          }
          expect(violation.countries.length > 0).toBe(violation.fault === "place");
        }
        const rows = chain.map(({ model }, i) =>
          i === 0 ? c.targets.length : c.targets.filter(({ models }) => models.includes(model)).length,
        );
        const expected = chain.length === 0 ? c.targets.length : rows.reduce((sum, n) => sum + n, 0);
        expect(why.candidates.length).toBe(expected);
      }),
      runs,
    );
    // Every way of being passed over was met, so each was checked.
    expect([...seen].sort()).toEqual([...EXCLUSIONS].sort());
  });
});

/** The filters of a decision as lists; shares no code with the policy but the buckets' `has`. */
function candidatesByHand(
  c: PolicyConfig,
  state: PolicyState,
  asked: RoutingRequest,
): { readonly model: string; readonly candidates: number[] } | null {
  const is = (mask: number, t: number): boolean => Math.floor(mask / 2 ** t) % 2 === 1;
  const wished = (t: number): boolean => asked.narrow === -1 || is(asked.narrow, t);
  let again: { readonly model: string; readonly candidates: number[] } | null = null;
  for (const { model, targets } of lawfulChain(c, asked)) {
    const live = targets.filter((t) => wished(t) && !is(state.drained, t));
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
    if (admitted.length === 0) continue;
    const untried = admitted.filter((t) => !is(asked.tried, t));
    const rest = untried.length > 0 ? untried : admitted;
    const best = Math.min(...rest.map((t) => c.targets[t]!.tier));
    const found = { model, candidates: rest.filter((t) => c.targets[t]!.tier === best) };
    if (untried.length > 0) return found;
    again ??= found;
  }
  return again;
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
      { seed: 20260503, numRuns: 300 },
    );
  });
});
