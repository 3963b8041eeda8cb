import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { type Draw, type Fleet, lessLoaded, type Picker, type Strategy } from "./strategy.js";

const picker: Picker = {
  pick(fleet: Fleet, candidates: number, _draw: Draw): number {
    let best = lowestBit(candidates);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      if (lessLoaded(fleet, i, best)) best = i;
    }
    return best;
  },
};

/** The fewest requests in flight for its weight, the coming one counted. Looks at every candidate. */
export const leastLoaded: Strategy<OptionsOf<"least-loaded">> = {
  name: "least-loaded",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "least-loaded" },
  create: () => picker,
};
