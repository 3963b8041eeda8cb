/** Residency by the dumbest means, and random configurations to hold the policy's against. */
import fc from "fast-check";
import {
  CHANNELS,
  type ChannelPlaces,
  type ChannelUse,
  type PolicyConfig,
  type PolicyTarget,
  type Reach,
  type ResidencyRule,
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyConfig,
  type StrategyName,
} from "../../src/policy/index.js";
import { target } from "./helpers.js";

/** Who asks for what, and which model would answer. */
export interface Asked {
  readonly origin: string;
  readonly dataClass: string;
  readonly tenant: string;
  readonly asked: string;
  readonly answering: string;
}

/** Whether a target may answer: country by country, from the words of the rules, no masks, no code of the policy. */
export function lawfulByHand(c: PolicyConfig, t: number, ask: Asked): boolean {
  const { data, claims, models } = c.targets[t]!;
  if (models.indexOf(ask.answering) < 0) return false;
  for (const rule of c.rules) {
    if (!speaksOf(rule, ask)) continue;
    for (const channel of CHANNELS) {
      const zone = rule.require[channel];
      const most = rule.maxKeptDays === undefined ? undefined : rule.maxKeptDays[channel];
      if (zone === undefined && most === undefined) continue;
      let use = data[channel];
      if (use === undefined) return false;
      if (use === "none" || Array.isArray(use)) use = { countries: use } as ChannelUse;
      const { countries, keptDays, evidence } = use as ChannelUse;
      if (countries === "none") {
        if (rule.needsEvidence && !evidence) return false;
        continue;
      }
      if (countries.length === 0) return false;
      if (zone !== undefined)
        for (const country of countries)
          if (zone.indexOf(country) < 0 && !mayBeSent(rule, country, claims)) return false;
      if (most !== undefined && (keptDays === undefined || keptDays > most)) return false;
      if (rule.needsEvidence && !evidence) return false;
    }
  }
  return true;
}

/** Whether a rule is about a request. */
export function speaksOf({ when }: ResidencyRule, ask: Asked): boolean {
  if (when.origin !== undefined && when.origin.indexOf(ask.origin) < 0) return false;
  if (when.dataClass !== undefined && when.dataClass.indexOf(ask.dataClass) < 0) return false;
  if (when.tenant !== undefined && when.tenant.indexOf(ask.tenant) < 0) return false;
  if (when.model === undefined) return true;
  return when.model.indexOf(ask.asked) >= 0 || when.model.indexOf(ask.answering) >= 0;
}

function mayBeSent(rule: ResidencyRule, country: string, claims: readonly string[] | undefined): boolean {
  for (const ground of rule.grounds ?? []) {
    if (ground.countries.indexOf(country) < 0) continue;
    if (ground.claim === null) return true;
    if (claims !== undefined && claims.indexOf(ground.claim) >= 0) return true;
  }
  return false;
}

/** The models that may answer, in order, each once. */
export function chainByHand(c: PolicyConfig, asked: string): string[] {
  const chain = [asked];
  for (const model of c.fallbacks?.[asked] ?? []) if (chain.indexOf(model) < 0) chain.push(model);
  return chain;
}

/** Whose requests there are. */
export function tenantsByHand(c: PolicyConfig): readonly string[] {
  return c.tenants === undefined ? ["default"] : c.tenants;
}

/** Whether a request with nothing usable is to be held: every rule about it says so, and there is one. */
export function heldByHand(c: PolicyConfig, ask: Asked): boolean {
  let about = 0;
  for (const rule of c.rules) {
    if (!speaksOf(rule, { ...ask, answering: ask.asked })) continue;
    if (rule.onEmpty === "refuse") return false;
    about += 1;
  }
  return about > 0;
}

export const COUNTRIES: readonly string[] = ["DE", "FR", "US", "CH"];
export const ORIGINS: readonly string[] = ["DE", "US", "BR"];
export const CLASSES: readonly string[] = ["public", "health"];
export const TENANTS: readonly string[] = ["acme", "globex"];
export const MODELS: readonly string[] = ["m", "n", "k"];

const RATES: Partial<PolicyTarget> = {
  requestsPerMin: 600,
  requestBurst: 1,
  tokensPerMin: 6000,
  tokenBurst: 100,
};
const LIMITS: readonly Partial<PolicyTarget>[] = [{}, {}, RATES, { maxInFlight: 1 }];
const DAYS = [0, 30, Number.POSITIVE_INFINITY];
/** The first, the last and two between. */
const ASKED_ABOUT = ["processing", "logs", "queue", "abuse-monitoring"] as const;

const some = (from: readonly string[], minLength = 1) => fc.subarray([...from], { minLength });
const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined, freq: 4 });
const known = <T extends object>(things: T): T =>
  Object.fromEntries(Object.entries(things).filter(([, value]) => value !== undefined)) as T;
