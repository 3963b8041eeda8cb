/** What all of Envoy's strategies have in common: a tier, perhaps a locality of it, and a host. */
import { bitAt, bitCount } from "../bits.js";
import type { OptionsOf } from "./configs.js";
import { EnvoyTiers } from "./envoyTiers.js";
import { pickByWeight } from "./scores.js";
import { SmoothTurns } from "./smoothTurns.js";
import {
  type Draw,
  type Ended,
  type Fleet,
  lessLoaded,
  type Picker,
  type Sets,
  type StrategyTarget,
} from "./strategy.js";

/** The options that all of them have. */
export type EnvoyOptions = Omit<OptionsOf<"envoy-priority">, "kind">;

/** Envoy's defaults. */
export const ENVOY_DEFAULTS: EnvoyOptions = {
  overprovisioningPercent: 140,
  panicPercent: 50,
  failOnPanic: false,
  within: "round-robin",
  retryPriority: "same",
};

/** Different kinds of requests have different lawful hosts, and each would have the shares of the last worked out anew. */
const KEPT_BITS = 4;

/** Narrows the members of a tier to those of one locality. */
export interface Spread {
  /**
   * The part of `members` to choose from, never empty. `tiers` says what else there is to know of the tier; `u` is
   * luck that nothing else was decided by.
   */
  narrow(tiers: EnvoyTiers, members: number, draw: Draw, u: number): number;
  sent?(target: number, nowMs: number): void;
  ended?(end: Ended): void;
}

/**
 * Chooses a tier by the hundredths of the first draw, a locality by the second, and a host in turn, or by what is left
 * of the two draws. Turns are spread evenly where Envoy's scheduler gives several of a heavy host in a row: the shares
 * are the same.
 */
export class EnvoyPicker implements Picker {
  readonly turns: SmoothTurns;
  readonly spread: Spread | null;
  /** Each keeps the shares of the last set of lawful hosts that fell to it. */
  readonly #tiers: readonly EnvoyTiers[];
  readonly #within: EnvoyOptions["within"];
  readonly #weight: Float64Array;

  constructor(options: EnvoyOptions, targets: readonly StrategyTarget[], spread: Spread | null) {
    this.turns = new SmoothTurns(targets.length);
    this.spread = spread;
    this.#tiers = Array.from({ length: 1 << KEPT_BITS }, () => new EnvoyTiers(options, targets));
    this.#within = options.within;
    this.#weight = Float64Array.from(targets, ({ weight }) => weight);
  }

  pick(fleet: Fleet, candidates: number, draw: Draw, sets: Sets): number {
    const hundredths = draw.u * 100;
    const hash = Math.min(99, Math.floor(hundredths));
    const tiers = this.#tiers[Math.imul(sets.lawful, 0x9e3779b1) >>> (32 - KEPT_BITS)]!;
    let members = tiers.choose(fleet, candidates, sets, hash);
    if (members === 0) return -1;
    if (this.spread !== null) members = this.spread.narrow(tiers, members, draw, draw.v);
    sets.candidates = members;
    if (this.#within === "round-robin") return this.turns.next(members, this.#weight);
    const u = hundredths - hash;
    // The second draw has been used up where it chose a locality; its thousandths have not.
    const v = this.spread === null ? draw.v : draw.v * 1000 - Math.floor(draw.v * 1000);
    return this.#within === "random" ? pickByWeight(fleet.weight, members, u) : ofTwo(fleet, members, u, v);
  }

  sent(target: number, candidates: number, nowMs: number): void {
    this.turns.taken(target, candidates, this.#weight);
    this.spread?.sent?.(target, nowMs);
  }

  ended(end: Ended): void {
    this.spread?.ended?.(end);
  }
}

/** The less loaded of two different members; of equal ones the earlier. */
function ofTwo(fleet: Fleet, members: number, u: number, v: number): number {
  const count = bitCount(members);
  const first = Math.min(count - 1, Math.floor(u * count));
  if (count < 2) return bitAt(members, first);
  let second = Math.min(count - 2, Math.floor(v * (count - 1)));
  if (second >= first) second += 1;
  const earlier = bitAt(members, Math.min(first, second));
  const later = bitAt(members, Math.max(first, second));
  return lessLoaded(fleet, later, earlier) ? later : earlier;
}
