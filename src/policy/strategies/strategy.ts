/** What a strategy is: the last step of a decision, when everything unlawful or unusable is gone. */

/** What a strategy may look at. Plain columns, one entry per target, and masks. */
export interface Fleet {
  /** Requests sent to the target and not yet settled, as seen by this gateway. */
  readonly inFlight: ArrayLike<number>;
  /** Relative capacity; 0 marks a last resort. */
  readonly weight: ArrayLike<number>;
  /** Targets that work but say they are not well. */
  readonly degraded: number;
  /** Targets that are not counted, up or down: still starting, or taken out for a while. */
  readonly excluded: number;
}

/** What a strategy may know about the request. */
export interface Draw {
  /** Luck, uniform in [0, 1). */
  readonly u: number;
  readonly v: number;
  readonly nowMs: number;
  /** Whole number ≥ 0 shared by requests that belong together; −1 for none. */
  readonly stickyKey: number;
  /** Expected round trip to each target. */
  readonly rttMs: ArrayLike<number>;
  readonly distanceKm: ArrayLike<number>;
}

/** What the earlier filters left, beside the candidates; a strategy may add reasons. */
export interface Sets {
  /** Targets that may lawfully take the request, usable or not. */
  readonly lawful: number;
  /** Of those, the ones not drained, believed up, not cooling down and not guarded. */
  readonly healthy: number;
  /** What limits left of what was usable, before targets that this request has tried were avoided; left out: the candidates. */
  readonly admitted?: number;
  /** What is chosen from. A strategy that narrows the candidates further says so here, and `sent` is told it. */
  candidates?: number;
  /** Bits of `REASONS`. */
  reason: number;
}

/** What is known of an attempt that has ended. */
export interface Ended {
  readonly target: number;
  /** One of RESULT_*. */
  readonly result: number;
  /** From sending to the end of the attempt; negative where nobody measured. */
  readonly rttMs: number;
  readonly nowMs: number;
}

/**
 * Chooses one member of a set of targets. Equal scores go to the earlier target; the empty set gives
 * -1; nothing outside the set is ever returned. It may use the two draws it is given, no others, and
 * `pick` itself changes nothing: what a strategy remembers, it learns from `sent` and `ended`.
 */
export interface Picker {
  pick(fleet: Fleet, candidates: number, draw: Draw, sets: Sets): number;
  /** A request has been sent to the target that was picked out of `candidates`. */
  sent?(target: number, candidates: number, nowMs: number): void;
  /** An attempt has ended. */
  ended?(end: Ended): void;
}

/** What of a target's configuration concerns strategies. */
export interface StrategyTarget {
  readonly id: string;
  readonly tier: number;
  readonly weight: number;
  readonly capacity?: number;
  readonly pricePerMTok?: number;
  readonly biasPercent?: number;
  readonly region?: string;
  readonly zone?: string;
}

/**
 * Which targets a strategy is offered: those of the best tier that has any, those of all tiers, or every lawful target
 * within its limits whatever is believed about it, for strategies that decide themselves when to distrust health.
 */
export type Reach = "tier" | "all-tiers" | "live";

/** A kind of strategy. Luck per decision is always the two draws; who uses none says so. */
export interface Strategy<Options extends { readonly kind: string } = { readonly kind: string }> {
  readonly name: Options["kind"];
  /** False when the two draws make no difference: a caller whose luck costs something may leave them 0. */
  readonly usesLuck: boolean;
  readonly reach: Reach;
  readonly defaults: Options;
  /** What one gateway uses; strategies that remember nothing may share one. */
  create(options: Options, targets: readonly StrategyTarget[]): Picker;
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
