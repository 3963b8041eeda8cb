/** What a strategy is: the last step of a decision, when everything unlawful or unusable is gone. */

/** What a strategy may look at. Plain columns, one entry per target. */
export interface Fleet {
  /** Requests sent to the target and not yet settled, as seen by this gateway. */
  readonly inFlight: ArrayLike<number>;
  /** Relative capacity; 0 marks a last resort. */
  readonly weight: ArrayLike<number>;
}

/** What a strategy may know about the request. */
export interface Draw {
  /** Luck, uniform in [0, 1). */
  readonly u: number;
  readonly v: number;
  /** Expected round trip to each target. */
  readonly rttMs: ArrayLike<number>;
}

/**
 * Chooses one member of a set of targets. Equal scores go to the earlier target; the empty set gives
 * -1; nothing outside the set is ever returned. It keeps nothing between calls and may use the two
 * draws it is given, no others.
 */
export interface Strategy {
  readonly name: string;
  /** False when the two draws make no difference: a caller whose luck costs something may leave them 0. */
  readonly usesLuck: boolean;
  pick(fleet: Fleet, candidates: number, draw: Draw): number;
}

/**
 * Whether target `a` is strictly less loaded than target `b`: (inFlight + 1) / weight is smaller.
 *
 * The request to come is counted, so an idle large target beats an idle small one. Compared by
 * products, which are exact for whole numbers where quotients are not: equal loads stay equal.
 */
export function lessLoaded(fleet: Fleet, a: number, b: number): boolean {
  return (fleet.inFlight[a]! + 1) * fleet.weight[b]! < (fleet.inFlight[b]! + 1) * fleet.weight[a]!;
}
