import type { BreakerConfig } from "../../callerTypes.js";
import { RESULT_ABANDONED } from "../../results.js";
import { ROUNDING } from "../../retryBudget.js";
import { isFailure } from "../results.js";
import { WindowCounts } from "../windowCounts.js";
import type { Breaker } from "./breaker.js";
import { BreakerStates } from "./breakerStates.js";

type FailureRateConfig = Extract<BreakerConfig, { readonly kind: "failure-rate" }>;

const CALLS = 0;
const FAILURES = 1;

/**
 * Opens when, of at least `minCalls` calls that ended within the window, more than the threshold's share
 * failed; a share equal to the threshold does not open. Throttled calls are failures here: a target that
 * refuses most of what it gets is not worth asking. The window is empty again once the breaker has closed.
 */
export class FailureRateBreaker implements Breaker {
  readonly threshold: number;
  readonly minCalls: number;
  readonly states: BreakerStates;
  readonly counts: WindowCounts;

  constructor(config: FailureRateConfig, targetCount: number) {
    this.threshold = config.threshold;
    this.minCalls = config.minCalls;
    this.states = new BreakerStates(config, targetCount);
    this.counts = new WindowCounts(targetCount, config.windowMs);
  }

  mayCallMask(nowMs: number): number {
    return this.states.mayCallMask(nowMs);
  }

  onStart(target: number, nowMs: number): void {
    this.states.onStart(target, nowMs);
  }

  onEnd(target: number, result: number, startedMs: number, nowMs: number): void {
    if (!this.states.onEnd(target, result, startedMs, nowMs) || result === RESULT_ABANDONED) return;
    this.counts.add(target, CALLS, nowMs);
    if (!isFailure(result)) return;
    this.counts.add(target, FAILURES, nowMs);
    const calls = this.counts.total(target, CALLS, nowMs);
    const failures = this.counts.total(target, FAILURES, nowMs);
    // 0.57 · 100 is a rounding below 57, and 57 failures of 100 do not exceed 57 %.
    if (calls < this.minCalls || failures <= this.threshold * calls + ROUNDING) return;
    this.counts.clear(target);
    this.states.open(target, nowMs);
  }

  forgetCalls(): void {
    this.states.forgetCalls();
  }
}
