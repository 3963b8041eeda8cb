/**
 * A finished sweep as tables. Rows are asked for in the order of the canonical run list, so that what comes out does
 * not know who ran what, when, or in how many parts.
 */
import { sha256Hex } from "../../kernel/index.js";
import type { Stopping } from "../../result/estimates.js";
import { measureOf } from "../../result/measures.js";
import { type Cell, type ColumnInfo, type Table, TableBuilder } from "../../result/parquet.js";
import type { Series } from "../../result/result.js";
import {
  measureColumn,
  objectiveColumns,
  RUN_COLUMNS,
  SERIES_COLUMNS,
  seriesColumn,
} from "../../result/sweepColumns.js";
import { summariseSamples } from "../replicate/estimate.js";
import { pointRows } from "./pointRows.js";
import { type SweepRow, sampleOf } from "./rows.js";
import { type RunIdentity, runKey } from "./runList.js";
import { settingCells } from "./settingCells.js";
import type { RunList } from "./sweep.js";

/** Everything a finished sweep is kept as. */
export interface SweepTables {
  /** One row a run. */
  readonly runs: Table;
  /** One row for each measure of each point. */
  readonly points: Table;
  /** One row for each window of each run; null unless the plan keeps them. */
  readonly series: Table | null;
  /** Over the digests of all runs in order: two sweeps agree when it does. */
  readonly digest: string;
}

type Cells = [ColumnInfo, Cell][];

/** The tables of `list`; `rowOf` gives the row of a run by its key, and is asked once a run. */
export function sweepTables(list: RunList, rowOf: (key: string) => SweepRow, confidence = 0.95): SweepTables {
  const { plan, points } = list;
  const runs = new TableBuilder();
  const estimates = new TableBuilder();
  const series = new TableBuilder();
  const digests: string[] = [];
  const settings = settingCells(points);
  points.forEach((point, index) => {
    const rows = Array.from({ length: plan.replications }, (_, replication) => {
      const run = index * plan.replications + replication;
      const identity = list.identityOf(run);
      const row = rowOf(runKey(identity));
      const begin = { run, point: point.id, settings: settings(point) };
      runs.add(runCells(begin, identity, row));
      if (row.series !== null)
        for (const cells of windowCells(begin, replication, row.series)) series.add(cells);
      digests.push(row.digest);
      return row;
    });
    const summary = summariseSamples(rows.map(sampleOf), fixed(plan.replications), confidence);
    for (const cells of pointRows(summary))
      estimates.add([[RUN_COLUMNS.point, point.id], ...settings(point), ...cells]);
  });
  const digest = sha256Hex(digests.join("\n"));
  const metadata = metadataOf(list, digest);
  return {
    runs: { columns: runs.columns((name) => measureOf(new Map(), name)), metadata },
    points: { columns: estimates.columns(), metadata },
    series: plan.keepSeries ? { columns: series.columns(), metadata } : null,
    digest,
  };
}

/** What each file says of its origin; nothing of the moment or the machine. */
function metadataOf(
  { plan, sha256, scenarioSha256 }: RunList,
  digest: string,
): Readonly<Record<string, string>> {
  return {
    "regionsim.plan": plan.name,
    "regionsim.plan.sha256": sha256,
    "regionsim.scenario.sha256": scenarioSha256,
    "regionsim.digest": digest,
  };
}

function fixed(replications: number): Stopping {
  return { reason: "fixed", width: null, of: [], reached: null, least: replications, most: replications };
}

/** How the rows of a run begin. */
interface RunBegin {
  readonly run: number;
  readonly point: string;
  readonly settings: Cells;
}

function runCells({ run, point, settings }: RunBegin, { replication }: RunIdentity, row: SweepRow): Cells {
  const cells: Cells = [
    [RUN_COLUMNS.run, run],
    [RUN_COLUMNS.point, point],
    [RUN_COLUMNS.replication, replication],
    ...settings,
    [RUN_COLUMNS.seed, row.seed],
    [RUN_COLUMNS.scenario, row.scenarioSha256],
    [RUN_COLUMNS.digest, row.digest],
  ];
  for (const [key, value] of Object.entries(row.measures)) cells.push([measureColumn(key), value]);
  for (const { name, pass, value } of row.objectives) {
    const columns = objectiveColumns(name);
    cells.push([columns.pass, pass], [columns.value, typeof value === "number" ? value : null]);
  }
  return cells;
}

function* windowCells(
  { run, point, settings }: RunBegin,
  replication: number,
  series: Series,
): Generator<Cells> {
  const lines = linesOf(series);
  for (const [window, startS] of series.startS.entries())
    yield [
      [RUN_COLUMNS.run, run],
      [RUN_COLUMNS.point, point],
      [RUN_COLUMNS.replication, replication],
      ...settings,
      [SERIES_COLUMNS.start, startS],
      [SERIES_COLUMNS.window, series.windowS],
      ...lines.map(([info, values]): [ColumnInfo, Cell] => [info, values[window] ?? null]),
    ];
}

type Line = readonly [info: ColumnInfo, values: readonly (number | null)[]];

function linesOf({ byOrigin, byRegion, refusedByCause, attempts, calls }: Series): readonly Line[] {
  const grouped = (by: string, groups: Readonly<Record<string, object>>): Line[] =>
    Object.entries(groups).flatMap(([group, lines]) =>
      Object.entries(lines as Readonly<Record<string, readonly (number | null)[]>>).map(
        ([name, values]): Line => [seriesColumn(name, `{${by}=${group}}`), values],
      ),
    );
  return [
    ...grouped("origin", byOrigin),
    ...grouped("region", byRegion),
    ...Object.entries(refusedByCause).map(
      ([cause, values]): Line => [seriesColumn("refused", `{cause=${cause}}`), values],
    ),
    [seriesColumn("attempts", ""), attempts],
    [seriesColumn("calls", ""), calls],
  ];
}
