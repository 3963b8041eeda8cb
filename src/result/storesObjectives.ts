/** Values that objectives name of stores, over all of them or the one selected. */
import type { Recording } from "../metrics/index.js";
import type { ObjectiveQuery } from "./objectiveQuery.js";
import type { StoreResult } from "./stores.js";
import { storeTotals } from "./stores.js";

const NEVER = "never";
const NO_STORES = "no stores";
const MS_PER_SECOND = 1000;

/** `data.*` and `stale.*`: counts, shares of reads (of tries for those refused), and ms behind (0 when nothing was stale). */
export function storeValue(query: ObjectiveQuery, recording: Recording): number | string {
  const { store, class: className } = query.selectors;
  const stores = recording.stores.filter(({ id }) => store === undefined || id === store);
  if (stores.length === 0) return NO_STORES;
  const classes = recording.labels.classes.flatMap((name, c) =>
    className === undefined || name === className ? [c] : [],
  );
  const totals = storeTotals(stores, classes);
  const [head, tail] = query.metric.split(".") as [string, string];
  if (head === "stale") return totals.staleS[tail as "mean"] * MS_PER_SECOND;
  const value = totals[tail as "lost"];
  if (query.unit === "count") return value;
  const asked = totals.reads + (tail === "refused" ? totals.unread : 0);
  return asked === 0 ? 0 : value / asked;
}

/**
 * The largest recovery point or time of any region that went down, ms. A recovery time is of classes at home in it,
 * and is never when one of them never found its data.
 */
export function recoveryValue(
  query: ObjectiveQuery,
  stores: readonly StoreResult[],
  recording: Recording,
): number | string {
  const { store, class: className, region } = query.selectors;
  const losses = stores
    .filter(({ id }) => store === undefined || id === store)
    .flatMap(({ outages }) => outages.filter((outage) => region === undefined || outage.region === region))
    .flatMap(({ byClass }) => Object.entries(byClass))
    .flatMap(([name, loss]) => (className === undefined || name === className ? [loss] : []));
  if (losses.length === 0) return stores.length === 0 ? NO_STORES : withoutLosses(query, recording);
  if (query.metric === "rpo") return Math.max(...losses.map(({ rpoS }) => rpoS * MS_PER_SECOND));
  let longestMs = 0;
  for (const { isHome, rtoS } of losses) {
    if (!isHome) continue;
    if (rtoS === null) return NEVER;
    longestMs = Math.max(longestMs, rtoS * MS_PER_SECOND);
  }
  return longestMs;
}

/** 0 where a copy went down that others had all of and nobody was at home with; otherwise why there is no such time. */
function withoutLosses(query: ObjectiveQuery, { labels, stores }: Recording): number | string {
  const { store, class: className, region: only } = query.selectors;
  const isMeant = (r: number): boolean => only === undefined || labels.regions[r]!.id === only;
  const hadCopy = stores.some(
    ({ id, classes, regions, outages }) =>
      (store === undefined || id === store) &&
      (className === undefined || classes.some((c) => labels.classes[c] === className)) &&
      outages.some(({ region }) => isMeant(region) && regions.includes(region)),
  );
  if (hadCopy) return 0;
  return labels.faults.some(({ kind, regions }) => kind === "region-down" && regions.some(isMeant))
    ? "no data was in a region that went down"
    : "nothing went down";
}
