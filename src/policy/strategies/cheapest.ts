import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { orFarthest } from "./scores.js";
import type { Draw, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

class Cheapest implements Picker {
  readonly #price: Float64Array;

  constructor(targets: readonly StrategyTarget[]) {
    this.#price = Float64Array.from(targets, ({ pricePerMTok }) => orFarthest(pricePerMTok));
  }

  pick(_fleet: Fleet, candidates: number, draw: Draw): number {
    let best = lowestBit(candidates);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const price = this.#price[i]!;
      const bestPrice = this.#price[best]!;
      if (price < bestPrice || (price === bestPrice && isNearer(i, best, draw))) best = i;
    }
    return best;
  }
}

function isNearer(a: number, b: number, draw: Draw): boolean {
  return orFarthest(draw.rttMs[a]) < orFarthest(draw.rttMs[b]);
}

/**
 * The lowest price per token; of equal prices the smaller round trip, of equal ones the earlier. A price that nobody
 * states counts as the highest: LiteLLM's cost-based routing, which takes it for a dollar per token, does the same.
 */
export const cheapest: Strategy<OptionsOf<"cheapest">> = {
  name: "cheapest",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "cheapest" },
  create: (_options, targets) => new Cheapest(targets),
};
