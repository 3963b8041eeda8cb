/**
 * A made-up but coherent result for the tests of this room: two regions, EU users who may not leave,
 * US users who may, an EU outage (minutes 10 to 18) and a US outage (minutes 25 to 33). No figure here
 * is a measurement; every count adds up as a real run's must.
 */
import type {
  CauseCounts,
  Counts,
  FaultTimeline,
  Lane,
  LatencyBreakdown,
  LatencySummary,
  Result,
  Series,
} from "../../src/result/result.js";

const WINDOW_S = 10;
const WINDOWS = 240;
const NOISE_MODULUS = 2147483647;

type Cause = keyof CauseCounts & string;
interface Window {
  readonly startS: number;
  readonly offered: number;
  readonly refused: Partial<Record<Cause, number>>;
  readonly servedBy: Record<string, number>;
  readonly ttftP50Ms: number | null;
  readonly ttftP95Ms: number | null;
}

/** Noise in [-1, 1) from a Lehmer generator: the sample must be the same on every machine. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % NOISE_MODULUS;
    return (2 * state) / NOISE_MODULUS - 1;
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** EU users: black-holed until the checkers notice, then refused because no legal region is left. */
function euWindow(index: number, luck: () => number): Window {
  const startS = index * WINDOW_S;
  const offered = Math.round(667 + 25 * luck());
  const wobble = luck();
  const down = startS >= 600 && startS < 1090;
  const crowded = startS >= 1570 && startS < 1990;
  const refused: Partial<Record<Cause, number>> = {};
  if (down) {
    const blackholed =
      startS < 620 ? offered : startS < 680 ? Math.round(offered * (1 - (startS - 610) / 70)) : 0;
    if (blackholed > 0) refused.region_blackhole = blackholed;
    if (offered > blackholed) refused.residency_no_legal_region = offered - blackholed;
  } else if (crowded) {
    refused.queue_full = Math.round(offered * 0.02);
  }
  const served = offered - sum(Object.values(refused) as number[]);
  return {
    startS,
    offered,
    refused,
    servedBy: served > 0 ? { eu: served } : {},
    ttftP50Ms: served > 0 ? Math.round(540 + (crowded ? 420 : 0) + 12 * wobble) : null,
    ttftP95Ms: served > 0 ? Math.round(1290 + (crowded ? 2600 : 0) + 60 * wobble) : null,
  };
}

/** US users: refused fast for a moment, then served from the EU at the price of the ocean. */
function usWindow(index: number, luck: () => number): Window {
  const startS = index * WINDOW_S;
  const offered = Math.round(1000 + 30 * luck());
  const wobble = luck();
  const down = startS >= 1500 && startS < 1990;
  const refused: Partial<Record<Cause, number>> = {};
  if (down) {
    const shifted = startS < 1520 ? 0 : startS < 1570 ? (startS - 1510) / 60 : 1;
    const refusedFast = Math.round(offered * (1 - shifted) * 0.8);
    if (refusedFast > 0) refused.connection_refused = refusedFast;
    if (shifted === 1) refused.queue_full = Math.round(offered * 0.06);
  }
  const served = offered - sum(Object.values(refused) as number[]);
  return {
    startS,
    offered,
    refused,
    servedBy: down ? { eu: served } : { us: served },
    ttftP50Ms: Math.round((down ? 1140 : 530) + 10 * wobble),
    ttftP95Ms: Math.round((down ? 4300 : 1270) + 50 * wobble),
  };
}

function phaseOf(startS: number): "before" | "during" | "after" {
  if (startS < 600) return "before";
  return startS < 1080 || (startS >= 1500 && startS < 1980) ? "during" : "after";
}

function addCauses(into: Partial<Record<Cause, number>>, from: Partial<Record<Cause, number>>): void {
  for (const [cause, count] of Object.entries(from) as [Cause, number][]) {
    into[cause] = (into[cause] ?? 0) + count;
  }
}

