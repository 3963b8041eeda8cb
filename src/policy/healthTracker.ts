/** What probes make us believe about targets. */
import { firstBits, MAX_TARGETS } from "./bits.js";

/**
 * Beliefs by consecutive results: `fall` failures in a row mark a target down, `rise` successes in a
 * row mark it up again. Everything starts up, and a result that agrees with the belief clears the
 * count of those that did not.
 */
export class HealthTracker {
  readonly count: number;
  readonly fall: number;
  readonly rise: number;
  /** Bit i is set while target i is believed up. */
  upMask: number;
  /** Results in a row that contradict the belief. */
  readonly streak: Int32Array;

  constructor(count: number, fall: number, rise: number) {
    if (!(count >= 0 && count <= MAX_TARGETS)) {
      throw new RangeError(`count must be between 0 and ${MAX_TARGETS}, got ${count}`);
    }
    if (!(fall >= 1 && rise >= 1)) {
      throw new RangeError(`fall and rise must be >= 1, got ${fall} and ${rise}`);
    }
    this.count = count;
    this.fall = fall;
    this.rise = rise;
    this.upMask = firstBits(count);
    this.streak = new Int32Array(count);
  }

  /** Takes one probe result; true when the belief about `i` changed. */
  report(i: number, ok: boolean): boolean {
    const up = this.isUp(i);
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

  /** Whether target `i` is believed up. */
  isUp(i: number): boolean {
    return (this.upMask & (1 << i)) !== 0;
  }
}

/**
 * Whether a thing watched by several independent checkers counts as up: more than the share `quorum`
 * of them report it healthy. Exactly the quorum is not enough; no checkers at all is down.
 */
export function quorumUp(healthyReports: number, checkers: number, quorum: number): boolean {
  // A quotient, not a product: 29/100 > 0.29 is false, as written, while 29 > 0.29 × 100 is true.
  return healthyReports / checkers > quorum;
}
