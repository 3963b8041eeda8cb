import { bitAt, bitCount, lowestBit } from "../bits.js";
import { RESULT_OK, RESULT_TIMEOUT } from "../results.js";
import type { OptionsOf } from "./configs.js";
import { MeasuredLatency } from "./measuredLatency.js";
import { orFarthest, pickByWeight } from "./scores.js";
import type { Draw, Ended, Fleet, Picker, Strategy } from "./strategy.js";

type Options = OptionsOf<"latency-buffer">;

class LatencyBuffer implements Picker {
  readonly measured: MeasuredLatency;
  readonly #options: Options;

  constructor(options: Options, count: number) {
    this.#options = options;
    this.measured = new MeasuredLatency(count, options.samples, options.tauMs);
  }

  pick(fleet: Fleet, candidates: number, draw: Draw): number {
    const { bufferRatio, bufferMs, spread } = this.#options;
    let lowestMs = Number.POSITIVE_INFINITY;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      const ms = this.#latencyMs(lowestBit(rest), draw);
      if (ms < lowestMs) lowestMs = ms;
    }
    const boundMs = lowestMs * (1 + bufferRatio) + bufferMs;
    let fast = 0;
    for (let rest = candidates; rest !== 0; rest &= rest - 1) {
      if (this.#latencyMs(lowestBit(rest), draw) <= boundMs) fast |= rest & -rest;
    }
    if (spread === "weighted") return pickByWeight(fleet.weight, fast, draw.u);
    return bitAt(fast, Math.floor(draw.u * bitCount(fast)));
  }

  ended({ target, result, rttMs, nowMs }: Ended): void {
    const { measure, timeoutCountsMs } = this.#options;
    if (measure === "round-trip") return;
    if (result === RESULT_TIMEOUT) this.measured.add(target, timeoutCountsMs, nowMs);
    else if (result === RESULT_OK && rttMs >= 0) this.measured.add(target, rttMs, nowMs);
  }

  #latencyMs(i: number, draw: Draw): number {
    const { measure, unmeasured, expiryMs } = this.#options;
    if (measure === "round-trip") return orFarthest(draw.rttMs[i]);
    const ms = this.measured.of(i, draw.nowMs, expiryMs);
    if (ms >= 0) return ms;
    return unmeasured === "first" ? 0 : orFarthest(draw.rttMs[i]);
  }
}

/**
 * One of those that are about as fast as the fastest: latency ≤ lowest × (1 + `bufferRatio`) + `bufferMs`, by chance,
 * evenly or by weight. Uses the first draw.
 *
 * Latency is what attempts took, learned from answers: the mean of the last `samples`, or with 0 of them a mean that
 * fades with `tauMs`. A timeout counts as `timeoutCountsMs`, other failures as nothing: one that fails fast is not
 * fast. What nobody has measured, or not within `expiryMs`, has the round trip, or latency 0 (`first`), so that it is
 * tried at once. With `measure: round-trip` nothing is learned.
 *
 * Rules: the latency-based routing of LiteLLM (a ratio, evenly, 10 samples, an hour, unmeasured ones first, timeouts
 * 1000 s; its latency is per token of the answer, ours per call) and of Azure Front Door (a sensitivity in ms, by
 * weight, round trips).
 */
export const latencyBuffer: Strategy<Options> = {
  name: "latency-buffer",
  usesLuck: true,
  reach: "tier",
  defaults: {
    kind: "latency-buffer",
    bufferRatio: 0,
    bufferMs: 0,
    spread: "uniform",
    measure: "calls",
    samples: 10,
    tauMs: 10_000,
    unmeasured: "round-trip",
    timeoutCountsMs: 1_000_000,
    expiryMs: 3_600_000,
  },
  create: (options, targets) => new LatencyBuffer(options, targets.length),
};
