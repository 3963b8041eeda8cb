/** Counts over the recent past, in a fixed number of buckets. */

/** Buckets of a window: the oldest tenth is forgotten at once, so a window covers 90 to 100 % of its length. */
export const WINDOW_BUCKETS = 10;

/** The two things counted per row; what they are is the owner's. */
const COLUMNS = 2;

/**
 * Two whole-number counts per row (a target, or the caller as a whole) over a sliding window. Adding and
 * reading cost a constant; a time before the newest one seen counts as the newest.
 */
export class WindowCounts {
  readonly bucketMs: number;
  /** By row, bucket and column. */
  readonly buckets: Int32Array;
  /** By row and column: the sums of the buckets, kept exact because they are whole numbers. */
  readonly totals: Int32Array;
  /** The number of each row's newest bucket since time 0. */
  readonly newest: Float64Array;
  /** When each row's newest bucket ends: a comparison in place of a division for most calls. */
  readonly newestEndMs: Float64Array;

  constructor(rows: number, windowMs: number) {
    if (!(windowMs > 0)) throw new RangeError(`windowMs must be a number > 0, got ${windowMs}`);
    this.bucketMs = windowMs / WINDOW_BUCKETS;
    this.buckets = new Int32Array(rows * WINDOW_BUCKETS * COLUMNS);
    this.totals = new Int32Array(rows * COLUMNS);
    this.newest = new Float64Array(rows);
    this.newestEndMs = new Float64Array(rows).fill(this.bucketMs);
  }

  /** Counts one in a column (0 or 1) of a row. */
  add(row: number, column: number, nowMs: number): void {
    this.#forget(row, nowMs);
    this.buckets[this.#at(row, this.newest[row]!) + column]! += 1;
    this.totals[row * COLUMNS + column]! += 1;
  }

  /** What the window holds of a column. */
  total(row: number, column: number, nowMs: number): number {
    this.#forget(row, nowMs);
    return this.totals[row * COLUMNS + column]!;
  }

  /** Forgets all of a row. */
  clear(row: number): void {
    this.buckets.fill(0, this.#at(row, 0), this.#at(row + 1, 0));
    this.totals.fill(0, row * COLUMNS, (row + 1) * COLUMNS);
  }

  #at(row: number, bucket: number): number {
    return (row * WINDOW_BUCKETS + (bucket % WINDOW_BUCKETS)) * COLUMNS;
  }

  #forget(row: number, nowMs: number): void {
    if (nowMs < this.newestEndMs[row]!) return;
    const now = Math.floor(nowMs / this.bucketMs);
    const newest = this.newest[row]!;
    if (now <= newest) return;
    this.newest[row] = now;
    this.newestEndMs[row] = (now + 1) * this.bucketMs;
    if (now - newest >= WINDOW_BUCKETS) return this.clear(row);
    for (let bucket = newest + 1; bucket <= now; bucket++) {
      const at = this.#at(row, bucket);
      for (let column = 0; column < COLUMNS; column++) {
        this.totals[row * COLUMNS + column]! -= this.buckets[at + column]!;
        this.buckets[at + column] = 0;
      }
    }
  }
}
