import { lowestBit } from "../bits.js";
import type { Draw, Fleet, Strategy } from "./strategy.js";

/** The smallest round trip. A round trip that is missing or not a number counts as the longest. */
export const nearest: Strategy = {
  name: "nearest",
  usesLuck: false,
  pick(_fleet: Fleet, candidates: number, draw: Draw): number {
    let best = lowestBit(candidates);
    if (best < 0) return best;
    let bestMs = knownMs(draw.rttMs[best]);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      const rttMs = knownMs(draw.rttMs[i]);
      if (rttMs < bestMs) {
        best = i;
        bestMs = rttMs;
      }
    }
    return best;
  },
};

function knownMs(rttMs: number | undefined): number {
  return rttMs !== undefined && rttMs >= 0 ? rttMs : Number.POSITIVE_INFINITY;
}
