/**
 * The proof against brute force. For small deployments every state that a gateway's beliefs can be in is put to the
 * real `decide`, and every choice is judged by logic written out by hand here: what was ever chosen, and what of it
 * breaks a rule, must be what the audit says, no more and no less.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ProvenPaths, provePaths } from "../../src/experiment/index.js";
import { classIndices, endpointPolicyConfig } from "../../src/model/policies.js";
import {
  type ChannelPlaces,
  type ChannelUse,
  compilePolicy,
  createDecision,
  createState,
  decide,
  type ResidencyRule,
  ROUTE,
  type RoutingRequest,
  STRATEGIES,
  STRATEGY_NAMES,
  type StrategyConfig,
  type StrategyName,
} from "../../src/policy/index.js";
import type { Endpoint, Entry, HealthCheck, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  gateway,
  region,
  requestClass,
  server,
  site,
  UNMETERED,
} from "../model/buildScenario.js";

const COUNTRIES = ["DE", "FR", "US"] as const;
const CHANNELS = ["processing", "logs"] as const;

const country = fc.constantFrom(...COUNTRIES);
const use: fc.Arbitrary<ChannelPlaces["logs"]> = fc.oneof(
  { weight: 4, arbitrary: country.map((one) => [one]) },
  { weight: 2, arbitrary: fc.subarray([...COUNTRIES], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.constant("none" as const) },
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc
      .record({ in: country, keptDays: fc.constantFrom(1, 30), evidence: fc.constantFrom("", "contract") })
      .map(({ in: one, ...rest }): ChannelUse => ({ countries: [one], ...rest })),
  },
);

const places: fc.Arbitrary<ChannelPlaces> = fc.record({ processing: use, logs: use }).map((said) => {
  const entries = Object.entries(said).filter(([, stated]) => stated !== undefined);
  return Object.fromEntries(entries) as ChannelPlaces;
});

const rule = fc.record({
  origin: fc.option(fc.subarray(["DE", "US"], { minLength: 1 }), { nil: undefined }),
  dataClass: fc.option(fc.constantFrom("chat", "health"), { nil: undefined, freq: 2 }),
  tenant: fc.option(fc.constantFrom("acme", "default"), { nil: undefined, freq: 4 }),
  model: fc.option(fc.constantFrom("m", "mini"), { nil: undefined, freq: 3 }),
  processing: fc.option(fc.subarray([...COUNTRIES], { minLength: 1 }), { nil: undefined, freq: 3 }),
  logs: fc.option(fc.subarray([...COUNTRIES], { minLength: 1 }), { nil: undefined, freq: 2 }),
  keptDays: fc.option(fc.constantFrom(0, 7, 90), { nil: undefined, freq: 2 }),
  ground: fc.option(fc.record({ country, claim: fc.constantFrom(null, "dpf") }), { nil: undefined, freq: 2 }),
  needsEvidence: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
});

/** The usual table of Maglev is large, and there is a state of its own for every quota. */
const QUICK_TO_MAKE: Partial<Record<StrategyName, StrategyConfig>> = {
  maglev: { kind: "maglev", tableSize: 31 },
};

/** Leaves out what is undefined. */
function stated<T extends object>(of: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as never;
}

const rules: fc.Arbitrary<readonly ResidencyRule[]> = fc.array(rule, { maxLength: 3 }).map((list) =>
  list.map(
    (
      { origin, dataClass, tenant, model, processing, logs, keptDays, ground, needsEvidence },
      i,
    ): ResidencyRule => {
      const isEmpty = processing === undefined && logs === undefined;
      return {
        id: `rule-${i}`,
        when: stated({
          origin,
          dataClass: dataClass === undefined ? undefined : [dataClass],
          tenant: tenant === undefined ? undefined : [tenant],
          model: model === undefined ? undefined : [model],
        }),
        require: stated({ processing: isEmpty ? ["DE"] : processing, logs }),
        ...(keptDays === undefined ? {} : { maxKeptDays: { logs: keptDays } }),
        ...(ground === undefined
          ? {}
          : { grounds: [{ name: "ground", countries: [ground.country], claim: ground.claim }] }),
        ...(needsEvidence ? { needsEvidence } : {}),
        onEmpty: "refuse",
        source: `s.yaml:${i + 1}`,
      };
    },
  ),
);

