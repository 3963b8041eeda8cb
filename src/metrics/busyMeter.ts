/**
 * How much of something is in use over time, as the time integral per window and the peak level.
 * A level change costs O(windows passed since the last one).
 */
export class BusyMeter {
  level = 0;
  peak = 0;
  readonly #windowUs: number;
  readonly #integral: Float64Array;
  #sinceUs = 0;

  constructor(windowUs: number, windowCount: number) {
    this.#windowUs = windowUs;
    this.#integral = new Float64Array(windowCount);
  }

  change(by: number, nowUs: number): void {
    this.settle(nowUs);
    this.level += by;
    if (this.level > this.peak) this.peak = this.level;
  }

  /** Brings the integral up to `nowUs`; times beyond the last window are not counted. */
  settle(nowUs: number): void {
    if (this.level === 0) {
      this.#sinceUs = nowUs;
      return;
    }
    let fromUs = this.#sinceUs;
    let window = Math.floor(fromUs / this.#windowUs);
    while (fromUs < nowUs && window < this.#integral.length) {
      const toUs = Math.min(nowUs, (window + 1) * this.#windowUs);
      this.#integral[window] = this.#integral[window]! + this.level * (toUs - fromUs);
      fromUs = toUs;
      window += 1;
    }
    this.#sinceUs = nowUs;
  }

  /** Level × µs, per window. */
  get integralUs(): Float64Array {
    return this.#integral;
  }
}
