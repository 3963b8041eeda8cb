/** What pays for a caller's retries. */

/** How a try was paid for, kept by the caller from {@link Budget.tryRetry} until the try has ended. */
export const PAID_NOTHING = 0;
/** A retry after a try that failed. */
export const PAID_RETRY = 1;
/** A retry after a try that was told the target is over its limit. */
export const PAID_THROTTLED_RETRY = 2;

/**
 * A bound on retries, apart from the count of tries of one request. It is told of every request as its first
 * try starts, of every try as it ends, and is asked before each retry. A try's end is told before the retry
 * after it is asked for, so that a budget that counts failures has counted the one in hand.
 */
export interface Budget {
  /** Notes the first try of a request that weighs `tokens`, as it starts. */
  onFirstTry(tokens: number, nowMs: number): void;
  /** Notes the end of a try (one of RESULT_*), and how it had been paid for (one of PAID_*). */
  onEnd(result: number, paid: number, nowMs: number): void;
  /** Spends a retry of a request that weighs `tokens` if the budget allows; says whether it did. */
  tryRetry(tokens: number, throttled: boolean, nowMs: number): boolean;
  /** The caller died: the calls it had under way will not be told of. */
  forgetCalls(): void;
}
