import { RetryBudget } from "../../retryBudget.js";
import type { Budget } from "./budget.js";

/** {@link RetryBudget}: retries are a share of first tries, and a few may be saved up. */
export class RatioBudget implements Budget {
  readonly budget: RetryBudget;

  constructor(config: { readonly ratio: number }) {
    this.budget = new RetryBudget(config.ratio);
  }

  onFirstTry(): void {
    this.budget.onFirstTry();
  }

  onEnd(): void {}
  forgetCalls(): void {}

  tryRetry(): boolean {
    return this.budget.tryRetry();
  }
}
