import type { ConcurrencyLimitConfig } from "../../callerTypes.js";
import { SAME_TIME_MS } from "../results.js";
import { assertLimitRange, type ConcurrencyLimit } from "./concurrencyLimit.js";

type GradientConfig = Extract<ConcurrencyLimitConfig, { readonly kind: "gradient" }>;

/** What a window's round trip says, against the one without queueing. */
export interface GradientWindow {
  readonly minRttMs: number;
  readonly bufferShare: number;
  readonly sampleRttMs: number;
}

/**
 * Envoy's step, before the ends of the range: limit × clamp((minRtt + buffer) / sampleRtt, ½ … 2), and the
 * square root of that on top for a burst, rounded down.
 */
export function gradientStep(limit: number, { minRttMs, bufferShare, sampleRttMs }: GradientWindow): number {
  const ratio = sampleRttMs > 0 ? (minRttMs * (1 + bufferShare)) / sampleRttMs : 2;
  const next = limit * Math.max(0.5, Math.min(2, ratio));
  return Math.floor(next + Math.sqrt(next));
}

/**
 * Envoy's gradient controller. Its round trips are means over windows (Envoy's are medians), each window
 * opening with its first sample and closing with the first one at least `windowMs` later. At first, and every
 * `minRttEveryMs` after, the limit goes down to `min` for one window, whose mean is the round trip without
 * queueing; only calls started since count there. A dropped call counts only if it took longer than that:
 * a fast refusal is no sign of room.
 */
export class GradientLimit implements ConcurrencyLimit {
  readonly config: GradientConfig;
  limit: number;
  measuring = true;
  /** The limit to go back to after measuring. */
  resumeLimit: number;
  measuringSinceMs: number = Number.NEGATIVE_INFINITY;
  nextMeasureMs: number = Number.POSITIVE_INFINITY;
  minRttMs: number = Number.POSITIVE_INFINITY;
  windowEndMs = 0;
  samples = 0;
  sumMs = 0;

  constructor(config: GradientConfig) {
    assertLimitRange(config);
    this.config = config;
    this.limit = config.min;
    this.resumeLimit = config.initial;
  }

  onSample(rttMs: number, _inFlight: number, dropped: boolean, nowMs: number): void {
    const { bufferShare, windowMs } = this.config;
    if (dropped && (this.measuring || rttMs <= this.minRttMs * (1 + bufferShare))) return;
    if (this.measuring && nowMs - rttMs < this.measuringSinceMs - SAME_TIME_MS) return;
    if (this.samples === 0) this.windowEndMs = nowMs + windowMs;
    this.samples += 1;
    this.sumMs += rttMs;
    if (nowMs < this.windowEndMs) return;
    const meanMs = this.sumMs / this.samples;
    this.samples = 0;
    this.sumMs = 0;
    this.#onWindow(meanMs, nowMs);
  }

  #onWindow(meanMs: number, nowMs: number): void {
    const { min, max, bufferShare, minRttEveryMs } = this.config;
    if (this.measuring) {
      this.measuring = false;
      this.minRttMs = meanMs;
      this.limit = this.resumeLimit;
      this.nextMeasureMs = nowMs + minRttEveryMs;
      return;
    }
    const step = gradientStep(this.limit, { minRttMs: this.minRttMs, bufferShare, sampleRttMs: meanMs });
    this.limit = Math.max(min, Math.min(max, step));
    if (nowMs < this.nextMeasureMs) return;
    this.measuring = true;
    this.measuringSinceMs = nowMs;
    this.resumeLimit = this.limit;
    this.limit = min;
  }
}
