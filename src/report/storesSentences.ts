/** What became of stored data, in sentences; none where the scenario has no stores. */
import type { Result, StoreOutageResult, StoreResult } from "../result/result.js";
import { count, duration, list, percent, share, short } from "./format.js";
import { NAME_CHARACTERS } from "./rows.js";

/** Outages told of one store; the table has them all. */
const MAX_OUTAGES = 2;
/** Longest list of regions in a sentence. */
const MAX_COPY_CHARACTERS = 24;
/** By how much a percentile may be beside a recorded value, as a share of it. */
const HISTOGRAM_ERROR = 0.004;

/** For every store what was found and lost, and for its worst outages what they meant. */
export function storeLines(result: Result): readonly string[] {
  return result.stores.flatMap((store) => [foundLine(store), ...lossLines(store), ...outageLines(store)]);
}

function foundLine(store: StoreResult): string {
  const { reads, fresh, stale, missing, refused, staleS } = store;
  const name = `Store ${nameOf(store)} (${store.replication}, ${copyWords(store)})`;
  if (reads === 0) return `${name}: nothing was read${refusedWords(refused)}.`;
  if (fresh === reads)
    return `${name}: all ${count(reads)} reads found the latest data${refusedWords(refused)}.`;
  const parts = [
    ...(stale === 0 ? [] : [`${percent(stale / reads)} old data (${behindWords(staleS)})`]),
    ...(missing === 0 ? [] : [`${percent(missing / reads)} nothing`]),
  ];
  return `${name}: of ${count(reads)} reads ${parts.join(" and ")}${refusedWords(refused)}.`;
}

/** One figure where a histogram cannot tell the two apart: few reads were stale, or many since one moment. */
function behindWords({ p95, max }: StoreResult["staleS"]): string {
  return max - p95 <= HISTOGRAM_ERROR * max
    ? `at most ${duration(max)} behind`
    : `p95 ${duration(p95)} behind, at worst ${duration(max)}`;
}

/** Regions by name where that is short. */
function copyWords({ copies }: StoreResult): string {
  const names = list(copies.map((region) => short(region, NAME_CHARACTERS)));
  return names.length <= MAX_COPY_CHARACTERS ? names : `${copies.length} copies`;
}

function refusedWords(refused: number): string {
  return refused === 0 ? "" : `; ${count(refused)} ${refused === 1 ? "try" : "tries"} refused`;
}

function lossLines(store: StoreResult): readonly string[] {
  const { lost, writes, unwritten, overwritten, conflicts, stranded } = store;
  if (lost === 0 && conflicts === 0) return [];
  const parts = [
    ...(conflicts === 0
      ? []
      : [
          `${count(overwritten)} overwritten (${count(conflicts)} ${conflicts === 1 ? "conflict" : "conflicts"})`,
        ]),
    ...(unwritten === 0 ? [] : [`${count(unwritten)} never written`]),
    ...(stranded === 0 ? [] : [`${count(stranded)} in copies still down at the end`]),
  ];
  return [
    `Lost in ${nameOf(store)}: ${count(lost)} of ${count(writes + unwritten)} ${thingsOf(store)} (${share(lost, writes + unwritten)}): ${parts.join(", ")}.`,
  ];
}

function nameOf({ id }: StoreResult): string {
  return short(id, NAME_CHARACTERS);
}

/** What a write of the store is to its users. */
function thingsOf({ kind }: StoreResult): string {
  return kind === "conversation" ? "turns" : "writes";
}

function outageLines(store: StoreResult): readonly string[] {
  const worst = (outage: StoreOutageResult): number =>
    Math.max(...Object.values(outage.byClass).map(({ rpoWrites }) => rpoWrites));
  return [...store.outages]
    .sort((a, b) => worst(b) - worst(a) || a.startS - b.startS)
    .slice(0, MAX_OUTAGES)
    .map(
      (outage) => `When ${short(outage.region, NAME_CHARACTERS)} went down, ${outageWords(store, outage)}.`,
    );
}

function outageWords(store: StoreResult, { byClass, startS, endS }: StoreOutageResult): string {
  const losses = Object.values(byClass);
  const writes = losses.reduce((sum, { rpoWrites }) => sum + rpoWrites, 0);
  const oldestS = Math.max(...losses.map(({ rpoS }) => rpoS));
  const none =
    store.replication === "isolated"
      ? `nothing that ${nameOf(store)} held there was elsewhere`
      : `${nameOf(store)} had every write elsewhere too`;
  const point =
    writes === 0
      ? none
      : `${count(writes)} ${writes === 1 ? "write" : "writes"} of ${nameOf(store)} ${writes === 1 ? "was" : "were"} nowhere else, the oldest ${duration(oldestS)} old`;
  const home = losses.filter(({ isHome }) => isHome);
  if (home.length === 0) return point;
  if (home.some(({ rtoS }) => rtoS === null))
    return `${point}; ${home.every(({ rtoS }) => rtoS === null) ? "nobody" : "not every class"} had found its data again by the end`;
  const lastS = Math.max(...home.map(({ rtoS }) => rtoS ?? 0));
  const onceBack = lastS > endS - startS ? ", when it was back" : "";
  return `${point}; users first found their data again after ${duration(lastS)}${onceBack}`;
}