function anEndpoint(regions: number): fc.Arbitrary<Omit<Endpoint, "id">> {
  return fc
    .record({
      regionIndex: fc.integer({ min: 0, max: regions - 1 }),
      model: fc.constantFrom("m", "m", "mini"),
      tier: fc.constantFrom(0, 0, 1),
      weight: fc.constantFrom(0, 1, 1, 3),
      limited: fc.boolean(),
      data: places,
      claims: fc.constantFrom([], ["dpf"]),
    })
    .map(({ regionIndex, limited, ...rest }) => {
      const perMin = limited ? 60 : Number.POSITIVE_INFINITY;
      const limits = {
        requestsPerMin: perMin,
        requestBurst: perMin,
        tokensPerMin: Number.POSITIVE_INFINITY,
        tokenBurst: Number.POSITIVE_INFINITY,
        ...UNMETERED,
      };
      return endpoint("", regionIndex, server(fixed(1000), 1), { ...rest, limits });
    });
}

/** Users of two gateways, and as many endpoints as the states leave time for: with one endpoint two kinds of users. */
function deployments(endpoints: number): fc.Arbitrary<Scenario> {
  return fc
    .record({
      regions: fc.tuple(country, country),
      endpoints: fc.array(anEndpoint(2), { minLength: endpoints, maxLength: endpoints }),
      gatewayLogs: fc.array(use, { minLength: 2, maxLength: 2 }),
      rules,
      enforces: fc.constantFrom(undefined, undefined, undefined, ["processing" as const], []),
      strategy: fc.constantFrom(...STRATEGY_NAMES),
      failOpen: fc.boolean(),
      falls: fc.boolean(),
      sites: fc.constantFrom<readonly string[]>(["DE"], ["US"], ["DE", "US"]),
      tenant: fc.constantFrom("default", "acme"),
    })
    .map(
      ({
        regions,
        endpoints: list,
        gatewayLogs,
        rules: residency,
        enforces,
        strategy,
        failOpen,
        falls,
        sites,
        tenant,
      }) => {
        const classes = sites.length === 2 || endpoints > 1 ? ["chat"] : ["chat", "health"];
        const models = ["m", ...(classes.length === 1 ? [] : ["mini"]), ...list.map(({ model }) => model)];
        return buildScenario({
          durationS: 60,
          regions: regions.map((one, i) => region(`r${i}`, one)),
          gateways: gatewayLogs.map((logs, i) => gateway(`g${i}`, i, { data: stated({ logs }) })),
          endpoints: list.map((one, i) => ({ ...one, id: `e${i}` })),
          sites: sites.slice(0, endpoints > 1 ? 1 : 2).map((one) => site(one, one, 1)),
          classes: classes.map((id, i) =>
            requestClass(id, { tenant: i === 0 ? "default" : tenant, model: i === 0 ? "m" : "mini" }),
          ),
          deployment: {
            // A name that nobody bears is a mistake of the file, which the loader tells.
            residency: residency.map(({ when, ...rest }): ResidencyRule => {
              const { dataClass, model, ...others } = when;
              const known = stated({
                dataClass: classes.includes(dataClass?.[0] ?? "") ? dataClass : undefined,
                model: models.includes(model?.[0] ?? "") ? model : undefined,
              });
              return { ...rest, when: { ...others, ...known } };
            }),
            entry: { kind: "direct", failover: true },
            routing: {
              strategy: QUICK_TO_MAKE[strategy] ?? STRATEGIES[strategy].defaults,
              health: null,
              failOpen,
              upstreamTimeoutUs: Number.POSITIVE_INFINITY,
              propagatesDeadlines: false,
              ...(enforces === undefined ? {} : { enforces: { channels: enforces } }),
              ...(falls && models.includes("mini") ? { fallbacks: { m: ["mini"] } } : {}),
            },
          },
        });
      },
    );
}

