/** Scenarios whose gateways do everything a policy can do, made for counting rather than for reading. */
import type { Answer, Step } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { scenarioOf } from "./auditFiles.js";

/** What differs between two of them, as text of the file form. */
interface Variant {
  readonly strategy: string;
  readonly retry: string;
  readonly protect: string;
  /** How long a request may be held for a limit. */
  readonly wait?: string;
}

const VARIANTS: Readonly<Record<string, Variant>> = {
  "nearest, a ratio of retries, a breaker by failures in a row": {
    strategy: "nearest",
    retry: "{ attempts: 3, budget: { ratio: 0.1 }, backoff: { kind: full-jitter, base: 50ms, cap: 1s } }",
    protect: "{ breaker: { kind: consecutive, failures: 3, open: 4s, halfOpenCalls: 2 } }",
    wait: "40ms",
  },
  "power of two, tokens that pay for retries, hedges and a slow return": {
    strategy: "power-of-two",
    retry: "{ attempts: 2, budget: { kind: llm-tokens, ratio: 0.1, burst: 30000 } }",
    protect:
      "{ hedge: { after: 900ms, extraCalls: 2, ratio: 0.2 }, returning: { hold: 2s, slowStart: 20s } }",
  },
  "measured latency, Envoy's share of retries, a throttle, hedges and ejections": {
    strategy: "{ kind: peak-ewma }",
    retry: "{ attempts: 3, budget: { kind: concurrent-share, share: 0.3, min: 1 } }",
    protect:
      "{ hedge: { after: 100ms, extraCalls: 2, ratio: 1 }, throttle: { kind: adaptive, k: 2, window: 20s }, outlier: { consecutiveFailures: 4, ejection: 5s, maxEjection: 30s, maxShare: 0.5 } }",
  },
  "weights, gRPC's throttle of retries, an adaptive limit and Envoy's throttle": {
    strategy: "weighted",
    retry:
      "{ attempts: 2, budget: { kind: grpc-throttle }, backoff: { kind: equal-jitter, base: 20ms, cap: 400ms } }",
    protect:
      "{ limit: { kind: gradient, initial: 30, window: 1s }, throttle: { kind: success-rate, threshold: 0.9, window: 20s } }",
  },
  "least loaded, an AWS quota, a breaker by share, hedges under a limit": {
    strategy: "least-loaded",
    retry: "{ attempts: 3, budget: { kind: aws-standard, capacity: 100 } }",
    protect:
      "{ breaker: { kind: failure-rate, threshold: 0.3, window: 10s, minCalls: 10, open: 3s }, hedge: { after: 600ms, ratio: 0.1 }, limit: { kind: aimd, initial: 60, max: 80, slow: 3s } }",
  },
  "cheapest, windows of retries, nothing else": {
    strategy: "cheapest",
    retry: "{ attempts: 4, budget: { kind: windowed-ratio, ttl: 10s, minPerSecond: 1, ratio: 0.05 } }",
    protect: "{}",
  },
};

/** Every variant, by what it is. Each is some minutes of three regions that fail in turn. */
export function scenariosToRepeat(): readonly (readonly [name: string, scenario: Scenario])[] {
  return Object.entries(VARIANTS).map(([name, variant]) => [name, scenarioOf(fileOf(variant))]);
}

