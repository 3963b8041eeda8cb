/**
 * The result document, `regionsim.result/1`: the one thing every report, export and comparison is made
 * from. Plain JSON. Key order is fixed by construction, numbers are finite, and the same scenario,
 * seed and version give the same bytes. Times in milliseconds unless the name says otherwise.
 */
import type { RefusalCause } from "../policy/index.js";

/** What became of requests: offered = served + refused + inFlight. */
export interface Counts {
  readonly offered: number;
  readonly served: number;
  readonly refused: number;
  /** Still on their way when the run ended. */
  readonly inFlight: number;
}

/** Of served requests; all zero when `count` is 0. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
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
}

/** When things happened, seconds since the start of the run; null = did not happen. */
export interface FaultTimeline {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly startS: number;
  readonly endS: number;
  /** First attempt that failed because of it. */
  readonly firstImpactS: number | null;
  /** First prober of any kind to believe it. */
  readonly detectedS: number | null;
  /** First gateway to believe it; null also when gateways do not check. */
  readonly gatewayDetectedS: number | null;
  /** The answer that users' entry gives has changed with it; null also when entry does not check. */
  readonly entryDetectedS: number | null;
  /** 50 / 95 / 99 % of the affected traffic no longer sent there. */
  readonly shifted50S: number | null;
  readonly shifted95S: number | null;
  readonly shifted99S: number | null;
  /** First moment after the end from which 99 % are served for ten seconds; null when another fault begins first. */
  readonly restoredS: number | null;
  /**
   * Requests refused from the start until restoration, the next fault's start or the end of the run, whichever comes
   * first: no refusal is counted for two faults. Of faults that begin together the first in the list counts them.
   */
  readonly refused: number;
}

/** `from` fell and pushed `to` over, which had no fault of its own; seconds since the start of the run. */
export interface CascadeEdge {
  readonly from: string;
  readonly to: string;
  readonly startS: number;
  readonly endS: number;
  /** Share of the victim's excess in the first minute that belongs to users of `from`. */
  readonly divertedShare: number;
}

/** Whether overload spread, whether it stayed, and how near each region is to it. */
export interface Cascade {
  readonly edges: readonly CascadeEdge[];
  /** Longest chain of edges; 0 = none. */
  readonly depth: number;
  /** Service stayed down after the last fault: see `goodput.ts` for how far below before. */
  readonly metastable: boolean;
  /** Served share of what is offered, after the last fault over before the first; null when there is nothing to compare. */
  readonly goodputAfterOverBefore: number | null;
  readonly margins: readonly {
    readonly region: string;
    /** Calls/s the region can complete, null when it has no stated limit. */
    readonly capacityPerS: number | null;
    /** Largest mean of any ten seconds: of all calls over the run, and of first tries in normal times. */
    readonly peakLoadPerS: number;
    readonly usualPeakPerS: number;
    /** Largest share of capacity usable if any one other region is lost: (N−1)/N. */
    readonly naiveLimit: number;
    /** capacity / ((1 + retries) · usual peak): below 1, a retry storm can hold it down. */
    readonly retrySafeMargin: number | null;
  }[];
}

/** Prompts of one kind of user that one place saw on one channel, and whether it may. */
export interface ResidencyRow {
  readonly origin: string;
  readonly dataClass: string;
  readonly channel: string;
  readonly country: string;
  /** Where: gateway or endpoint id. */
  readonly at: string;
  readonly writes: number;
  readonly lawful: boolean;
  /** Rule that decides, or null when no rule applies. */
  readonly rule: string | null;
}

/** The verdict of the auditor, which shares no code with the router. */
export interface Residency {
  /** Hops and writes judged. */
  readonly checked: number;
  readonly violations: number;
  readonly rows: readonly ResidencyRow[];
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
  };
  readonly latency: { readonly ttftMs: LatencyBreakdown; readonly e2eMs: LatencyBreakdown };
  readonly availability: Availability;
  readonly regions: readonly RegionResult[];
  readonly endpoints: readonly EndpointResult[];
  readonly faults: readonly FaultTimeline[];
  readonly cascade: Cascade;
  readonly residency: Residency;
  /** Filled once prices are part of a scenario. */
  readonly cost: null;
  readonly objectives: readonly ObjectiveResult[];
  readonly series: Series;
  readonly lanes: readonly Lane[];
  /** What a careful reader should know: short horizon, single seed, figures outside their range. */
  readonly warnings: readonly string[];
}
