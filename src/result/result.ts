/**
 * The result document, `regionsim.result/1`: the one thing every report, export and comparison is made
 * from. Plain JSON. Key order is fixed by construction, numbers are finite, and the same scenario,
 * seed and version give the same bytes. Times in milliseconds unless the name says otherwise.
 */

import type { RefusalCause } from "../policy/index.js";
import type { FaultClock } from "./clock.js";
import type { Cost } from "./cost.js";
import type { Replicated } from "./estimates.js";
import type { LatencySummary } from "./latencySummary.js";
import type { Cascade, FaultTimeline, Optimum } from "./resultCascade.js";
import type { OperationsResult, StandbyResult } from "./resultDrift.js";
import type {
  CauseCounts,
  EndpointResult,
  FallbackResult,
  RegionResult,
  ReplicaResult,
} from "./resultPlaces.js";
import type { Residency } from "./resultResidency.js";
import type { SteadyRun } from "./steady.js";
import type { StoreResult } from "./stores.js";
import type { VersionsResult } from "./versions.js";

export type { ClockBounds, FaultClock } from "./clock.js";
export type { Cost, EndpointCost } from "./cost.js";
export type { LatencySummary } from "./latencySummary.js";
export type * from "./resultCascade.js";
export type * from "./resultDrift.js";
export type * from "./resultPlaces.js";
export type * from "./resultResidency.js";
export type { StoreLoss, StoreOutageResult, StoreResult, StoreTotals } from "./stores.js";
export type { VersionsResult } from "./versions.js";

/** What became of requests: offered = served + refused + inFlight. */
export interface Counts {
  readonly offered: number;
  readonly served: number;
  readonly refused: number;
  /** Still on their way when the run ended. */
  readonly inFlight: number;
}

/** All served requests together, and the same by each dimension alone. */
export interface LatencyBreakdown extends LatencySummary {
  /** Dimension → label → summary. `phase` is before / during / after the declared faults. */
  readonly by: Readonly<
    Record<"origin" | "class" | "region" | "endpoint" | "phase", Readonly<Record<string, LatencySummary>>>
  >;
  /** `origin` within `phase`: what a group of users saw while things were broken. */
  readonly originInPhase: Readonly<Record<string, Readonly<Record<string, LatencySummary>>>>;
}

/** How available the service was, by the usual definitions; 1 when nothing finished. */
export interface Availability {
  /** served / (served + refused). */
  readonly requestRatio: number;
  /** Share of one-minute windows with at least 99 % of finished requests served. */
  readonly goodMinutes: number;
  /** Lowest served share of any one minute with traffic. */
  readonly worstMinute: number;
  /** Share of finished requests served, by origin. */
  readonly byOrigin: Readonly<Record<string, number>>;
}

/** An objective as it was written, and what came of it. */
export interface ObjectiveResult {
  readonly name: string;
  readonly pass: boolean;
  readonly value: number | string;
  readonly target: number | string;
  readonly unit: string;
}

/** Columns of equal length, one entry per window. */
export interface Series {
  readonly windowS: number;
  /** Start of each window, seconds. */
  readonly startS: readonly number[];
  readonly byOrigin: Readonly<Record<string, OriginSeries>>;
  readonly byRegion: Readonly<Record<string, RegionSeries>>;
  /** Refused in the window, by final cause, all origins. */
  readonly refusedByCause: Readonly<Partial<Record<RefusalCause, readonly number[]>>>;
  /** Attempts by clients in the window. */
  readonly attempts: readonly number[];
  /** Calls at endpoints in the window. */
  readonly calls: readonly number[];
}

/** Per window: requests by the moment they were offered, served or refused; latencies in ms. */
export interface OriginSeries {
  readonly offered: readonly number[];
  readonly served: readonly number[];
  readonly refused: readonly number[];
  /** Of requests served in the window; null when none. */
  readonly ttftP50Ms: readonly (number | null)[];
  readonly ttftP95Ms: readonly (number | null)[];
  readonly e2eP50Ms: readonly (number | null)[];
  readonly e2eP95Ms: readonly (number | null)[];
}

/** Per window: what the region was doing. */
export interface RegionSeries {
  /** Mean busy share of the region's slots. */
  readonly utilisation: readonly number[];
  /** Largest number waiting at once. */
  readonly queue: readonly number[];
  readonly calls: readonly number[];
  readonly divertedCalls: readonly number[];
}

/** A stretch of time in which something held: for the truth and belief lanes. */
export interface Lane {
  /** Region the lane is about. */
  readonly region: string;
  /** `truth`, or who believes: `entry`, or a gateway id. */
  readonly observer: string;
  /** What was true or believed, e.g. `down`, `slow`, `partition`. */
  readonly state: string;
  readonly startS: number;
  readonly endS: number;
}

