import { ROUNDING } from "../../retryBudget.js";
import { isFailure } from "../results.js";
import type { Budget } from "./budget.js";

/**
 * No retry while failed tries / first tries exceeds the threshold, over all time. It never forgets: after a
 * long good time it grants every retry of a whole outage, after a long bad one none for as long. That is how
 * the published simulator's breaker of retries counts, and why a window or a bucket is better.
 */
export class FailureRateBudget implements Budget {
  readonly threshold: number;
  firstTries = 0;
  failures = 0;

  constructor(config: { readonly threshold: number }) {
    this.threshold = config.threshold;
  }

  onFirstTry(): void {
    this.firstTries += 1;
  }

  onEnd(result: number): void {
    if (isFailure(result)) this.failures += 1;
  }

  forgetCalls(): void {}

  tryRetry(): boolean {
    return this.failures <= this.threshold * this.firstTries + ROUNDING;
  }
}
