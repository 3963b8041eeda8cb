/**
 * What a run leaves behind: plain columns and labels, no meaning yet. The result room reads it; nothing
 * here knows about policies, files or charts. Windows are `windowUs` wide and start at simulated time 0.
 */
import type { BusyMeter } from "./busyMeter.js";
import type { OperationCounts, StandbyCounts, VersionCounts } from "./driftCounts.js";
import type { HistogramPool } from "./histogramPool.js";
import type { MisdirectedCounts } from "./misdirected.js";
import type { StoreCounts } from "./storeCounts.js";

/** What the indices of the columns mean; a list's position is the index. */
export interface RecordingLabels {
  readonly regions: readonly { readonly id: string; readonly city: string; readonly country: string }[];
  readonly gateways: readonly { readonly id: string; readonly region: number }[];
  readonly endpoints: readonly {
    readonly id: string;
    readonly region: number;
    readonly slots: number;
    /** Calls per second it can complete, Infinity when nothing bounds it. */
    readonly capacityPerS: number;
    /** Memory of all its replicas at the start, tokens; null for endpoints of other kinds. */
    readonly kvTokens: number | null;
    /** Null for an endpoint without prices. */
    readonly price: PriceLabel | null;
  }[];
  /** site · classes + class → mask of endpoints that may lawfully serve it and have its model. */
  readonly lawful: Int32Array;
  /** site · classes + class → mask of gateways that it may lawfully come through and that the entry may give it. */
  readonly lawfulGateways: Int32Array;
  /** Endpoints as in `lawful`, if there were no rules. */
  readonly serving: Int32Array;
  readonly sites: readonly { readonly id: string; readonly origin: number; readonly country: string }[];
  readonly origins: readonly string[];
  readonly classes: readonly string[];
  /** The model that each class asks for, and the one that each endpoint answers with. */
  readonly models: { readonly asked: readonly string[]; readonly answering: readonly string[] };
  readonly causes: readonly string[];
  readonly phases: readonly string[];
  readonly faults: readonly FaultLabel[];
}

/** What an endpoint costs, US dollars. */
export interface PriceLabel {
  /** Per million tokens. */
  readonly inputUsd: number;
  readonly cachedInputUsd: number;
  readonly outputUsd: number;
  /** Token prices are multiplied by this. */
  readonly residencyFactor: number;
  /** Per hour of a replica, or of the endpoint where it has none. */
  readonly perReplicaHourUsd: number;
}

/** A fault as far as its effects are looked for: from `startUs` up to and not including `endUs`. */
export interface FaultLabel {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  readonly startUs: number;
  readonly endUs: number;
  /** Regions it takes traffic away from; empty when it names none. */
  readonly regions: readonly number[];
  /** The one endpoint it strikes; left out when it strikes more than one, or none. */
  readonly endpoint?: number;
  /** Endpoints it takes away; left out: all of its regions. */
  readonly endpoints?: readonly number[];
  /** True when traffic is expected to move away while it lasts. */
  readonly movesTraffic: boolean;
}

/** The moment an observer began to think otherwise of a target; in the order in which it happened. */
export interface BeliefChange {
  readonly timeUs: number;
  /** `entry`, or a gateway id. */
  readonly observer: string;
  /** `gateway` or `endpoint`, and its index. */
  readonly targetKind: "gateway" | "endpoint";
  readonly target: number;
  readonly up: boolean;
}

/** What a group of replicas did; written while it happens. */
export interface ReplicaCounts {
  /** Replicas that are paid for, starting ones and warm ones included, over time: µs · replicas. */
  replicaUs: number;
  peakReplicas: number;
  /** Replicas started after the beginning. */
  starts: number;
  /** Sequences put out of memory and computed again. */
  preemptions: number;
  /** Prompt tokens that came, and of them: computed, found in the prefix cache, and computed only because the user's conversation was elsewhere before. */
  promptTokens: number;
  cachedTokens: number;
  failoverTokens: number;
  /** Prompt and answer tokens computed again after preemption. */
  recomputedTokens: number;
  /** Memory in use over time, tokens · µs, and the most at once. */
  kvTokenUs: number;
  kvPeakTokens: number;
  /** Smallest and largest of what came, for a preset's hull: [prompt, answer, sequences of one replica]. */
  readonly seenLow: Float64Array;
  readonly seenHigh: Float64Array;
}

/**
 * Why a place saw a prompt: an attempt of the request arrived, a probe or shadow traffic carried a copy of it, it was
 * held back, or a copy of a store took what came of it.
 */
