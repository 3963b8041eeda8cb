import type { ConcurrencyLimitConfig } from "../../callerTypes.js";
import { assertLimitRange, type ConcurrencyLimit } from "./concurrencyLimit.js";

type Gradient2Config = Extract<ConcurrencyLimitConfig, { readonly kind: "gradient2" }>;

/** Samples whose plain mean starts the long average. */
const WARM_UP_SAMPLES = 10;
/** A long average this many times a round trip is out of date … */
const OUT_OF_DATE = 2;
/** … and is brought down by this factor with every sample. */
const FORGET = 0.95;

/**
 * Netflix's Gradient2Limit: limit × clamp(tolerance · long / short, ½ … 1) + `queueSize`, smoothed, where short
 * is the sample's round trip and long an exponential average over about `longWindow` of them. Left alone
 * while less than half of it is in use. Drops count only by how long they took.
 */
export class Gradient2Limit implements ConcurrencyLimit {
  readonly config: Gradient2Config;
  limit: number;
  /** The limit before it is rounded down. */
  exact: number;
  longMs = 0;
  samples = 0;

  constructor(config: Gradient2Config) {
    assertLimitRange(config);
    this.config = config;
    this.limit = Math.floor(config.initial);
    this.exact = config.initial;
  }

  onSample(rttMs: number, inFlight: number): void {
    const { min, max, smoothing, queueSize, tolerance } = this.config;
    const longMs = this.#average(rttMs);
    if (longMs > OUT_OF_DATE * rttMs) this.longMs = longMs * FORGET;
    if (inFlight < this.exact / 2) return;
    const ratio = rttMs > 0 ? (tolerance * longMs) / rttMs : 1;
    const wanted = this.exact * Math.max(0.5, Math.min(1, ratio)) + queueSize;
    const smoothed = this.exact * (1 - smoothing) + wanted * smoothing;
    this.exact = Math.max(min, Math.min(max, smoothed));
    this.limit = Math.floor(this.exact);
  }

  /** The long average with this round trip in it. */
  #average(rttMs: number): number {
    if (this.samples < WARM_UP_SAMPLES) this.samples += 1;
    const weight = this.samples < WARM_UP_SAMPLES ? 1 / this.samples : 2 / (this.config.longWindow + 1);
    this.longMs += weight * (rttMs - this.longMs);
    return this.longMs;
  }
}
