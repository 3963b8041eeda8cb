/** Small random scenarios that use every kind of part, with everything that can go wrong going wrong at once. */
import fc from "fast-check";
import { type CallerConfig, PLAIN_QUEUE, type RetryBudgetConfig } from "../../src/policy/index.js";
import type {
  AbandonedMode,
  ChannelPlaces,
  Client,
  Distribution,
  Endpoint,
  Entry,
  Gateway,
  HealthCheck,
  RequestClass,
  Scenario,
  Serving,
  Site,
} from "../../src/scenario/scenario.js";
import { buildScenario, region, retrying, site, UNMETERED } from "./buildScenario.js";
import { fault } from "./lawsFaults.js";

const MS = 1000;
const COUNTRIES = ["DE", "FR", "US", "JP"] as const;
export const LENGTH_S = 25;

const share = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
const country = fc.constantFrom(...COUNTRIES);
const ms = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max }).map((n) => n * MS);

/** Times of a few milliseconds to a second, sometimes exactly 0, in every family of distributions. */
const time: fc.Arbitrary<Distribution> = fc.oneof(
  ms(0, 600).map((value): Distribution => ({ kind: "deterministic", value })),
  ms(1, 400).map((mean): Distribution => ({ kind: "exponential", mean })),
  ms(1, 300).map((minimum): Distribution => ({ kind: "pareto", minimum, shape: 1.5, maximum: minimum * 20 })),
  fc.record({ sigma: share }).map(({ sigma }): Distribution => ({ kind: "lognormal", mu: 11, sigma })),
  ms(1, 200).map((scale): Distribution => ({ kind: "gamma", shape: 2, scale })),
  ms(1, 300).map(
    (low): Distribution => ({ kind: "quantiles", probabilities: [0.5, 0.99], values: [low, low * 4] }),
  ),
);
const tokens: fc.Arbitrary<Distribution> = fc
  .integer({ min: 1, max: 60 })
  .chain((n) =>
    fc.constantFrom<Distribution>({ kind: "deterministic", value: n }, { kind: "exponential", mean: n }),
  );

const serving: fc.Arbitrary<Serving> = fc
  .record({
    provider: fc.boolean(),
    law: time,
    perToken: ms(0, 8),
    concurrency: fc.constantFrom(1, 1, 2, 3, 8, 200),
    queueLimit: fc.constantFrom(0, 0, 1, 4, 40),
    slowdownAtFull: share,
    discipline: fc.constantFrom(
      "fifo" as const,
      "lifo" as const,
      "processor-sharing" as const,
      "priority" as const,
      "preemptive-priority" as const,
    ),
  })
  .map(
    ({ provider, law, perToken, concurrency, queueLimit, slowdownAtFull, discipline }): Serving =>
      provider
        ? {
            kind: "provider",
            ttft: law,
            perTokenUs: { kind: "deterministic", value: perToken },
            concurrency,
            queueLimit,
            slowdownAtFull,
          }
        : { kind: "server", service: law, concurrency, queueLimit, discipline },
  );

const limit = fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 60, 600);

function places(home: string): fc.Arbitrary<ChannelPlaces> {
  return fc.constantFrom<ChannelPlaces>(
    { processing: [home], logs: [home] },
    { processing: [home], logs: [home], "prompt-cache": [home] },
    { processing: [home] },
    { processing: [home, "US"], logs: ["US"] },
    {},
  );
}

function endpoint(index: number, homes: readonly string[]): fc.Arbitrary<Endpoint> {
  return fc
    .record({ regionIndex: fc.nat(homes.length - 1), requestsPerMin: limit, tokenLimit: limit })
    .chain(({ regionIndex, requestsPerMin, tokenLimit }) =>
      fc.record({
        id: fc.constant(`e${index}`),
        regionIndex: fc.constant(regionIndex),
        model: fc.constantFrom("m", "m", "m", "m", "n"),
        version: fc.constant("1"),
        tier: fc.nat(1),
        weight: fc.constantFrom(0, 1, 3),
        serving,
        limits: fc.constant({
          requestsPerMin,
          tokensPerMin: tokenLimit * 50,
          requestBurst: requestsPerMin < Number.POSITIVE_INFINITY ? 5 : requestsPerMin,
          tokenBurst: tokenLimit < Number.POSITIVE_INFINITY ? 500 : tokenLimit,
          ...UNMETERED,
        }),
        abandoned: fc.constantFrom<AbandonedMode>("execute", "cancel", "drop-at-dequeue"),
        queue: fc.constant(PLAIN_QUEUE),
        rejectCostUs: fc.constant(0),
        crash: fc.constant(null),
        price: fc.constant(null),
        data: places(homes[regionIndex]!),
      }),
    );
}

