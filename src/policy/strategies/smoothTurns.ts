/** Weighted turns, evenly spread, among sets that change. */
import { lowestBit } from "../bits.js";

/**
 * Every turn each member of the set is owed its weight more; who is owed most is taken and pays for all. Members of
 * weight 0 take part only when all of the set have weight 0, and then evenly; of equal ones the earlier. Who is not in
 * a set is owed nothing for that turn, so that nobody who comes back is flooded.
 */
export class SmoothTurns {
  /** In units of weight; the sum over all is 0. */
  readonly owed: Float64Array;

  constructor(members: number) {
    this.owed = new Float64Array(members);
  }

  /** Whose turn it is; −1 for the empty set. Changes nothing. */
  next(set: number, weight: ArrayLike<number>): number {
    const even = totalWeight(set, weight) > 0 ? 0 : 1;
    let best = -1;
    let mostOwed = 0;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const share = weight[i]! + even;
      const owed = this.owed[i]! + share;
      if (share > 0 && (best < 0 || owed > mostOwed)) {
        best = i;
        mostOwed = owed;
      }
    }
    return best;
  }

  /** Notes that `chosen` had its turn among the members of the set; nothing when it is none of them. */
  taken(chosen: number, set: number, weight: ArrayLike<number>): void {
    if ((set & (1 << chosen)) === 0) return;
    const total = totalWeight(set, weight);
    const even = total > 0 ? 0 : 1;
    let paid = 0;
    for (let rest = set; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const share = weight[i]! + even;
      this.owed[i]! += share;
      paid += share;
    }
    this.owed[chosen]! -= paid;
  }
}

function totalWeight(set: number, weight: ArrayLike<number>): number {
  let total = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) total += weight[lowestBit(rest)]!;
  return total;
}