/** Of a place: what it does on a channel, as a list with what is known of it; null for nothing known. */
function saidOf(data: ChannelPlaces, channel: "processing" | "logs"): ChannelUse | null {
  const said = data[channel];
  if (said === undefined) return null;
  return typeof said === "object" && "countries" in said ? said : { countries: said };
}

interface Who {
  readonly country: string;
  readonly dataClass: string;
  readonly tenant: string;
  readonly models: readonly string[];
}

/** Whether one rule forbids what a place does on one channel, by hand. */
function forbids(
  one: ResidencyRule,
  who: Who,
  channel: "processing" | "logs",
  place: { readonly data: ChannelPlaces; readonly claims?: readonly string[] },
): boolean {
  if (one.when.origin && !one.when.origin.includes(who.country)) return false;
  if (one.when.dataClass && !one.when.dataClass.includes(who.dataClass)) return false;
  if (one.when.tenant && !one.when.tenant.includes(who.tenant)) return false;
  if (one.when.model && !who.models.some((model) => one.when.model!.includes(model))) return false;
  const zone = one.require[channel];
  const most = one.maxKeptDays?.[channel];
  if (zone === undefined && most === undefined) return false;
  const said = saidOf(place.data, channel);
  if (said === null) return true;
  if (said.countries === "none") return one.needsEvidence === true && !said.evidence;
  for (const where of said.countries) {
    let isGranted = zone === undefined || zone.includes(where);
    for (const ground of one.grounds ?? [])
      if (ground.countries.includes(where) && (ground.claim === null || place.claims?.includes(ground.claim)))
        isGranted = true;
    if (!isGranted) return true;
  }
  if (most !== undefined && (said.keptDays === undefined || said.keptDays > most)) return true;
  return one.needsEvidence === true && !said.evidence;
}

/** What the audit and brute force are compared by: `country class place channel`, and which of them break a rule. */
interface Found {
  readonly ever: Set<string>;
  readonly unlawful: Set<string>;
}

/** The draws are only asked of strategies that use them. */
const GRID: readonly (readonly [number, number])[] = [
  [0.02, 0.97],
  [0.97, 0.02],
];

/** Every choice there is, over every state: masks of what is up, cooling, guarded, crowded, out of quota and tried. */
function everChosen(scenario: Scenario, siteIndex: number, classIndex: number): number {
  const config = endpointPolicyConfig(scenario);
  const policy = compilePolicy(config);
  const count = policy.targetCount;
  const answer = createDecision();
  const request: RoutingRequest = {
    origin: config.origins.indexOf(scenario.workload.sites[siteIndex]!.country),
    ...classIndices(scenario, config)[classIndex]!,
    tokens: 1,
    tried: 0,
    narrow: -1,
    nowMs: 0,
    u: 0,
    v: 0,
    stickyKey: -1,
    rttMs: new Float64Array(count),
    distanceKm: new Float64Array(count),
  };
  const draws = policy.strategy.usesLuck && count > 1 ? GRID : GRID.slice(0, 1);
  const masks = 1 << count;
  let chosen = 0;
  for (let quota = 0; quota < masks; quota++) {
    // An endpoint without a limit is never out of it.
    if ((quota & ~policy.limited) !== 0) continue;
    const state = createState(policy);
    state.cooldownUntilMs.fill(Number.POSITIVE_INFINITY);
    for (let e = 0; e < count; e++) if (((quota >> e) & 1) !== 0) state.requests.force(e, 1e6, 0);
    for (let bits = 0; bits < masks ** 5; bits++) {
      state.up = bits & (masks - 1);
      state.cooling = (bits >> count) & (masks - 1);
      state.guarded = (bits >> (2 * count)) & (masks - 1);
      state.crowded = (bits >> (3 * count)) & (masks - 1);
      request.tried = (bits >> (4 * count)) & (masks - 1);
      for (const [u, v] of draws) {
        request.u = u;
        request.v = v;
        if (decide(policy, state, request, answer).kind === ROUTE) chosen |= 1 << answer.target;
      }
    }
  }
  return chosen;
}

