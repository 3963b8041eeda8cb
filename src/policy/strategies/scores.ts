/** What several strategies reckon with. */
import { bitAt, bitCount, lowestBit } from "../bits.js";

/** A time or distance; one that is missing, negative or not a number counts as the longest. */
export function orFarthest(value: number | undefined): number {
  return value !== undefined && value >= 0 ? value : Number.POSITIVE_INFINITY;
}

/**
 * A member of the set by chance, in proportion to `weight`, −1 for the empty set. Members of weight 0 take part only
 * when all have weight 0, and then equally.
 */
export function pickByWeight(weight: ArrayLike<number>, candidates: number, u: number): number {
  let total = 0;
  for (let rest = candidates; rest !== 0; rest &= rest - 1) total += weight[lowestBit(rest)]!;
  if (!(total > 0)) return bitAt(candidates, Math.floor(u * bitCount(candidates)));
  let left = u * total;
  let last = -1;
  for (let rest = candidates; rest !== 0; rest &= rest - 1) {
    const i = lowestBit(rest);
    if (weight[i]! <= 0) continue;
    last = i;
    left -= weight[i]!;
    if (left < 0) return i;
  }
  // Rounding can leave a crumb when u is just below 1: it belongs to the last one with weight.
  return last;
}
