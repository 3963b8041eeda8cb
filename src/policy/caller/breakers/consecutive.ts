import type { BreakerConfig } from "../../callerTypes.js";
import { RESULT_OK, RESULT_THROTTLED } from "../../results.js";
import { isFailure } from "../results.js";
import type { Breaker } from "./breaker.js";
import { BreakerStates } from "./breakerStates.js";

type ConsecutiveConfig = Extract<BreakerConfig, { readonly kind: "consecutive" }>;

/**
 * Opens after `failures` failures in a row. A throttled call neither counts nor ends the row: the target
 * that says it is over its limit is alive, but it has not served anyone either.
 */
export class ConsecutiveBreaker implements Breaker {
  readonly failures: number;
  readonly states: BreakerStates;
  /** Failures in a row, by target. */
  readonly row: Int32Array;

  constructor(config: ConsecutiveConfig, targetCount: number) {
    this.failures = config.failures;
    this.states = new BreakerStates(config, targetCount);
    this.row = new Int32Array(targetCount);
  }

  mayCallMask(nowMs: number): number {
    return this.states.mayCallMask(nowMs);
  }

  onStart(target: number, nowMs: number): void {
    this.states.onStart(target, nowMs);
  }

  onEnd(target: number, result: number, startedMs: number, nowMs: number): void {
    if (!this.states.onEnd(target, result, startedMs, nowMs)) return;
    if (result === RESULT_OK) this.row[target] = 0;
    if (!isFailure(result) || result === RESULT_THROTTLED) return;
    this.row[target]! += 1;
    if (this.row[target]! < this.failures) return;
    this.row[target] = 0;
    this.states.open(target, nowMs);
  }

  forgetCalls(): void {
    this.states.forgetCalls();
  }
}
