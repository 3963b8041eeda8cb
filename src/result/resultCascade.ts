/** The parts of the result document that are about what went wrong, how it spread, and what was unavoidable. */

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
  /** That part of the excess, calls per second. */
  readonly pushedPerS: number;
  /** What the victim usually gets, calls per second. */
  readonly usualPerS: number;
}

/** A stretch in which a region could not do what was asked of it. */
export interface Overload {
  readonly region: string;
  readonly startS: number;
  readonly endS: number;
  /** `turned-away`: mostly by turning calls away; `line`: mostly by letting them wait; `crash`: an endpoint of it was down. */
  readonly reason: "turned-away" | "line" | "crash";
}

/** Users for whom every lawful region had fallen at the same time. */
export interface Abandoned {
  readonly origin: string;
  readonly class: string;
  readonly startS: number;
  readonly seconds: number;
}

/** Calls at endpoints per request offered. */
export interface Amplification {
  readonly mean: number;
  /** Largest of any ten seconds that asked enough to tell; null when none did. */
  readonly worst: number | null;
  readonly worstAtS: number | null;
}

/** What the verdict on metastability compared: served shares of what was offered, and when. */
export interface GoodputComparison {
  readonly before: number;
  readonly beforeFromS: number;
  readonly beforeToS: number;
  readonly after: number;
  readonly afterFromS: number;
  readonly afterToS: number;
  /** Standard deviation of the ten-second shares before; null for fewer than two. */
  readonly deviation: number | null;
}

/** Tries by layer that one request may take: each the first and its retries. */
export interface TriesPerRequest {
  readonly client: number;
  readonly gateway: number;
  readonly library: number;
  /** All three multiplied: calls of one request when everything fails. */
  readonly product: number;
}

/** What was lacking, against the boundary of Huang et al. (OSDI 2022, theorems 1 and 2). */
export interface Boundary {
  /** Mean before the first fault, and the capacity then, per second, of all regions together. */
  readonly usualLoadPerS: number;
  readonly usualCapacityPerS: number;
  /** Largest rise of load and largest fall of capacity of any ten seconds. */
  readonly loadTriggerPerS: number;
  readonly capacityTriggerPerS: number;
  /** Theorem 1: without triggers as large as the slack nothing can be overloaded, and nothing can stay so. Residency is not in it. */
  readonly overloadPossible: boolean;
  /** Theorem 2: even with every retry used, usual load fits: whatever the trigger, it comes back. */
  readonly alwaysRecovers: boolean;
  /** Requests beyond what could lawfully be served, and in seconds of usual capacity. */
  readonly deficitRequests: number;
  readonly deficitCapacityS: number;
}

/** How long service took to come back, beside what theory says where theory says something. */
export interface Recovery {
  /** The last fault that ended within the run, and its end. */
  readonly fault: string;
  readonly faultEndS: number;
  /** From the end of the fault to the first of ten seconds of which 99 % is served; null when that never came. */
  readonly tookS: number | null;
  readonly closedFormS: number | null;
  /** The formula, or why there is none. */
  readonly closedForm: string;
}

/** Whether overload spread, whether it stayed, and how near each region is to it. */
export interface Cascade {
  readonly edges: readonly CascadeEdge[];
  /** Longest chain of edges; 0 = none. */
  readonly depth: number;
  /** Regions that others pushed over. */
  readonly size: number;
  /** It spread, and somebody had no lawful region left. */
  readonly total: boolean;
  readonly withoutRegion: readonly Abandoned[];
  readonly overloads: readonly Overload[];
  readonly amplification: Amplification;
  /** Service stayed down after the last fault: see `goodput.ts` for how far below before. */
  readonly metastable: boolean;
  /** Served share of what is offered, after the last fault over before the first; null when there is nothing to compare. */
  readonly goodputAfterOverBefore: number | null;
  readonly comparison: GoodputComparison | null;
  /** Null when the run has no fault that ends. */
  readonly recovery: Recovery | null;
  /** Null when no stated limit bounds the capacity. */
  readonly boundary: Boundary | null;
  readonly tries: TriesPerRequest;
  readonly margins: readonly {
    readonly region: string;
    /** Calls/s the region can complete, null when it has no stated limit. */
    readonly capacityPerS: number | null;
    /** Largest mean of any ten seconds: of all calls over the run, and of first tries in normal times. */
    readonly peakLoadPerS: number;
    readonly usualPeakPerS: number;
    /** Largest share of capacity usable if any one other region is lost: (N−1)/N. */
    readonly naiveLimit: number;
    /** Present where no user at home in the region may lawfully be served by another. */
    readonly confined?: true;
    /** capacity / (tries per request · usual peak): below 1, a retry storm can hold it down. */
    readonly retrySafeMargin: number | null;
    /** Calls beyond capacity while it lasted, in seconds of usual capacity; null when it has no stated limit. */
    readonly deficitCapacityS: number | null;
  }[];
}

/** Refusals that no routing could have avoided, and the policy's; see `legalOptimum.ts` for what the bound leaves out. */
export interface OptimumCounts {
  readonly offered: number;
  /** offered − refusedUnavoidable. */
  readonly couldServe: number;
  readonly refusedUnavoidable: number;
  readonly refusedByPolicy: number;
}

/** The legal optimum: residency and capacities as they were, routing as good as it can be. */
export interface Optimum extends OptimumCounts {
  readonly byOrigin: Readonly<Record<string, OptimumCounts>>;
  /** The stretch of ten seconds with the least to spare: demand times `headroom` could just be served. Null when nothing bounds it. */
  readonly tightest: { readonly headroom: number; readonly startS: number } | null;
  /** Columns of equal length: requests of each window. */
  readonly perWindow: {
    readonly windowS: number;
    readonly startS: readonly number[];
    readonly offered: readonly number[];
    readonly couldServe: readonly number[];
  };
}
