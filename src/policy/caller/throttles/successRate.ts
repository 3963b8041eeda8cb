import { pow } from "../../../math/index.js";
import type { ThrottleConfig } from "../../callerTypes.js";
import { RESULT_ABANDONED } from "../../results.js";
import { isFailure } from "../results.js";
import { WindowCounts } from "../windowCounts.js";
import type { Throttle } from "./throttle.js";

type SuccessRateConfig = Extract<ThrottleConfig, { readonly kind: "success-rate" }>;

const ENDED = 0;
const SUCCESSES = 1;

/** Envoy's chance of a local refusal, before its ceiling: max(0, (n − successes / threshold) / (n + 1))^(1 / aggression). */
export function successRateRejectShare(
  n: number,
  successes: number,
  { threshold, aggression }: { readonly threshold: number; readonly aggression: number },
): number {
  const share = Math.max(0, (n - successes / threshold) / (n + 1));
  return share === 0 || aggression === 1 ? share : pow(share, 1 / aggression);
}

/**
 * Envoy's admission control: refuses by chance while less than the threshold of what ended in the window
 * succeeded. Unlike the adaptive throttle it counts tries as they end, and none that it refused itself.
 */
export class SuccessRateThrottle implements Throttle {
  readonly config: SuccessRateConfig;
  readonly counts: WindowCounts;

  constructor(config: SuccessRateConfig) {
    this.config = config;
    this.counts = new WindowCounts(1, config.windowMs);
  }

  refuses(nowMs: number, u: number): boolean {
    const n = this.counts.total(0, ENDED, nowMs);
    const successes = this.counts.total(0, SUCCESSES, nowMs);
    return u < Math.min(this.config.maxRejectShare, successRateRejectShare(n, successes, this.config));
  }

  onEnd(result: number, nowMs: number): void {
    if (result === RESULT_ABANDONED) return;
    this.counts.add(0, ENDED, nowMs);
    if (!isFailure(result)) this.counts.add(0, SUCCESSES, nowMs);
  }
}
