/** The recording as at most a few hundred points per line, for charts; and the lanes under them. */

import type { HistogramPool, Recording } from "../metrics/index.js";
import { Histogram } from "../metrics/index.js";
import { allCalls } from "./amplification.js";
import type { Lane, OriginSeries, RegionSeries, Series } from "./result.js";
import { addColumns, maxOver, regionCalls, regionUtilisation, sumOver } from "./windows.js";

/** Every column of the document, folded to the coarse windows of the recording. */
export function series(recording: Recording): Series {
  const { labels, coarseUs, coarseCount, windowUs } = recording;
  const per = Math.round(coarseUs / windowUs);
  // What happens at the very end of the run belongs to the last point.
  const to = (c: number): number => (c === coarseCount - 1 ? recording.windowCount : (c + 1) * per);
  const fold = (column: ArrayLike<number>): number[] =>
    Array.from({ length: coarseCount }, (_, c) => sumOver(column, c * per, to(c)));
  return {
    windowS: coarseUs / 1e6,
    startS: Array.from({ length: coarseCount }, (_, c) => (c * coarseUs) / 1e6),
    byOrigin: Object.fromEntries(
      labels.origins.map((origin, o) => [origin, originSeries(recording, o, fold)]),
    ),
    byRegion: Object.fromEntries(
      labels.regions.map((region, r) => [region.id, regionSeries(recording, r, per, fold)]),
    ),
    refusedByCause: Object.fromEntries(
      labels.causes.flatMap((cause, c) => {
        const column = recording.refusedByCause[c]!;
        return column === null ? [] : [[cause, fold(column)]];
      }),
    ),
    attempts: fold(recording.clientAttempts),
    calls: fold(allCalls(recording)),
  };
}

function originSeries(
  recording: Recording,
  origin: number,
  fold: (column: ArrayLike<number>) => number[],
): OriginSeries {
  const ttft = quantilesOverTime(recording, recording.ttftOverTime, origin);
  const e2e = quantilesOverTime(recording, recording.e2eOverTime, origin);
  return {
    offered: fold(recording.offeredByOrigin[origin]!),
    served: fold(recording.servedByOrigin[origin]!),
    refused: fold(recording.refusedByOrigin[origin]!),
    ttftP50Ms: ttft.p50,
    ttftP95Ms: ttft.p95,
    e2eP50Ms: e2e.p50,
    e2eP95Ms: e2e.p95,
  };
}

/** ms per coarse window; null where nothing was served. */
function quantilesOverTime(recording: Recording, pool: HistogramPool, origin: number): QuantileColumns {
  const merged = new Histogram();
  const columns = { p50: [] as (number | null)[], p95: [] as (number | null)[] };
  for (let c = 0; c < recording.coarseCount; c++) {
    merged.clear();
    pool.addTo(origin * recording.coarseCount + c, merged);
    columns.p50.push(merged.count === 0 ? null : Math.round(merged.quantile(0.5)) / 1000);
    columns.p95.push(merged.count === 0 ? null : Math.round(merged.quantile(0.95)) / 1000);
  }
  return columns;
}

interface QuantileColumns {
  readonly p50: (number | null)[];
  readonly p95: (number | null)[];
}

function regionSeries(
  recording: Recording,
  region: number,
  per: number,
  fold: (column: ArrayLike<number>) => number[],
): RegionSeries {
  const calls = regionCalls(recording, region);
  const own = regionCalls(recording, region, region);
  const diverted = addColumns([calls, own.map((n) => -n)], recording.windowCount);
  const lastUs = recording.durationUs;
  return {
    utilisation: fold(regionUtilisation(recording, region)).map((sum, c) => {
      const wide = Math.min(per, Math.max(1, (lastUs - c * recording.coarseUs) / recording.windowUs));
      return Math.round((sum / wide) * 1e6) / 1e6;
    }),
    queue: Array.from({ length: recording.coarseCount }, (_, c) =>
      maxOver(recording.queuePeak[region]!, c * per, (c + 1) * per),
    ),
    calls: fold(calls),
    divertedCalls: fold(diverted),
  };
}

/** What was true of each region, and what each observer believed, as stretches of time. */
export function lanes(recording: Recording): Lane[] {
  const { labels, durationUs } = recording;
  const truth = labels.faults.flatMap((fault) =>
    fault.regions.map((region) => ({
      region: labels.regions[region]!.id,
      observer: "truth",
      state: stateWord(fault.kind),
      startS: fault.startUs / 1e6,
      endS: fault.endUs / 1e6,
    })),
  );
  const open = new Map<string, number>();
  const beliefs: Lane[] = [];
  const close = (key: string, endUs: number): void => {
    const [observer, kind, target] = key.split("\u0000") as [string, string, string];
    const region = (kind === "gateway" ? labels.gateways : labels.endpoints)[Number(target)]!.region;
    beliefs.push({
      region: labels.regions[region]!.id,
      observer,
      state: "down",
      startS: open.get(key)! / 1e6,
      endS: endUs / 1e6,
    });
    open.delete(key);
  };
  for (const belief of recording.beliefs) {
    const key = [belief.observer, belief.targetKind, belief.target].join("\u0000");
    if (!belief.up && !open.has(key)) open.set(key, belief.timeUs);
    else if (belief.up && open.has(key)) close(key, belief.timeUs);
  }
  for (const key of [...open.keys()]) close(key, durationUs);
  return [...truth, ...beliefs];
}

function stateWord(kind: string): string {
  if (kind === "region-down" || kind === "endpoint-down") return "down";
  return kind;
}
