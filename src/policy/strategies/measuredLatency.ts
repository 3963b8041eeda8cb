/** How long targets took of late, as strategies that go by latency remember it. */
import { exp } from "../../math/index.js";

/** The weight that a mean from `sinceMs` ago keeps when a new sample comes, 0 … 1. */
export function keptShare(sinceMs: number, tauMs: number): number {
  // A clock that goes back, and a time constant of nothing, forget nothing and everything.
  if (!(sinceMs > 0)) return tauMs > 0 ? 1 : 0;
  return tauMs > 0 ? exp(-sinceMs / tauMs) : 0;
}

/** A mean over the last samples of each target, or over all of them with older ones weighing less. Plain columns. */
export class MeasuredLatency {
  /** −1 where nothing has been measured. */
  readonly meanMs: Float64Array;
  /** Time of the last sample. */
  readonly atMs: Float64Array;
  /** The last samples, target by target, each row used as a ring; empty for a mean that fades. */
  readonly samplesMs: Float64Array;
  readonly sampleCount: Int32Array;
  readonly #window: number;
  readonly #tauMs: number;

  /** `window` samples each; with a window of 0, a mean that fades with the time constant `tauMs`. */
  constructor(count: number, window: number, tauMs: number) {
    this.meanMs = new Float64Array(count).fill(-1);
    this.atMs = new Float64Array(count);
    this.samplesMs = new Float64Array(count * window);
    this.sampleCount = new Int32Array(count);
    this.#window = window;
    this.#tauMs = tauMs;
  }

  /** Takes one sample of target `i`. */
  add(i: number, ms: number, nowMs: number): void {
    if (this.#window > 0) this.#addToWindow(i, ms);
    else if (this.meanMs[i]! < 0) this.meanMs[i] = ms;
    else {
      const kept = keptShare(nowMs - this.atMs[i]!, this.#tauMs);
      this.meanMs[i] = this.meanMs[i]! * kept + ms * (1 - kept);
    }
    this.atMs[i] = nowMs;
  }

  /** What was measured at `i`, ms; −1 when nothing was, or nothing in the last `expiryMs`. */
  of(i: number, nowMs: number, expiryMs: number): number {
    return nowMs - this.atMs[i]! > expiryMs ? -1 : this.meanMs[i]!;
  }

  #addToWindow(i: number, ms: number): void {
    const window = this.#window;
    const seen = this.sampleCount[i]!;
    this.samplesMs[i * window + (seen % window)] = ms;
    // Kept small for ever, and still in step with the ring.
    this.sampleCount[i] = seen + 1 < 2 * window ? seen + 1 : window;
    const held = Math.min(seen + 1, window);
    let sum = 0;
    for (let s = 0; s < held; s++) sum += this.samplesMs[i * window + s]!;
    this.meanMs[i] = sum / held;
  }
}