function causesOf(windows: readonly Window[]): CauseCounts {
  const causes: Partial<Record<Cause, number>> = {};
  for (const window of windows) addCauses(causes, window.refused);
  return causes;
}

function countsOf(windows: readonly Window[]): Counts {
  const offered = sum(windows.map((window) => window.offered));
  const refused = sum(windows.map((window) => sum(Object.values(window.refused) as number[])));
  return { offered, served: offered - refused, refused, inFlight: 0 };
}

function summaryOf(windows: readonly Window[], scale: number): LatencySummary {
  const live = windows.filter((window) => window.ttftP50Ms !== null);
  const count = countsOf(live).served;
  if (count === 0) return { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };
  const p50 = Math.round((scale * sum(live.map((window) => window.ttftP50Ms ?? 0))) / live.length);
  const p95 = Math.round((scale * sum(live.map((window) => window.ttftP95Ms ?? 0))) / live.length);
  return { count, mean: p50 * 1.15, p50, p90: p95 * 0.8, p95, p99: p95 * 1.6, max: p95 * 3 };
}

function inPhases<T>(windows: readonly Window[], make: (part: readonly Window[]) => T): Record<string, T> {
  const phases: Record<string, T> = {};
  for (const phase of ["before", "during", "after"]) {
    phases[phase] = make(windows.filter((window) => phaseOf(window.startS) === phase));
  }
  return phases;
}

function breakdown(eu: readonly Window[], us: readonly Window[], scale: number): LatencyBreakdown {
  const all = [...eu, ...us];
  return {
    ...summaryOf(all, scale),
    by: {
      origin: { EU: summaryOf(eu, scale), US: summaryOf(us, scale) },
      class: { chat: summaryOf(all, scale) },
      region: { us: summaryOf(us, scale), eu: summaryOf(eu, scale) },
      endpoint: { "us-model": summaryOf(us, scale), "eu-model": summaryOf(eu, scale) },
      phase: inPhases(all, (part) => summaryOf(part, scale)),
    },
    originInPhase: {
      EU: inPhases(eu, (part) => summaryOf(part, scale)),
      US: inPhases(us, (part) => summaryOf(part, scale)),
    },
  };
}

function servedCounts(windows: readonly Window[]): Record<string, number> {
  const served: Record<string, number> = {};
  for (const window of windows) {
    for (const [region, count] of Object.entries(window.servedBy))
      served[region] = (served[region] ?? 0) + count;
  }
  return served;
}

function seriesOf(eu: readonly Window[], us: readonly Window[]): Series {
  const times = (values: readonly (number | null)[], factor: number): (number | null)[] =>
    values.map((value) => (value === null ? null : value * factor));
  const origin = (windows: readonly Window[]): Series["byOrigin"][string] => ({
    offered: windows.map((window) => window.offered),
    served: windows.map((window) => countsOf([window]).served),
    refused: windows.map((window) => countsOf([window]).refused),
    ttftP50Ms: windows.map((window) => window.ttftP50Ms),
    ttftP95Ms: windows.map((window) => window.ttftP95Ms),
    e2eP50Ms: times(
      windows.map((window) => window.ttftP50Ms),
      3.2,
    ),
    e2eP95Ms: times(
      windows.map((window) => window.ttftP95Ms),
      4,
    ),
  });
  const region = (id: string): Series["byRegion"][string] => {
    const calls = eu.map((window, i) => (window.servedBy[id] ?? 0) + (us[i]!.servedBy[id] ?? 0));
    const home = id === "eu" ? eu : us;
    const load = calls.map((count) => count / 1700);
    return {
      utilisation: load.map((share) => (share > 0.93 ? 0.998 : share)),
      queue: load.map((share) => (share > 0.93 ? 480 : share > 0.5 ? 12 : 0)),
      calls,
      divertedCalls: calls.map((count, i) => count - (home[i]!.servedBy[id] ?? 0)),
    };
  };
  const both = eu.map((window, i) => causesOf([window, us[i]!]));
  const causes = Object.keys(causesOf([...eu, ...us])) as Cause[];
  return {
    windowS: WINDOW_S,
    startS: eu.map((window) => window.startS),
    byOrigin: { EU: origin(eu), US: origin(us) },
    byRegion: { us: region("us"), eu: region("eu") },
    refusedByCause: Object.fromEntries(causes.map((cause) => [cause, both.map((part) => part[cause] ?? 0)])),
    attempts: eu.map((window, i) => Math.round((window.offered + us[i]!.offered) * 1.02)),
    calls: eu.map((window, i) => Math.round((window.offered + us[i]!.offered) * 1.05)),
  };
}

