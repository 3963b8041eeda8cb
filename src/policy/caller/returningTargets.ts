/** A target that comes back is not trusted at once. */
import { pow } from "../../math/index.js";
import { firstBits, lowestBit } from "../bits.js";
import type { ReturnConfig } from "../callerTypes.js";

/**
 * The share of its requests that a target takes `sinceMs` after the hold has ended:
 * max(minShare, (since / slowStartMs)^(1 / aggression)), and all once `slowStartMs` have passed.
 */
export function rampFactor(config: ReturnConfig, sinceMs: number): number {
  const { slowStartMs, aggression, minShare } = config;
  if (sinceMs >= slowStartMs) return 1;
  const time = Math.max(0, sinceMs) / slowStartMs;
  return Math.max(minShare, aggression === 1 || time === 0 ? time : pow(time, 1 / aggression));
}

/** The targets that have come back lately. Targets are trusted at the beginning of time. */
export class ReturningTargets {
  readonly config: ReturnConfig;
  readonly all: number;
  returning = 0;
  readonly backAtMs: Float64Array;

  constructor(config: ReturnConfig, targetCount: number) {
    this.config = config;
    this.all = firstBits(targetCount);
    this.backAtMs = new Float64Array(targetCount);
  }

  /** Notes that a target is believed up again; one that comes back twice begins anew. */
  onBack(target: number, nowMs: number): void {
    this.returning |= 1 << target;
    this.backAtMs[target] = nowMs;
  }

  /** The targets that take this request: `u`, its luck uniform in [0, 1), is below their ramp's share. */
  admitsMask(nowMs: number, u: number): number {
    let mask = this.all;
    for (let rest = this.returning; rest !== 0; rest &= rest - 1) {
      const target = lowestBit(rest);
      const sinceHoldMs = nowMs - this.backAtMs[target]! - this.config.holdMs;
      const share = sinceHoldMs < 0 ? 0 : rampFactor(this.config, sinceHoldMs);
      if (share >= 1) this.returning &= ~(1 << target);
      else if (u >= share) mask &= ~(1 << target);
    }
    return mask;
  }
}
