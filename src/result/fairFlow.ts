/**
 * How much of several demands a set of endpoints can carry when each demand may use only some of them. A demand
 * is a rate and a mask of endpoints; an endpoint is a capacity. What cannot be carried is the largest excess of a
 * set of demands over the endpoints that any of them may use (Hall, Gale; max-flow = min-cut).
 *
 * Of all largest flows this gives the proportionally fair one: the share served of the worst-off demand is as
 * large as it can be, then that of the next. The worst-off are those behind the tightest cut; they take all that
 * lies behind it, and the rest share what is left.
 */

/** What becomes of the demands. */
export interface FairFlow {
  /** Share of each demand that is carried, 0 … 1; 1 for a demand of 0. */
  readonly shares: Float64Array;
  /** All demands times this could just be carried; Infinity when nothing bounds them. Below 1: some cannot. */
  readonly headroom: number;
}

/** A set of demands (as a flag each) and what it may use over what it asks. */
interface Cut {
  readonly members: Uint8Array;
  readonly ratio: number;
}

/** Endpoints beyond the 31st do not fit a mask; the model has no more. */
export function fairFlow(
  demands: Float64Array,
  masks: ArrayLike<number>,
  capacities: ArrayLike<number>,
): FairFlow {
  const shares = new Float64Array(demands.length).fill(1);
  const open = Uint8Array.from(demands, (demand) => (demand > 0 ? 1 : 0));
  let taken = 0;
  let headroom = Number.POSITIVE_INFINITY;
  let isFirst = true;
  while (open.includes(1)) {
    const free = Float64Array.from(capacities, (capacity, e) => (((taken >> e) & 1) === 1 ? 0 : capacity));
    const { members, ratio } = tightestCut(demands, masks, free, open);
    if (isFirst) headroom = ratio;
    isFirst = false;
    if (ratio >= 1) break;
    for (let g = 0; g < open.length; g++) {
      if (members[g] === 0) continue;
      shares[g] = ratio;
      taken |= masks[g]!;
      open[g] = 0;
    }
  }
  return { shares, headroom };
}

/**
 * The set with the smallest ratio of usable capacity to demand. Newton's way: try to carry all demands times a
 * ratio; if it fails, the cut that stopped it has a smaller ratio; if it does not, no smaller one exists. The
 * ratio falls at every turn and there are finitely many sets, so it ends.
 */
function tightestCut(
  demands: Float64Array,
  masks: ArrayLike<number>,
  free: Float64Array,
  open: Uint8Array,
): Cut {
  let best = cutOf(open, demands, masks, free);
  for (let g = 0; g < open.length; g++) {
    if (open[g] === 0) continue;
    const alone = new Uint8Array(open.length);
    alone[g] = 1;
    const cut = cutOf(alone, demands, masks, free);
    if (cut.ratio < best.ratio) best = cut;
  }
  while (best.ratio > 0 && best.ratio !== Number.POSITIVE_INFINITY) {
    const scaled = demands.map((demand, g) => (open[g] === 1 ? demand * best.ratio : 0));
    const stopped = unreached(scaled, masks, free);
    if (stopped === null) break;
    const cut = cutOf(stopped, demands, masks, free);
    if (cut.ratio >= best.ratio) break;
    best = cut;
  }
  return best;
}

function cutOf(
  members: Uint8Array,
  demands: Float64Array,
  masks: ArrayLike<number>,
  free: Float64Array,
): Cut {
  let asked = 0;
  let usable = 0;
  for (let g = 0; g < members.length; g++) {
    if (members[g] === 0) continue;
    asked += demands[g]!;
    usable |= masks[g]!;
  }
  let capacity = 0;
  for (let e = 0; e < free.length; e++) if (((usable >> e) & 1) === 1) capacity += free[e]!;
  return { members, ratio: asked === 0 ? Number.POSITIVE_INFINITY : capacity / asked };
}

/** Rounding errors of a flow, as a share of the demand: less than this is not an excess. */
const ROUNDING = 1e-12;

