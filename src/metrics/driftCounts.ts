/** What is counted of versions, standbys and operations: written while a run goes on, read by the result room. */
import type { HistogramPool } from "./histogramPool.js";

/**
 * Why a conversation was answered by another version than before. `rollout`: the endpoint that had answered no longer
 * has that version, or has a canary beside it; `failover`: that endpoint was believed down, or operators were moving
 * traffic from or back to it; `spread`: it was fine, and the router chose another.
 */
export const SWITCH_CAUSES = ["rollout", "failover", "spread"] as const;

/** One of {@link SWITCH_CAUSES}. */
export type SwitchCause = (typeof SWITCH_CAUSES)[number];

/** Of requests made after the warm-up. */
export interface VersionCounts {
  /** Names of the versions; where several models have some, with the model's name before it. */
  readonly versions: readonly string[];
  /** Conversations stay with a version. */
  readonly pinned: boolean;
  readonly windowUs: number;
  /** Version → window → requests served. */
  readonly served: readonly Int32Array[];
  /** Conversations with at least two answered turns, and those of them that saw two versions. */
  sessions: number;
  skewed: number;
  /** The latter by the cause of their first change, as {@link SWITCH_CAUSES}. */
  readonly skewedBy: Float64Array;
  /** Changes of version from one answered turn to the next. */
  switches: number;
  /** Requests served while users of the class at home in another region had, within the last minute, another version. */
  betweenRegions: number;
  /** Tries for which no usable endpoint of the conversation's version was left: it moved, or was refused. */
  pinMoved: number;
  pinRefused: number;
}

/** Why a standby was promoted. */
export type PromotionReason = "loss" | "manual" | "evacuation" | "drill";

/** One try to promote a standby. */
export interface PromotionRecord {
  readonly why: PromotionReason;
  /** When it was first needed; when the try began and ended. */
  readonly neededUs: number;
  readonly startUs: number;
  readonly endUs: number;
  /** At its end: how long untested, and the chance that it would fail. */
  readonly daysUntested: number;
  readonly chance: number;
  /** What was wrong; null when it serves. */
  readonly failure: string | null;
}

/** What became of a standby. */
export interface StandbyCounts {
  readonly endpoint: number;
  readonly actives: readonly number[];
  /** At time 0. */
  readonly daysUntested: number;
  readonly chance: number;
  readonly promotions: PromotionRecord[];
  /** When it was needed in earnest and served already, for a drill. */
  readonly keptUs: number[];
  /** Since when it is needed and does not serve yet, at the end of the run; −1 when it is not. */
  waitingSinceUs: number;
}

/** What operators, or machines for them, did: one occurrence. */
export interface OperationRecord {
  readonly kind: "promotion" | "failback" | "drill" | "evacuation";
  /** Endpoint of a standby, or id of the drill or evacuation. */
  readonly id: string;
  /** Stage of an evacuation; empty for the others. */
  readonly stage: string;
  /** Where its latencies are, see {@link OperationCounts.e2e}. */
  readonly cell: number;
  readonly startUs: number;
  /** −1 while it goes on. */
  endUs: number;
  outcome: string;
  /** Requests that ended meanwhile. */
  served: number;
  refused: number;
}

/** All operations of a run. */
export interface OperationCounts {
  readonly records: OperationRecord[];
  /** End-to-end times of requests that ended during operations of a cell, µs; cell 0: during none, and no fault. */
  readonly e2e: HistogramPool;
  quietServed: number;
  quietRefused: number;
}
