/** How many calls may be under way to a target, found by trying. */

/** The limit of one target. */
export interface ConcurrencyLimit {
  /** Calls that may be under way; Infinity for no limit, otherwise a whole number of at least 1. */
  readonly limit: number;
  /**
   * Learns from a call that ended: its round trip, how many were under way as it ended (itself included), and
   * whether it failed or was refused. A call that its own caller gave up is not a sample.
   */
  onSample(rttMs: number, inFlight: number, dropped: boolean, nowMs: number): void;
}

/** The ends between which a limit moves, and where it begins. */
export interface LimitRange {
  readonly initial: number;
  readonly min: number;
  readonly max: number;
}

/** Throws unless 1 ≤ min ≤ initial ≤ max: a limit below 1 would never again have a sample to learn from. */
export function assertLimitRange({ initial, min, max }: LimitRange): void {
  if (min >= 1 && initial >= min && max >= initial) return;
  throw new RangeError(`limits must keep 1 <= min <= initial <= max, got ${min}, ${initial}, ${max}`);
}