/** The demands on the near side of the min-cut when not all can be carried, or null when they can. */
function unreached(demands: Float64Array, masks: ArrayLike<number>, free: Float64Array): Uint8Array | null {
  const groups = demands.length;
  const endpoints = free.length;
  const left = demands.slice();
  const room = Float64Array.from(free);
  const flow = new Float64Array(groups * endpoints);
  const total = demands.reduce((sum, demand) => sum + demand, 0);
  const least = total * ROUNDING;
  for (let g = 0; g < groups; g++)
    for (let e = 0; e < endpoints && left[g]! > 0; e++) {
      if (((masks[g]! >> e) & 1) === 0) continue;
      const moved = Math.min(left[g]!, room[e]!);
      flow[g * endpoints + e] = moved;
      left[g] = left[g]! - moved;
      room[e] = room[e]! - moved;
    }
  const search = new PathSearch(groups, endpoints);
  while (true) {
    const last = search.shortest({ left, room, flow, masks, least });
    if (last < 0) break;
    search.push(last, left, room, flow);
  }
  const excess = left.reduce((sum, rest) => sum + rest, 0);
  return excess <= least * groups ? null : search.groupReached;
}

interface Residual {
  readonly left: Float64Array;
  readonly room: Float64Array;
  readonly flow: Float64Array;
  readonly masks: ArrayLike<number>;
  /** Less than this is nothing. */
  readonly least: number;
}

/** Shortest augmenting paths: at most demands × arcs of them, whatever the numbers (Edmonds and Karp). */
class PathSearch {
  readonly groupReached: Uint8Array;
  readonly #groups: number;
  readonly #endpoints: number;
  /** The demand an endpoint was reached from, −1 for none; and the endpoint a demand was reached from, −1 for the source. */
  readonly #from: Int32Array;
  readonly #via: Int32Array;
  readonly #line: Int32Array;

  constructor(groups: number, endpoints: number) {
    this.#groups = groups;
    this.#endpoints = endpoints;
    this.groupReached = new Uint8Array(groups);
    this.#from = new Int32Array(endpoints);
    this.#via = new Int32Array(groups);
    this.#line = new Int32Array(groups);
  }

  /** The endpoint with room that is nearest to a demand with something left, −1 for none. */
  shortest({ left, room, flow, masks, least }: Residual): number {
    this.groupReached.fill(0);
    this.#from.fill(-1);
    let tail = 0;
    for (let g = 0; g < this.#groups; g++) {
      if (left[g]! <= least) continue;
      this.groupReached[g] = 1;
      this.#via[g] = -1;
      this.#line[tail++] = g;
    }
    for (let head = 0; head < tail; head++) {
      const g = this.#line[head]!;
      for (let e = 0; e < this.#endpoints; e++) {
        if (((masks[g]! >> e) & 1) === 0 || this.#from[e]! >= 0) continue;
        this.#from[e] = g;
        if (room[e]! > least) return e;
        for (let other = 0; other < this.#groups; other++) {
          if (this.groupReached[other] === 1 || flow[other * this.#endpoints + e]! <= least) continue;
          this.groupReached[other] = 1;
          this.#via[other] = e;
          this.#line[tail++] = other;
        }
      }
    }
    return -1;
  }

  /** Moves as much as fits along the path that ends at endpoint `last`. */
  push(last: number, left: Float64Array, room: Float64Array, flow: Float64Array): void {
    let amount = room[last]!;
    let e = last;
    let g = this.#from[e]!;
    while (this.#via[g]! >= 0) {
      e = this.#via[g]!;
      amount = Math.min(amount, flow[g * this.#endpoints + e]!);
      g = this.#from[e]!;
    }
    amount = Math.min(amount, left[g]!);
    left[g] = left[g]! - amount;
    room[last] = room[last]! - amount;
    for (let at = last; ; ) {
      const giver = this.#from[at]!;
      flow[giver * this.#endpoints + at] = flow[giver * this.#endpoints + at]! + amount;
      if (this.#via[giver]! < 0) return;
      at = this.#via[giver]!;
      flow[giver * this.#endpoints + at] = flow[giver * this.#endpoints + at]! - amount;
    }
  }
}
