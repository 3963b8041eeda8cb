/** Counting: mergeable histograms, busy time, and the columns a run leaves behind. */
export { BusyMeter } from "./busyMeter.js";
export {
  type OperationCounts,
  type OperationRecord,
  type PromotionReason,
  type PromotionRecord,
  type StandbyCounts,
  SWITCH_CAUSES,
  type SwitchCause,
  type VersionCounts,
} from "./driftCounts.js";
export { Histogram, HistogramPool, type PackedHistogram } from "./histogramPool.js";
export type { MisdirectedCounts } from "./misdirected.js";
export type {
  BeliefChange,
  FaultLabel,
  LedgerEntry,
  LedgerPurpose,
  PriceLabel,
  Recording,
  RecordingLabels,
  ReplicaCounts,
} from "./recording.js";
export type { StoreCounts, StoreLabel, StoreOutage } from "./storeCounts.js";
