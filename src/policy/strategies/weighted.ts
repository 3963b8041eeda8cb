import { bitAt, bitCount, lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

const picker: Picker = {
  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    let total = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) total += fleet.weight[lowestBit(rest)]!;
    if (total <= 0) return bitAt(candidates, Math.floor(draw.u * bitCount(candidates)));
    let left = draw.u * total;
    let last = -1;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const weight = fleet.weight[i]!;
      if (weight <= 0) continue;
      last = i;
      left -= weight;
      if (left < 0) return i;
    }
    // Rounding can leave a crumb when u is just below 1: it belongs to the last one with weight.
    return last;
  },
};

/**
 * By chance, in proportion to weight. Targets of weight 0 take part only when all candidates have
 * weight 0, and then equally: the rule of weighted DNS records. Uses the first draw.
 */
export const weighted: Strategy<OptionsOf<"weighted">> = {
  name: "weighted",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "weighted" },
  create: () => picker,
};
