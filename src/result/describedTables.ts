/** What the columns of a sweep's tables mean, for readers who have no file yet: every file says the same of its own. */
import { MEASURE_PATTERNS } from "./measureMeanings.js";
import type { ColumnInfo } from "./parquet.js";
import {
  measureColumn,
  objectiveColumns,
  POINT_COLUMNS,
  RUN_COLUMNS,
  SERIES_COLUMNS,
  SERIES_NAMES,
  seriesColumn,
  settingColumn,
} from "./sweepColumns.js";

/** Columns by file; names in `<…>` stand for what the plan or the scenario says there. */
export type DescribedTables = Readonly<
  Record<"runs.parquet" | "points.parquet" | "series.parquet", readonly ColumnInfo[]>
>;

/** Every column that a sweep's tables can have. */
export function describedTables(): DescribedTables {
  const { run, point, replication, ...rest } = RUN_COLUMNS;
  const setting = settingColumn("<path>", null);
  const { pass, value } = objectiveColumns("<objective>");
  const series = SERIES_NAMES.map(([name, where]) => seriesColumn(name, where));
  return {
    "runs.parquet": [
      ...[run, point, replication, setting, ...Object.values(rest)],
      ...MEASURE_PATTERNS.map(measureColumn),
      pass,
      value,
    ],
    "points.parquet": [point, setting, ...Object.values(POINT_COLUMNS)],
    "series.parquet": [run, point, replication, setting, ...Object.values(SERIES_COLUMNS), ...series],
  };
}
