/** What became of stored data, in sentences; none where the scenario has no stores. */
import type { Result, StoreOutageResult, StoreResult } from "../result/result.js";
import { count, duration, percent, plain, share } from "./format.js";

/** Outages told of one store; the table has them all. */
const MAX_OUTAGES = 2;

/** For every store what was found and lost, and for its worst outages what they meant. */
export function storeLines(result: Result): readonly string[] {
  return result.stores.flatMap((store) => [foundLine(store), ...lossLines(store), ...outageLines(store)]);
}

function foundLine(store: StoreResult): string {
  const { reads, fresh, stale, missing, refused, staleS } = store;
  const name = `Store ${plain(store.id)} (${store.replication}, ${store.copies.map(plain).join(" + ")})`;
  if (reads === 0) return `${name}: nothing was read${refusedWords(refused)}.`;
  if (fresh === reads)
    return `${name}: all ${count(reads)} reads found the latest data${refusedWords(refused)}.`;
  const parts = [
    ...(stale === 0
      ? []
      : [
          `${percent(stale / reads)} old data (p95 ${duration(staleS.p95)} behind, at worst ${duration(staleS.max)})`,
        ]),
    ...(missing === 0 ? [] : [`${percent(missing / reads)} nothing`]),
  ];
  return `${name}: of ${count(reads)} reads ${parts.join(" and ")}${refusedWords(refused)}.`;
}

function refusedWords(refused: number): string {
  return refused === 0 ? "" : `; ${count(refused)} requests turned away for want of data`;
}

function lossLines(store: StoreResult): readonly string[] {
  const { lost, writes, unwritten, overwritten, conflicts, stranded } = store;
  if (lost === 0 && conflicts === 0) return [];
  const parts = [
    ...(conflicts === 0
      ? []
      : [
          `${count(overwritten)} overwritten where two sides had written (${count(conflicts)} ${conflicts === 1 ? "conflict" : "conflicts"})`,
        ]),
    ...(unwritten === 0 ? [] : [`${count(unwritten)} never written`]),
    ...(stranded === 0 ? [] : [`${count(stranded)} in copies still down at the end`]),
  ];
  return [
    `Lost for good in ${plain(store.id)}: ${count(lost)} of ${count(writes + unwritten)} ${thingsOf(store)} (${share(lost, writes + unwritten)}): ${parts.join(", ")}.`,
  ];
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
    .map((outage) => `When ${plain(outage.region)} went down, ${outageWords(store, outage)}.`);
}

function outageWords(store: StoreResult, { byClass }: StoreOutageResult): string {
  const losses = Object.values(byClass);
  const writes = losses.reduce((sum, { rpoWrites }) => sum + rpoWrites, 0);
  const oldestS = Math.max(...losses.map(({ rpoS }) => rpoS));
  const none =
    store.replication === "isolated"
      ? `nothing that ${plain(store.id)} held there was elsewhere`
      : `${plain(store.id)} had every write elsewhere too`;
  const point =
    writes === 0
      ? none
      : `${count(writes)} ${writes === 1 ? "write" : "writes"} of ${plain(store.id)} were nowhere else, the oldest ${duration(oldestS)} old`;
  const home = losses.filter(({ isHome }) => isHome);
  if (home.length === 0) return point;
  if (home.some(({ rtoS }) => rtoS === null)) return `${point}; some of its users never had their data back`;
  const lastS = Math.max(...home.map(({ rtoS }) => rtoS ?? 0));
  return `${point}; its users first had their data again after ${duration(lastS)}`;
}
