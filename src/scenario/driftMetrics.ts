/** Metrics that objectives may name of versions, standbys, drills and evacuations. */

/** Each with what it is compared with. */
export const DRIFT_METRICS: Readonly<Record<string, "time" | "requests" | "count">> = {
  /** Conversations of at least two answered turns that saw two versions. */
  "versions.skewed": "requests",
  "versions.switches": "count",
  /** Requests served while users of the class at home elsewhere had another version. */
  "versions.betweenRegions": "requests",
  "versions.pinRefused": "count",
  /** Tries to promote a standby that was needed, and those that failed; drills do not count. */
  "promotion.tries": "count",
  "promotion.failed": "count",
  /** From when a standby is needed until it serves; never when it never does. */
  "promotion.mean": "time",
  "promotion.p95": "time",
  "promotion.max": "time",
  "drill.passed": "count",
  /** Drills that found something wrong. */
  "drill.found": "count",
  "drill.refused": "requests",
  /** From the first stage to the end of the last. */
  "evacuation.takes": "time",
  "evacuation.refused": "requests",
};

/** The selectors that each of them knows. */
export const DRIFT_SELECTORS: Readonly<Record<string, readonly "endpoint"[]>> = Object.fromEntries(
  Object.keys(DRIFT_METRICS).map((metric) => [metric, metric.startsWith("promotion.") ? ["endpoint"] : []]),
);
