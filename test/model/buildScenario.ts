/** Scenarios for tests, built in code: one region, no network, no probes, unless told otherwise. */
import { type CallerConfig, PLAIN_CALLER, PLAIN_QUEUE, type RetryConfig } from "../../src/policy/index.js";
import type {
  Client,
  Deployment,
  Distribution,
  Endpoint,
  Fault,
  Gateway,
  HealthCheck,
  Region,
  RequestClass,
  Scenario,
  Serving,
  Site,
} from "../../src/scenario/scenario.js";

export const SECOND = 1e6;
export const fixed = (value: number): Distribution => ({ kind: "deterministic", value });
export const exponential = (mean: number): Distribution => ({ kind: "exponential", mean });

/** A caller that does nothing but retry. */
export function retrying(retries: number, over: Partial<RetryConfig> = {}): CallerConfig {
  return { ...PLAIN_CALLER, retry: { ...PLAIN_CALLER.retry, retries, ...over } };
}

export function check(intervalS: number, timeoutS: number, fall: number, rise: number): HealthCheck {
  return {
    intervalUs: intervalS * SECOND,
    timeoutUs: timeoutS * SECOND,
    fall,
    rise,
    schedule: "fixed-rate",
    seesLoad: false,
    firstUs: null,
  };
}

export function server(
  service: Distribution,
  concurrency: number,
  queueLimit = Number.MAX_SAFE_INTEGER,
  discipline: "fifo" | "lifo" | "processor-sharing" | "priority" | "preemptive-priority" = "fifo",
): Serving {
  return { kind: "server", service, concurrency, queueLimit, discipline };
}

/** The rest of an endpoint's limits, where only rates matter. */
export const UNMETERED = {
  tokensPerDay: Number.POSITIVE_INFINITY,
  outputBurndown: 1,
  countsCached: true,
  acceleration: null,
} as const;

export function endpoint(
  id: string,
  regionIndex: number,
  serving: Serving,
  over: Partial<Endpoint> = {},
): Endpoint {
  const unlimited = {
    requestsPerMin: Number.POSITIVE_INFINITY,
    tokensPerMin: Number.POSITIVE_INFINITY,
    requestBurst: Number.POSITIVE_INFINITY,
    tokenBurst: Number.POSITIVE_INFINITY,
    ...UNMETERED,
  };
  return {
    id,
    regionIndex,
    model: "m",
    version: "1",
    tier: 0,
    weight: 1,
    serving,
    limits: unlimited,
    abandoned: "execute",
    queue: PLAIN_QUEUE,
    rejectCostUs: 0,
    crash: null,
    price: null,
    data: {},
    ...over,
  };
}

export function gateway(id: string, regionIndex: number, over: Partial<Gateway> = {}): Gateway {
  return {
    id,
    regionIndex,
    concurrency: 1e9,
    queueLimit: 0,
    queue: PLAIN_QUEUE,
    overheadUs: 0,
    data: {},
    ...over,
  };
}

export function region(id: string, country: string): Region {
  return { id, at: null, city: id, country, latitude: 0, longitude: 0 };
}

export function site(id: string, country: string, perSecond: number, origin = country): Site {
  return {
    id,
    country,
    origin,
    city: id,
    latitude: 0,
    longitude: 0,
    startsUs: Float64Array.of(0),
    perSecond: Float64Array.of(perSecond),
    closed: null,
  };
}

export function requestClass(id: string, over: Partial<RequestClass> = {}): RequestClass {
  return {
    id,
    share: 1,
    model: "m",
    inputTokens: fixed(100),
    outputTokens: fixed(10),
    maxOutputTokens: 10,
    priority: 0,
    tenant: "default",
    sharedPrefixTokens: 0,
    session: null,
    ...over,
  };
}

export interface Parts {
  readonly seed?: string;
  readonly durationS: number;
  readonly warmupS?: number;
  readonly regions?: readonly Region[];
  readonly gateways?: readonly Gateway[];
  readonly endpoints: readonly Endpoint[];
  readonly sites: readonly Site[];
  readonly classes?: readonly RequestClass[];
  readonly client?: Partial<Client>;
  readonly deployment?: Partial<Deployment>;
  readonly faults?: readonly Fault[];
  /** sites × regions and regions × regions, ms. */
  readonly accessRttMs?: readonly number[];
  readonly backboneRttMs?: readonly number[];
  readonly accessJitter?: Distribution;
}

export function buildScenario(parts: Parts): Scenario {
  const regions = parts.regions ?? [region("r", "US")];
  const gateways = parts.gateways ?? regions.map((r, i) => gateway(`gw-${r.id}`, i));
  const us = (ms: readonly number[] | undefined, count: number): Float64Array =>
    Float64Array.from({ length: count }, (_, i) => (ms?.[i] ?? 0) * 1000);
  return {
    name: "test",
    question: "",
    seed: parts.seed ?? "test",
    durationUs: parts.durationS * SECOND,
    warmupUs: (parts.warmupS ?? 0) * SECOND,
    startUtcHour: 0,
    deployment: {
      regions,
      gateways,
      endpoints: parts.endpoints,
      entry: { kind: "direct", failover: false },
      residency: [],
      routing: {
        strategy: "nearest",
        health: null,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
      stores: [],
      quotas: [],
      caller: PLAIN_CALLER,
      sdkRetry: null,
      drift: null,
      ...parts.deployment,
    },
    workload: {
      classes: parts.classes ?? [requestClass("chat")],
      sites: parts.sites,
      trace: null,
      client: {
        timeout: fixed(Number.POSITIVE_INFINITY),
        caller: PLAIN_CALLER,
        instances: 1,
        connectionReuse: 1,
        handshakeRoundTrips: 0,
        ...parts.client,
      },
    },
    network: {
      siteRegionRttUs: us(parts.accessRttMs, parts.sites.length * regions.length),
      regionRegionRttUs: us(parts.backboneRttMs, regions.length * regions.length),
      siteRegionKm: new Float64Array(parts.sites.length * regions.length),
      regionRegionKm: new Float64Array(regions.length * regions.length),
      accessJitter: parts.accessJitter ?? fixed(0),
      backboneJitter: fixed(0),
      sources: [],
    },
    faults: parts.faults ?? [],
    objectives: [],
    sha256: "",
    warnings: [],
  };
}
