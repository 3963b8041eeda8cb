import type { RetryBudgetConfig } from "../../callerTypes.js";
import { ROUNDING } from "../../retryBudget.js";
import { WindowCounts } from "../windowCounts.js";
import type { Budget } from "./budget.js";

type WindowedRatioConfig = Extract<RetryBudgetConfig, { readonly kind: "windowed-ratio" }>;

const FIRST_TRIES = 0;
const RETRIES = 1;

/**
 * Finagle's: within `ttlMs`, at most ratio · first tries + minPerS · ttl retries. Both first tries and retries
 * are forgotten after `ttlMs`, so the reserve comes back and quiet times save up nothing more. Counted in
 * whole tries, where Finagle moves 1000 units in and 1000 / ratio out: the same quotient without rounding.
 */
export class WindowedRatioBudget implements Budget {
  readonly ratio: number;
  readonly reserve: number;
  readonly counts: WindowCounts;

  constructor(config: WindowedRatioConfig) {
    this.ratio = config.ratio;
    this.reserve = (config.minPerS * config.ttlMs) / 1000;
    this.counts = new WindowCounts(1, config.ttlMs);
  }

  onFirstTry(_tokens: number, nowMs: number): void {
    this.counts.add(0, FIRST_TRIES, nowMs);
  }

  onEnd(): void {}
  forgetCalls(): void {}

  tryRetry(_tokens: number, _throttled: boolean, nowMs: number): boolean {
    const earned = this.ratio * this.counts.total(0, FIRST_TRIES, nowMs);
    if (earned + this.reserve - this.counts.total(0, RETRIES, nowMs) < 1 - ROUNDING) return false;
    this.counts.add(0, RETRIES, nowMs);
    return true;
  }
}