/** What gateways a site may be sent to, by hand: those that every class of it may use by the rules that are checked. */
function gatewaysFor(scenario: Scenario, siteIndex: number): readonly number[] {
  const { deployment, workload } = scenario;
  const checked = deployment.routing.enforces?.channels ?? CHANNELS;
  return deployment.gateways.flatMap((one, g) => {
    const data: ChannelPlaces = {
      processing: [deployment.regions[one.regionIndex]!.country],
      logs: { countries: "none", evidence: "nothing is there that would write them" },
      ...one.data,
    };
    const isOpen = workload.classes.every(({ id, tenant, model }) =>
      deployment.residency.every((each) =>
        CHANNELS.every((channel) => {
          const who = { country: workload.sites[siteIndex]!.country, dataClass: id, tenant, models: [model] };
          return !checked.includes(channel) || !forbids(each, who, channel, { data });
        }),
      ),
    );
    return isOpen ? [g] : [];
  });
}

function byForce(scenario: Scenario): Found {
  const { sites, classes } = scenario.workload;
  const found: Found = { ever: new Set(), unlawful: new Set() };
  sites.forEach(({ country: from }, s) => {
    const isServed = gatewaysFor(scenario, s).length > 0;
    classes.forEach(({ id, tenant, model }, c) => {
      const chosen = isServed ? everChosen(scenario, s, c) : 0;
      scenario.deployment.endpoints.forEach((one, e) => {
        if (((chosen >> e) & 1) === 0) return;
        found.ever.add(`${from} ${id} ${one.id}`);
        const who = { country: from, dataClass: id, tenant, models: [model, one.model] };
        for (const channel of CHANNELS)
          if (scenario.deployment.residency.some((each) => forbids(each, who, channel, one)))
            found.unlawful.add(`${from} ${id} ${one.id} ${channel}`);
      });
    });
  });
  return found;
}

function byProof({ paths, violations }: ProvenPaths): Found {
  const found: Found = { ever: new Set(), unlawful: new Set() };
  for (const { place, country: from, dataClass, channel, ever, verdict } of paths) {
    if (place.kind !== "endpoint" || !ever) continue;
    found.ever.add(`${from} ${dataClass} ${place.id}`);
    if (verdict === "unlawful") found.unlawful.add(`${from} ${dataClass} ${place.id} ${channel}`);
  }
  // Whoever reads only the violations reads the same.
  for (const { place, origins, classes, channel } of violations)
    if (place.kind === "endpoint")
      for (const from of origins)
        for (const dataClass of classes)
          if (!found.unlawful.has(`${from} ${dataClass} ${place.id} ${channel}`))
            throw new Error(`a violation without a path: ${from} ${dataClass} ${place.id} ${channel}`);
  return found;
}

const sorted = (set: ReadonlySet<string>): readonly string[] => [...set].sort();

/** An endpoint that says and is asked nothing has no path to a channel, and so no place in the proof's list. */
function compared(scenario: Scenario): { readonly force: Found; readonly proof: Found } {
  const force = byForce(scenario);
  const report = provePaths(scenario);
  const proof = byProof(report);
  const named = new Set(
    report.paths.map(({ country: from, dataClass, place }) => `${from} ${dataClass} ${place.id}`),
  );
  return { force: { ...force, ever: new Set([...force.ever].filter((key) => named.has(key))) }, proof };
}

