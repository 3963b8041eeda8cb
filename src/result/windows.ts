/** Small readings of per-window columns. A column's last entry may be a partial window. */
import type { Recording } from "../metrics/index.js";

/** Sum of the windows `from` up to and not including `to`; what lies outside the column counts nothing. */
export function sumOver(column: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let w = Math.max(0, from); w < Math.min(to, column.length); w++) sum += column[w]!;
  return sum;
}

/** Largest of the windows `from` up to and not including `to`, and never below 0. */
export function maxOver(column: ArrayLike<number>, from: number, to: number): number {
  let max = 0;
  for (let w = Math.max(0, from); w < Math.min(to, column.length); w++)
    if (column[w]! > max) max = column[w]!;
  return max;
}

/** Entry-wise sum of columns; a new column. */
export function addColumns(columns: readonly ArrayLike<number>[], length: number): Float64Array {
  const sum = new Float64Array(length);
  for (const column of columns) for (let w = 0; w < length; w++) sum[w] = sum[w]! + column[w]!;
  return sum;
}

/** Whole windows in the run. */
export function wholeWindows(recording: Recording): number {
  return Math.floor(recording.durationUs / recording.windowUs);
}

/** Busy share of a region's slots per window, 0 … 1; endpoints weigh by their slots. */
export function regionUtilisation(recording: Recording, region: number): Float64Array {
  const mine = recording.labels.endpoints
    .map((endpoint, e) => ({ endpoint, e }))
    .filter(({ endpoint }) => endpoint.region === region);
  const slots = mine.reduce((sum, { endpoint }) => sum + endpoint.slots, 0);
  const busyUs = addColumns(
    mine.map(({ e }) => recording.busy[e]!.integralUs),
    recording.windowCount,
  );
  return busyUs.map((us) => (slots === 0 ? 0 : us / (slots * recording.windowUs)));
}

/** Calls per window that reached a region; with `home`, only those of users whose home it is. */
export function regionCalls(recording: Recording, region: number, home?: number): Float64Array {
  const regions = recording.labels.regions.length;
  const wanted = recording.labels.regions.map((_, h) => h).filter((h) => home === undefined || h === home);
  return addColumns(
    wanted.map((h) => recording.callsByHome[region * regions + h]!),
    recording.windowCount,
  );
}
