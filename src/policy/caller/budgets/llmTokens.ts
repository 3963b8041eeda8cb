import type { Budget } from "./budget.js";

/** Of a sum of token shares, what rounding may take from a request that should just be paid for. */
const ROUNDING_TOKENS = 1e-6;

/**
 * Retries are a share of the work of first tries, counted in model tokens, so that a thousand short prompts
 * do not pay for a thousand long ones. Over any stretch of time the tokens of retries are at most
 * ratio · tokens of first tries + `burstTokens`; a request heavier than the burst is never retried.
 */
export class LlmTokensBudget implements Budget {
  readonly ratio: number;
  readonly burstTokens: number;
  savedTokens: number;

  constructor(config: { readonly ratio: number; readonly burstTokens: number }) {
    this.ratio = config.ratio;
    this.burstTokens = config.burstTokens;
    this.savedTokens = config.burstTokens;
  }

  onFirstTry(tokens: number): void {
    this.savedTokens = Math.min(this.burstTokens, this.savedTokens + this.ratio * tokens);
  }

  onEnd(): void {}
  forgetCalls(): void {}

  tryRetry(tokens: number): boolean {
    if (this.savedTokens < tokens - ROUNDING_TOKENS) return false;
    this.savedTokens = Math.max(0, this.savedTokens - tokens);
    return true;
  }
}
