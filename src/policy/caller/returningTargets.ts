/** A target that comes back is not trusted at once. */
import { pow } from "../../math/index.js";
import { firstBits, lowestBit } from "../bits.js";
import type { ReturnConfig } from "../callerTypes.js";

/** How much of a ramp is climbed when the share `time` of it has passed, 0 … 1 both. */
export type Ramp = (time: number, aggression: number) => number;

/** The two shapes of a ramp: an aggression of 1 climbs straight, any other needs powers. */
export type RampKind = "straight" | "curved";

/** Both; a light router does without the second. */
export const RAMPS: Readonly<Record<RampKind, Ramp>> = { straight: straightRamp, curved: curvedRamp };

/** The shape that a configuration asks for. */
export function rampKind({ aggression }: ReturnConfig): RampKind {
  return aggression === 1 ? "straight" : "curved";
}

/** time. */
export function straightRamp(time: number): number {
  return time;
}

/** time^(1 / aggression). */
function curvedRamp(time: number, aggression: number): number {
  return time === 0 ? 0 : pow(time, 1 / aggression);
}

/**
 * The share of its requests that a target takes `sinceMs` after the hold has ended:
 * max(minShare, (since / slowStartMs)^(1 / aggression)), and all once `slowStartMs` have passed.
 */
export function rampFactor(config: ReturnConfig, sinceMs: number): number {
  return shareOn(RAMPS[rampKind(config)], config, sinceMs);
}

function shareOn(ramp: Ramp, { slowStartMs, aggression, minShare }: ReturnConfig, sinceMs: number): number {
  if (sinceMs >= slowStartMs) return 1;
  return Math.max(minShare, ramp(Math.max(0, sinceMs) / slowStartMs, aggression));
}

/** The targets that have come back lately. Targets are trusted at the beginning of time. */
export class ReturningTargets {
  readonly config: ReturnConfig;
  readonly #ramp: Ramp;
  readonly all: number;
  returning = 0;
  readonly backAtMs: Float64Array;

  constructor(config: ReturnConfig, targetCount: number, ramp: Ramp) {
    this.config = config;
    this.#ramp = ramp;
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
      const share = sinceHoldMs < 0 ? 0 : shareOn(this.#ramp, this.config, sinceHoldMs);
      if (share >= 1) this.returning &= ~(1 << target);
      else if (u >= share) mask &= ~(1 << target);
    }
    return mask;
  }
}
