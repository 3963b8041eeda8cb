import { lowestBit } from "../bits.js";
import type { Draw, Fleet, Strategy } from "./strategy.js";

/** The earliest in the configuration; with tiers, the earliest of the best tier. */
export const priority: Strategy = {
  name: "priority",
  usesLuck: false,
  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    return lowestBit(candidates);
  },
};
