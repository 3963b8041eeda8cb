/**
 * How far each region is from the cliff. The load that counts is the largest of any ten seconds in normal
 * times, which end with the first fault, and of first tries alone: what the retries would add is the other
 * factor, and a peak that holds a storm already would count them twice.
 */
import type { Recording } from "../metrics/index.js";
import { CapacityReader } from "./capacityReader.js";
import { RunningSum } from "./columns.js";
import type { Cascade } from "./result.js";
import { addColumns, maxOver, regionCalls, sumOver, wholeWindows } from "./windows.js";

const TEN_SECONDS_US = 10e6;

/** One row per region, in their order. `triesPerRequest` is what one request may become when everything fails. */
export function margins(recording: Recording, triesPerRequest: number): Cascade["margins"] {
  const { regions, endpoints } = recording.labels;
  const count = regions.length;
  const firstTries = firstTryShares(recording);
  const [from, to] = normalWindows(recording);
  const deficits = deficitCalls(recording);
  return regions.map((region, r) => {
    const mine = endpoints.filter((endpoint) => endpoint.region === r);
    const capacity = mine.reduce((sum, endpoint) => sum + endpoint.capacityPerS, 0);
    const calls = regionCalls(recording, r);
    const usual = calls.map((n, w) => n * firstTries[w]!);
    const usualPeakPerS = largestMean(recording, usual, from, to);
    const bounded = Number.isFinite(capacity) && mine.length > 0;
    return {
      region: region.id,
      capacityPerS: bounded ? capacity : null,
      peakLoadPerS: largestMean(recording, calls, 0, wholeWindows(recording)),
      usualPeakPerS,
      naiveLimit: count > 1 ? (count - 1) / count : 1,
      ...(isConfined(recording, r) ? { confined: true as const } : {}),
      retrySafeMargin: bounded && usualPeakPerS > 0 ? capacity / (triesPerRequest * usualPeakPerS) : null,
      deficitCapacityS: bounded && capacity > 0 ? deficits[r]! / capacity : null,
    };
  });
}

/** Whether users are at home in a region and every one of them has lawful endpoints there alone. */
function isConfined({ labels, homeRegion, offered }: Recording, region: number): boolean {
  const phases = labels.phases.length;
  const elsewhere = labels.endpoints.reduce(
    (mask, at, e) => (at.region === region ? mask : mask | (1 << e)),
    0,
  );
  const atHome = labels.lawful.filter(
    (_, kind) => homeRegion[kind] === region && sumOver(offered, kind * phases, (kind + 1) * phases) > 0,
  );
  return atHome.length > 0 && atHome.every((mask) => (mask & elsewhere) === 0);
}

/** By region, the calls beyond its capacity of the time, over stretches of ten seconds: ∫ max(0, calls − capacity). */
function deficitCalls(recording: Recording): Float64Array {
  const { labels, windowUs } = recording;
  const wide = tenSeconds(recording);
  const calls = labels.regions.map((_, r) => new RunningSum(regionCalls(recording, r)));
  const reader = new CapacityReader(recording);
  const deficits = new Float64Array(labels.regions.length);
  for (let w = 0; w + wide <= wholeWindows(recording); w += wide) {
    const could = new Float64Array(labels.regions.length);
    reader.between(w * windowUs, (w + wide) * windowUs).forEach((n, e) => {
      const { region } = labels.endpoints[e]!;
      could[region] = could[region]! + n;
    });
    calls.forEach((column, r) => {
      deficits[r] = deficits[r]! + Math.max(0, column.over(w, w + wide) - could[r]!);
    });
  }
  return deficits;
}

/** From the end of the warm-up to the first fault; the whole run when there is no fault, or no ten seconds before it. */
function normalWindows(recording: Recording): readonly [from: number, to: number] {
  const { windowUs, warmupUs, labels } = recording;
  const from = Math.ceil(warmupUs / windowUs);
  const firstUs = labels.faults.reduce(
    (first, fault) => Math.min(first, fault.startUs),
    Number.POSITIVE_INFINITY,
  );
  const to = Math.floor(firstUs / windowUs);
  return to - from >= tenSeconds(recording) && Number.isFinite(to)
    ? [from, to]
    : [0, wholeWindows(recording)];
}

/** Requests over calls of the ten seconds around each window, all regions together, at most 1. */
function firstTryShares(recording: Recording): Float64Array {
  const offered = addColumns(recording.offeredByOrigin, recording.windowCount);
  const calls = addColumns(recording.callsByHome, recording.windowCount);
  const half = Math.floor(tenSeconds(recording) / 2);
  return calls.map((_, w) => {
    const made = sumOver(calls, w - half, w + half + 1);
    return made === 0 ? 1 : Math.min(1, sumOver(offered, w - half, w + half + 1) / made);
  });
}

/** Largest mean per second over ten seconds that lie in `from` … `to`. */
function largestMean(recording: Recording, column: Float64Array, from: number, to: number): number {
  const wide = tenSeconds(recording);
  const means = column.map((_, w) =>
    w < from || w + wide > to ? 0 : sumOver(column, w, w + wide) / ((wide * recording.windowUs) / 1e6),
  );
  return maxOver(means, 0, means.length);
}

function tenSeconds(recording: Recording): number {
  return Math.max(1, Math.round(TEN_SECONDS_US / recording.windowUs));
}
