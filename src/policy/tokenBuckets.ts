/** Token buckets with continuous refill: the shape of every per-minute limit. */

const MS_PER_MIN = 60_000;

/**
 * A column of token buckets. Each refills evenly at `perMin` up to `burst` and starts full.
 *
 * Endpoints keep their true limits in one, gateways their estimate of them in another. A bucket is
 * kept as the time at which it will be full again, so that {@link has} and {@link availableAtMs} are
 * the same comparison and can never contradict each other by a rounding.
 *
 * An amount larger than the burst could never be held: it is admitted when the bucket is full and
 * leaves a debt. Times must not run backwards; one that does finds the bucket as it was.
 */
export class TokenBuckets {
  readonly count: number;
  readonly #perMin: Float64Array;
  readonly #burst: Float64Array;
  /** Refill time of one unit now, after scaling: 0 without a limit, Infinity when nothing refills. */
  readonly #msPerUnit: Float64Array;
  /** Bucket size now, after scaling. */
  readonly #size: Float64Array;
  readonly #fullAtMs: Float64Array;
  /** Level (never positive) kept while nothing refills, when `fullAtMs` has no meaning. */
  readonly #frozenLevel: Float64Array;

  constructor(count: number) {
    this.count = count;
    this.#perMin = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#burst = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#msPerUnit = new Float64Array(count);
    this.#size = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.#fullAtMs = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
    this.#frozenLevel = new Float64Array(count);
  }

  /** Sets the limit of bucket `i` and fills it. Infinity for either means no limit, a rate of 0 admits nothing. */
  configure(i: number, perMin: number, burst: number): void {
    if (!(perMin >= 0 && burst >= 0)) {
      throw new RangeError(`perMin and burst must be numbers >= 0, got ${perMin} and ${burst}`);
    }
    const limited = perMin < Number.POSITIVE_INFINITY && burst < Number.POSITIVE_INFINITY;
    this.#perMin[i] = limited ? perMin : Number.POSITIVE_INFINITY;
    this.#burst[i] = burst;
    this.#size[i] = burst;
    this.#msPerUnit[i] = limited ? MS_PER_MIN / perMin : 0;
    this.#fullAtMs[i] = Number.NEGATIVE_INFINITY;
    this.#frozenLevel[i] = 0;
  }

  /**
   * Multiplies rate and size of bucket `i` by `factor` (1 restores the configured limit). What is in
   * the bucket stays, as far as it fits; a debt stays too. With factor 0 nothing is ever admitted.
   */
  setScale(i: number, factor: number, nowMs: number): void {
    if (!(factor >= 0 && factor < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`factor must be a finite number >= 0, got ${factor}`);
    }
    const perMin = this.#perMin[i]!;
    if (perMin === Number.POSITIVE_INFINITY) {
      this.#msPerUnit[i] = factor > 0 ? 0 : Number.POSITIVE_INFINITY;
      return;
    }
    const size = this.#burst[i]! * factor;
    const level = Math.min(this.level(i, nowMs), size);
    const msPerUnit = perMin * factor > 0 ? MS_PER_MIN / (perMin * factor) : Number.POSITIVE_INFINITY;
    this.#size[i] = size;
    this.#msPerUnit[i] = msPerUnit;
    if (msPerUnit === Number.POSITIVE_INFINITY) this.#frozenLevel[i] = level;
    else this.#fullAtMs[i] = nowMs + (size - level) * msPerUnit;
  }

  /** What bucket `i` holds: negative while in debt, Infinity without a limit. */
  level(i: number, nowMs: number): number {
    const msPerUnit = this.#msPerUnit[i]!;
    if (msPerUnit === 0) return Number.POSITIVE_INFINITY;
    if (msPerUnit === Number.POSITIVE_INFINITY) return this.#frozenLevel[i]!;
    return this.#size[i]! - Math.max(0, this.#fullAtMs[i]! - nowMs) / msPerUnit;
  }

  /** Whether `amount` would be admitted now. */
  has(i: number, amount: number, nowMs: number): boolean {
    return nowMs >= this.#readyAtMs(i, amount);
  }

  /** Takes `amount` if it is admitted, all or nothing; says whether it did. */
  take(i: number, amount: number, nowMs: number): boolean {
    if (!this.has(i, amount, nowMs)) return false;
    this.force(i, amount, nowMs);
    return true;
  }

  /**
   * Takes `amount` whatever the level, which may become negative; a negative amount is given back,
   * up to full. For settling an estimate with what was really used.
   */
  force(i: number, amount: number, nowMs: number): void {
    const msPerUnit = this.#msPerUnit[i]!;
    if (msPerUnit === 0) return;
    if (msPerUnit === Number.POSITIVE_INFINITY) {
      this.#frozenLevel[i] = Math.min(this.#size[i]!, this.#frozenLevel[i]! - amount);
    } else {
      this.#fullAtMs[i] = Math.max(this.#fullAtMs[i]!, nowMs) + amount * msPerUnit;
    }
  }

  /**
   * Lowers bucket `i` to `level`; one that holds less, or has no limit, stays as it is, and so does it for NaN. A level
   * below 0 is taken for 0: who says that less than nothing is left must not be believed for ever.
   */
  lower(i: number, level: number, nowMs: number): void {
    const held = this.level(i, nowMs);
    const left = Math.max(0, level);
    if (held > left && held < Number.POSITIVE_INFINITY) this.force(i, held - left, nowMs);
  }

  /** The first time from now at which `amount` will be admitted if nobody else takes; Infinity for never. */
  availableAtMs(i: number, amount: number, nowMs: number): number {
    return Math.max(nowMs, this.#readyAtMs(i, amount));
  }

  #readyAtMs(i: number, amount: number): number {
    const msPerUnit = this.#msPerUnit[i]!;
    if (msPerUnit === 0) return Number.NEGATIVE_INFINITY;
    if (msPerUnit === Number.POSITIVE_INFINITY) return msPerUnit;
    const size = this.#size[i]!;
    return this.#fullAtMs[i]! - (size - Math.min(amount, size)) * msPerUnit;
  }
}
