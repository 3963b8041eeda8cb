/** Values that objectives name of versions, promotions, drills and evacuations. */
import type { ObjectiveQuery } from "./objectiveQuery.js";
import type { OperationResult, OperationsResult, StandbyResult } from "./resultDrift.js";
import type { VersionsResult } from "./versions.js";

const NEVER = "never";
const MS_PER_S = 1000;

/** `versions.*`: shares of conversations or of served requests, or counts; nothing is skewed where versions never differ. */
export function versionValue(query: ObjectiveQuery, versions: VersionsResult | null): number | string {
  if (versions === null) return 0;
  switch (query.metric) {
    case "versions.skewed":
      return query.unit === "count" ? versions.skewed : versions.skewedShare;
    case "versions.betweenRegions": {
      const served = Object.values(versions.served).reduce((sum, n) => sum + n, 0);
      if (query.unit === "count" || served === 0) return versions.betweenRegions;
      return versions.betweenRegions / served;
    }
    case "versions.switches":
      return versions.switches;
    default:
      return versions.pinRefused;
  }
}

/** From the moment a standby was needed until it served, ms, for each time it was: 0 where a drill had it serving, Infinity for one that never did. */
function waitsMs(standbys: readonly StandbyResult[]): readonly number[] {
  return standbys.flatMap(({ promotions, keptS, waitingSinceS }) => {
    const served = promotions.filter(({ why, failure }) => why !== "drill" && failure === null);
    const waits = [...served.map(({ neededS, endS }) => (endS - neededS) * MS_PER_S), ...keptS.map(() => 0)];
    return waitingSinceS === null ? waits : [...waits, Number.POSITIVE_INFINITY];
  });
}

/** `promotion.*`: what failed when it was needed, and how long users waited; drills do not count. */
export function promotionValue(query: ObjectiveQuery, all: readonly StandbyResult[]): number | string {
  const { endpoint } = query.selectors;
  const standbys = all.filter((standby) => endpoint === undefined || standby.endpoint === endpoint);
  if (standbys.length === 0) return "no standbys";
  const tries = standbys.flatMap(({ promotions }) => promotions).filter(({ why }) => why !== "drill");
  if (query.metric === "promotion.tries") return tries.length;
  if (query.metric === "promotion.failed") return tries.filter(({ failure }) => failure !== null).length;
  const waits = [...waitsMs(standbys)].sort((a, b) => a - b);
  if (waits.length === 0) return "nothing was promoted";
  const value = statistic(query.metric, waits);
  return value === Number.POSITIVE_INFINITY ? NEVER : value;
}

/** The mean, the largest, or the smallest that at least 95 % do not exceed. */
function statistic(metric: string, sorted: readonly number[]): number {
  if (metric === "promotion.mean") return sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
  if (metric === "promotion.max") return sorted[sorted.length - 1]!;
  return sorted[Math.max(1, Math.ceil(0.95 * sorted.length - 1e-9)) - 1]!;
}

/** `drill.*` and `evacuation.*`: how often, what was found, what was refused meanwhile, how long it took. */
export function operationValue(query: ObjectiveQuery, operations: OperationsResult | null): number | string {
  const [kind, what] = query.metric.split(".") as ["drill" | "evacuation", string];
  const mine = operations?.list.filter((operation) => operation.kind === kind) ?? [];
  switch (what) {
    case "refused":
      return refusedOf(query, kind === "drill" ? mine.filter(isDrillsOwn) : mine.filter(isLeaving));
    case "passed":
      return mine.filter(({ outcome }) => outcome === "passed").length;
    case "found":
      return mine.filter(({ outcome }) => outcome.startsWith("found ")).length;
    default:
      return longestMs(mine);
  }
}

/** What is refused while a drill turns into an outage is the price of the outage. */
export function isDrillsOwn({ outcome }: OperationResult): boolean {
  return !outcome.startsWith("aborted");
}

/** Stages of leaving: not the time away, and not the way back. */
function isLeaving({ stage }: OperationResult): boolean {
  return stage !== "away" && stage !== "return";
}

function refusedOf({ unit }: ObjectiveQuery, list: readonly OperationResult[]): number {
  const refused = list.reduce((sum, operation) => sum + operation.refused, 0);
  if (unit === "count") return refused;
  const ended = list.reduce((sum, operation) => sum + operation.served + operation.refused, 0);
  return ended === 0 ? 0 : refused / ended;
}

/** From the first stage of an evacuation to the end of its last, the longest of them; ms. */
function longestMs(list: readonly OperationResult[]): number | string {
  const stages = list.filter(isLeaving);
  if (stages.length === 0) return "nothing was evacuated";
  if (stages.some(({ endS }) => endS === null)) return NEVER;
  const ids = [...new Set(stages.map(({ id }) => id))];
  const spans = ids.map((id) => {
    const own = stages.filter((stage) => stage.id === id);
    return Math.max(...own.map(({ endS }) => endS!)) - Math.min(...own.map(({ startS }) => startS));
  });
  return Math.max(...spans) * MS_PER_S;
}
