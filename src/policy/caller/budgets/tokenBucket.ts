import type { RetryBudgetConfig } from "../../callerTypes.js";
import { RESULT_OK } from "../../results.js";
import { ROUNDING } from "../../retryBudget.js";
import type { Budget } from "./budget.js";

type TokenBucketConfig = Extract<RetryBudgetConfig, { readonly kind: "token-bucket" }>;

/**
 * A bucket that starts full and holds `size`; a retry takes 1. With `depositOn: "start"` every first try
 * deposits, with `"success"` every try that succeeds: in a full outage the one still pays for
 * `deposit` retries per request, the other for none.
 */
export class TokenBucketBudget implements Budget {
  readonly config: TokenBucketConfig;
  held: number;

  constructor(config: TokenBucketConfig) {
    this.config = config;
    this.held = config.size;
  }

  onFirstTry(): void {
    if (this.config.depositOn === "start") this.#deposit();
  }

  onEnd(result: number): void {
    if (this.config.depositOn === "success" && result === RESULT_OK) this.#deposit();
  }

  forgetCalls(): void {}

  tryRetry(): boolean {
    const fires = this.config.fires === "at-least-one" ? this.held >= 1 - ROUNDING : this.held > 1 + ROUNDING;
    if (fires) this.held = Math.max(0, this.held - 1);
    return fires;
  }

  #deposit(): void {
    this.held = Math.min(this.config.size, this.held + this.config.deposit);
  }
}
