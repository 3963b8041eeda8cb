/** Sweeps: points, the canonical list of runs, shares of it and what they leave. */
export {
  arrayExpression,
  missingRuns,
  missingSegments,
  type RunKnowledge,
  type Standing,
  segmentStandings,
} from "./missing.js";
export { pointId, pointsOf, type SweepPoint, setsOf } from "./points.js";
export { type RowStore, rowOf, type SweepRow, sampleOf } from "./rows.js";
export { type RunIdentity, runKey, seedOf } from "./runList.js";
export { runSegment, type SegmentOptions, type SegmentOutcome } from "./runSegment.js";
export { readSegment, type Segment, segmentRange, WHOLE } from "./segments.js";
export {
  PointRefused,
  type RunList,
  readSweep,
  runAt,
  runListOf,
  type Sweep,
  type SweepLoad,
  type SweepMemo,
  type SweepSource,
} from "./sweep.js";
export { type SweepTables, sweepTables } from "./tables.js";
