/** What the replications of a point say together, one row a measure. */
import type { Replicated } from "../../result/estimates.js";
import { measureInfo } from "../../result/measures.js";
import type { Cell, ColumnInfo } from "../../result/parquet.js";
import { POINT_COLUMNS, type PointColumn } from "../../result/sweepColumns.js";

type Row = Readonly<Record<PointColumn, Cell>>;

const EMPTY: Row = {
  measure: null,
  kind: null,
  unit: null,
  n: null,
  value: null,
  sd: null,
  low: null,
  high: null,
  min: null,
  median: null,
  max: null,
  verdict: null,
};

const POOLED_PARTS = ["mean", "p50", "p90", "p95", "p99", "max"] as const;

/** The cells of every row: means over replications, pooled latencies, objectives. */
export function* pointRows(summary: Replicated): Generator<readonly (readonly [ColumnInfo, Cell])[]> {
  for (const row of rowsOf(summary))
    yield Object.entries(POINT_COLUMNS).map(([name, info]) => [info, row[name as PointColumn]] as const);
}

function* rowsOf({ estimates, pooled, objectives }: Replicated): Generator<Row> {
  for (const { key, n, mean, sd, interval, min, median, max } of estimates) {
    const ends = { low: interval?.low ?? null, high: interval?.high ?? null };
    const { unit } = measureInfo(key);
    yield { ...EMPTY, measure: key, kind: "mean", unit, n, value: mean, sd, ...ends, min, median, max };
  }
  for (const { key, count, ...quantiles } of pooled)
    for (const part of POOLED_PARTS) {
      const brace = key.indexOf("{");
      const measure = brace < 0 ? `${key}.${part}` : `${key.slice(0, brace)}.${part}${key.slice(brace)}`;
      yield { ...EMPTY, measure, kind: "pooled", unit: "ms", n: count, value: quantiles[part] };
    }
  for (const { name, passes, of, passInterval, verdict } of objectives) {
    const { low, high } = passInterval;
    yield {
      ...EMPTY,
      measure: name,
      kind: "objective",
      unit: "ratio",
      n: of,
      value: passes / of,
      low,
      high,
      verdict,
    };
  }
}
