/** Closed, open and half-open, target by target; when to open is for the breaker to say. */
import { firstBits, lowestBit } from "../../bits.js";
import { RESULT_ABANDONED, RESULT_OK } from "../../results.js";
import { SAME_TIME_MS } from "../results.js";
import type { ReopenConfig } from "./breaker.js";

/** The states of all targets as columns and masks. */
export class BreakerStates {
  readonly config: ReopenConfig;
  readonly all: number;
  /** Not closed. */
  tripped = 0;
  /** Of the tripped ones, those whose first call after `openMs` has started. */
  halfOpen = 0;
  readonly openUntilMs: Float64Array;
  /** When the state last changed. */
  readonly sinceMs: Float64Array;
  /** Half-open calls started and not yet ended. */
  readonly underWay: Int32Array;
  /** Half-open calls that have succeeded. */
  readonly passed: Int32Array;

  constructor(config: ReopenConfig, targetCount: number) {
    if (!(config.halfOpenCalls >= 1)) {
      throw new RangeError(`halfOpenCalls must be an integer >= 1, got ${config.halfOpenCalls}`);
    }
    this.config = config;
    this.all = firstBits(targetCount);
    this.openUntilMs = new Float64Array(targetCount);
    this.sinceMs = new Float64Array(targetCount).fill(Number.NEGATIVE_INFINITY);
    this.underWay = new Int32Array(targetCount);
    this.passed = new Int32Array(targetCount);
  }

  /** The targets that are closed, due to be tried again, or half-open with a call to spare. */
  mayCallMask(nowMs: number): number {
    if (this.tripped === 0) return this.all;
    let mask = this.all & ~this.tripped;
    for (let rest = this.tripped; rest !== 0; rest &= rest - 1) {
      const target = lowestBit(rest);
      if (this.#mayTry(target, nowMs)) mask |= 1 << target;
    }
    return mask;
  }

  /** Notes a call's start. One that is made in spite of an open breaker changes nothing. */
  onStart(target: number, nowMs: number): void {
    const bit = 1 << target;
    if ((this.tripped & bit) === 0) return;
    if ((this.halfOpen & bit) === 0) {
      if (nowMs < this.openUntilMs[target]!) return;
      this.halfOpen |= bit;
      this.sinceMs[target] = nowMs;
      this.underWay[target] = 0;
      this.passed[target] = 0;
    }
    this.underWay[target]! += 1;
  }

  /** Whether a call's result is for the closed breaker to count; those of half-open calls are settled here. */
  onEnd(target: number, result: number, startedMs: number, nowMs: number): boolean {
    if (startedMs < this.sinceMs[target]! - SAME_TIME_MS) return false;
    const bit = 1 << target;
    if ((this.tripped & bit) === 0) return true;
    if ((this.halfOpen & bit) !== 0) this.#settle(target, result, nowMs);
    return false;
  }

  /** Opens a target's breaker. */
  open(target: number, nowMs: number): void {
    this.tripped |= 1 << target;
    this.halfOpen &= ~(1 << target);
    this.openUntilMs[target] = nowMs + this.config.openMs;
    this.sinceMs[target] = nowMs;
  }

  forgetCalls(): void {
    this.underWay.fill(0);
  }

  #mayTry(target: number, nowMs: number): boolean {
    if ((this.halfOpen & (1 << target)) === 0) return nowMs >= this.openUntilMs[target]!;
    return this.underWay[target]! + this.passed[target]! < this.config.halfOpenCalls;
  }

  #settle(target: number, result: number, nowMs: number): void {
    this.underWay[target] = Math.max(0, this.underWay[target]! - 1);
    if (result === RESULT_ABANDONED) return;
    if (result !== RESULT_OK) return this.open(target, nowMs);
    this.passed[target]! += 1;
    if (this.passed[target]! < this.config.halfOpenCalls) return;
    this.tripped &= ~(1 << target);
    this.halfOpen &= ~(1 << target);
    this.sinceMs[target] = nowMs;
  }
}
