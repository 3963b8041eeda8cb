import { RESULT_OK } from "../../results.js";
import { WindowCounts } from "../windowCounts.js";
import type { Throttle } from "./throttle.js";

const REQUESTS = 0;
const ACCEPTS = 1;

/** The SRE book's chance of a local refusal: max(0, (requests − k·accepts) / (requests + 1)). */
export function adaptiveRejectShare(requests: number, accepts: number, k: number): number {
  return Math.max(0, (requests - k * accepts) / (requests + 1));
}

/**
 * Lets through about k times what the targets accept, and refuses the rest by chance. A try counts as a
 * request when it is attempted, refused here or not, and as accepted when it succeeds: counting at the end
 * instead would delay the throttle by the time an overloaded target takes to answer. A call given up by its
 * own caller stays a request that was not accepted, as the book's does.
 */
export class AdaptiveThrottle implements Throttle {
  readonly k: number;
  readonly counts: WindowCounts;

  constructor(config: { readonly k: number; readonly windowMs: number }) {
    this.k = config.k;
    this.counts = new WindowCounts(1, config.windowMs);
  }

  refuses(nowMs: number, u: number): boolean {
    const requests = this.counts.total(0, REQUESTS, nowMs);
    const share = adaptiveRejectShare(requests, this.counts.total(0, ACCEPTS, nowMs), this.k);
    this.counts.add(0, REQUESTS, nowMs);
    return u < share;
  }

  onEnd(result: number, nowMs: number): void {
    if (result === RESULT_OK) this.counts.add(0, ACCEPTS, nowMs);
  }
}
