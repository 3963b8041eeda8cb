import { RESULT_OK } from "../../results.js";
import { ROUNDING } from "../../retryBudget.js";
import { isFailure } from "../results.js";
import type { Budget } from "./budget.js";

/**
 * gRPC proposal A6: tokens start at the most there can be, every failed try takes 1 and every success gives
 * `tokenRatio`; retries are granted while more than half are left. A retry itself costs nothing.
 */
export class GrpcThrottleBudget implements Budget {
  readonly maxTokens: number;
  readonly tokenRatio: number;
  tokens: number;

  constructor(config: { readonly maxTokens: number; readonly tokenRatio: number }) {
    this.maxTokens = config.maxTokens;
    this.tokenRatio = config.tokenRatio;
    this.tokens = config.maxTokens;
  }

  onFirstTry(): void {}

  onEnd(result: number): void {
    if (result === RESULT_OK) this.tokens = Math.min(this.maxTokens, this.tokens + this.tokenRatio);
    else if (isFailure(result)) this.tokens = Math.max(0, this.tokens - 1);
  }

  forgetCalls(): void {}

  tryRetry(): boolean {
    // Sums of 0.1 that should come to exactly half may end a rounding above it.
    return this.tokens > this.maxTokens / 2 + ROUNDING;
  }
}
