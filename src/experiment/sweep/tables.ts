/**
 * A finished sweep as tables. Rows are asked for in the order of the canonical run list, so that what comes out does
 * not know who ran what, when, or in how many parts.
 */
import { sha256Hex } from "../../kernel/index.js";
import type { ObjectiveEstimate, Stopping } from "../../result/estimates.js";
import { measureOf } from "../../result/measures.js";
import { type Cell, type Column, type ColumnInfo, TableWriter } from "../../result/parquet.js";
import type { Series } from "../../result/result.js";
import {
  measureColumn,
  objectiveColumns,
  POINT_COLUMNS,
  RUN_COLUMNS,
  SERIES_COLUMNS,
  seriesColumn,
} from "../../result/sweepColumns.js";
import { summariseSamples } from "../replicate/estimate.js";
import { pointRows } from "./pointRows.js";
import type { SweepPoint } from "./points.js";
import { type SweepRow, sampleOf } from "./rows.js";
import { type RunIdentity, runKey } from "./runList.js";
import { settingCells } from "./settingCells.js";
import type { RunList } from "./sweep.js";

/** Everything a finished sweep is kept as. */
export interface SweepTables {
  /** A Parquet file with one row a run. */
  readonly runs: Uint8Array;
  /** One row for each measure of each point. */
  readonly points: Uint8Array;
  /** One row for each window of each run; null unless the plan keeps them. */
  readonly series: Uint8Array | null;
  /** Over the digests of all runs in order: two sweeps agree when it does. */
  readonly digest: string;
  /** By point id, how often each objective held there. */
  readonly objectives: ReadonlyMap<string, readonly ObjectiveEstimate[]>;
}

type Cells = [ColumnInfo, Cell][];

/**
 * The tables of `list`; `rowOf` gives the row of a run by its key, and is asked twice a run: which columns there are is
 * known only when every row was seen. Held at once are the runs of one point and the packed tables.
 */
export function sweepTables(list: RunList, rowOf: (key: string) => SweepRow, confidence = 0.95): SweepTables {
  const { plan } = list;
  const settings = settingCells(list.points);
  const columns = columnsOf(list, rowOf, settings);
  const runs = new TableWriter(columns.runs);
  const points = new TableWriter(columns.points);
  const series = plan.keepSeries ? new TableWriter(columns.series) : null;
  const objectives = new Map<string, readonly ObjectiveEstimate[]>();
  const digests: string[] = [];
  for (const [index, point] of list.points.entries()) {
    const rows: SweepRow[] = [];
    for (const { begin, identity, row } of runsOf(list, index, rowOf, settings)) {
      runs.add(runCells(begin, identity, row));
      if (row.series !== null)
        for (const cells of windowCells(begin, identity.replication, row.series)) series?.add(cells);
      digests.push(row.digest);
      rows.push(row);
    }
    const summary = summariseSamples(rows.map(sampleOf), fixed(plan.replications), confidence);
    objectives.set(point.id, summary.objectives);
    const begin: Cells = [[RUN_COLUMNS.point, point.id], ...settings(point)];
    for (const cells of pointRows(summary)) points.add([...begin, ...cells]);
  }
  const digest = sha256Hex(digests.join("\n"));
  const metadata = metadataOf(list, digest);
  return {
    runs: runs.finish(metadata),
    points: points.finish(metadata),
    series: series?.finish(metadata) ?? null,
    digest,
    objectives,
  };
}

type Settings = (point: SweepPoint) => Cells;

/** The runs of a point, replication by replication. */
function* runsOf(
  list: RunList,
  index: number,
  rowOf: (key: string) => SweepRow,
  settings: Settings,
): Generator<{ readonly begin: RunBegin; readonly identity: RunIdentity; readonly row: SweepRow }> {
  const point = list.points[index]!;
  const first = index * list.plan.replications;
  const begin = { point: point.id, settings: settings(point) };
  for (let run = first; run < first + list.plan.replications; run += 1) {
    const identity = list.identityOf(run);
    yield { begin: { ...begin, run }, identity, row: rowOf(runKey(identity)) };
  }
}

/** The columns of every table, in the order in which rows first name them. */
function columnsOf(
  list: RunList,
  rowOf: (key: string) => SweepRow,
  settings: Settings,
): Readonly<Record<"runs" | "points" | "series", readonly Column[]>> {
  const runs = new Map<string, Column>();
  const series = new Map<string, Column>();
  for (const index of list.points.keys())
    for (const { begin, identity, row } of runsOf(list, index, rowOf, settings)) {
      for (const [info] of runCells(begin, identity, row))
        if (!runs.has(info.name)) runs.set(info.name, { ...info, absent: measureOf(new Map(), info.name) });
      if (row.series === null) continue;
      // Every window of a run has the columns of its first.
      const [window = []] = windowCells(begin, identity.replication, row.series);
      for (const [info] of window) if (!series.has(info.name)) series.set(info.name, info);
    }
  const [point] = list.points;
  const set = point === undefined ? [] : settings(point).map(([info]) => info);
  return {
    runs: [...runs.values()],
    points: [RUN_COLUMNS.point, ...set, ...Object.values(POINT_COLUMNS)],
    series: [...series.values()],
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