function gateway(index: number, homes: readonly string[], regionIndex: number): fc.Arbitrary<Gateway> {
  return fc.record({
    id: fc.constant(`g${index}`),
    regionIndex: fc.constant(regionIndex),
    concurrency: fc.constantFrom(1, 2, 5, 1000),
    queueLimit: fc.constantFrom(0, 1, 3, 50),
    queue: fc.constant(PLAIN_QUEUE),
    overheadUs: fc.constantFrom(0, 0, 1500),
    data: fc.constantFrom<ChannelPlaces>(
      {},
      { processing: [homes[regionIndex]!], logs: [homes[regionIndex]!] },
    ),
  });
}

const healthCheck: fc.Arbitrary<HealthCheck> = fc.record({
  intervalUs: ms(500, 3000),
  timeoutUs: ms(1, 2000),
  fall: fc.integer({ min: 1, max: 3 }),
  rise: fc.integer({ min: 1, max: 3 }),
  schedule: fc.constantFrom("fixed-rate" as const, "re-armed" as const),
  seesLoad: fc.boolean(),
  firstUs: fc.constant(null),
});
const maybeCheck = fc.option(healthCheck, { nil: null });

const geoDns = fc.record({
  ttlUs: fc.constantFrom(0, 1, 1000 * MS, 5000 * MS),
  tailShare: share,
  tailFactor: fc.constantFrom(1, 3),
  resolversPerSite: fc.integer({ min: 1, max: 4 }),
  check: maybeCheck,
  checkers: fc.integer({ min: 1, max: 3 }),
  quorum: fc.constantFrom(0, 0.18, 0.5),
});
const anycast = fc.record({ convergenceUs: fc.constantFrom(0, 200 * MS, 3000 * MS), check: maybeCheck });
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.constant<Entry>({ kind: "direct", failover: false }),
  geoDns.map((parts): Entry => ({ kind: "geo-dns", ...parts })),
  anycast.map((parts): Entry => ({ kind: "anycast", scope: "lawful", ...parts })),
);

export const BACKOFFS = [
  "none",
  "exponential",
  "equal-jitter",
  "full-jitter",
  "decorrelated-jitter",
  "exponential-random",
] as const;

const budget: fc.Arbitrary<RetryBudgetConfig> = fc.constantFrom(
  { kind: "none" },
  { kind: "ratio", ratio: 0 },
  { kind: "ratio", ratio: 0.1 },
  { kind: "ratio", ratio: 1 },
);

const caller: fc.Arbitrary<CallerConfig> = fc
  .record({
    retries: fc.integer({ min: 0, max: 3 }),
    budget,
    backoff: fc.record({
      kind: fc.constantFrom(...BACKOFFS),
      baseMs: fc.integer({ min: 0, max: 300 }),
      capMs: fc.integer({ min: 0, max: 2000 }),
    }),
  })
  .map(({ retries, ...rest }) => retrying(retries, rest));

const client: fc.Arbitrary<Client> = fc.record({
  timeout: fc.oneof(
    ms(1, 300).map((value): Distribution => ({ kind: "deterministic", value })),
    ms(300, 6000).map((value): Distribution => ({ kind: "deterministic", value })),
    ms(300, 3000).map((mean): Distribution => ({ kind: "exponential", mean })),
  ),
  caller,
  instances: fc.constantFrom(1, 2),
  connectionReuse: share,
  handshakeRoundTrips: fc.nat(2),
});

const rules = fc
  .array(
    fc.record({
      when: fc.constantFrom(
        {},
        { origin: ["DE", "FR"] },
        { origin: ["US"] },
        { dataClass: ["c1"] },
        { origin: ["DE", "FR"], model: ["m"] },
      ),
      require: fc.constantFrom(
        { processing: ["DE", "FR"] },
        { processing: ["DE", "FR"], logs: ["DE", "FR"] },
        { processing: ["US", "JP"] },
        { logs: ["DE", "FR", "US", "JP"] },
        { "prompt-cache": ["DE"] },
      ),
    }),
    { maxLength: 2 },
  )
  .map((list) => list.map((rule, i) => ({ id: `rule-${i}`, ...rule, onEmpty: "refuse" as const })));

