/** Counting: mergeable histograms, busy time, and the columns a run leaves behind. */
export { BusyMeter } from "./busyMeter.js";
export { Histogram, HistogramPool } from "./histogramPool.js";
export type {
  BeliefChange,
  FaultLabel,
  LedgerEntry,
  PriceLabel,
  Recording,
  RecordingLabels,
  ReplicaCounts,
} from "./recording.js";
export type { StoreCounts, StoreLabel, StoreOutage } from "./storeCounts.js";
