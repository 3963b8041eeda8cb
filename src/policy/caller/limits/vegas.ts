import type { ConcurrencyLimitConfig } from "../../callerTypes.js";
import { assertLimitRange, type ConcurrencyLimit } from "./concurrencyLimit.js";

type VegasConfig = Extract<ConcurrencyLimitConfig, { readonly kind: "vegas" }>;

/** Below this many times log10(limit) calls queued there is room … */
const ALPHA = 3;
/** … and above this many there is too much queued. */
const BETA = 6;
/**
 * The smallest round trip is taken anew every so many times the limit samples. The original draws each time
 * between half of 30 and 30; without luck here, it is the mean of that.
 */
const PROBE_EVERY = 22.5;

/** log10 rounded down, but at least 1, as the original's table has it. */
function digits(limit: number): number {
  let log10 = 1;
  for (let power = 100; power <= limit; power *= 10) log10 += 1;
  return log10;
}

/**
 * Netflix's VegasLimit: from the smallest round trip seen it takes limit · (1 − smallest / rtt) calls to be
 * queued, and moves the limit up while those are few and down while they are many or a call was dropped.
 * Left alone while less than half of it is in use. The smallest round trip is measured anew under whatever
 * load there is, so under steady load the limit drifts up, in the original too.
 */
export class VegasLimit implements ConcurrencyLimit {
  readonly config: VegasConfig;
  limit: number;
  /** The limit before it is rounded down. */
  exact: number;
  /** 0 before the first sample. */
  minRttMs = 0;
  sinceProbe = 0;

  constructor(config: VegasConfig) {
    assertLimitRange({ initial: config.initial, min: 1, max: config.max });
    this.config = config;
    this.limit = Math.floor(config.initial);
    this.exact = config.initial;
  }

  onSample(rttMs: number, inFlight: number, dropped: boolean): void {
    this.sinceProbe += 1;
    if (this.sinceProbe >= PROBE_EVERY * this.exact) {
      this.sinceProbe = 0;
      this.minRttMs = rttMs;
    } else if (this.minRttMs === 0 || rttMs < this.minRttMs) {
      this.minRttMs = rttMs;
    } else {
      this.#move(this.#wanted(rttMs, inFlight, dropped));
    }
  }

  #wanted(rttMs: number, inFlight: number, dropped: boolean): number {
    if (dropped) return this.#lower();
    if (inFlight * 2 < this.exact) return this.exact;
    // The smallest round trip is not above this one, so a round trip of 0 means no queue.
    const queued = rttMs > 0 ? Math.ceil(this.exact * (1 - this.minRttMs / rttMs)) : 0;
    const unit = digits(this.exact);
    if (queued <= unit) return this.exact + BETA * unit;
    if (queued < ALPHA * unit) return this.exact + unit;
    return queued > BETA * unit ? this.#lower() : this.exact;
  }

  #lower(): number {
    return this.config.decrease === "half" ? this.exact / 2 : this.exact - digits(this.exact);
  }

  #move(wanted: number): void {
    const { max, smoothing } = this.config;
    const within = Math.max(1, Math.min(max, wanted));
    this.exact = (1 - smoothing) * this.exact + smoothing * within;
    this.limit = Math.floor(this.exact);
  }
}
