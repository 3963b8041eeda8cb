/** The words of the policy: what is configured, what is asked, what is answered. */
import type { StrategyName } from "./strategies/index.js";

/** The places a prompt or its traces go. Residency rules speak about each on its own. */
export const CHANNELS = [
  "processing",
  "logs",
  "traces",
  "cache",
  "store",
  "queue",
  "abuse-monitoring",
] as const;

/** One of {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[number];

/**
 * The countries (ISO 3166-1 alpha-2) in which each channel happens. A channel that is missing or
 * empty is unknown, and unknown is not allowed wherever a rule asks about it.
 */
export type ChannelPlaces = { readonly [C in Channel]?: readonly string[] };

/**
 * Where data of some requests must stay. It applies when every stated predicate of `when` holds, and
 * then each channel of `require` must lie within the given countries. Rules AND together: another
 * rule can only narrow. Zones are already written out as countries.
 */
export interface ResidencyRule {
  readonly id: string;
  readonly when: {
    readonly origin?: readonly string[];
    readonly dataClass?: readonly string[];
    readonly model?: readonly string[];
  };
  readonly require: { readonly [C in Channel]?: readonly string[] };
  /** The only thing to do when nothing lawful is left. */
  readonly onEmpty: "refuse";
  /** `file:line` of the rule, for explanations. */
  readonly source?: string;
}

/** Something that answers model calls. Infinity means no limit. */
export interface PolicyTarget {
  readonly id: string;
  readonly models: readonly string[];
  /** Lower is better; a later tier is used only when no earlier one has a candidate. */
  readonly tier: number;
  /** Share among equals for `weighted`, capacity for the load-aware strategies; 0 is a last resort. */
  readonly weight: number;
  readonly maxInFlight: number;
  readonly requestsPerMin: number;
  readonly tokensPerMin: number;
  /** Bucket sizes: how much may come at once. */
  readonly requestBurst: number;
  readonly tokenBurst: number;
  readonly data: ChannelPlaces;
}

/** Everything that is known before the first request. */
export interface PolicyConfig {
  /** At most 31; the order breaks ties. */
  readonly targets: readonly PolicyTarget[];
  /** Countries users may be in; anywhere else is unknown and refused. */
  readonly origins: readonly string[];
  readonly dataClasses: readonly string[];
  readonly models: readonly string[];
  readonly rules: readonly ResidencyRule[];
  readonly strategy: StrategyName;
  /** With no lawful target believed usable: try a lawful one anyway (true) or refuse (false). */
  readonly failOpen: boolean;
  /** Consecutive probe failures to mark down and successes to mark up; null when nothing probes. */
  readonly health: { readonly fall: number; readonly rise: number } | null;
}

/** One routing question. Indices are positions in the configuration's lists. */
export interface RoutingRequest {
  origin: number;
  dataClass: number;
  model: number;
  /** Tokens to reserve: an estimate, since the answer's length is not known yet. */
  tokens: number;
  /** Mask of targets this request has tried: avoided while another candidate remains. */
  tried: number;
  /** Mask the caller narrows with; -1 for no wish. It can never add a target. */
  narrow: number;
  nowMs: number;
  /** Luck, uniform in [0, 1). Every decision is given exactly these two, whatever the strategy. */
  u: number;
  v: number;
  /** Expected round trip to each target. */
  rttMs: ArrayLike<number>;
}

/** The kind of a decision that names a target. */
export const ROUTE = 0;
/** The kind of a decision that refuses. */
export const REFUSE = 1;
/** The target of a refusal. */
export const NO_TARGET = -1;

/** One routing answer. The caller owns the object and may use it again. */
export interface Decision {
  /** {@link ROUTE} or {@link REFUSE}. */
  kind: number;
  /** Index of the target, or {@link NO_TARGET}. */
  target: number;
  /** Position in `REFUSAL_CAUSES`, or -1 for a route. */
  cause: number;
  /** Bits of `REASONS`. */
  reason: number;
  /** When a refusal for limits may be asked again; 0 when not known, Infinity when never. */
  retryAtMs: number;
  /** Targets left after residency, model and the caller's narrowing. */
  lawful: number;
  /** Of those, the ones not drained, believed up, not cooling down and not guarded: before any failing open. */
  healthy: number;
  /** Targets left after the limits, their own and the caller's. Within `healthy`, or when failed open within `lawful`. */
  admitted: number;
}

/** An empty decision to pass to `decide`. */
export function createDecision(): Decision {
  return {
    kind: REFUSE,
    target: NO_TARGET,
    cause: -1,
    reason: 0,
    retryAtMs: 0,
    lawful: 0,
    healthy: 0,
    admitted: 0,
  };
}

/** A configuration that contradicts itself, or a caller that broke the contract. All problems at once. */
export class PolicyError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "PolicyError";
    this.problems = problems;
  }
}
