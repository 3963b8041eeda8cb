/** What probes make us believe about targets. */
import { bitCount, firstBits, MAX_TARGETS } from "./bits.js";

/** Belief by the last results: up while at least `required` of the last `size` were successes. */
export interface HealthWindow {
  /** 1 … 31. */
  readonly size: number;
  readonly required: number;
}

/**
 * Beliefs by consecutive results: `fall` failures in a row mark a target down, `rise` successes in a
 * row mark it up again. Everything starts up, and a result that agrees with the belief clears the
 * count of those that did not.
 *
 * With a window the last results decide instead, in whatever order they came; before there are any they count as
 * successes.
 */
export class HealthTracker {
  readonly count: number;
  readonly fall: number;
  readonly rise: number;
  /** Bit i is set while target i is believed up. */
  upMask: number;
  /** Results in a row that contradict the belief. */
  readonly streak: Int32Array;
  readonly window: HealthWindow | null;
  /** With a window: the last results, a bit each, the newest lowest. */
  readonly recent: Int32Array;

  constructor(count: number, fall: number, rise: number, window: HealthWindow | null = null) {
    if (!(count >= 0 && count <= MAX_TARGETS)) {
      throw new RangeError(`count must be between 0 and ${MAX_TARGETS}, got ${count}`);
    }
    if (!(fall >= 1 && rise >= 1)) {
      throw new RangeError(`fall and rise must be >= 1, got ${fall} and ${rise}`);
    }
    if (window !== null && !isWindow(window)) {
      const { size, required } = window;
      throw new RangeError(`window must have 1 <= required <= size <= 31, got ${required} of ${size}`);
    }
    this.count = count;
    this.fall = fall;
    this.rise = rise;
    this.upMask = firstBits(count);
    this.streak = new Int32Array(count);
    this.window = window;
    this.recent = new Int32Array(window === null ? 0 : count).fill(-1);
  }

  /** Takes one probe result; true when the belief about `i` changed. */
  report(i: number, ok: boolean): boolean {
    const up = this.isUp(i);
    if (this.window !== null) return this.#slide(i, ok, up, this.window);
    if (ok === up) {
      this.streak[i] = 0;
      return false;
    }
    const streak = this.streak[i]! + 1;
    if (streak < (up ? this.fall : this.rise)) {
      this.streak[i] = streak;
      return false;
    }
    this.streak[i] = 0;
    this.upMask ^= 1 << i;
    return true;
  }

  #slide(i: number, ok: boolean, up: boolean, { size, required }: HealthWindow): boolean {
    this.recent[i] = (this.recent[i]! << 1) | (ok ? 1 : 0);
    if (bitCount(this.recent[i]! & firstBits(size)) >= required === up) return false;
    this.upMask ^= 1 << i;
    return true;
  }

  /** Sets a belief that was come by elsewhere, as if every result so far had agreed with it. */
  set(i: number, up: boolean): void {
    this.upMask = up ? this.upMask | (1 << i) : this.upMask & ~(1 << i);
    this.streak[i] = 0;
    if (this.window !== null) this.recent[i] = up ? -1 : 0;
  }

  /** Whether target `i` is believed up. */
  isUp(i: number): boolean {
    return (this.upMask & (1 << i)) !== 0;
  }
}

/** Whether a window can be met and missed, and fits into a set. */
export function isWindow({ size, required }: HealthWindow): boolean {
  return (
    Number.isInteger(size) &&
    Number.isInteger(required) &&
    required >= 1 &&
    required <= size &&
    size <= MAX_TARGETS
  );
}

/**
 * Whether a thing watched by several independent checkers counts as up: more than the share `quorum`
 * of them report it healthy. Exactly the quorum is not enough; no checkers at all is down.
 */
export function quorumUp(healthyReports: number, checkers: number, quorum: number): boolean {
  // A quotient, not a product: 29/100 > 0.29 is false, as written, while 29 > 0.29 × 100 is true.
  return healthyReports / checkers > quorum;
}