function requestClass(index: number): fc.Arbitrary<RequestClass> {
  return fc.record({
    id: fc.constant(`c${index}`),
    share: fc.constantFrom(1, 3),
    model: index === 0 ? fc.constant("m") : fc.constantFrom("m", "m", "m", "n"),
    inputTokens: tokens,
    outputTokens: tokens,
    maxOutputTokens: fc.constantFrom(1, 100),
    priority: fc.nat(2),
    tenant: fc.constant("t"),
    sharedPrefixTokens: fc.constant(0),
    session: fc.constant(null),
  });
}

function atSite(index: number): fc.Arbitrary<Site> {
  return fc
    .record({ where: country, perSecond: fc.constantFrom(0, 0.5, 4, 12), later: fc.constantFrom(0, 2, 10) })
    .map(({ where, perSecond, later }) => ({
      ...site(`s${index}`, where, perSecond, where === "DE" || where === "FR" ? "EU" : where),
      startsUs: Float64Array.of(0, 9e6),
      perSecond: Float64Array.of(perSecond, later),
    }));
}

function list<T>(count: number, of: (index: number) => fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.tuple(...Array.from({ length: count }, (_, i) => of(i)));
}

const sizes = fc.record({
  regions: fc.integer({ min: 1, max: 4 }),
  endpoints: fc.integer({ min: 1, max: 5 }),
  sites: fc.integer({ min: 1, max: 3 }),
});

/** Every request of these has finite patience and finitely many tries, so every one of them must end. */
export const anyScenario: fc.Arbitrary<Scenario> = fc
  .tuple(sizes, fc.array(country, { minLength: 4, maxLength: 4 }))
  .chain(([size, homes]) =>
    fc.record({
      seed: fc.constantFrom("a", "b", "c"),
      warmupS: fc.constantFrom(0, 0, 3),
      homes: fc.constant(homes.slice(0, size.regions)),
      gateways: list(size.regions, (r) => gateway(r, homes, r)),
      endpoints: list(size.endpoints, (e) => endpoint(e, homes.slice(0, size.regions))),
      sites: list(size.sites, atSite),
      classes: list(2, requestClass),
      client,
      caller,
      entry,
      rules: fc.oneof(fc.constant([]), rules),
      strategy: fc.constantFrom("nearest", "weighted", "priority", "least-loaded", "power-of-two"),
      health: maybeCheck,
      failOpen: fc.boolean(),
      upstreamTimeoutUs: fc.oneof(fc.constant(Number.POSITIVE_INFINITY), ms(0, 1500)),
      faults: fc.nat(5).chain((n) => list(n, (i) => fault(i, size))),
      accessRttMs: list(size.sites * size.regions, () => fc.constantFrom(0, 1, 20, 90)),
      backboneRttMs: list(size.regions * size.regions, () => fc.constantFrom(0, 0, 2, 90)),
      jitter: fc.constantFrom<Distribution>(
        { kind: "deterministic", value: 0 },
        { kind: "exponential", mean: 3000 },
      ),
    }),
  )
  .map((parts) =>
    buildScenario({
      seed: parts.seed,
      durationS: LENGTH_S,
      warmupS: parts.warmupS,
      regions: parts.homes.map((home, r) => region(`r${r}`, home)),
      gateways: parts.gateways,
      endpoints: parts.endpoints,
      sites: parts.sites,
      classes: parts.classes,
      client: parts.client,
      faults: parts.faults,
      accessRttMs: parts.accessRttMs,
      backboneRttMs: parts.backboneRttMs,
      accessJitter: parts.jitter,
      deployment: {
        entry: parts.entry,
        residency: parts.rules,
        caller: parts.caller,
        routing: {
          strategy: parts.strategy as never,
          health: parts.health,
          failOpen: parts.failOpen,
          upstreamTimeoutUs: parts.upstreamTimeoutUs,
          propagatesDeadlines: false,
        },
      },
    }),
  );
