/** The parts of the result document that are about places: regions, endpoints and groups of replicas. */
import type { RefusalCause } from "../policy/index.js";

/** Only causes that occurred, in the order of the closed list. */
export type CauseCounts = Readonly<Partial<Record<RefusalCause, number>>>;

/** What a region went through, over the whole run. */
export interface RegionResult {
  readonly id: string;
  readonly city: string;
  readonly country: string;
  /** Mean busy share of slots over time, and the largest one-second mean. */
  readonly utilisation: number;
  readonly peakUtilisation: number;
  readonly peakQueue: number;
  /** Calls that arrived at the region's endpoints, and those whose users belong to another region. */
  readonly calls: number;
  readonly divertedCalls: number;
  /** Length of the stretches in which it was overloaded: full at least half of every minute. */
  readonly overloadedS: number;
  readonly limitsHit: CauseCounts;
}

/** What an endpoint went through, over the whole run. */
export interface EndpointResult {
  readonly id: string;
  readonly region: string;
  readonly calls: number;
  readonly completed: number;
  /** Work done for users who had gone. */
  readonly wasted: number;
  readonly utilisation: number;
  /** Time waited before service, mean over calls that started. */
  readonly meanWaitMs: number;
  readonly peakQueue: number;
  /** Of completed calls, wasted ones included; `cachedIn` is the part of `in` that was found in a cache. */
  readonly tokens: { readonly in: number; readonly cachedIn: number; readonly out: number };
  readonly limitsHit: CauseCounts;
}

/** What a group of replicas was, did and held; see `replicas.ts` for the words. */
export interface ReplicaResult {
  readonly endpoint: string;
  /** Replicas paid for: mean over time, most at once, and started after the beginning. */
  readonly meanReplicas: number;
  readonly peakReplicas: number;
  readonly starts: number;
  /** Memory of all replicas at the start, tokens: an input, not a finding. Shares are of it, above 1 once more replicas serve. */
  readonly kvTokens: number;
  readonly meanKvShare: number;
  readonly peakKvShare: number;
  /** Prompt tokens that came: computed = prompt − cached. `failoverTokens` only because the conversation was elsewhere. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly failoverTokens: number;
  /** cached / prompt, 0 when nothing came. */
  readonly prefixHitRate: number;
  readonly preemptions: number;
  /** Tokens computed again after preemption. */
  readonly recomputedTokens: number;
  /** Where the step times come from; null when they were written in the scenario. */
  readonly preset: PresetNote | null;
  /** Each measure of the run that was, for a single call even, outside what the preset was measured on. */
  readonly outsideHull: readonly string[];
}

/** A preset's origin and how far to trust it. */
export interface PresetNote {
  readonly id: string;
  readonly source: string;
  /** Error on shapes kept back when it was fitted, percent; null when nobody measured. */
  readonly heldOutMeanPercent: number | null;
  readonly heldOutWorstPercent: number | null;
  /** What was measured; null when unknown. */
  readonly hull: {
    readonly inputTokens: readonly [low: number, high: number];
    readonly outputTokens: readonly [low: number, high: number];
    readonly concurrency: readonly [low: number, high: number];
  } | null;
}

/** How often a request was answered by another model than it asked for. What that costs is in the endpoints' prices. */
export interface FallbackResult {
  /** Served requests, all classes together. */
  readonly answered: number;
  /** Class → the model that answered → served requests; only what occurred, in the order of classes and endpoints. */
  readonly byClass: Readonly<Record<string, Readonly<Record<string, number>>>>;
}
