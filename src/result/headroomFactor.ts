/** Capacity as a multiple of load, for one region and for all. */
import type { HeadroomRow } from "./sizing.js";

/** What usually comes to a region at its peak; to one that nothing usually comes to, what the loss of another brings. */
export function basisPerS({
  normal,
  withoutOne,
  worstLegal,
}: Pick<HeadroomRow, "normal" | "withoutOne" | "worstLegal">): number {
  return normal.demandPerS || withoutOne?.demandPerS || worstLegal.demandPerS;
}

/** Capacity of all regions together over what {@link basisPerS} says of them; null where nothing bounds one, or none is asked. */
export function headroomFactor(rows: readonly HeadroomRow[]): number | null {
  let [capacity, basis] = [0, 0];
  for (const row of rows) {
    // Nobody ever comes: what it could do is no headroom of anybody's.
    if (basisPerS(row) === 0) continue;
    if (row.normal.capacityPerS === null) return null;
    capacity += row.normal.capacityPerS;
    basis += basisPerS(row);
  }
  return basis === 0 ? null : capacity / basis;
}
