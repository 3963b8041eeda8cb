/** A budget that keeps retries a bounded share of the work, so that they cannot sustain an overload. */

/** Retries that may be saved up in quiet times, and that are there at the start. */
export const RETRY_BURST = 5;

/** Ten deposits of 0.1 are 0.9999999999999999: a retry is granted when this little is missing. */
export const ROUNDING: number = 1e-9;

/**
 * Each first try earns `ratio` of a retry; each retry costs one. At most {@link RETRY_BURST} are saved
 * up, so over any stretch of time retries ≤ ratio · first tries + {@link RETRY_BURST}. A ratio of
 * Infinity grants every retry, a ratio of 0 none.
 */
export class RetryBudget {
  readonly ratio: number;
  /** Retries saved up; plain, so that a state can be written down and read back. */
  saved: number;

  constructor(ratio: number) {
    if (!(ratio >= 0)) throw new RangeError(`ratio must be a number >= 0, got ${ratio}`);
    this.ratio = ratio;
    this.saved = ratio > 0 ? RETRY_BURST : 0;
  }

  /** Retries that would be granted now, as a real number. */
  get credit(): number {
    return this.ratio === Number.POSITIVE_INFINITY ? this.ratio : this.saved;
  }

  /** Notes a first try, when it starts: waiting for its success would starve retries in an outage's first second. */
  onFirstTry(): void {
    this.saved = Math.min(RETRY_BURST, this.saved + this.ratio);
  }

  /** Spends one retry if the budget allows; says whether it did. */
  tryRetry(): boolean {
    if (this.ratio === Number.POSITIVE_INFINITY) return true;
    if (this.saved < 1 - ROUNDING) return false;
    this.saved = Math.max(0, this.saved - 1);
    return true;
  }
}
