/** How many replicas may start within a minute: any minute, not only those that begin on the clock. */
const MINUTE_US = 60e6;

/**
 * At most `perMin` starts in any stretch of 60 s; fewer than one a minute means one in 60/perMin s, and parts of a
 * start a minute are kept the same way: 2.5 are two in any 48 s.
 */
export class StartLimit {
  /** Times of the last starts, the next to be overwritten at `#at`; −Infinity before there were as many. */
  readonly #lastUs: Float64Array;
  readonly #spanUs: number;
  #at = 0;

  constructor(perMin: number) {
    const count = perMin === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.floor(perMin));
    this.#lastUs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#spanUs = Math.ceil((count * MINUTE_US) / perMin);
  }

  /** The earliest time, now or later, at which one more may start, whole µs. */
  nextUs(nowUs: number): number {
    if (this.#lastUs.length === 0) return nowUs;
    return Math.max(nowUs, this.#lastUs[this.#at]! + this.#spanUs);
  }

  /** One starts now. */
  note(nowUs: number): void {
    if (this.#lastUs.length === 0) return;
    this.#lastUs[this.#at] = nowUs;
    this.#at = (this.#at + 1) % this.#lastUs.length;
  }
}
