/** The part of the result document about standbys and what operators did. */
import type { OperationRecord, PromotionReason } from "../metrics/index.js";
import type { LatencySummary } from "./latencySummary.js";

/** One try to promote a standby. */
export interface PromotionResult {
  readonly why: PromotionReason;
  /** When it was first needed; when the try began and ended. */
  readonly neededS: number;
  readonly startS: number;
  readonly endS: number;
  readonly daysUntested: number;
  /** That it would fail, by the scenario's curve. */
  readonly chance: number;
  /** What was wrong; null when it served. */
  readonly failure: string | null;
}

/** One standby. */
export interface StandbyResult {
  readonly endpoint: string;
  readonly actives: readonly string[];
  /** At the start of the run. */
  readonly daysUntested: number;
  readonly chance: number;
  readonly promotions: readonly PromotionResult[];
  /** When it was needed in earnest and served already, for a drill. */
  readonly keptS: readonly number[];
  /** Since when it was needed and did not serve at the end; null when it was not. */
  readonly waitingSinceS: number | null;
  /** `file:line` of what the scenario says about tests of it; null where nobody knows. */
  readonly line: string | null;
}

/** Where a scenario says what drifts, as `file:line`; null where nobody knows. */
export interface DriftLines {
  /** By standby. */
  readonly standbys: readonly (string | null)[];
  /** Of the pin, where it is written; otherwise of the first rollout. */
  readonly versions: string | null;
}

/** One occurrence of an operation. */
export interface OperationResult {
  readonly kind: OperationRecord["kind"];
  readonly id: string;
  readonly stage: string;
  readonly startS: number;
  /** Null when it went on at the end. */
  readonly endS: number | null;
  readonly outcome: string;
  /** Requests that ended meanwhile. */
  readonly served: number;
  readonly refused: number;
}

/** All occurrences of an operation together, or the time in which there was none and no fault. */
export interface OperationCost {
  readonly kind: OperationRecord["kind"] | "quiet";
  readonly id: string;
  readonly stage: string;
  readonly times: number;
  readonly served: number;
  readonly refused: number;
  readonly e2eMs: LatencySummary;
}

/** What operators did, in time order, and what it cost beside the quiet time. */
export interface OperationsResult {
  readonly list: readonly OperationResult[];
  readonly quiet: OperationCost;
  readonly costs: readonly OperationCost[];
}
