/** The words of the policy: what is configured, what is asked, what is answered. */
import type { HealthWindow } from "./healthTracker.js";
import type { StrategyConfig } from "./strategies/configs.js";
import type { StrategyName } from "./strategies/index.js";

/** The places a prompt or its traces go. Residency rules speak about each on its own. */
export const CHANNELS = [
  "processing",
  "logs",
  "traces",
  "prompt-cache",
  "semantic-cache",
  "store",
  "vector-index",
  "queue",
  "abuse-monitoring",
] as const;

/** One of {@link CHANNELS}. */
export type Channel = (typeof CHANNELS)[number];

/** What a place does with data on one channel. */
export interface ChannelUse {
  /** ISO 3166-1 alpha-2 codes of where it happens, or that it does not happen. An empty list is unknown. */
  readonly countries: readonly string[] | "none";
  /** Longest it is kept, Infinity for no bound; left out: nobody says, which no rule with a maximum allows. */
  readonly keptDays?: number;
  /** The contract or page that says so. */
  readonly evidence?: string;
  /** `file:line` of the statement, for explanations. */
  readonly source?: string;
}

/**
 * What a place does on each channel; countries alone are short for a use of which nothing else is said. A channel
 * that is missing or empty is unknown, and unknown is not allowed wherever a rule asks about it.
 */
export type ChannelPlaces = { readonly [C in Channel]?: readonly string[] | "none" | ChannelUse };

/** Countries beyond a rule's own to which data may be transferred, and on what ground. */
export interface TransferGround {
  /** Such as `adequacy`, `dpf`, `scc`; for explanations. */
  readonly name: string;
  readonly countries: readonly string[];
  /** What a target must claim for the ground to hold, such as a certification; null when the country is enough. */
  readonly claim: string | null;
}

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
    readonly tenant?: readonly string[];
    readonly model?: readonly string[];
  };
  readonly require: { readonly [C in Channel]?: readonly string[] };
  /**
   * Grounds on which data may leave the required countries. Only a rule about transfers has any: adequacy is a legal
   * tool for transfers, and never makes a country part of the zone that a residency rule names.
   */
  readonly grounds?: readonly TransferGround[];
  /** Longest each channel may keep data, days. */
  readonly maxKeptDays?: { readonly [C in Channel]?: number };
  /** What is stated without a contract or page to show for it does not count. */
  readonly needsEvidence?: boolean;
  /** With nothing lawful usable: refuse, or hold the request back until something is. Of several rules the stricter holds. */
  readonly onEmpty: "refuse" | "queue";
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
  /** Grounds for transfers that the provider has, such as `dpf`. */
  readonly claims?: readonly string[];
  /** Requests at once that it can do well, for strategies that fill up one target before the next. */
  readonly capacity?: number;
  /** US dollars per million tokens, for strategies that go by price. */
  readonly pricePerMTok?: number;
  /** −99 … 99: how much farther or nearer than it is a target seems to strategies that go by distance. */
  readonly biasPercent?: number;
  /** Where it stands, for strategies that know localities; targets with the same words are together. */
  readonly region?: string;
  readonly zone?: string;
}

/** Everything that is known before the first request. */
export interface PolicyConfig {
  /** At most 31; the order breaks ties. */
  readonly targets: readonly PolicyTarget[];
  /** Countries users may be in; anywhere else is unknown and refused. */
  readonly origins: readonly string[];
  readonly dataClasses: readonly string[];
  /** Whose requests they may be; left out: one, `default`. */
  readonly tenants?: readonly string[];
  readonly models: readonly string[];
  readonly rules: readonly ResidencyRule[];
  /** By name with its defaults, or with options. */
  readonly strategy: StrategyName | StrategyConfig;
  /**
   * Model → the models that may answer in its place, best first: tried in this order once no target of the model
   * itself is left that could take the request, and each within its own lawful targets.
   */
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** Hold a request for the first limit or cooldown to pass, when that takes no longer; 0 or left out: refuse. */
  readonly waitForLimitsMs?: number;
  /** With no lawful target believed usable: try a lawful one anyway (true) or refuse (false). */
  readonly failOpen: boolean;
  /**
   * Consecutive probe failures to mark down and successes to mark up, or a window of results that decides instead;
   * null when nothing probes.
   */
  readonly health: {
    readonly fall: number;
    readonly rise: number;
    readonly window?: HealthWindow | null;
  } | null;
}

/** One routing question. Indices are positions in the configuration's lists. */
export interface RoutingRequest {
  origin: number;
  dataClass: number;
  tenant: number;
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
  /** Whole number ≥ 0 that requests which belong together share, such as a hash of the conversation; −1 for none. */
  stickyKey: number;
  /** Expected round trip to each target. */
  rttMs: ArrayLike<number>;
  /** Distance to each target, for strategies that go by it. */
  distanceKm: ArrayLike<number>;
}

/** The kind of a decision that names a target. */
export const ROUTE = 0;
/** The kind of a decision that refuses. */
export const REFUSE = 1;
/** The kind of a decision to ask again: at `retryAtMs`, or when the caller sees fit where that is 0. */
export const HOLD = 2;
/** The target of a refusal. */
export const NO_TARGET = -1;

/** One routing answer. The caller owns the object and may use it again. */
export interface Decision {
  /** {@link ROUTE}, {@link REFUSE} or {@link HOLD}. */
  kind: number;
  /** Index of the target, or {@link NO_TARGET}. */
  target: number;
  /** Index of the model that is to answer: the one asked for, or a fallback. Of a refusal, the one asked for. */
  model: number;
  /** Position in `REFUSAL_CAUSES`, or -1 for a route. Of a hold, the cause it is refused with when it is held no longer. */
  cause: number;
  /** Bits of `REASONS`. */
  reason: number;
  /** When a refusal for limits may be asked again, of any model that may answer; 0 when not known, Infinity when never. */
  retryAtMs: number;
  /**
   * Targets left after residency, model and the caller's narrowing. Of a refusal with fallbacks, this and the masks below
   * are of the model whose refusal is told.
   */
  lawful: number;
  /** Of those, the ones not drained, believed up, not cooling down and not guarded: before any failing open. */
  healthy: number;
  /**
   * Targets that went on to the limits: the healthy ones, what failing open put in their place, or every one not
   * drained where the strategy judges health itself.
   */
  usable: number;
  /** Targets left after the limits, their own and the caller's. Within `usable`. */
  admitted: number;
  /** Targets the strategy chose from. */
  candidates: number;
}

/** An empty decision to pass to `decide`. */
export function createDecision(): Decision {
  return {
    kind: REFUSE,
    target: NO_TARGET,
    model: 0,
    cause: -1,
    reason: 0,
    retryAtMs: 0,
    lawful: 0,
    healthy: 0,
    usable: 0,
    admitted: 0,
    candidates: 0,
  };
}

/** What a router believes of one target. */
export interface Belief {
  readonly up: boolean;
  readonly drained: boolean;
  /** It asked for time until then; −Infinity when it did not. */
  readonly cooldownUntilMs: number;
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
