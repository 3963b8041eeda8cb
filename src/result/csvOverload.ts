/** CSV tables about overload, serving and cost: one file each, headers named as in the result document. */
import { type Row, table } from "./csvTable.js";
import type { OptimumCounts, Result } from "./result.js";

/** A table whose columns are fields of its rows. */
function plainTable<T extends object>(fields: readonly (keyof T & string)[], rows: readonly T[]): string {
  return table(
    fields,
    rows.map((row) => fields.map((field) => row[field] as Row[number])),
  );
}

function optimumCsv({ optimum }: Result): string {
  const row = (by: string, label: string, counts: OptimumCounts): Row => [
    by,
    label,
    counts.offered,
    counts.couldServe,
    counts.refusedUnavoidable,
    counts.refusedByPolicy,
  ];
  return table(
    ["by", "label", "offered", "couldServe", "refusedUnavoidable", "refusedByPolicy"],
    [
      row("all", "", optimum),
      ...Object.entries(optimum.byOrigin).map(([origin, counts]) => row("origin", origin, counts)),
    ],
  );
}

function replicasCsv({ replicas }: Result): string {
  const fields = [
    "endpoint",
    "meanReplicas",
    "peakReplicas",
    "starts",
    "kvTokens",
    "meanKvShare",
    "peakKvShare",
    "promptTokens",
    "cachedTokens",
    "failoverTokens",
    "prefixHitRate",
    "preemptions",
    "recomputedTokens",
  ] as const;
  return table(
    [...fields, "preset"],
    replicas.map((group) => [...fields.map((field) => group[field]), group.preset?.id ?? null]),
  );
}

/** File name → CSV text. */
export function overloadTables(result: Result): Readonly<Record<string, string>> {
  return {
    "cascade.csv": plainTable(
      ["from", "to", "startS", "endS", "divertedShare", "pushedPerS", "usualPerS"],
      result.cascade.edges,
    ),
    "overloads.csv": plainTable(["region", "startS", "endS", "reason"], result.cascade.overloads),
    "optimum.csv": optimumCsv(result),
    "replicas.csv": replicasCsv(result),
    "cost.csv": plainTable(
      ["id", "inputTokens", "cachedTokens", "outputTokens", "tokensUsd", "replicaHours", "replicasUsd"],
      result.cost?.byEndpoint ?? [],
    ),
  };
}
