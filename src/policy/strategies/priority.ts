import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

const picker: Picker = {
  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    return lowestBit(candidates);
  },
};

/** The earliest in the configuration; with tiers, the earliest of the best tier. */
export const priority: Strategy<OptionsOf<"priority">> = {
  name: "priority",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "priority" },
  create: () => picker,
};
