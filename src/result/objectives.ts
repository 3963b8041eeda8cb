/** Reads the value an objective names out of a result, and says whether it holds. */
import type { Recording } from "../metrics/index.js";
import type { Kind } from "./counts.js";
import { countsOf, offeredOf, refusedOf, total } from "./counts.js";
import { operationValue, promotionValue, versionValue } from "./driftObjectives.js";
import { fallbackAnswers } from "./fallbacks.js";
import type { LatencyCell } from "./latency.js";
import { mergeLatency, summarise } from "./latency.js";
import type { ObjectiveQuery } from "./objectiveQuery.js";
import type { ObjectiveResult, Result } from "./result.js";
import { recoveryValue, storeValue } from "./storesObjectives.js";

export type { ObjectiveQuery } from "./objectiveQuery.js";

/** Why a metric has no value; no objective holds on a word where a number was asked for. */
const NOTHING_SERVED = "nothing served";
const NEVER = "never";

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
    pass:
      (query.unit === "word" || typeof value === "number") && compare(value, query.operator, query.target),
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
      return ofCascade(query, result, tail);
    case "utilisation":
    case "queue":
      return ofRegions(query, result, head);
    case "detection":
    case "failover":
    case "restoration":
      return ofFaults(query, result, head);
    case "attempts":
      return tail === "perRequest" ? result.attempts.perRequest : result.attempts.client;
    case "amplification":
      if (tail !== "worst") return result.cascade.amplification.mean;
      return result.cascade.amplification.worst ?? "too little was asked";
    case "optimum":
      return ofOptimum(query, result, tail);
    case "cost":
      return ofCost(query, result, tail);
    case "fallback":
      return fallbackValue(query, recording);
    case "prefixHitRate":
      return prefixHitRate(query, result);
    default:
      return elsewhere(query, result, recording);
  }
}

/** What other files know of. */
function elsewhere(query: ObjectiveQuery, result: Finished, recording: Recording): number | string {
  switch (query.metric.split(".")[0]) {
    case "data":
    case "stale":
      return storeValue(query, recording);
    case "rpo":
    case "rto":
      return recoveryValue(query, result.stores, recording);
    case "versions":
      return versionValue(query, result.versions);
    case "promotion":
      return promotionValue(query, result.standbys);
    case "drill":
    case "evacuation":
      return operationValue(query, result.operations);
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

/** Of served requests. */
function fallbackValue(query: ObjectiveQuery, recording: Recording): number | string {
  const { answered, served } = fallbackAnswers(recording, selects(query, recording));
  if (query.unit === "count") return answered;
  return served === 0 ? NOTHING_SERVED : answered / served;
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

/** Longest over the selected faults, or over those that take something down when none is selected; ms. */
function ofFaults(
  query: ObjectiveQuery,
  result: Finished,
  head: "detection" | "failover" | "restoration",
): number | string {
  const { fault: wanted } = query.selectors;
  const faults = result.faults.filter(({ id, kind }) =>
    wanted === undefined ? kind === "region-down" || kind === "endpoint-down" : id === wanted,
  );
  if (faults.length === 0) return wanted === undefined ? "nothing went down" : "no such fault";
  let longestMs = 0;
  for (const fault of faults) {
    const at =
      head === "detection" ? fault.detectedS : head === "failover" ? fault.shifted99S : fault.restoredS;
    if (at === null) return NEVER;
    longestMs = Math.max(longestMs, (at - (head === "restoration" ? fault.endS : fault.startS)) * 1000);
  }
  return longestMs;
}

function ofCascade(query: ObjectiveQuery, { cascade }: Finished, tail: string | undefined): number | string {
  if (tail === "edges") return cascade.edges.length;
  if (tail === "size") return cascade.size;
  if (tail === "retrySafeMargin") {
    const wanted = cascade.margins.flatMap(({ region, retrySafeMargin }) =>
      retrySafeMargin === null || (query.selectors.region ?? region) !== region ? [] : [retrySafeMargin],
    );
    return wanted.length === 0 ? "no stated capacity" : Math.min(...wanted);
  }
  if (tail === "depth" || query.unit === "count") return cascade.depth;
  return cascade.metastable ? "metastable" : cascade.depth === 0 ? "none" : "cascade";
}

function ofOptimum(query: ObjectiveQuery, { optimum }: Finished, tail: string | undefined): number | string {
  if (tail === "headroom") return optimum.tightest?.headroom ?? "nothing bounds it";
  const { origin } = query.selectors;
  const counts = origin === undefined ? optimum : optimum.byOrigin[origin];
  if (counts === undefined) return "no such origin";
  const refused = tail === "refusedUnavoidable" ? counts.refusedUnavoidable : counts.refusedByPolicy;
  if (query.unit === "count") return refused;
  return counts.offered === 0 ? 0 : refused / counts.offered;
}

function ofCost(query: ObjectiveQuery, { cost }: Finished, tail: string | undefined): number | string {
  if (cost === null) return "no prices";
  if (tail === "perThousandServed") return cost.perThousandServed ?? NOTHING_SERVED;
  const { endpoint } = query.selectors;
  if (endpoint === undefined) return cost.total;
  const priced = cost.byEndpoint.find(({ id }) => id === endpoint);
  return priced === undefined ? "no prices" : priced.tokensUsd + priced.replicasUsd;
}

/** Of all groups of replicas together, or of the one selected. */
function prefixHitRate(query: ObjectiveQuery, { replicas }: Finished): number | string {
  const { endpoint } = query.selectors;
  const groups = replicas.filter((group) => endpoint === undefined || group.endpoint === endpoint);
  const prompts = groups.reduce((sum, group) => sum + group.promptTokens, 0);
  if (prompts === 0) return groups.length === 0 ? "no replicas" : NOTHING_SERVED;
  return groups.reduce((sum, group) => sum + group.cachedTokens, 0) / prompts;
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
