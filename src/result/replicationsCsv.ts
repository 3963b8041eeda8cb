/** Replications and their estimates as CSV tables; none for a single run. */
import { type Row, table } from "./csvTable.js";
import type { Estimate, Interval } from "./estimates.js";
import { measureInfo } from "./measures.js";
import type { Result } from "./result.js";

/** `replications.csv`: one value a row, empty where a replication has none. `estimates.csv`: one measure a row. */
export function replicationTables(result: Result): Readonly<Record<string, string>> {
  const { replicated, replicationValues } = result;
  if (replicated === undefined || replicationValues === undefined) return {};
  const rows = Object.entries(replicationValues).flatMap(([key, values]) =>
    values.map((value, replication): Row => [replication, key, measureInfo(key).unit, value]),
  );
  return {
    "replications.csv": table(["replication", "measure", "unit", "value"], rows),
    "estimates.csv": table(
      [
        "measure",
        "unit",
        "n",
        "mean",
        "sd",
        "low",
        "high",
        "method",
        "min",
        "median",
        "max",
        "medianLow",
        "medianHigh",
      ],
      replicated.estimates.map(estimateRow),
    ),
  };
}

function estimateRow({ key, n, mean, sd, interval, min, median, max, medianInterval }: Estimate): Row {
  const ends = (found: Interval | null): Row => [found?.low ?? null, found?.high ?? null];
  return [
    key,
    measureInfo(key).unit,
    n,
    mean,
    sd,
    ...ends(interval),
    interval?.method ?? null,
    min,
    median,
    max,
    ...ends(medianInterval),
  ];
}
