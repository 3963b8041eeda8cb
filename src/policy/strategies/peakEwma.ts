import { bitAt, bitCount, lowestBit } from "../bits.js";
import { RESULT_OK, RESULT_TIMEOUT } from "../results.js";
import type { OptionsOf } from "./configs.js";
import { keptShare } from "./measuredLatency.js";
import type { Draw, Ended, Fleet, Picker, Strategy } from "./strategy.js";

type Options = OptionsOf<"peak-ewma">;

class PeakEwma implements Picker {
  /** −1 where nothing has been measured. */
  readonly ewmaMs: Float64Array;
  readonly atMs: Float64Array;
  readonly #options: Options;

  constructor(options: Options, count: number) {
    this.ewmaMs = new Float64Array(count).fill(-1);
    this.atMs = new Float64Array(count);
    this.#options = options;
  }

  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    const count = bitCount(candidates);
    if (count < 2) return lowestBit(candidates);
    const first = Math.floor(draw.u * count);
    // One slot fewer, stepping over the first: both uniform, never equal.
    let second = Math.floor(draw.v * (count - 1));
    if (second >= first) second += 1;
    const earlier = bitAt(candidates, Math.min(first, second));
    const later = bitAt(candidates, Math.max(first, second));
    return this.#cost(fleet, later, draw.nowMs) < this.#cost(fleet, earlier, draw.nowMs) ? later : earlier;
  }

  ended({ target, result, rttMs, nowMs }: Ended): void {
    if ((result !== RESULT_OK && result !== RESULT_TIMEOUT) || !(rttMs >= 0)) return;
    const sinceMs = nowMs - this.atMs[target]!;
    this.ewmaMs[target] = peakEwmaMs(this.ewmaMs[target]!, rttMs, sinceMs, this.#options.tauMs);
    this.atMs[target] = nowMs;
  }

  #cost(fleet: Fleet, i: number, nowMs: number): number {
    const { tauMs, penaltyMs } = this.#options;
    const ewmaMs = this.ewmaMs[i]!;
    const pending = fleet.inFlight[i]!;
    if (ewmaMs < 0) return pending === 0 ? 0 : penaltyMs + pending;
    return peakEwmaCost(ewmaMs * keptShare(nowMs - this.atMs[i]!, tauMs), pending);
  }
}

/** The mean after a sample: up at once to a slower one, down to a faster one with the time constant. Negative: none yet. */
export function peakEwmaMs(ewmaMs: number, rttMs: number, sinceMs: number, tauMs: number): number {
  if (rttMs >= ewmaMs) return rttMs;
  const kept = keptShare(sinceMs, tauMs);
  return ewmaMs * kept + rttMs * (1 - kept);
}

/** What one more call at a target costs: its latency, once for each call under way and for the new one. */
export function peakEwmaCost(ewmaMs: number, pending: number): number {
  return ewmaMs * (pending + 1);
}

/**
 * Of two different candidates drawn at random the one with the smaller latency × (calls under way + 1), where latency
 * jumps up to every slower answer and fades with `tauMs`, also while nobody asks, so that who was slow once is tried
 * again. Uses both draws; of equal costs the earlier.
 *
 * Nothing measured costs nothing while idle and `penaltyMs` while a first call is under way: one call finds out, not
 * a burst. Answers and timeouts are measured. Other failures are not, unlike in Finagle, which measures all: a
 * target that refuses at once would be the fastest.
 *
 * Rule: Finagle's PeakEwma (τ 10 s), as in Linkerd and Envoy; penalty as in Envoy, 10⁶ ms.
 */
export const peakEwma: Strategy<Options> = {
  name: "peak-ewma",
  usesLuck: true,
  reach: "tier",
  defaults: { kind: "peak-ewma", tauMs: 10_000, penaltyMs: 1_000_000 },
  create: (options, targets) => new PeakEwma(options, targets.length),
};
