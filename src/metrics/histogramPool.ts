/**
 * Many latency histograms in one place. A value falls in one of 128 equal steps of its octave, so a
 * quantile read back is within 0.4 % of a recorded value. Counts are integers: merging cells in any
 * order gives the same answer. Pages (one octave of one cell) exist only once something fell in them.
 */

const STEPS = 128;
const OCTAVES = 48;
const bits = new ArrayBuffer(8);
const asDouble = new Float64Array(bits);
const asWords = new Uint32Array(bits);
const HIGH_WORD = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

export class HistogramPool {
  readonly cellCount: number;
  readonly #pageOf: Int32Array;
  #pages: Uint32Array = new Uint32Array(64 * STEPS);
  #pageCount = 0;
  readonly #count: Float64Array;
  readonly #sum: Float64Array;
  readonly #max: Float64Array;
  readonly #filled: number[] = [];

  constructor(cellCount: number) {
    this.cellCount = cellCount;
    this.#pageOf = new Int32Array(cellCount * OCTAVES).fill(-1);
    this.#count = new Float64Array(cellCount);
    this.#sum = new Float64Array(cellCount);
    this.#max = new Float64Array(cellCount);
  }

  /** Counts one value, in the caller's unit, 0 … 2^47; values below 1 share the lowest step. */
  record(cell: number, value: number): void {
    asDouble[0] = Math.max(1, value);
    const high = asWords[HIGH_WORD]!;
    const key = cell * OCTAVES + ((high >>> 20) - 1023);
    let page = this.#pageOf[key]!;
    if (page < 0) page = this.#addPage(key);
    const at = page + ((high >>> 13) & (STEPS - 1));
    this.#pages[at] = this.#pages[at]! + 1;
    const count = this.#count[cell]!;
    if (count === 0) this.#filled.push(cell);
    this.#count[cell] = count + 1;
    this.#sum[cell] = this.#sum[cell]! + value;
    if (value > this.#max[cell]!) this.#max[cell] = value;
  }

  /** Cells that hold something, in the order in which they began to. */
  get filledCells(): readonly number[] {
    return this.#filled;
  }

  /** Adds a cell's values to a cell of another pool. */
  copyCell(cell: number, into: HistogramPool, intoCell: number): void {
    if (this.#count[cell] === 0) return;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const from = this.#pageOf[cell * OCTAVES + octave]!;
      if (from < 0) continue;
      const key = intoCell * OCTAVES + octave;
      let to = into.#pageOf[key]!;
      if (to < 0) to = into.#addPage(key);
      for (let i = 0; i < STEPS; i++) into.#pages[to + i] = into.#pages[to + i]! + this.#pages[from + i]!;
    }
    if (into.#count[intoCell] === 0) into.#filled.push(intoCell);
    into.#count[intoCell] = into.#count[intoCell]! + this.#count[cell]!;
    into.#sum[intoCell] = into.#sum[intoCell]! + this.#sum[cell]!;
    into.#max[intoCell] = Math.max(into.#max[intoCell]!, this.#max[cell]!);
  }

  /** Empties every cell; capacity stays. */
  clear(): void {
    for (const cell of this.#filled) {
      this.#pageOf.fill(-1, cell * OCTAVES, (cell + 1) * OCTAVES);
      this.#count[cell] = 0;
      this.#sum[cell] = 0;
      this.#max[cell] = 0;
    }
    this.#filled.length = 0;
    this.#pages.fill(0, 0, this.#pageCount * STEPS);
    this.#pageCount = 0;
  }

  count(cell: number): number {
    return this.#count[cell]!;
  }

  /** Adds one cell's counts to a merged histogram. */
  addTo(cell: number, into: Histogram): void {
    if (this.#count[cell] === 0) return;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const page = this.#pageOf[cell * OCTAVES + octave]!;
      if (page >= 0) into.addSteps(octave, this.#pages.subarray(page, page + STEPS));
    }
    into.addTotals(this.#count[cell]!, this.#sum[cell]!, this.#max[cell]!);
  }

  #addPage(key: number): number {
    const page = this.#pageCount * STEPS;
    this.#pageCount += 1;
    if (page + STEPS > this.#pages.length) {
      const grown = new Uint32Array(this.#pages.length * 2);
      grown.set(this.#pages);
      this.#pages = grown;
    }
    this.#pageOf[key] = page;
    return page;
  }
}

/** A histogram as plain data: only steps that hold something, in ascending order. */
export interface PackedHistogram {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
  /** Indices of steps, and the number of values in each. */
  readonly steps: readonly number[];
  readonly counts: readonly number[];
}

/** A merged histogram from which quantiles are read. */
export class Histogram {
  count = 0;
  sum = 0;
  max = 0;
  readonly #steps: Float64Array = new Float64Array(OCTAVES * STEPS);

  addSteps(octave: number, steps: ArrayLike<number>): void {
    const base = octave * STEPS;
    for (let i = 0; i < STEPS; i++) this.#steps[base + i] = this.#steps[base + i]! + steps[i]!;
  }

  addTotals(count: number, sum: number, max: number): void {
    this.count += count;
    this.sum += sum;
    if (max > this.max) this.max = max;
  }

  /** What it holds, to be sent or kept. */
  pack(): PackedHistogram {
    const steps: number[] = [];
    const counts: number[] = [];
    this.#steps.forEach((n, step) => {
      if (n === 0) return;
      steps.push(step);
      counts.push(n);
    });
    return { count: this.count, sum: this.sum, max: this.max, steps, counts };
  }

  /** Adds what {@link pack} gave. Sums are of whole microseconds, so any order gives the same bits. */
  addPacked({ count, sum, max, steps, counts }: PackedHistogram): void {
    steps.forEach((step, i) => {
      this.#steps[step] = this.#steps[step]! + counts[i]!;
    });
    this.addTotals(count, sum, max);
  }

  /** Empties it for another use. */
  clear(): void {
    this.count = 0;
    this.sum = 0;
    this.max = 0;
    this.#steps.fill(0);
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /**
   * The smallest recorded value (to the middle of its step) that at least `share` of all values do not
   * exceed; never above the true maximum; 0 when empty.
   */
  quantile(share: number): number {
    if (this.count === 0) return 0;
    const rank = Math.max(1, Math.ceil(share * this.count - 1e-9));
    let seen = 0;
    for (let i = 0; i < this.#steps.length; i++) {
      seen += this.#steps[i]!;
      if (seen >= rank) return Math.min(this.max, stepMiddle(i));
    }
    return this.max;
  }
}

function stepMiddle(index: number): number {
  const octave = Math.floor(index / STEPS);
  let low = 1;
  for (let i = 0; i < octave; i++) low *= 2;
  return low * (1 + ((index % STEPS) + 0.5) / STEPS);
}
