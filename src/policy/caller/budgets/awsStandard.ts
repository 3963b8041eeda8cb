import type { RetryBudgetConfig } from "../../callerTypes.js";
import { RESULT_OK } from "../../results.js";
import type { Budget } from "./budget.js";
import { PAID_NOTHING, PAID_THROTTLED_RETRY } from "./budget.js";

type AwsStandardConfig = Extract<RetryBudgetConfig, { readonly kind: "aws-standard" }>;

/** What a success gives back that had cost nothing. */
const FIRST_TRY_REFUND = 1;

/**
 * The AWS SDKs' standard mode: a bucket of `capacity`, of which a retry takes `cost`, or `throttleCost` after a
 * throttled try. A success gives back what its own retry took, or 1 when it was a first try.
 */
export class AwsStandardBudget implements Budget {
  readonly config: AwsStandardConfig;
  held: number;

  constructor(config: AwsStandardConfig) {
    this.config = config;
    this.held = config.capacity;
  }

  onFirstTry(): void {}

  onEnd(result: number, paid: number): void {
    if (result !== RESULT_OK) return;
    const refund = paid === PAID_NOTHING ? FIRST_TRY_REFUND : this.#cost(paid === PAID_THROTTLED_RETRY);
    this.held = Math.min(this.config.capacity, this.held + refund);
  }

  forgetCalls(): void {}

  tryRetry(_tokens: number, throttled: boolean): boolean {
    const cost = this.#cost(throttled);
    if (this.held < cost) return false;
    this.held -= cost;
    return true;
  }

  #cost(throttled: boolean): number {
    return throttled ? this.config.throttleCost : this.config.cost;
  }
}
