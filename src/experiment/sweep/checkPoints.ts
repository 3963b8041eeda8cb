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
  /** Whether a design chooses its values itself, between two ends. */
  readonly samples: (design: number) => boolean;
}

/**
 * Everything that is wrong with `points`, up to twenty mistakes; `load` makes the scenario of one. Of more than
 * `most` points it looks at enough to have every value that the plan writes down, and the ends of what it samples.
 */
export function checkPoints(
  points: readonly SweepPoint[],
  places: PlanPlaces,
  load: (point: SweepPoint) => LoadResult,
  most: number = MOST_LOADED,
): readonly Issue[] {
  const mistakes = new Map<string, Mistake>();
  let issues: readonly Issue[] = [];
  for (const point of points.length <= most ? points : everyValueOnce(points, places)) {
    const found = load(point);
    if (found.ok) continue;
    addMistakes(mistakes, point, found.issues, places);
    issues = sortIssues([...mistakes.values()].map(told));
    if (issues.length >= MOST_ISSUES) return issues.slice(0, MOST_ISSUES);
  }
  return issues;
}

/** What is wrong with a path whatever its value is wrong with every value of it, and is told of the first. */
interface Mistake {
  readonly first: Issue;
  /** Where the plan makes it. */
  readonly places: Set<string>;
}

/** The same words about the same part of the scenario, by the same setting, are the same mistake. */
function addMistakes(
  mistakes: Map<string, Mistake>,
  point: SweepPoint,
  issues: readonly Issue[],
  places: PlanPlaces,
): void {
  pointIssues(point, issues, places).forEach((first, i) => {
    const issue = issues[i]!;
    const place = `${first.file}:${first.line}:${first.column}`;
    const name = JSON.stringify([blame(point, issue)?.path, issue.path, issue.code, issue.message]);
    const known = mistakes.get(name);
    if (known === undefined) mistakes.set(name, { first, places: new Set([place]) });
    else known.places.add(place);
  });
}

function told({ first, places }: Mistake): Issue {
  const more = places.size - 1;
  return more === 0
    ? first
    : { ...first, message: `${first.message} (and ${more} more value${more === 1 ? "" : "s"})` };
}

/** In a design that samples, every point has values of its own: the outermost of each path stand for them. */
function everyValueOnce(points: readonly SweepPoint[], { samples }: PlanPlaces): readonly SweepPoint[] {
  const chosen = new Set<SweepPoint>();
  const seen = new Set<string>();
  const ends = new Map<string, { least: SweepPoint; most: SweepPoint }>();
  for (const point of points) {
    for (const { path, value } of point.settings) {
      const name = JSON.stringify([point.design, path, samples(point.design) ? null : value]);
      if (!seen.has(name)) chosen.add(point);
      seen.add(name);
      if (!samples(point.design)) continue;
      const end = ends.get(name) ?? { least: point, most: point };
      if (numberAt(point, path) < numberAt(end.least, path)) end.least = point;
      if (numberAt(point, path) > numberAt(end.most, path)) end.most = point;
      ends.set(name, end);
    }
  }
  for (const { least, most } of ends.values()) chosen.add(least).add(most);
  // The far corner of a grid, where everything is as large as it gets.
  return [...chosen.add(points.at(-1)!)];
}

function numberAt({ settings }: SweepPoint, path: string): number {
  return Number.parseFloat(settings.find((setting) => setting.path === path)!.value);
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
