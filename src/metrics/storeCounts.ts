/** What a store did, as columns: one entry per class of requests unless it says otherwise. */
import type { HistogramPool } from "./histogramPool.js";

/** What the counts of a store are about. */
export interface StoreLabel {
  readonly id: string;
  readonly kind: string;
  readonly replication: string;
  /** Region of each copy. */
  readonly regions: readonly number[];
  /** Classes that use it, by index. */
  readonly classes: readonly number[];
}

/** A region with copies or users of the store, while it was down. */
export interface StoreOutage {
  readonly region: number;
  readonly startUs: number;
  /** The end of the run for one that did not end. */
  endUs: number;
  /** Writes that only this region's copy had when it went down, and when the oldest of them was made; −1 for none. */
  readonly exposed: Float64Array;
  readonly oldestUs: Float64Array;
  /** When the first user who is at home there was answered with what was known of them, during or after; −1 for never. */
  readonly servedUs: Float64Array;
}

/** Reads and writes of one store; reads = fresh + stale + missing. */
export interface StoreCounts extends StoreLabel {
  readonly fresh: Float64Array;
  readonly stale: Float64Array;
  readonly missing: Float64Array;
  /** Tries turned away for want of data. */
  readonly refused: Float64Array;
  /** Those of them for which no copy could be read, or none be written that had to be; they are no reads. */
  readonly unread: Float64Array;
  readonly writes: Float64Array;
  /** Answers given whose write could not be made. */
  readonly unwritten: Float64Array;
  /** Writes on top of a state that was not the latest, and the turns that the latest state has lost by that. */
  readonly conflicts: Float64Array;
  readonly overwritten: Float64Array;
  /** Writes that only copies in dead regions had when the run ended. */
  readonly stranded: Float64Array;
  /** Of stale reads, µs. */
  readonly staleness: HistogramPool;
  /** Per coarse window. */
  readonly readsOverTime: Float64Array;
  readonly staleOverTime: Float64Array;
  readonly missingOverTime: Float64Array;
  readonly worstOverTimeUs: Float64Array;
  readonly outages: StoreOutage[];
}
