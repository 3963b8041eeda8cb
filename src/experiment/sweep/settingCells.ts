/** The settings of points as columns: one a path, the same for every table of a sweep. */
import type { Cell, ColumnInfo } from "../../result/parquet.js";
import { settingColumn } from "../../result/sweepColumns.js";
import type { SweepPoint } from "./points.js";

const NUMBER = /^(-?\d+(?:\.\d+)?)([A-Za-z%]*)$/;

/**
 * Of a point, every path that any of `points` sets, with its value. A path whose values are all numbers of one unit
 * (`10s`, `60s`) is a column of numbers in it; any other is one of texts.
 */
export function settingCells(
  points: readonly SweepPoint[],
): (point: SweepPoint) => [info: ColumnInfo, value: Cell][] {
  const units = new Map<string, string | null>();
  for (const { settings } of points)
    for (const { path, value } of settings) {
      const unit = NUMBER.exec(value)?.[2] ?? null;
      const known = units.get(path);
      units.set(path, known === undefined || known === unit ? unit : null);
    }
  const columns = [...units].map(([path, unit]) => ({ path, unit, info: settingColumn(path, unit) }));
  return ({ settings }) =>
    columns.map(({ path, unit, info }) => {
      const value = settings.find((setting) => setting.path === path)?.value;
      if (value === undefined) return [info, null];
      return [info, unit === null ? value : Number(NUMBER.exec(value)![1])];
    });
}
