import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import type { Draw, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

class SmoothWeighted implements Picker {
  /** What each target is owed, in units of weight; the sum over all is 0. */
  readonly owed: Float64Array;
  readonly #weight: Float64Array;

  constructor(targets: readonly StrategyTarget[]) {
    this.owed = new Float64Array(targets.length);
    this.#weight = Float64Array.from(targets, ({ weight }) => weight);
  }

  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    const even = this.#totalWeight(candidates) > 0 ? 0 : 1;
    let best = -1;
    let mostOwed = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const weight = this.#weight[i]! + even;
      const owed = this.owed[i]! + weight;
      if (weight > 0 && (best < 0 || owed > mostOwed)) {
        best = i;
        mostOwed = owed;
      }
    }
    return best;
  }

  sent(target: number, candidates: number, _nowMs: number): void {
    if ((candidates & (1 << target)) === 0) return;
    const total = this.#totalWeight(candidates);
    const even = total > 0 ? 0 : 1;
    let given = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      this.owed[i]! += this.#weight[i]! + even;
      given += this.#weight[i]! + even;
    }
    this.owed[target]! -= given;
  }

  #totalWeight(candidates: number): number {
    let total = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) total += this.#weight[lowestBit(rest)]!;
    return total;
  }
}

/**
 * In turn, as often as weight says and as evenly spread as that goes: weights 5, 1, 1 give a a b a c a a. Every turn
 * each candidate is owed its weight more; who is owed most is taken and pays the sum. Of equal ones the earlier.
 * Weight 0 takes part only when all candidates have weight 0, and then evenly. Uses no luck.
 *
 * Rule: the smooth weighted round robin of nginx.
 */
export const smoothWeighted: Strategy<OptionsOf<"smooth-weighted">> = {
  name: "smooth-weighted",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "smooth-weighted" },
  create: (_options, targets) => new SmoothWeighted(targets),
};
