import type { ConcurrencyLimitConfig } from "../../callerTypes.js";
import { assertLimitRange, type ConcurrencyLimit } from "./concurrencyLimit.js";

type AimdConfig = Extract<ConcurrencyLimitConfig, { readonly kind: "aimd" }>;

/**
 * Additive increase, multiplicative decrease, as in Netflix's AIMDLimit: one more after each good answer while
 * at least half of the limit is in use, × `backoffRatio` rounded down after every drop or answer slower than
 * `slowMs`. It reacts to each of a burst of drops, not once to the burst.
 */
export class AimdLimit implements ConcurrencyLimit {
  readonly config: AimdConfig;
  limit: number;

  constructor(config: AimdConfig) {
    assertLimitRange(config);
    this.config = config;
    this.limit = config.initial;
  }

  onSample(rttMs: number, inFlight: number, dropped: boolean): void {
    const { min, max, backoffRatio, slowMs } = this.config;
    if (dropped || rttMs > slowMs) this.limit = Math.max(min, Math.floor(this.limit * backoffRatio));
    else if (inFlight * 2 >= this.limit) this.limit = Math.min(max, this.limit + 1);
  }
}