const fileOf = ({ strategy, retry, protect, wait = "0s" }: Variant): string => `schema: regionsim/1
name: Everything at once
seed: equal-decisions
duration: 3m50s
deployment:
  regions:
    fra: { at: "aws:eu-central-1" }
    sto: { at: "aws:eu-north-1" }
    iad: { at: "aws:us-east-1" }
  entry: { kind: geo-dns, ttl: 10s }
  gateways:
    fra: { region: fra, concurrency: 3000 }
    iad: { region: iad, concurrency: 3000 }
  endpoints:
    fra-model:
      region: fra
      model: assistant
      weight: 3
      serving: { kind: provider, ttft: { p50: 200ms, p99: 900ms }, perToken: 4ms, concurrency: 120 }
      limits: { requestsPerMin: 4000, tokensPerMin: 3000000, outputBurndown: 5 }
      price: { input: 3, output: 15 }
      data: { processing: [DE], logs: [DE] }
    sto-model:
      like: fra-model
      region: sto
      tier: 1
      limits: { requestsPerMin: 2500 }
      price: { input: 2, output: 12 }
      data: { processing: [SE], logs: [SE] }
    fra-small:
      like: fra-model
      model: small
      limits: { requestsPerMin: 2000 }
    iad-model:
      like: fra-model
      region: iad
      limits: { requestsPerMin: 9000 }
      price: { input: 1, output: 9 }
      data: { processing: [US], logs: [US] }
    iad-spare: { like: iad-model, tier: 1, limits: { requestsPerMin: 3000, outputBurndown: 2 } }
  residency:
    - { id: eu-stays, when: { origin: EU, dataClass: [chat, batch] }, require: { processing: EU, logs: EU } }
    - { id: batch-waits, when: { dataClass: batch }, require: { processing: [DE, SE, US] }, onEmpty: queue }
  routing:
    strategy: ${strategy}
    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }
    upstreamTimeout: 5s
    failOpen: ${strategy === "cheapest"}
    fallback: { assistant: [small] }
    wait: ${wait}
  retry: ${retry}
  protect: ${protect}
workload:
  classes:
    chat: { model: assistant, share: 6, inputTokens: { p50: 600, p99: 4000 }, outputTokens: { p50: 100, p99: 500 }, maxOutputTokens: 500 }
    batch: { model: assistant, share: 1, inputTokens: 1500, outputTokens: 200 }
    any: { model: assistant, share: 2, inputTokens: 300, outputTokens: 50, session: { turns: 3, think: 2s } }
  sites:
    - { from: DE, rate: 70rps }
    - { from: SE, rate: 20rps }
    - { from: US-NY, rate: 80rps }
  client: { timeout: 12s, retry: { attempts: 2 } }
faults:
  - { id: fra-dies, at: 25s, for: 30s, kind: region-down, region: fra, manner: refuse }
  - { id: iad-is-gone, at: 65s, for: 25s, kind: region-down, region: iad, manner: black-hole }
  - { id: errors, at: 100s, for: 20s, kind: error-rate, target: all, probability: 0.3 }
  - { id: slow, at: 125s, for: 15s, kind: slow, endpoint: sto-model, factor: 8 }
  - { id: quota, at: 145s, for: 20s, kind: quota-cut, endpoint: iad-model, factor: 0.2 }
  - { id: rush, at: 170s, for: 15s, kind: demand-surge, target: all, factor: 3 }
  - { id: eu-1, at: 195s, for: 20s, kind: endpoint-down, endpoint: fra-model }
  - { id: eu-2, at: 195s, for: 20s, kind: endpoint-down, endpoint: sto-model }
  - { id: eu-3, at: 195s, for: 20s, kind: endpoint-down, endpoint: fra-small }
`;

/** A clock that has been running since 1970, in a process that did not start on a whole millisecond. */
export const EPOCH_MS = 1_795_438_462_123.456;

/** A step as it would be on another clock: every time later by so much, and rounded as such times are. */
export function shifted(step: Step, byMs: number): Step {
  switch (step.step) {
    case "route":
      return { ...step, ask: later(step.ask, byMs), answer: answerLater(step.answer, byMs) };
    case "settle": {
      const { retryAtMs } = step.end;
      const asked = retryAtMs === undefined ? {} : { retryAtMs: retryAtMs + byMs };
      return { ...step, end: { ...later(step.end, byMs), ...asked } };
    }
    case "retry":
      return { ...step, question: later(step.question, byMs) };
    case "probe":
      return { ...step, nowMs: step.nowMs! + byMs };
    case "forgo":
      return later(step, byMs);
    default:
      return step;
  }
}

function later<T extends { readonly nowMs: number }>(told: T, byMs: number): T {
  return { ...told, nowMs: told.nowMs + byMs };
}

function answerLater(answer: Answer, byMs: number): Answer {
  if (answer.kind === "route" || answer.retryAtMs === 0) return answer;
  return { ...answer, retryAtMs: answer.retryAtMs + byMs };
}
