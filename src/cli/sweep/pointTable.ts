/** The points of a sweep beside how often each objective held there, for the terminal. */
import type { RunList, SweepPoint } from "../../experiment/sweep/index.js";
import type { ObjectiveEstimate } from "../../result/estimates.js";

/** What came of the objectives, by point id. */
type Estimates = ReadonlyMap<string, readonly ObjectiveEstimate[]>;

/** More points than these are for a file to show. */
const MOST_POINTS = 48;

/** Lines of the table, with a legend of the objectives; none for many points or without objectives. */
export function pointTable({ points }: Pick<RunList, "points">, estimates: Estimates): readonly string[] {
  if (points.length > MOST_POINTS) return [];
  const objectives = [...new Set([...estimates.values()].flatMap((each) => each.map(({ name }) => name)))];
  if (objectives.length === 0) return [];
  const paths = variedPaths(points);
  const rows = [
    [...shortNames(paths), ...objectives.map((_, i) => `[${i + 1}]`)],
    ...points.map((point) => [
      ...paths.map((path) => settingOf(point, path)),
      ...objectives.map((objective) => heldAt(estimates, point, objective)),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map(
    (row) =>
      `  ${row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd()}`,
  );
  return ["", ...lines, "", ...objectives.map((objective, i) => `  [${i + 1}] held: ${objective}`)];
}

/** Paths with more than one value; what is the same everywhere tells points apart nowhere. */
function variedPaths(points: readonly SweepPoint[]): readonly string[] {
  const paths = new Set(points.flatMap(({ settings }) => settings.map(({ path }) => path)));
  return [...paths].filter(
    (path) => points.length === 1 || new Set(points.map((point) => settingOf(point, path))).size > 1,
  );
}

function settingOf({ settings }: SweepPoint, path: string): string {
  return settings.find((setting) => setting.path === path)?.value ?? "-";
}

/** `3/4`: the replications of a point in which an objective held; empty where it is none of its own. */
function heldAt(estimates: Estimates, { id }: SweepPoint, objective: string): string {
  const found = estimates.get(id)?.find(({ name }) => name === objective);
  return found === undefined ? "" : `${found.passes}/${found.of}`;
}

/** As few steps from the end of each path as tell all of them apart. */
function shortNames(paths: readonly string[]): readonly string[] {
  for (let steps = 1; ; steps += 1) {
    const names = paths.map((path) => path.split(".").slice(-steps).join("."));
    const whole = paths.every((path) => path.split(".").length <= steps);
    if (whole || new Set(names).size === paths.length) return names;
  }
}
