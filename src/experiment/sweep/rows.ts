/**
 * What one run of a sweep leaves: plain data that says which run it is and holds nothing of the moment, the machine or
 * the plan, so that a run is the same row for every plan that wants it.
 */
import type { PackedHistogram } from "../../metrics/index.js";
import type { Series } from "../../result/result.js";
import type { Sample } from "../sample.js";

/** A finished run. */
export interface SweepRow {
  readonly key: string;
  /** Version of the tool that ran it. */
  readonly tool: string;
  readonly scenarioSha256: string;
  readonly seed: string;
  readonly replication: number;
  readonly digest: string;
  readonly measures: Readonly<Record<string, number | null>>;
  readonly objectives: Sample["objectives"];
  readonly histograms: Readonly<Record<string, PackedHistogram>>;
  /** Null unless the plan keeps them. */
  readonly series: Series | null;
}

/** Where finished runs are kept; what a segment is run into. */
export interface RowStore {
  has(key: string): boolean;
  /** Keeps a row for good before it returns. */
  append(row: SweepRow): void;
  /** Notes that a run failed; it counts as missing and is tried again by whoever runs next. */
  fail(key: string, message: string): void;
}

/** The row of a sample. */
export function rowOf(
  sample: Sample,
  identity: Pick<SweepRow, "key" | "tool" | "scenarioSha256" | "seed">,
): SweepRow {
  return {
    key: identity.key,
    tool: identity.tool,
    scenarioSha256: identity.scenarioSha256,
    seed: identity.seed,
    replication: sample.replication,
    digest: sample.digest,
    measures: Object.fromEntries(sample.measures),
    objectives: sample.objectives,
    histograms: Object.fromEntries(sample.histograms),
    series: sample.result?.series ?? null,
  };
}

/** The sample a row was made of, without its result document. */
export function sampleOf(row: SweepRow): Sample {
  return {
    replication: row.replication,
    digest: row.digest,
    measures: new Map(Object.entries(row.measures)),
    objectives: row.objectives,
    histograms: new Map(Object.entries(row.histograms)),
    result: null,
  };
}