const FAULTS: readonly FaultTimeline[] = [
  {
    id: "eu-down",
    kind: "region-down",
    target: "eu",
    startS: 600,
    endS: 1080,
    firstImpactS: 600.4,
    detectedS: 614.2,
    gatewayDetectedS: 614.2,
    entryDetectedS: 624,
    shifted50S: 641,
    shifted95S: 671.5,
    shifted99S: 680,
    restoredS: 1092,
    refused: 32680,
  },
  {
    id: "us-down",
    kind: "region-down",
    target: "us",
    startS: 1500,
    endS: 1980,
    firstImpactS: 1500.1,
    detectedS: 1512,
    gatewayDetectedS: 1512,
    entryDetectedS: 1524,
    shifted50S: 1540,
    shifted95S: 1566,
    shifted99S: 1570,
    restoredS: 1993,
    refused: 6120,
  },
];

const LANES: readonly Lane[] = [
  { region: "eu", observer: "truth", state: "down", startS: 600, endS: 1080 },
  { region: "eu", observer: "entry", state: "down", startS: 624, endS: 1101 },
  { region: "eu", observer: "gw-us", state: "down", startS: 614.2, endS: 1090.5 },
  { region: "us", observer: "truth", state: "down", startS: 1500, endS: 1980 },
  { region: "us", observer: "entry", state: "down", startS: 1524, endS: 2001 },
  { region: "us", observer: "gw-eu", state: "down", startS: 1512, endS: 1990.5 },
];

function places(eu: readonly Window[], us: readonly Window[]): Pick<Result, "regions" | "endpoints"> {
  const calls = (id: string): number => (servedCounts([...eu, ...us])[id] ?? 0) + (id === "us" ? 0 : 4100);
  const region = (
    id: string,
    city: string,
    country: string,
    diverted: number,
  ): Result["regions"][number] => ({
    id,
    city,
    country,
    utilisation: id === "eu" ? 0.47 : 0.45,
    peakUtilisation: id === "eu" ? 0.999 : 0.62,
    peakQueue: id === "eu" ? 500 : 12,
    calls: calls(id),
    divertedCalls: diverted,
    overloadedS: id === "eu" ? 418 : 0,
    limitsHit: id === "eu" ? { queue_full: 3080 } : {},
  });
  const endpoint = (id: string, where: string): Result["endpoints"][number] => ({
    id,
    region: where,
    calls: calls(where),
    completed: servedCounts([...eu, ...us])[where] ?? 0,
    wasted: where === "eu" ? 210 : 0,
    utilisation: where === "eu" ? 0.47 : 0.45,
    meanWaitMs: where === "eu" ? 182.5 : 0.4,
    peakQueue: where === "eu" ? 500 : 12,
    tokens: { in: calls(where) * 900, cachedIn: 0, out: calls(where) * 130 },
    limitsHit: where === "eu" ? { queue_full: 3080 } : {},
  });
  return {
    regions: [
      region("us", "N. Virginia", "US", 0),
      region("eu", "Frankfurt", "DE", servedCounts(us).eu ?? 0),
    ],
    endpoints: [endpoint("us-model", "us"), endpoint("eu-model", "eu")],
  };
}