describe("the audit agrees with brute force over every state", () => {
  let violating = 0;
  let refusing = 0;
  const check = (scenario: Scenario): void => {
    const { force, proof } = compared(scenario);
    expect(sorted(proof.ever)).toEqual(sorted(force.ever));
    expect(sorted(proof.unlawful)).toEqual(sorted(force.unlawful));
    // Where the router checks everything, it is right about everything.
    if (scenario.deployment.routing.enforces === undefined) expect(sorted(force.unlawful)).toEqual([]);
    if (force.unlawful.size > 0) violating += 1;
    if (force.ever.size === 0) refusing += 1;
  };

  test("of 7 500 deployments with one endpoint", () => {
    fc.assert(fc.property(deployments(1), check), { numRuns: 7500, seed: 41 });
  });

  test("of 2 500 with two", () => {
    fc.assert(fc.property(deployments(2), check), { numRuns: 2500, seed: 42 });
  });

  test("of three with three", () => {
    fc.assert(fc.property(deployments(3), check), { numRuns: 3, seed: 43 });
  });

  test("and they are not all of one sort", () => {
    expect(violating).toBeGreaterThan(500);
    expect(refusing).toBeGreaterThan(500);
  });
});

describe("the audit agrees with brute force over every answer of entry", () => {
  const check: HealthCheck = {
    intervalUs: 1e6,
    timeoutUs: 1e6,
    fall: 1,
    rise: 1,
    schedule: "fixed-rate",
    seesLoad: false,
    firstUs: null,
  };
  const geoDns = { ttlUs: 1e6, tailShare: 0, tailFactor: 1, resolversPerSite: 1, checkers: 1, quorum: 0.5 };
  const entries = fc.constantFrom<Entry>(
    { kind: "geo-dns", ...geoDns, check },
    { kind: "geo-dns", ...geoDns, check: null },
    { kind: "anycast", convergenceUs: 0, check, scope: "lawful" },
    { kind: "anycast", convergenceUs: 0, check: null, scope: "lawful" },
    { kind: "direct", failover: false },
    { kind: "direct", failover: true },
  );
  const cases = fc
    .tuple(deployments(1), entries, fc.array(fc.constantFrom(1, 20, 90), { minLength: 4, maxLength: 4 }))
    .map(([scenario, entry, rttMs]): Scenario => {
      const { sites } = scenario.workload;
      const rttUs = Float64Array.from(rttMs.slice(0, sites.length * 2), (ms) => ms * 1000);
      return {
        ...scenario,
        deployment: { ...scenario.deployment, entry },
        network: { ...scenario.network, siteRegionRttUs: rttUs, siteRegionKm: rttUs },
      };
    });

  /** What a site may be answered, by what is believed up: the nearest of those it may use, the earlier of equals. */
  function answers(scenario: Scenario, siteIndex: number): readonly string[] {
    const { entry, gateways } = scenario.deployment;
    const open = gatewaysFor(scenario, siteIndex);
    const moves = entry.kind === "direct" ? entry.failover : entry.check !== null;
    const beliefs = moves ? [0b01, 0b10, 0b11] : [0b11];
    const given = beliefs.flatMap((up) => {
      const left = open.filter((g) => ((up >> g) & 1) !== 0);
      const rtt = (g: number): number => scenario.network.siteRegionRttUs[siteIndex * 2 + g]!;
      return left.length === 0 ? [] : [left.reduce((best, g) => (rtt(g) < rtt(best) ? g : best))];
    });
    return [...new Set(given)].sort().map((g) => gateways[g]!.id);
  }

  test("of 800 deployments", () => {
    fc.assert(
      fc.property(cases, (scenario) => {
        const { paths } = provePaths(scenario);
        scenario.workload.sites.forEach(({ country: from }, s) => {
          const ever = paths.filter(
            ({ place, country: of, ever: is }) => place.kind === "gateway" && of === from && is,
          );
          expect([...new Set(ever.map(({ place }) => place.id))].sort()).toEqual(answers(scenario, s));
        });
      }),
      { numRuns: 800, seed: 44 },
    );
  });
});
