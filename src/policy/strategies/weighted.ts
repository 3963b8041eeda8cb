import type { OptionsOf } from "./configs.js";
import { pickByWeight } from "./scores.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

const picker: Picker = {
  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    return pickByWeight(fleet.weight, candidates, draw.u);
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