const JUDGEMENT: Pick<Result, "cascade" | "residency" | "objectives" | "lanes" | "faults" | "warnings"> = {
  cascade: {
    edges: [
      {
        from: "us",
        to: "eu",
        startS: 1570,
        endS: 1988,
        divertedShare: 1,
        pushedPerS: 101.4,
        usualPerS: 68.2,
      },
    ],
    depth: 1,
    size: 1,
    total: true,
    withoutRegion: [{ origin: "US", class: "chat", startS: 1570, seconds: 410 }],
    overloads: [{ region: "eu", startS: 1570, endS: 1988, reason: "turned-away" }],
    amplification: { mean: 1.02, worst: 1.9, worstAtS: 1580 },
    metastable: false,
    goodputAfterOverBefore: 0.998,
    comparison: {
      before: 0.999,
      beforeFromS: 0,
      beforeToS: 600,
      after: 0.997,
      afterFromS: 2220,
      afterToS: 2400,
      deviation: 0.002,
    },
    recovery: {
      fault: "us-down",
      faultEndS: 1980,
      tookS: 13,
      closedFormS: null,
      closedForm: "none: more than one fault",
    },
    boundary: {
      usualLoadPerS: 162,
      usualCapacityPerS: 730,
      loadTriggerPerS: 9,
      capacityTriggerPerS: 560,
      overloadPossible: true,
      alwaysRecovers: true,
      deficitRequests: 31020,
      deficitCapacityS: 42.5,
    },
    tries: { client: 3, gateway: 1, library: 1, product: 3 },
    margins: [
      {
        region: "us",
        capacityPerS: 560,
        peakLoadPerS: 103,
        usualPeakPerS: 103,
        naiveLimit: 0.5,
        retrySafeMargin: 1.81,
        deficitCapacityS: 0,
      },
      {
        region: "eu",
        capacityPerS: 170,
        peakLoadPerS: 171,
        usualPeakPerS: 69,
        naiveLimit: 0.5,
        retrySafeMargin: 0.82,
        deficitCapacityS: 3.1,
      },
    ],
  },
  residency: {
    checked: 1203341,
    violations: 0,
    rows: ["processing", "logs", "abuse-monitoring"].flatMap((channel) => [
      {
        origin: "EU",
        dataClass: "personal",
        channel,
        country: "DE",
        at: "eu-model",
        purpose: "request" as const,
        writes: 118000,
        lawful: true,
        rule: "eu-stays",
        ruleLine: "eu-us.yaml:46",
        fault: null,
        line: "eu-us.yaml:41",
        letBy: null,
      },
      {
        origin: "US",
        dataClass: "public",
        channel,
        country: "US",
        at: "us-model",
        purpose: "request" as const,
        writes: 190000,
        lawful: true,
        rule: null,
        ruleLine: null,
        fault: null,
        line: "eu-us.yaml:40",
        letBy: null,
      },
      {
        origin: "US",
        dataClass: "public",
        channel,
        country: "DE",
        at: "eu-model",
        purpose: "request" as const,
        writes: 42000,
        lawful: true,
        rule: null,
        ruleLine: null,
        fault: null,
        line: "eu-us.yaml:40",
        letBy: null,
      },
    ]),
    price: {
      upliftUsd: null,
      refused: 3100,
      lostToRules: 2900,
      headroom: 0.61,
      headroomWithoutRules: 1.24,
      byOrigin: {
        EU: { refused: 3100, lostToRules: 2900, lawfulPerS: 80, withoutRulesPerS: 160 },
        US: { refused: 0, lostToRules: 0, lawfulPerS: 160, withoutRulesPerS: 160 },
      },
    },
  },
  objectives: [
    { name: "residency.violations == 0", pass: true, value: 0, target: 0, unit: "" },
    { name: "refused{origin=US} <= 0.5%", pass: false, value: 0.0255, target: 0.005, unit: "ratio" },
    { name: "ttft.p95{from=EU} < 1500ms", pass: true, value: 1490, target: 1500, unit: "ms" },
    { name: "cascade == none", pass: false, value: "us→eu", target: "none", unit: "" },
  ],
  lanes: LANES,
  faults: FAULTS,
  warnings: ["One seed is one anecdote: no interval. Run with --replications 20 for one."],
};

