/** A second call to another target while the first has not answered. */
import type { HedgeConfig } from "../callerTypes.js";
import { RetryBudget } from "../retryBudget.js";

/** When to hedge, and what pays for it: hedges are a share of first tries, saved up as retries are. */
export class Hedges {
  readonly config: HedgeConfig;
  readonly budget: RetryBudget;

  constructor(config: HedgeConfig) {
    this.config = config;
    this.budget = new RetryBudget(config.ratio);
  }

  onFirstTry(): void {
    this.budget.onFirstTry();
  }

  /** How long after the last of `callsSoFar` calls (1 is the first alone) the next is due; Infinity for never. */
  afterMs(callsSoFar: number): number {
    return callsSoFar <= this.config.extraCalls ? this.config.afterMs : Number.POSITIVE_INFINITY;
  }

  /** Spends one hedge if the budget allows; says whether it did. */
  tryHedge(): boolean {
    return this.budget.tryRetry();
  }
}
