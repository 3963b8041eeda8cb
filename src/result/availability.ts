/** How available the service was, by the three usual definitions. */
import type { Recording } from "../metrics/index.js";
import type { Availability, Counts } from "./result.js";
import { addColumns, sumOver, wholeWindows } from "./windows.js";

const GOOD_SHARE = 0.99;
const MINUTE_US = 60e6;

/** By requests, by minutes (the last may be a part of one), and by origin. */
export function availability(
  recording: Recording,
  total: Counts,
  byOrigin: Readonly<Record<string, Counts>>,
): Availability {
  const shares = minuteShares(recording);
  return {
    requestRatio: servedShare(total),
    goodMinutes:
      shares.length === 0 ? 1 : shares.filter((share) => share >= GOOD_SHARE).length / shares.length,
    worstMinute: shares.reduce((worst, share) => Math.min(worst, share), 1),
    byOrigin: Object.fromEntries(
      Object.entries(byOrigin).map(([origin, counts]) => [origin, servedShare(counts)]),
    ),
  };
}

/** Of finished requests; 1 when none finished. */
function servedShare({ served, refused }: Counts): number {
  return served + refused === 0 ? 1 : served / (served + refused);
}

/** Served share of what finished in each minute that saw anything finish. */
function minuteShares(recording: Recording): number[] {
  const served = addColumns(recording.servedByOrigin, recording.windowCount);
  const refused = addColumns(recording.refusedByOrigin, recording.windowCount);
  const per = Math.max(1, Math.round(MINUTE_US / recording.windowUs));
  const shares: number[] = [];
  for (let w = 0; w < wholeWindows(recording); w += per) {
    const good = sumOver(served, w, w + per);
    const bad = sumOver(refused, w, w + per);
    if (good + bad > 0) shares.push(good / (good + bad));
  }
  return shares;
}