/** EU users cannot be served while the EU is down; what else was refused is the policy's. */
function optimumOf(eu: readonly Window[], us: readonly Window[]): Result["optimum"] {
  const isLost = (window: Window): boolean => window.startS >= 600 && window.startS < 1080;
  const lostEu = countsOf(eu.filter(isLost)).refused;
  const split = (windows: readonly Window[], lost: number): Result["optimum"]["byOrigin"][string] => {
    const { offered, refused } = countsOf(windows);
    return { offered, couldServe: offered - lost, refusedUnavoidable: lost, refusedByPolicy: refused - lost };
  };
  return {
    ...split([...eu, ...us], lostEu),
    byOrigin: { EU: split(eu, lostEu), US: split(us, 0) },
    tightest: { headroom: 0, startS: 600 },
    perWindow: {
      windowS: WINDOW_S,
      startS: eu.map((window) => window.startS),
      offered: eu.map((window, i) => window.offered + us[i]!.offered),
      couldServe: eu.map((window, i) => (isLost(window) ? 0 : window.offered) + us[i]!.offered),
    },
  };
}

/** A group of replicas that was full, was pushed into recomputing, and ran outside what its preset was measured on. */
export function replicaGroup(endpoint: string): Result["replicas"][number] {
  return {
    endpoint,
    meanReplicas: 3.25,
    peakReplicas: 5,
    starts: 2,
    kvTokens: 384_000,
    meanKvShare: 0.41,
    peakKvShare: 0.997,
    promptTokens: 9_000_000,
    cachedTokens: 3_600_000,
    failoverTokens: 120_000,
    prefixHitRate: 0.4,
    preemptions: 17,
    recomputedTokens: 51_000,
    preset: {
      id: "llama-70b-4xh100",
      source: "a public benchmark",
      heldOutMeanPercent: 3.1,
      heldOutWorstPercent: 9.4,
      hull: { inputTokens: [128, 2048], outputTokens: [128, 2048], concurrency: [1, 64] },
    },
    outsideHull: ["prompts of 40 to 9000 tokens, measured 128 to 2048"],
  };
}

