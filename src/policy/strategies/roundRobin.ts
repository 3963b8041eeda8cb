import { lowestBit } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import type { Draw, Fleet, Picker, Strategy } from "./strategy.js";

class RoundRobin implements Picker {
  /** The turn at which each target was sent to last; 0 for never. */
  readonly lastTurn: Float64Array;
  turn = 0;

  constructor(count: number) {
    this.lastTurn = new Float64Array(count);
  }

  pick(_fleet: Fleet, candidates: number, _draw: Draw): number {
    let best = lowestBit(candidates);
    for (let rest = candidates & (candidates - 1); rest !== 0; rest &= rest - 1) {
      const i = lowestBit(rest);
      if (this.lastTurn[i]! < this.lastTurn[best]!) best = i;
    }
    return best;
  }

  sent(target: number, _candidates: number, _nowMs: number): void {
    this.turn += 1;
    this.lastTurn[target] = this.turn;
  }
}

/**
 * The candidate that has waited longest for a request; at first in the order of the configuration. While the
 * candidates stay the same that is one after the other, and when they change no turn is lost or doubled, as it would
 * be with a pointer. Knows no weights. Uses no luck.
 */
export const roundRobin: Strategy<OptionsOf<"round-robin">> = {
  name: "round-robin",
  usesLuck: false,
  reach: "tier",
  defaults: { kind: "round-robin" },
  create: (_options, targets) => new RoundRobin(targets.length),
};
