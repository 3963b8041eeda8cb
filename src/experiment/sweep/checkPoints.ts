/**
 * Whether the settings of a plan make scenarios, told at the lines of the plan: what is wrong with a point is wrong with
 * a value that somebody wrote there.
 */
import type { Issue, Position } from "../../scenario/issue.js";
import { sortIssues } from "../../scenario/issue.js";
import type { LoadResult } from "../../scenario/load.js";
import { SET_FILE } from "../../scenario/setValues.js";
import type { SweepPoint } from "./points.js";

/** Plans of more points are not looked at point by point: loading one takes some milliseconds. */
const MOST_LOADED = 1000;
/** Nobody mends more than these at once, and one wrong path is wrong at every point. */
const MOST_ISSUES = 20;

/** Where a plan says what. */
export interface PlanPlaces {
  readonly placeOf: (design: number, path: string, value: string) => Position;
}

/** Everything that is wrong with `points`, up to twenty mistakes; `load` makes the scenario of one. */
export function checkPoints(
  points: readonly SweepPoint[],
  places: PlanPlaces,
  load: (point: SweepPoint) => LoadResult,
): readonly Issue[] {
  let issues: readonly Issue[] = [];
  for (const point of points.length <= MOST_LOADED ? points : everyValueOnce(points)) {
    const found = load(point);
    if (!found.ok) issues = sortIssues([...issues, ...pointIssues(point, found.issues, places)]);
    if (issues.length >= MOST_ISSUES) return issues.slice(0, MOST_ISSUES);
  }
  return issues;
}

/** Points that together have every value of every path, and the last, which in a grid is the far corner. */
function everyValueOnce(points: readonly SweepPoint[]): readonly SweepPoint[] {
  const seen = new Set<string>();
  const chosen = points.filter(({ settings, design }, index) => {
    const fresh = settings.filter(({ path, value }) => !seen.has(JSON.stringify([design, path, value])));
    for (const { path, value } of fresh) seen.add(JSON.stringify([design, path, value]));
    return fresh.length > 0 || index === points.length - 1;
  });
  // Sampled values are all different, and lie between two ends that were looked at first.
  return chosen.length <= MOST_LOADED ? chosen : [...chosen.slice(0, MOST_LOADED - 1), chosen.at(-1)!];
}

/** The mistakes of a point's scenario, moved to where the plan says what makes them. */
export function pointIssues(
  point: SweepPoint,
  issues: readonly Issue[],
  { placeOf }: PlanPlaces,
): readonly Issue[] {
  return issues.map((issue) => {
    const blamed = blame(point, issue);
    if (blamed === undefined) return issue;
    const at = placeOf(point.design, blamed.path, blamed.value);
    if (issue.file === SET_FILE) return { ...issue, ...at };
    const message = `at the point ${pointText(point)}: ${issue.message} (${issue.file}:${issue.line})`;
    return { ...issue, ...at, message };
  });
}

/** The setting that an issue is about: the loader counts them as lines; else the one that touches the same part. */
function blame(point: SweepPoint, issue: Issue): SweepPoint["settings"][number] | undefined {
  const { settings } = point;
  if (issue.file === SET_FILE) return settings[issue.line - 1];
  return (
    settings.find(({ path }) => issue.path.startsWith(path) || path.startsWith(`${issue.path}.`)) ??
    settings[0]
  );
}

/** `deployment.entry.ttl=10s, faults[0].for=2m`. */
export function pointText({ settings }: Pick<SweepPoint, "settings">): string {
  return settings.map(({ path, value }) => `${path}=${value}`).join(", ");
}
