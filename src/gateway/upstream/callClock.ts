/** The time limits of one call. */

/**
 * One timer for a limit that changes and a total that does not. The timer is moved only when it would come too late:
 * most limits are put off long before they pass.
 */
export class CallClock {
  readonly #onLate: () => void;
  readonly #endMs: number;
  #limitMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #timerMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  /** `onLate` is called once, when a limit or the total has passed. */
  constructor(totalMs: number, onLate: () => void) {
    this.#onLate = onLate;
    this.#endMs = performance.now() + totalMs;
  }

  /** What is waited for now must be there so long from now. */
  limit(ms: number): void {
    this.#limitMs = performance.now() + ms;
    this.#arm();
  }

  /** Nothing is waited for: only the total counts. */
  lift(): void {
    this.#limitMs = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    const dueMs = Math.min(this.#limitMs, this.#endMs);
    if (this.#isStopped || (this.#timer !== null && this.#timerMs <= dueMs)) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerMs = dueMs;
    this.#timer = setTimeout(() => this.#check(), Math.max(1, Math.ceil(dueMs - performance.now())));
  }

  #check(): void {
    this.#timer = null;
    if (performance.now() < Math.min(this.#limitMs, this.#endMs)) this.#arm();
    else this.#onLate();
  }
}