const listArb = fc.oneof({ weight: 4, arbitrary: some(COUNTRIES.slice(0, 2)) }, some(COUNTRIES, 0));
const useArb = fc
  .record({
    countries: fc.oneof({ weight: 6, arbitrary: listArb }, fc.constant("none" as const)),
    keptDays: maybe(fc.constantFrom(...DAYS)),
    evidence: maybe(fc.constantFrom("", "https://example.org/dpa")),
  })
  .map((use) => known(use) as ChannelUse);
const dataArb: fc.Arbitrary<ChannelPlaces> = fc
  .array(fc.tuple(fc.constantFrom(...ASKED_ABOUT), fc.oneof(listArb, useArb, fc.constant("none" as const))), {
    minLength: 7,
    maxLength: 14,
  })
  .map((entries) => Object.fromEntries(entries));
const whenArb = fc.record(
  { origin: some(ORIGINS), dataClass: some(CLASSES), tenant: some(TENANTS), model: some(MODELS) },
  { requiredKeys: [] },
);
const requireArb = fc
  .array(fc.tuple(fc.constantFrom(...ASKED_ABOUT), some(COUNTRIES)), { maxLength: 2 })
  .map((entries) => Object.fromEntries(entries) as ResidencyRule["require"]);
const keptArb = fc
  .array(fc.tuple(fc.constantFrom(...ASKED_ABOUT), fc.constantFrom(...DAYS)), { maxLength: 1 })
  .map((entries) => Object.fromEntries(entries) as ResidencyRule["maxKeptDays"] & object);
const groundArb = fc.record({
  name: fc.constant("ground"),
  countries: some(COUNTRIES),
  claim: fc.constantFrom(null, "dpf"),
});
const ruleArb: fc.Arbitrary<Omit<ResidencyRule, "id">> = fc
  .record({
    when: whenArb,
    require: requireArb,
    maxKeptDays: maybe(keptArb),
    needsEvidence: maybe(fc.constantFrom(false, false, true)),
    grounds: maybe(fc.array(groundArb, { maxLength: 2 })),
    onEmpty: fc.constantFrom("refuse" as const, "queue" as const, "queue" as const),
  })
  .map((rule) => {
    const empty = Object.keys(rule.require).length + Object.keys(rule.maxKeptDays ?? {}).length === 0;
    return known(empty ? { ...rule, require: { processing: ["DE"] } } : rule) as Omit<ResidencyRule, "id">;
  });
const targetsArb = fc
  .array(
    fc.record({
      models: fc.oneof(some(MODELS, 0), ...MODELS.map((model) => fc.constant([model]))),
      data: dataArb,
      claims: fc.constantFrom<readonly string[]>([], ["dpf"], ["scc", "dpf"]),
      tier: fc.integer({ min: 0, max: 2 }),
      weight: fc.integer({ min: 0, max: 3 }),
      limits: fc.constantFrom(...LIMITS),
    }),
    { maxLength: 6 },
  )
  .map((rows) =>
    rows.map(({ limits, ...row }, t): PolicyTarget => ({ ...target(`t${t}`, "DE", limits), ...row })),
  );

/** Configurations with everything that the law or a decision looks at. */
export const configArb: fc.Arbitrary<PolicyConfig> = fc
  .record({
    targets: targetsArb,
    rules: fc
      .array(ruleArb, { maxLength: 2 })
      .map((rules) => rules.map((rule, r): ResidencyRule => ({ id: `r${r}`, ...rule }))),
    named: fc.boolean(),
    fallbacks: maybe(fc.record({ m: some(MODELS), n: some(MODELS).map((list) => list.reverse()) })),
    waitForLimitsMs: maybe(fc.constantFrom(0, 40, Number.POSITIVE_INFINITY)),
    strategy: fc.constantFrom(...STRATEGY_NAMES.map(smallest)),
    failOpen: fc.boolean(),
  })
  .map(({ named, rules, ...rest }): unknown => ({
    origins: ORIGINS,
    dataClasses: CLASSES,
    models: MODELS,
    health: { fall: 1, rise: 1 },
    ...known(rest),
    ...(named
      ? { tenants: TENANTS, rules }
      : { rules: rules.map(({ when: { tenant: _, ...when }, ...rule }) => ({ ...rule, when })) }),
  })) as fc.Arbitrary<PolicyConfig>;

/** The strategies with their defaults, but for tables whose size only makes tests slow. */
function smallest(name: StrategyName): StrategyName | StrategyConfig {
  return name === "maglev" ? { kind: "maglev", tableSize: 101 } : name;
}

/** What a configuration's strategy is offered. */
export function reachOf({ strategy }: PolicyConfig): Reach {
  return STRATEGIES[typeof strategy === "string" ? strategy : strategy.kind].reach;
}
