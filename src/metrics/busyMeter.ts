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
  /** Window that `#sinceUs` lies in and where it ends; most changes fall in the same one. */
  #window = 0;
  #endUs: number;

  constructor(windowUs: number, windowCount: number) {
    this.#windowUs = windowUs;
    this.#integral = new Float64Array(windowCount);
    this.#endUs = windowUs;
  }

  change(by: number, nowUs: number): void {
    if (nowUs <= this.#endUs) {
      this.#integral[this.#window] = this.#integral[this.#window]! + this.level * (nowUs - this.#sinceUs);
      this.#sinceUs = nowUs;
    } else {
      this.settle(nowUs);
    }
    this.level += by;
    if (this.level > this.peak) this.peak = this.level;
  }

  /** Brings the integral up to `nowUs`; times beyond the last window are not counted. */
  settle(nowUs: number): void {
    let fromUs = this.#sinceUs;
    let window = Math.floor(fromUs / this.#windowUs);
    while (this.level !== 0 && fromUs < nowUs && window < this.#integral.length) {
      const toUs = Math.min(nowUs, (window + 1) * this.#windowUs);
      this.#integral[window] = this.#integral[window]! + this.level * (toUs - fromUs);
      fromUs = toUs;
      window += 1;
    }
    this.#sinceUs = nowUs;
    this.#window = Math.floor(nowUs / this.#windowUs);
    this.#endUs = this.#window < this.#integral.length ? (this.#window + 1) * this.#windowUs : -1;
  }

  /** Level × µs, per window. */
  get integralUs(): Float64Array {
    return this.#integral;
  }
}
