import type { OptionsOf } from "./configs.js";
import { SmoothTurns } from "./smoothTurns.js";
import type { Draw, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

class SmoothWeighted implements Picker {
  readonly turns: SmoothTurns;
  readonly #weight: Float64Array;

  constructor(targets: readonly StrategyTarget[]) {
    this.turns = new SmoothTurns(targets.length);
    this.#weight = Float64Array.from(targets, ({ weight }) => weight);
  }

  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    return this.turns.next(candidates, this.#weight);
  }

  sent(target: number, candidates: number, _nowMs: number): void {
    this.turns.taken(target, candidates, this.#weight);
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
