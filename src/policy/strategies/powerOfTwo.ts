import { bitAt, bitCount, lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { type Draw, type Fleet, lessLoaded, type Picker, type Strategy } from "./strategy.js";

const picker: Picker = {
  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    const count = bitCount(candidates);
    if (count < 2) return lowestBit(candidates);
    const first = Math.floor(draw.u * count);
    // One slot fewer, stepping over the first: both uniform, never equal.
    let second = Math.floor(draw.v * (count - 1));
    if (second >= first) second += 1;
    const earlier = bitAt(candidates, Math.min(first, second));
    const later = bitAt(candidates, Math.max(first, second));
    return lessLoaded(fleet, later, earlier) ? later : earlier;
  },
};

/**
 * The less loaded of two different candidates drawn at random, every pair equally likely.
 *
 * Nearly as even as looking at all of them, and gateways that share stale counts do not all rush to
 * the same target. Of two equally loaded ones the earlier in the configuration is taken.
 */
export const powerOfTwo: Strategy<OptionsOf<"power-of-two">> = {
  name: "power-of-two",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "power-of-two" },
  create: () => picker,
};
