import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { orFarthest } from "./scores.js";
import type { Draw, Fleet, Picker, Strategy, StrategyTarget } from "./strategy.js";

class Geoproximity implements Picker {
  readonly #biasPercent: Float64Array;

  constructor(targets: readonly StrategyTarget[]) {
    this.#biasPercent = Float64Array.from(targets, ({ biasPercent }) => biasPercent ?? 0);
  }

  pick(_fleet: Fleet, candidates: number, draw: Draw): number {
    let best = -1;
    let bestKm = Number.POSITIVE_INFINITY;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const km = biasedKm(orFarthest(draw.distanceKm[i]), this.#biasPercent[i]!);
      if (best < 0 || km < bestKm) {
        best = i;
        bestKm = km;
      }
    }
    return best;
  }
}

/**
 * How far away a target of this bias seems, km. A positive bias draws it nearer by that share; a negative one pushes
 * it away as far as the positive one would have drawn it in: −50 doubles.
 */
export function biasedKm(km: number, biasPercent: number): number {
  return biasPercent >= 0 ? km * (1 - biasPercent / 100) : km / (1 + biasPercent / 100);
}

/**
 * The smallest great circle after each target's bias. A distance that is missing counts as the longest; of equal ones
 * the earlier. Uses no luck. Rule: geoproximity routing of Route 53, biases −99 to 99.
 */
export const geoproximity: Strategy<OptionsOf<"geoproximity">> = {
  name: "geoproximity",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "geoproximity" },
  create: (_options, targets) => new Geoproximity(targets),
};
