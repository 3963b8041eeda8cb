import { ROUNDING } from "../../retryBudget.js";
import type { Budget } from "./budget.js";
import { PAID_NOTHING } from "./budget.js";

/**
 * Envoy's: a retry is granted while fewer than max(min, share · calls under way, rounded down) retries are under
 * way. A retry is under way from the grant, so its backoff holds its place; a request waiting to ask is not.
 */
export class ConcurrentShareBudget implements Budget {
  readonly share: number;
  readonly min: number;
  /** Tries not yet ended, retries included. */
  calls = 0;
  retries = 0;

  constructor(config: { readonly share: number; readonly min: number }) {
    this.share = config.share;
    this.min = config.min;
  }

  onFirstTry(): void {
    this.calls += 1;
  }

  onEnd(_result: number, paid: number): void {
    // Calls forgotten with their caller may still be told of, by whoever kept a record of them.
    this.calls = Math.max(0, this.calls - 1);
    if (paid !== PAID_NOTHING) this.retries = Math.max(0, this.retries - 1);
  }

  forgetCalls(): void {
    this.calls = 0;
    this.retries = 0;
  }

  tryRetry(): boolean {
    if (this.retries >= Math.max(this.min, Math.floor(this.share * this.calls + ROUNDING))) return false;
    this.calls += 1;
    this.retries += 1;
    return true;
  }
}
