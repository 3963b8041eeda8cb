/** The columns of a sweep's tables, with what they mean: one place for the files and for whoever describes them. */
import { meaningOf } from "./measureMeanings.js";
import { measureInfo } from "./measures.js";
import type { ColumnInfo } from "./parquet.js";

function info(name: string, type: ColumnInfo["type"], unit: string, meaning: string): ColumnInfo {
  return { name, type, unit, meaning };
}

/** What begins every row of `runs.parquet` and, the seed and the digest left out, of `series.parquet`. */
export const RUN_COLUMNS: Readonly<
  Record<"run" | "point" | "replication" | "seed" | "scenario" | "digest", ColumnInfo>
> = {
  run: info("run", "whole", "", "Number of the run in the canonical list, from 0."),
  point: info("point", "text", "", "Name of the point: a hash of its settings."),
  replication: info("replication", "whole", "", "Which luck, from 0."),
  seed: info(
    "seed",
    "text",
    "",
    "Seed of the run; with its settings and replication it makes the run again.",
  ),
  scenario: info("scenario", "text", "", "SHA-256 of the scenario with the settings in it."),
  digest: info("digest", "text", "", "SHA-256 over the run's events and counters."),
};

/** What begins every row of `series.parquet`, after the run. */
export const SERIES_COLUMNS: Readonly<Record<"start" | "window", ColumnInfo>> = {
  start: info("start", "number", "s", "Start of the window, in simulated time."),
  window: info("window", "number", "s", "Length of the window."),
};

/** What a row of `points.parquet` says, after the point and its settings. */
export type PointColumn =
  | "measure"
  | "kind"
  | "unit"
  | "n"
  | "value"
  | "sd"
  | "low"
  | "high"
  | "min"
  | "median"
  | "max"
  | "verdict";

/** The columns of `points.parquet`, after the point and its settings. */
export const POINT_COLUMNS: Readonly<Record<PointColumn, ColumnInfo>> = {
  measure: info("measure", "text", "", "What is estimated: a measure, or an objective's text."),
  kind: info(
    "kind",
    "text",
    "",
    "mean: over replications. pooled: over all requests of all replications. objective: share of replications that pass.",
  ),
  unit: info("unit", "text", "", "What the numbers of this row count in."),
  n: info("n", "number", "count", "Replications with a value; for pooled rows, requests."),
  value: info("value", "number", "see unit", "Mean, pooled value or share."),
  sd: info("sd", "number", "see unit", "Standard deviation of one replication."),
  low: info("low", "number", "see unit", "Lower end of the interval of the value."),
  high: info("high", "number", "see unit", "Upper end of the interval of the value."),
  min: info("min", "number", "see unit", "Least of the replications."),
  median: info("median", "number", "see unit", "Median of the replications."),
  max: info("max", "number", "see unit", "Largest of the replications."),
  verdict: info("verdict", "text", "", "Of objectives: pass, fail or undecided, by the interval."),
};

/** The column of a setting; numbers where every value of the path is one, of `unit`. */
export function settingColumn(path: string, unit: string | null): ColumnInfo {
  const meaning = `What the plan set ${path} to, as a number where all its values are numbers of one unit; null where it left it as the scenario has it.`;
  return info(`set.${path}`, unit === null ? "text" : "number", unit ?? "", meaning);
}

/** The column of a measure. */
export function measureColumn(key: string): ColumnInfo {
  return info(key, "number", measureInfo(key).unit, meaningOf(key));
}

/** The columns of an objective: whether it held, and what it came to where that is a number. */
export function objectiveColumns(name: string): { readonly pass: ColumnInfo; readonly value: ColumnInfo } {
  return {
    pass: info(`pass: ${name}`, "flag", "", `Whether "${name}" held in the run.`),
    value: info(`value: ${name}`, "number", "", `What "${name}" was judged by, where that is a number.`),
  };
}

const SERIES_UNITS: Readonly<Record<string, readonly [unit: string, meaning: string]>> = {
  offered: ["count", "Requests offered in the window."],
  served: ["count", "Requests served, in the window in which they were."],
  refused: ["count", "Requests refused, in the window in which they were."],
  ttftP50Ms: ["ms", "Median time to first token of what was served in the window."],
  ttftP95Ms: ["ms", "95th percentile of the time to first token of what was served in the window."],
  e2eP50Ms: ["ms", "Median time to the last token of what was served in the window."],
  e2eP95Ms: ["ms", "95th percentile of the time to the last token of what was served in the window."],
  utilisation: ["ratio", "Mean busy share of the slots."],
  queue: ["count", "Most calls that waited at once."],
  calls: ["count", "Calls at endpoints in the window."],
  divertedCalls: ["count", "Calls that were meant for another region first."],
  attempts: ["count", "Attempts by clients in the window."],
};

/** Every line a time series can have, with what selects it. */
export const SERIES_NAMES: readonly (readonly [name: string, where: string])[] = [
  ...["offered", "served", "refused", "ttftP50Ms", "ttftP95Ms", "e2eP50Ms", "e2eP95Ms"].map(
    (name) => [name, "{origin=<origin>}"] as const,
  ),
  ...["utilisation", "queue", "calls", "divertedCalls"].map((name) => [name, "{region=<region>}"] as const),
  ["refused", "{cause=<cause>}"],
  ["attempts", ""],
  ["calls", ""],
];

/** The column of a line of the time series; `where` selects, such as `{origin=EU}`, or is empty. */
export function seriesColumn(name: string, where: string): ColumnInfo {
  const [unit, meaning] = SERIES_UNITS[name] ?? ["", ""];
  return info(`${name}${where}`, "number", unit, meaning);
}
