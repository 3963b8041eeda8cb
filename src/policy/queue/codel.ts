/**
 * Controlled delay (RFC 8289): a line may be long for a moment, but not slow for a whole interval. While
 * every wait stays above the target, those whose turn comes are dropped at growing frequency, the n-th
 * `interval / √n` after the one before, until one wait is below the target again.
 *
 * The decisions are those of the RFC's pseudocode, asked one by one; in place of "less than one packet is
 * left" stands "nobody is left behind", since calls have no size here.
 */

/** Dropping that resumes within so many intervals goes on at the frequency it had found. */
const MEMORY_INTERVALS = 16;

/** The state of one line. Plain numbers; times in ms of the caller's clock. */
export class CoDel {
  readonly targetMs: number;
  readonly intervalMs: number;
  /** Drops since dropping began; its root divides the interval. */
  count = 0;
  dropping = false;
  /** When waits will have been above the target for an interval; NaN while they are not. */
  #firstAboveMs: number = Number.NaN;
  /** When the next is to be dropped; NaN before the first drop ever. */
  #dropNextMs: number = Number.NaN;
  /** `count` when dropping last began. */
  #lastCount = 0;
  /** Set between a drop and the next one looked at: only then is it known whether dropping goes on. */
  #dropped = false;

  constructor(targetMs: number, intervalMs: number) {
    this.targetMs = targetMs;
    this.intervalMs = intervalMs;
  }

  /**
   * Whether the one whose turn has come is to be dropped; then ask again for the next. A wait equal to the
   * target is above it, a moment equal to the next drop's is that drop's. The last of a line never is.
   */
  shouldDrop(waitMs: number, nowMs: number, isLast: boolean): boolean {
    const over = this.#staysAbove(waitMs, nowMs, isLast);
    const dropped = this.#dropped;
    this.#dropped = false;
    if (this.dropping) {
      if (!over) {
        this.dropping = false;
        return false;
      }
      if (dropped) this.#dropNextMs = this.#after(this.#dropNextMs);
      if (nowMs < this.#dropNextMs) return false;
      this.count += 1;
      this.#dropped = true;
      return true;
    }
    if (over) this.#begin(nowMs);
    return over;
  }

  /** Nobody waits: whatever was above the target is gone. */
  emptied(): void {
    this.#firstAboveMs = Number.NaN;
    this.#dropped = false;
    this.dropping = false;
  }

  /** Whether waits have been above the target for a whole interval. */
  #staysAbove(waitMs: number, nowMs: number, isLast: boolean): boolean {
    if (waitMs < this.targetMs || isLast) {
      this.#firstAboveMs = Number.NaN;
      return false;
    }
    if (nowMs >= this.#firstAboveMs) return true;
    // NaN is neither before nor after: the first wait above the target starts the interval.
    if (!(nowMs < this.#firstAboveMs)) this.#firstAboveMs = nowMs + this.intervalMs;
    return false;
  }

  #begin(nowMs: number): void {
    this.dropping = true;
    const since = this.count - this.#lastCount;
    const remembered = nowMs - this.#dropNextMs < MEMORY_INTERVALS * this.intervalMs;
    this.count = since > 1 && remembered ? since : 1;
    this.#lastCount = this.count;
    this.#dropNextMs = this.#after(nowMs);
  }

  #after(fromMs: number): number {
    return fromMs + this.intervalMs / Math.sqrt(this.count);
  }
}
