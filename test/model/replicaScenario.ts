/** Scenarios with groups of replicas, whose calls are stated one by one. */
import type { Recording, ReplicaCounts } from "../../src/metrics/index.js";
import { Histogram } from "../../src/metrics/index.js";
import type { Fault, Scenario, Serving } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, requestClass, SECOND, site } from "./buildScenario.js";
import { endOf } from "./lawsScenario.js";

export type Replicas = Extract<Serving, { readonly kind: "replicas" }>;

/** Steps of 10 ms and a little for what they hold; room for 8 sequences of some hundred tokens. */
export function replicas(over: Partial<Replicas> = {}): Replicas {
  const count = over.replicas ?? 1;
  const maxSequences = over.maxSequences ?? 8;
  return {
    kind: "replicas",
    stepTime: { baseUs: 10_000, prefillUsPerToken: 20, decodeUsPerSequence: 100, kvUsPerToken: 0.5 },
    preset: null,
    maxBatchedTokens: 512,
    kvTokens: 4096,
    kvBlockTokens: 16,
    queueLimit: 1000,
    overheadUs: 0,
    prefixCache: null,
    coldStartUs: 10e6,
    warmPool: 0,
    startsPerMin: Number.POSITIVE_INFINITY,
    autoscale: null,
    ...over,
    replicas: count,
    maxSequences,
    concurrency: count * maxSequences,
  };
}

export interface Asked {
  readonly atUs: number;
  readonly prompt: number;
  readonly answer: number;
  readonly site?: number;
  readonly session?: number;
}

/** Replaces demand by these requests, in the order of their times. */
export function asked(scenario: Scenario, requests: readonly Asked[]): Scenario {
  const sorted = [...requests].sort((a, b) => a.atUs - b.atUs);
  const trace = {
    file: "",
    arrivalUs: Float64Array.from(sorted, ({ atUs }) => atUs),
    inputTokens: Int32Array.from(sorted, ({ prompt }) => prompt),
    outputTokens: Int32Array.from(sorted, ({ answer }) => answer),
    siteIndex: Int32Array.from(sorted, ({ site }) => site ?? 0),
    classIndex: new Int32Array(sorted.length),
    session: Int32Array.from(sorted, ({ session }) => session ?? -1),
  };
  return { ...scenario, workload: { ...scenario.workload, trace } };
}

/** Times to the first token, of all requests together. */
export function firstTokens(recording: Recording): Histogram {
  const merged = new Histogram();
  for (let cell = 0; cell < recording.ttft.cellCount; cell++) recording.ttft.addTo(cell, merged);
  return merged;
}

export function countsOf(recording: Recording, endpoint = 0): ReplicaCounts {
  const counts = recording.replicas[endpoint];
  if (counts === null || counts === undefined) throw new Error(`endpoint ${endpoint} has no replicas`);
  return counts;
}

/** One group near its users, asked what is stated. */
export function stated(
  serving: Replicas,
  requests: readonly Asked[],
  faults: readonly Fault[] = [],
  durationS = 200,
): Scenario {
  return asked(
    buildScenario({
      durationS,
      endpoints: [endpoint("e", 0, serving)],
      sites: [site("s", "US", 0)],
      classes: [requestClass("chat", { maxOutputTokens: 2000 })],
      faults,
    }),
    requests,
  );
}

/** [second, replicas that serve] from there on. */
export function servingOver(scenario: Scenario): [number, number][] {
  const { capacities } = endOf(scenario).recording;
  const one = capacities[0]!.perS[0]! / scenario.deployment.endpoints.length;
  const { serving } = scenario.deployment.endpoints[0]!;
  const each = one / (serving.kind === "replicas" ? serving.replicas : 1);
  const all = capacities.map(({ timeUs, perS }): [number, number] => [
    timeUs / SECOND,
    Math.round(perS[0]! / each),
  ]);
  return all.filter(([, n], i) => i === 0 || n !== all[i - 1]![1]);
}