/** The sample, the same on every call. */
export function sampleResult(): Result {
  const luckEu = noise(11);
  const luckUs = noise(23);
  const eu = Array.from({ length: WINDOWS }, (_, i) => euWindow(i, luckEu));
  const us = Array.from({ length: WINDOWS }, (_, i) => usWindow(i, luckUs));
  const all = [...eu, ...us];
  const total = countsOf(all);
  const availability = total.served / total.offered;
  return {
    schema: "regionsim.result/1",
    tool: { name: "regionsim", version: "0.1.0" },
    scenario: {
      name: "EU/US support assistant",
      question: "Do EU users ever leave the EU, and what do they see when their region dies?",
      sha256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
      durationS: 2400,
      warmupS: 0,
      startUtc: "2026-01-12T12:00:00Z",
    },
    seed: "eu-us",
    replications: 1,
    digest: "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    events: 3204117,
    trail: { stride: 1048576, states: ["0f3a", "9c11", "77be"] },
    requests: total,
    requestsBy: {
      origin: { EU: countsOf(eu), US: countsOf(us) },
      class: { chat: total },
      homeRegion: { eu: countsOf(eu), us: countsOf(us) },
    },
    refused: causesOf(all),
    refusedBy: {
      origin: { EU: causesOf(eu), US: causesOf(us) },
      class: { chat: causesOf(all) },
      phase: inPhases(all, causesOf),
      originInPhase: { EU: inPhases(eu, causesOf), US: inPhases(us, causesOf) },
    },
    servedBy: { EU: inPhases(eu, servedCounts), US: inPhases(us, servedCounts) },
    servedAway: {
      EU: inPhases(eu, (part) => servedCounts(part).us ?? 0),
      US: inPhases(us, (part) => servedCounts(part).eu ?? 0),
    },
    attempts: {
      client: total.offered + 9120,
      endpoint: total.offered + 2210,
      clientRetries: 9120,
      gatewayRetries: 2210,
      clientTimeouts: 3310,
      wasted: 210,
      failed: causesOf(all),
      perRequest: (total.offered + 9120) / total.offered,
      hedges: 0,
      hedgesWon: 0,
      sdkRetries: 0,
      budgetDenied: 0,
      heldBack: 0,
    },
    fallbacks: { answered: 0, byClass: {} },
    latency: { ttftMs: breakdown(eu, us, 1), e2eMs: breakdown(eu, us, 3.2) },
    availability: {
      requestRatio: availability,
      goodMinutes: 0.6,
      worstMinute: 0.59,
      byOrigin: {
        EU: countsOf(eu).served / countsOf(eu).offered,
        US: countsOf(us).served / countsOf(us).offered,
      },
    },
    ...places(eu, us),
    replicas: [],
    stores: [],
    clock: [],
    versions: null,
    standbys: [],
    operations: null,
    optimum: optimumOf(eu, us),
    cost: null,
    series: seriesOf(eu, us),
    ...JUDGEMENT,
  };
}

/** A run in which nobody asked anything and nothing failed: every list empty, every count zero. */
export function emptyResult(): Result {
  const none = { count: 0, mean: 0, p50: 0, p90: 0, p95: 0, p99: 0, max: 0 };
  const nothing: LatencyBreakdown = {
    ...none,
    by: { origin: {}, class: {}, region: {}, endpoint: {}, phase: {} },
    originInPhase: {},
  };
  return {
    ...sampleResult(),
    requests: { offered: 0, served: 0, refused: 0, inFlight: 0 },
    requestsBy: { origin: {}, class: {}, homeRegion: {} },
    refused: {},
    refusedBy: { origin: {}, class: {}, phase: {}, originInPhase: {} },
    servedBy: {},
    servedAway: {},
    attempts: {
      client: 0,
      endpoint: 0,
      clientRetries: 0,
      gatewayRetries: 0,
      clientTimeouts: 0,
      wasted: 0,
      failed: {},
      perRequest: 0,
      hedges: 0,
      hedgesWon: 0,
      sdkRetries: 0,
      budgetDenied: 0,
      heldBack: 0,
    },
    latency: { ttftMs: nothing, e2eMs: nothing },
    availability: { requestRatio: 1, goodMinutes: 1, worstMinute: 1, byOrigin: {} },
    regions: [],
    endpoints: [],
    faults: [],
    cascade: {
      edges: [],
      depth: 0,
      size: 0,
      total: false,
      withoutRegion: [],
      overloads: [],
      amplification: { mean: 0, worst: null, worstAtS: null },
      metastable: false,
      goodputAfterOverBefore: null,
      comparison: null,
      recovery: null,
      boundary: null,
      tries: { client: 1, gateway: 1, library: 1, product: 1 },
      margins: [],
    },
    optimum: {
      offered: 0,
      couldServe: 0,
      refusedUnavoidable: 0,
      refusedByPolicy: 0,
      byOrigin: {},
      tightest: null,
      perWindow: { windowS: 10, startS: [], offered: [], couldServe: [] },
    },
    residency: { checked: 0, violations: 0, rows: [], price: null },
    objectives: [],
    series: {
      windowS: 10,
      startS: [],
      byOrigin: {},
      byRegion: {},
      refusedByCause: {},
      attempts: [],
      calls: [],
    },
    lanes: [],
    warnings: [],
  };
}
