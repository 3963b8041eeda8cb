import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { orFarthest } from "./scores.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

const picker: Picker = {
  pick(_fleet: Fleet, candidates: number, draw: Draw): number {
    let best = lowestBit(candidates);
    if (best < 0) return best;
    let bestMs = orFarthest(draw.rttMs[best]);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const rttMs = orFarthest(draw.rttMs[i]);
      if (rttMs < bestMs) {
        best = i;
        bestMs = rttMs;
      }
    }
    return best;
  },
};

/** The smallest round trip. A round trip that is missing or not a number counts as the longest. */
export const nearest: Strategy<OptionsOf<"nearest">> = {
  name: "nearest",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "nearest" },
  create: () => picker,
};
