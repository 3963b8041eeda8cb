import { lowestBit } from "../bits.js";
import { REASON_SPILL_CAPPED } from "../causes.js";
import type { OptionsOf } from "./configs.js";
import { orFarthest } from "./scores.js";
import type { Draw, Fleet, Picker, Sets, Strategy, StrategyTarget } from "./strategy.js";

type Options = OptionsOf<"waterfall">;

class Waterfall implements Picker {
  readonly #tier: Float64Array;
  /** Requests at once; Infinity where nobody says, so such a target is never full. */
  readonly #capacity: Float64Array;
  readonly #options: Options;

  constructor(options: Options, targets: readonly StrategyTarget[]) {
    this.#options = options;
    this.#tier = Float64Array.from(targets, ({ tier }) => tier);
    this.#capacity = Float64Array.from(targets, ({ capacity }) => capacity ?? Number.POSITIVE_INFINITY);
  }

  pick(fleet: Fleet, candidates: number, draw: Draw, sets: Sets): number {
    const { fill, spillCap, onCapped } = this.#options;
    if (candidates === 0) return -1;
    const home = this.#best(sets.lawful | candidates, draw);
    // Nobody is better than the home, so where it has room the others need not be looked at.
    if ((candidates & (1 << home)) !== 0 && this.#fits(fleet, home, fill)) return home;
    const cap = Math.min(fill, spillCap);
    let best = -1;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      if (i === home || !this.#fits(fleet, i, cap)) continue;
      if (best < 0 || this.#isNearer(i, best, draw)) best = i;
    }
    if (best >= 0) return best;
    best = this.#emptiest(fleet, candidates, home, draw, sets);
    if (best >= 0) return best;
    return onCapped === "refuse" ? -1 : this.#best(candidates, draw);
  }

  /** The least full of those a spill may still go to, the home always among them; −1 when there is none. */
  #emptiest(fleet: Fleet, candidates: number, home: number, draw: Draw, sets: Sets): number {
    let best = -1;
    let bestFull = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      if (i !== home && !this.#fits(fleet, i, this.#options.spillCap)) {
        sets.reason |= REASON_SPILL_CAPPED;
        continue;
      }
      const full = (fleet.inFlight[i]! + 1) / this.#capacity[i]!;
      if (best < 0 || full < bestFull || (full === bestFull && this.#isNearer(i, best, draw))) {
        best = i;
        bestFull = full;
      }
    }
    return best;
  }

  #fits(fleet: Fleet, i: number, share: number): boolean {
    return fleet.inFlight[i]! + 1 <= share * this.#capacity[i]!;
  }

  #best(mask: number, draw: Draw): number {
    let best = lowestBit(mask);
    for (let rest = mask & (mask - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      if (this.#isNearer(i, best, draw)) best = i;
    }
    return best;
  }

  #isNearer(a: number, b: number, draw: Draw): boolean {
    const byTier = this.#tier[a]! - this.#tier[b]!;
    if (byTier !== 0) return byTier < 0;
    const aMs = orFarthest(draw.rttMs[a]);
    const bMs = orFarthest(draw.rttMs[b]);
    return aMs < bMs || (aMs === bMs && a < b);
  }
}

/**
 * Fills the best target up to a share of its capacity, then the next: best by tier, then by round trip, of equal ones
 * the earlier. Uses no luck.
 *
 * A request's home is the best target that may lawfully take it, up or down. Whatever goes elsewhere is spilled. When
 * all candidates are filled, the least full one takes it (of equally full ones the better), but no spill pushes a
 * target beyond `spillCap`: then the request stays at home with reason `spill-capped`. When its home is not there and
 * every receiver is at the cap, it goes to the best of them all the same (`stay`) or to nobody (`refuse`). That is
 * what stops a cascade: survivors are asked for what they can do, not for what was lost.
 *
 * Capacity is what this gateway may have in flight there: several gateways over one target each see their own calls
 * only. A target without a capacity is never full.
 *
 * Rule: WATERFALL_BY_REGION of Google Cloud's load balancers; the cap is the idea of their `isolationConfig`, which
 * limits or forbids overflow across regions.
 */
export const waterfall: Strategy<Options> = {
  name: "waterfall",
  usesLuck: false,
  reach: "all-tiers",
  defaults: { kind: "waterfall", fill: 0.8, spillCap: 1, onCapped: "stay" },
  create: (options, targets) => new Waterfall(options, targets),
};