/** A policy of code: exceptions and answers that are none, and answers that a second instance did not give. */
export interface PolicyResult {
  readonly name: string;
  readonly errors: {
    readonly count: number;
    /** The first of each of up to three kinds, which differ in more than numbers; request −1 for one that belongs to none. */
    readonly first: readonly {
      readonly gateway: string;
      readonly site: string;
      readonly class: string;
      readonly request: number;
      readonly timeMs: number;
      readonly message: string;
      readonly count: number;
    }[];
  };
  readonly differences: {
    readonly count: number;
    readonly first: {
      readonly gateway: string;
      readonly site: string;
      readonly class: string;
      readonly request: number;
      readonly timeMs: number;
      readonly first: string;
      readonly second: string;
    } | null;
  };
}

/** One run, whole. */
export interface Result {
  readonly schema: "regionsim.result/1";
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly scenario: {
    readonly name: string;
    readonly question: string;
    readonly sha256: string;
    readonly durationS: number;
    readonly warmupS: number;
    readonly startUtc: string;
  };
  readonly seed: string;
  readonly replications: number;
  readonly digest: string;
  readonly events: number;
  /** Rolling hash every `stride` events; lets `verify` name the first difference. */
  readonly trail: { readonly stride: number; readonly states: readonly string[] };
  readonly requests: Counts;
  readonly requestsBy: {
    readonly origin: Readonly<Record<string, Counts>>;
    readonly class: Readonly<Record<string, Counts>>;
    /** By the region that serves these users when nothing is wrong. */
    readonly homeRegion: Readonly<Record<string, Counts>>;
  };
  readonly refused: CauseCounts;
  readonly refusedBy: {
    readonly origin: Readonly<Record<string, CauseCounts>>;
    readonly class: Readonly<Record<string, CauseCounts>>;
    readonly phase: Readonly<Record<string, CauseCounts>>;
    /** origin → phase → cause. */
    readonly originInPhase: Readonly<Record<string, Readonly<Record<string, CauseCounts>>>>;
  };
  /** Served, by origin and the region that served: who went where, in each phase. */
  readonly servedBy: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  /**
   * Served by another region than the user's home: origin → phase → count. Users of one origin may have several
   * homes, by site and class, so this cannot be read from `servedBy`.
   */
  readonly servedAway: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly attempts: {
    /** Tries by clients and calls by gateways. */
    readonly client: number;
    readonly endpoint: number;
    readonly clientRetries: number;
    readonly gatewayRetries: number;
    readonly clientTimeouts: number;
    /** Work completed for users who had gone. */
    readonly wasted: number;
    /** Failed attempts by cause, whether or not a retry saved the request. */
    readonly failed: CauseCounts;
    readonly perRequest: number;
    /** Second calls of a request sent before the first was answered, and those whose answer came first. */
    readonly hedges: number;
    readonly hedgesWon: number;
    /** Retries below the gateway's, by the library it calls with. */
    readonly sdkRetries: number;
    /** Retries that were wanted and no budget paid for. */
    readonly budgetDenied: number;
    /** Tries that a gateway held back for a while instead of refusing them. */
    readonly heldBack: number;
  };
  readonly fallbacks: FallbackResult;
  readonly latency: { readonly ttftMs: LatencyBreakdown; readonly e2eMs: LatencyBreakdown };
  readonly availability: Availability;
  readonly regions: readonly RegionResult[];
  readonly endpoints: readonly EndpointResult[];
  /** One for each endpoint of replicas. */
  readonly replicas: readonly ReplicaResult[];
  /** One for each store of the deployment. */
  readonly stores: readonly StoreResult[];
  /** Null where versions never differ and none is pinned. */
  readonly versions: VersionsResult | null;
  readonly standbys: readonly StandbyResult[];
  /** Null where nothing is ever drained. */
  readonly operations: OperationsResult | null;
  readonly faults: readonly FaultTimeline[];
  /** What each failover took beside what it may take at most. */
  readonly clock: readonly FaultClock[];
  readonly cascade: Cascade;
  readonly optimum: Optimum;
  readonly residency: Residency;
  /** Null when the scenario gives no price. */
  readonly cost: Cost | null;
  readonly objectives: readonly ObjectiveResult[];
  readonly series: Series;
  readonly lanes: readonly Lane[];
  /** What a careful reader should know: short horizon, single seed, figures outside their range. */
  readonly warnings: readonly string[];
  /** What went wrong with a policy of code; left out for any other policy. */
  readonly policy?: PolicyResult;
  /** Of a scenario run several times: everything above is then replication 0, but for the verdicts on objectives. */
  readonly replicated?: Replicated;
  /** Measure → its value in each replication in order, null where it has none; only beside `replicated`. */
  readonly replicationValues?: Readonly<Record<string, readonly (number | null)[]>>;
  /** Of a run that was asked whether it is long enough. */
  readonly steady?: SteadyRun;
}
