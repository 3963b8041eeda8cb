/** Reads the value an objective names out of a result, and says whether it holds. */
import type { Recording } from "../metrics/index.js";
import type { Kind } from "./counts.js";
import { countsOf, offeredOf, refusedOf, total } from "./counts.js";
import type { LatencyCell } from "./latency.js";
import { mergeLatency, summarise } from "./latency.js";
import type { ObjectiveResult, Result } from "./result.js";

/** An objective as the scenario states it. */
export interface ObjectiveQuery {
  readonly text: string;
  readonly metric: string;
  readonly selectors: Readonly<Record<string, string>>;
  readonly operator: "<" | "<=" | ">" | ">=" | "==" | "!=";
  readonly target: number | string;
  readonly unit: "ms" | "ratio" | "count" | "word";
}

/** The value of a latency nobody had; no objective holds on it. */
const NOTHING_SERVED = "nothing served";

type Finished = Omit<Result, "objectives">;

/** The verdict on one objective. Throws `bug: …` for a metric that reading the scenario should have refused. */
export function judgeObjective(
  query: ObjectiveQuery,
  result: Finished,
  recording: Recording,
): ObjectiveResult {
  const value = objectiveValue(query, result, recording);
  return {
    name: query.text,
    pass: value !== NOTHING_SERVED && compare(value, query.operator, query.target),
    value,
    target: query.target,
    unit: query.unit,
  };
}

function objectiveValue(query: ObjectiveQuery, result: Finished, recording: Recording): number | string {
  const [head, tail] = query.metric.split(".") as [string, string | undefined];
  switch (head) {
    case "ttft":
    case "e2e": {
      const pool = head === "ttft" ? recording.ttft : recording.e2e;
      const summary = summarise(mergeLatency(recording, pool, selects(query, recording)));
      return summary.count === 0 ? NOTHING_SERVED : summary[(tail ?? "p95") as "mean"];
    }
    case "offered":
    case "refused":
    case "served":
    case "inFlight":
      return shareOrCount(query, head, recording);
    case "availability":
      if (tail === "worstMinute") return result.availability.worstMinute;
      if (tail === "goodMinutes") return result.availability.goodMinutes;
      return servedOfFinished(query, recording);
    case "metastable":
      return String(result.cascade.metastable);
    case "residency":
      return tail === "checked" ? result.residency.checked : result.residency.violations;
    case "cascade":
      if (tail === "edges") return result.cascade.edges.length;
      if (tail === "depth" || query.unit === "count") return result.cascade.depth;
      return result.cascade.metastable ? "metastable" : result.cascade.depth === 0 ? "none" : "cascade";
    case "utilisation":
    case "queue":
      return ofRegions(query, result, head);
    case "detection":
    case "failover":
    case "restoration":
      return ofFaults(query, result, head);
    case "attempts":
      return tail === "perRequest" ? result.attempts.perRequest : result.attempts.client;
    default:
      throw new Error(
        `bug: objective "${query.text}" passed validation with the unknown metric ${query.metric}`,
      );
  }
}

/**
 * Which cells the selectors mean. Unknown names were refused when the file was read. With several
 * spells of faults the phases carry their names: `during` then means all of them.
 */
function selects(query: ObjectiveQuery, recording: Recording): (cell: LatencyCell) => boolean {
  const { labels } = recording;
  const { class: className, region, endpoint, phase } = query.selectors;
  const origin = query.selectors.origin ?? query.selectors.from;
  return (cell) =>
    (origin === undefined ||
      labels.origins[labels.sites[cell.site]!.origin] === origin ||
      labels.sites[cell.site]!.country === origin ||
      labels.sites[cell.site]!.id === origin) &&
    (className === undefined || labels.classes[cell.classIndex] === className) &&
    (phase === undefined || isPhase(labels.phases[cell.phase]!, phase)) &&
    (endpoint === undefined || labels.endpoints[cell.endpoint]!.id === endpoint) &&
    (region === undefined || labels.regions[labels.endpoints[cell.endpoint]!.region]!.id === region);
}

function isPhase(label: string, wanted: string): boolean {
  return label === wanted || label.startsWith(`${wanted} `);
}

/**
 * Which requests the selectors mean. Only a served request has an endpoint: for all others a region is
 * the one that serves such users when nothing is wrong.
 */
function selectsKinds(query: ObjectiveQuery, recording: Recording): (kind: Kind) => boolean {
  const { region, endpoint: _, ...others } = query.selectors;
  const wanted = selects({ ...query, selectors: others }, recording);
  const { regions, classes } = recording.labels;
  const home = ({ site, classIndex }: Kind): number =>
    recording.homeRegion[site * classes.length + classIndex]!;
  return (kind) =>
    wanted({ ...kind, endpoint: 0 }) && (region === undefined || regions[home(kind)]?.id === region);
}

function shareOrCount(
  query: ObjectiveQuery,
  head: "offered" | "refused" | "served" | "inFlight",
  recording: Recording,
): number {
  const kinds = selectsKinds(query, recording);
  const offered = offeredOf(recording, kinds);
  const refused: Readonly<Record<string, number | undefined>> = refusedOf(recording, kinds);
  const { cause } = query.selectors;
  const alias = cause === "residency" ? "residency_no_legal_region" : cause;
  let count = offered;
  if (head === "refused") count = alias === undefined ? total(refused) : (refused[alias] ?? 0);
  if (head === "served") count = mergeLatency(recording, recording.e2e, selects(query, recording)).count;
  if (head === "inFlight") count = countsOf(recording, kinds).inFlight;
  if (query.unit === "count") return count;
  return offered === 0 ? 0 : count / offered;
}

/** 1 when nothing finished. */
function servedOfFinished(query: ObjectiveQuery, recording: Recording): number {
  const { served, refused } = countsOf(recording, selectsKinds(query, recording));
  return served + refused === 0 ? 1 : served / (served + refused);
}

function ofRegions(query: ObjectiveQuery, result: Finished, head: "utilisation" | "queue"): number {
  const regions = result.regions.filter(
    (region) => query.selectors.region === undefined || region.id === query.selectors.region,
  );
  const values = regions.map((region) =>
    head === "queue"
      ? region.peakQueue
      : query.metric.endsWith("peak")
        ? region.peakUtilisation
        : region.utilisation,
  );
  return Math.max(0, ...values);
}

/** Longest over the selected faults, ms; Infinity (written as a word) when it never happened. */
function ofFaults(
  query: ObjectiveQuery,
  result: Finished,
  head: "detection" | "failover" | "restoration",
): number {
  const faults = result.faults.filter(
    (fault) => query.selectors.fault === undefined || fault.id === query.selectors.fault,
  );
  return Math.max(
    0,
    ...faults.map((fault) => {
      const at =
        head === "detection" ? fault.detectedS : head === "failover" ? fault.shifted99S : fault.restoredS;
      if (at === null) return Number.MAX_SAFE_INTEGER;
      return (at - (head === "restoration" ? fault.endS : fault.startS)) * 1000;
    }),
  );
}

function compare(
  value: number | string,
  operator: ObjectiveQuery["operator"],
  target: number | string,
): boolean {
  switch (operator) {
    case "<":
      return value < target;
    case "<=":
      return value <= target;
    case ">":
      return value > target;
    case ">=":
      return value >= target;
    case "==":
      return value === target;
    case "!=":
      return value !== target;
  }
}