export type LedgerPurpose = "request" | "probe" | "shadow" | "queue" | "store";

/** One cell of the residency ledger: what one place saw of one kind of user. */
export interface LedgerEntry {
  readonly site: number;
  readonly classIndex: number;
  readonly placeKind: "gateway" | "endpoint" | "store";
  /** Index among the places of its kind; of a store: of the copy, counted through the stores in order. */
  readonly place: number;
  readonly purpose: LedgerPurpose;
  readonly writes: number;
}

export interface Recording {
  readonly labels: RecordingLabels;
  readonly windowUs: number;
  readonly windowCount: number;
  readonly durationUs: number;
  readonly warmupUs: number;
  readonly events: number;
  /** Latency cells: ((site · classes + class) · endpoints + endpoint) · phases + phase, µs. */
  readonly ttft: HistogramPool;
  readonly e2e: HistogramPool;
  /** Cells: origin · coarseCount + coarse window. */
  readonly ttftOverTime: HistogramPool;
  readonly e2eOverTime: HistogramPool;
  readonly coarseUs: number;
  readonly coarseCount: number;
  /** (site · classes + class) · phases + phase. */
  readonly offered: Float64Array;
  /** As `offered`, then · causes + cause. */
  readonly refused: Float64Array;
  /** site · classes + class → region. */
  readonly homeRegion: Int32Array;
  /** Per window. */
  readonly offeredByOrigin: readonly Int32Array[];
  readonly servedByOrigin: readonly Int32Array[];
  /** Requests served that were made before the end of the warm-up, which no other column counts. */
  readonly servedWarmingUp: number;
  readonly refusedByOrigin: readonly Int32Array[];
  readonly refusedByCause: readonly (Int32Array | null)[];
  readonly clientAttempts: Int32Array;
  /** region · regions + home region. */
  readonly callsByHome: readonly Int32Array[];
  /** Attempts sent towards a gateway of the region. */
  readonly sentToRegion: readonly Int32Array[];
  /** Calls the region turned away or lost for want of capacity. */
  readonly capacityFailures: readonly Int32Array[];
  readonly queuePeak: readonly Int32Array[];
  /** Per endpoint. */
  readonly busy: readonly BusyMeter[];
  readonly calls: Float64Array;
  readonly completed: Float64Array;
  readonly wasted: Float64Array;
  readonly waitUs: Float64Array;
  readonly started: Float64Array;
  readonly endpointPeakQueue: Int32Array;
  /** Tokens of completed calls, wasted ones included: prompt, of that found in a cache, and answer. */
  readonly tokensIn: Float64Array;
  readonly tokensCached: Float64Array;
  readonly tokensOut: Float64Array;
  /** Per endpoint of replicas, null for others. */
  readonly replicas: readonly (ReplicaCounts | null)[];
  /** Calls per second each endpoint could complete, from `timeUs` on; the first entry is at 0, one follows at every fault edge, crash and restart. */
  readonly capacities: readonly { readonly timeUs: number; readonly perS: Float64Array }[];
  /** Endpoints that overload brought down. */
  readonly crashes: readonly {
    readonly endpoint: number;
    readonly startUs: number;
    readonly endUs: number;
  }[];
  readonly hedges: number;
  /** Hedges whose answer came first. */
  readonly hedgesWon: number;
  readonly sdkRetries: number;
  /** Retries that users and gateways wanted and no budget paid for. */
  readonly budgetDenied: number;
  /** Attempts that a gateway held back for a while instead of refusing them. */
  readonly heldBack: number;
  /** endpoint · causes + cause. */
  readonly limitsHit: Float64Array;
  /** By cause. */
  readonly failedAttempts: Float64Array;
  readonly clientRetries: number;
  readonly gatewayRetries: number;
  readonly clientTimeouts: number;
  readonly firstImpactUs: Float64Array;
  /** By fault: what went on going to the place it took away. */
  readonly misdirected: readonly MisdirectedCounts[];
  readonly beliefs: readonly BeliefChange[];
  /** One for each store of the deployment. */
  readonly stores: readonly StoreCounts[];
  /** Null where versions never differ and none is pinned. */
  readonly versions: VersionCounts | null;
  readonly standbys: readonly StandbyCounts[];
  /** Null where nothing is ever drained. */
  readonly operations: OperationCounts | null;
  readonly ledger: readonly LedgerEntry[];
}
