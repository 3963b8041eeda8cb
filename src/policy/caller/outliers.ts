/** Putting a target that keeps failing out of use for a while. */
import { bitCount, firstBits, lowestBit } from "../bits.js";
import type { OutlierConfig } from "../callerTypes.js";
import { RESULT_OK, RESULT_THROTTLED } from "../results.js";
import { isFailure, SAME_TIME_MS } from "./results.js";

/**
 * Ejects a target after `consecutiveFailures` in a row for `ejectionMs` times its count of ejections, at most
 * `maxEjectionMs`; the count falls by one for every `ejectionMs` the target has been in use since. While as
 * many are out as `maxShare` allows (rounded down, but one when the share is above 0) a failing target stays,
 * and its next failure asks again. Throttled calls neither count nor end a row; calls that started before
 * the target came back are not counted.
 */
export class Outliers {
  readonly config: OutlierConfig;
  readonly all: number;
  readonly maxEjected: number;
  /** May be ejected; `backAtMs` decides. */
  ejected = 0;
  readonly backAtMs: Float64Array;
  /** Failures in a row, by target. */
  readonly row: Int32Array;
  /** Ejections not yet lived down, by target. */
  readonly count: Int32Array;

  constructor(config: OutlierConfig, targetCount: number) {
    this.config = config;
    this.all = firstBits(targetCount);
    const share = Math.floor(config.maxShare * targetCount);
    this.maxEjected = config.maxShare > 0 ? Math.max(1, share) : 0;
    this.backAtMs = new Float64Array(targetCount).fill(Number.NEGATIVE_INFINITY);
    this.row = new Int32Array(targetCount);
    this.count = new Int32Array(targetCount);
  }

  /** The targets that are not ejected. */
  inUseMask(nowMs: number): number {
    for (let rest = this.ejected; rest !== 0; rest &= rest - 1) {
      const target = lowestBit(rest);
      if (nowMs >= this.backAtMs[target]!) this.ejected &= ~(1 << target);
    }
    return this.all & ~this.ejected;
  }

  /** Notes the end (one of RESULT_*) of a call that started at `startedMs`. */
  onEnd(target: number, result: number, startedMs: number, nowMs: number): void {
    if (startedMs < this.backAtMs[target]! - SAME_TIME_MS) return;
    if (result === RESULT_OK) this.row[target] = 0;
    if (!isFailure(result) || result === RESULT_THROTTLED) return;
    this.row[target]! += 1;
    if (this.row[target]! < this.config.consecutiveFailures) return;
    this.inUseMask(nowMs);
    if (bitCount(this.ejected) < this.maxEjected) this.#eject(target, nowMs);
  }

  #eject(target: number, nowMs: number): void {
    const { ejectionMs, maxEjectionMs } = this.config;
    const livedDown = Math.floor((nowMs - this.backAtMs[target]!) / ejectionMs);
    // Counting on beyond the longest ejection would only delay the way back.
    const before = Math.min(this.count[target]!, Math.ceil(maxEjectionMs / ejectionMs));
    const count = Math.max(0, before - livedDown) + 1;
    this.count[target] = count;
    this.row[target] = 0;
    this.ejected |= 1 << target;
    this.backAtMs[target] = nowMs + Math.min(maxEjectionMs, ejectionMs * count);
  }
}
