/** Small configurations and luck for the policy's tests. */
import {
  compilePolicy,
  createState,
  onResult,
  type Policy,
  type PolicyConfig,
  type PolicyState,
  type PolicyTarget,
  type RoutingRequest,
  reserve,
} from "../../src/policy/index.js";

export const EU27: readonly string[] = (
  "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE" as const
).split(" ");

/** A target with no limits, in one country for every channel the tests ask about. */
export function target(id: string, country: string, more: Partial<PolicyTarget> = {}): PolicyTarget {
  return {
    id,
    models: ["m"],
    tier: 0,
    weight: 1,
    maxInFlight: Number.POSITIVE_INFINITY,
    requestsPerMin: Number.POSITIVE_INFINITY,
    tokensPerMin: Number.POSITIVE_INFINITY,
    requestBurst: Number.POSITIVE_INFINITY,
    tokenBurst: Number.POSITIVE_INFINITY,
    data: { processing: [country], logs: [country] },
    ...more,
  };
}

export function config(targets: readonly PolicyTarget[], more: Partial<PolicyConfig> = {}): PolicyConfig {
  return {
    targets,
    origins: ["DE", "US", "BR"],
    dataClasses: ["chat"],
    models: ["m"],
    rules: [],
    strategy: "priority",
    failOpen: false,
    health: { fall: 1, rise: 1 },
    ...more,
  };
}

export function request(more: Partial<RoutingRequest> = {}): RoutingRequest {
  return {
    origin: 0,
    dataClass: 0,
    tenant: 0,
    model: 0,
    tokens: 1,
    tried: 0,
    narrow: -1,
    nowMs: 1000,
    u: 0.25,
    v: 0.75,
    stickyKey: -1,
    rttMs: [],
    distanceKm: [],
    ...more,
  };
}

/** Counts a request of so many tokens as sent, chosen out of any targets. */
export function reserveAt(
  policy: Policy,
  state: PolicyState,
  target: number,
  tokens: number,
  nowMs: number,
): void {
  reserve(policy, state, { target, tokens, candidates: policy.all, nowMs });
}

/** How an attempt ended: [result, tokens reserved, tokens used, now, when to ask again], times in ms. */
export type End = readonly [result: number, reserved: number, used: number, nowMs: number, retryAtMs: number];

/** Settles an attempt whose round trip nobody measured. */
export function settleAt(policy: Policy, state: PolicyState, target: number, ...end: End): void {
  const [result, tokensReserved, tokensUsed, nowMs, retryAtMs] = end;
  onResult(policy, state, { target, result, tokensReserved, tokensUsed, nowMs, retryAtMs, rttMs: -1 });
}

export function compiled(configuration: PolicyConfig): { policy: Policy; state: PolicyState } {
  const policy = compilePolicy(configuration);
  return { policy, state: createState(policy) };
}

/** Uniform numbers in [0, 1) by mixing a counter; the same ones for the same seed. */
export function luck(seed: number): () => number {
  let counter = Math.imul(seed, 0x9e3779b1);
  return () => {
    counter = (counter + 0x6d2b79f5) | 0;
    let x = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad);
    x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
    return ((x ^ (x >>> 15)) >>> 0) / 4294967296;
  };
}

/** Exponential with mean 1. */
export function exponential(uniform: () => number): number {
  return -Math.log(1 - uniform());
}

/** Mean and half-width of four standard errors over independent values. */
export function interval(values: readonly number[]): { mean: number; halfWidth: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
  return { mean, halfWidth: 4 * Math.sqrt(variance / values.length) };
}

/** Every order of the given values. */
export function permutations(values: readonly number[]): number[][] {
  if (values.length <= 1) return [[...values]];
  return values.flatMap((value, i) =>
    permutations(values.filter((_, j) => j !== i)).map((rest) => [value, ...rest]),
  );
}
