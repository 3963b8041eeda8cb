/** How an endpoint serves, as the rest of the house sees it: times in µs, sizes in tokens. */
import type { Distribution } from "../kernel/distributions.js";

/** Who is served next at an abstract server. */
export type Discipline = "fifo" | "lifo" | "processor-sharing" | "priority" | "preemptive-priority";

/**
 * How long one step of continuous batching takes, µs: base + prefill × prompt tokens of the step + decode ×
 * sequences that decode + kv × their context tokens.
 */
export interface StepTime {
  readonly baseUs: number;
  readonly prefillUsPerToken: number;
  readonly decodeUsPerSequence: number;
  readonly kvUsPerToken: number;
}

/** Where step times come from, and how far to trust them. */
export interface PresetFacts {
  readonly id: string;
  readonly source: string;
  /** Mean and worst error on held-out shapes, percent; null when nobody measured. */
  readonly heldOutMeanPercent: number | null;
  readonly heldOutWorstPercent: number | null;
  /** What was measured; outside it the figures are a guess. Null when unknown. */
  readonly hull: {
    readonly inputTokens: readonly [low: number, high: number];
    readonly outputTokens: readonly [low: number, high: number];
    readonly concurrency: readonly [low: number, high: number];
  } | null;
}

/** More replicas when they are needed, fewer when they are not. */
export interface Autoscale {
  /** `queue`: waiting calls per replica; `utilisation`: share of sequences in use. */
  readonly on: "queue" | "utilisation";
  readonly target: number;
  readonly min: number;
  readonly max: number;
  /** How often the figure is looked at. */
  readonly intervalUs: number;
  /** From the decision to a replica that starts up; a warm one skips it. */
  readonly provisionUs: number;
  /** The figure must ask for fewer for this long before one goes. */
  readonly scaleInAfterUs: number;
}

/** Prompts whose beginning is still in memory are not computed again. */
export interface PrefixCache {
  /** Of the replica group together; least recently used leave first. */
  readonly capacityTokens: number;
  readonly blockTokens: number;
}

/** How an endpoint serves: a provider known from outside, replicas you host, or abstract servers with a service law. */
export type Serving =
  | {
      readonly kind: "provider";
      /** Time to first token at the endpoint, µs. */
      readonly ttft: Distribution;
      /** Time per output token, µs. */
      readonly perTokenUs: Distribution;
      /** Slots that work at once. */
      readonly concurrency: number;
      readonly queueLimit: number;
      /** Service time × (1 + slowdown·utilisation²) at the moment of start; 0 for none. */
      readonly slowdownAtFull: number;
    }
  | {
      readonly kind: "server";
      /** Service time, µs. */
      readonly service: Distribution;
      readonly concurrency: number;
      readonly queueLimit: number;
      readonly discipline: Discipline;
    }
  | {
      readonly kind: "replicas";
      readonly stepTime: StepTime;
      /** Null when the coefficients were written in the scenario. */
      readonly preset: PresetFacts | null;
      /** Serving at the start. */
      readonly replicas: number;
      /** Sequences a replica works on at once. */
      readonly maxSequences: number;
      /** Tokens a replica may put in one step: decodes and prefill chunks together. */
      readonly maxBatchedTokens: number;
      /** Memory of one replica, in tokens of context. */
      readonly kvTokens: number;
      /** Memory is given out in blocks of so many tokens. */
      readonly kvBlockTokens: number;
      /** replicas × maxSequences: places of the group at the start. */
      readonly concurrency: number;
      /** Calls that may wait before the group. */
      readonly queueLimit: number;
      /** Time before a call reaches a replica; occupies none. */
      readonly overheadUs: number;
      readonly prefixCache: PrefixCache | null;
      /** From the start of a process to its first step. */
      readonly coldStartUs: number;
      /** Replicas that are started and idle, ready to serve at once. */
      readonly warmPool: number;
      /** Replicas that may start within a minute, after a fault or by autoscaling; Infinity for any number. */
      readonly startsPerMin: number;
      readonly autoscale: Autoscale | null;
    };
