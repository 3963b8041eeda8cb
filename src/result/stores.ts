/** What became of data that outlives a request: what was found, what was lost, and how long its users waited for it. */
import type { Recording, StoreCounts, StoreOutage } from "../metrics/index.js";
import { Histogram } from "../metrics/index.js";
import { sumOver } from "./windows.js";

/** Reads and writes; reads = fresh + stale + missing. Every try of a user reads, so a request that is tried twice does twice. */
export interface StoreTotals {
  readonly reads: number;
  readonly fresh: number;
  readonly stale: number;
  readonly missing: number;
  /** Tries turned away for want of data; who asks again is counted again. */
  readonly refused: number;
  /** Those of them that could not even read: no copy could be reached, or none be written that had to be. */
  readonly unread: number;
  readonly writes: number;
  /** Writes on top of a state that was not the latest: both sides of a partition or of an outage wrote, or somebody was faster than the lag. */
  readonly conflicts: number;
  /** Writes lost for good: overwritten + unwritten + stranded. */
  readonly lost: number;
  /** In the latest state no longer: the last writer wins. */
  readonly overwritten: number;
  /** Answers given whose write could not be made. */
  readonly unwritten: number;
  /** Only in copies that were down when the run ended. */
  readonly stranded: number;
  /** By how much stale reads were behind: since when what they found was no longer the latest, seconds; 0 when none was. */
  readonly staleS: { readonly mean: number; readonly p95: number; readonly max: number };
}

/** What the outage of a region meant to one class. */
export interface StoreLoss {
  /** Writes that only this region had when it went down, and the age of the oldest, seconds: the recovery point. */
  readonly rpoWrites: number;
  readonly rpoS: number;
  /**
   * Until the first user at home there was answered with data from before, seconds: elsewhere, or once the region was
   * back. Null for not before the next outage or the end, or nobody at home.
   */
  readonly rtoS: number | null;
  readonly isHome: boolean;
}

/** A region with a copy or with users of the store went down. */
export interface StoreOutageResult {
  readonly region: string;
  /** The fault that began then; null when none is declared. */
  readonly fault: string | null;
  readonly startS: number;
  readonly endS: number;
  readonly byClass: Readonly<Record<string, StoreLoss>>;
}

/** One store. */
export interface StoreResult extends StoreTotals {
  readonly id: string;
  readonly kind: string;
  readonly replication: string;
  /** Regions that hold a copy. */
  readonly copies: readonly string[];
  readonly byClass: Readonly<Record<string, StoreTotals>>;
  readonly outages: readonly StoreOutageResult[];
  /** Columns of equal length, one entry per window. */
  readonly overTime: {
    readonly windowS: number;
    readonly reads: readonly number[];
    readonly stale: readonly number[];
    readonly missing: readonly number[];
    /** Furthest behind, seconds. */
    readonly worstS: readonly number[];
  };
}

const SECOND_US = 1e6;

/** The stores of a run, in the order of the scenario. Throws `bug: …` when reads do not add up. */
export function storeResults(recording: Recording): readonly StoreResult[] {
  const { labels } = recording;
  assertReadsAddUp(recording);
  return recording.stores.map((counts) => ({
    id: counts.id,
    kind: counts.kind,
    replication: counts.replication,
    copies: counts.regions.map((region) => labels.regions[region]!.id),
    ...storeTotals([counts], counts.classes),
    byClass: Object.fromEntries(
      counts.classes.map((c) => [labels.classes[c]!, storeTotals([counts], [c])] as const),
    ),
    outages: counts.outages.flatMap((outage) => outageResult(recording, counts, outage)),
    overTime: {
      windowS: recording.coarseUs / SECOND_US,
      reads: [...counts.readsOverTime],
      stale: [...counts.staleOverTime],
      missing: [...counts.missingOverTime],
      worstS: [...counts.worstOverTimeUs].map((us) => us / SECOND_US),
    },
  }));
}

/** Of the given classes at the given stores together. */
export function storeTotals(stores: readonly StoreCounts[], classes: readonly number[]): StoreTotals {
  const sum = (column: (counts: StoreCounts) => Float64Array): number =>
    stores.reduce((total, counts) => classes.reduce((n, c) => n + column(counts)[c]!, total), 0);
  const staleness = new Histogram();
  for (const counts of stores) for (const c of classes) counts.staleness.addTo(c, staleness);
  const fresh = sum((counts) => counts.fresh);
  const stale = sum((counts) => counts.stale);
  const missing = sum((counts) => counts.missing);
  const overwritten = sum((counts) => counts.overwritten);
  const unwritten = sum((counts) => counts.unwritten);
  const stranded = sum((counts) => counts.stranded);
  return {
    reads: fresh + stale + missing,
    fresh,
    stale,
    missing,
    refused: sum((counts) => counts.refused),
    unread: sum((counts) => counts.unread),
    writes: sum((counts) => counts.writes),
    conflicts: sum((counts) => counts.conflicts),
    lost: overwritten + unwritten + stranded,
    overwritten,
    unwritten,
    stranded,
    staleS: {
      mean: staleness.mean / SECOND_US,
      p95: staleness.quantile(0.95) / SECOND_US,
      max: staleness.max / SECOND_US,
    },
  };
}

/** What it meant to the classes that were at home there or had written there; nothing when there were none. */
function outageResult(
  recording: Recording,
  counts: StoreCounts,
  outage: StoreOutage,
): readonly StoreOutageResult[] {
  const { labels } = recording;
  const losses = counts.classes.flatMap((c): (readonly [string, StoreLoss])[] => {
    const isHome = labels.sites.some(
      (_, site) => recording.homeRegion[site * labels.classes.length + c] === outage.region,
    );
    const oldestUs = outage.oldestUs[c]!;
    const servedUs = outage.servedUs[c]!;
    const loss: StoreLoss = {
      rpoWrites: outage.exposed[c]!,
      rpoS: oldestUs < 0 ? 0 : (outage.startUs - oldestUs) / SECOND_US,
      rtoS: servedUs < 0 ? null : (servedUs - outage.startUs) / SECOND_US,
      isHome,
    };
    return isHome || loss.rpoWrites > 0 ? [[labels.classes[c]!, loss]] : [];
  });
  if (losses.length === 0) return [];
  const fault = labels.faults.find(
    ({ kind, startUs, regions }) =>
      kind === "region-down" && startUs === outage.startUs && regions.includes(outage.region),
  );
  return [
    {
      region: labels.regions[outage.region]!.id,
      fault: fault?.id ?? null,
      startS: outage.startUs / SECOND_US,
      endS: outage.endUs / SECOND_US,
      byClass: Object.fromEntries(losses),
    },
  ];
}

/** Reads must add up, over classes as over time: a store that counts one twice is wrong about all. Throws `bug: …`. */
function assertReadsAddUp(recording: Recording): void {
  for (const counts of recording.stores) {
    const { reads } = storeTotals([counts], counts.classes);
    const overTime = sumOver(counts.readsOverTime, 0, counts.readsOverTime.length);
    if (reads !== overTime)
      throw new Error(`bug: store ${counts.id} has ${reads} reads by class, ${overTime} over time`);
  }
}
