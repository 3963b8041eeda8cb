/**
 * What a store knows by key: for every conversation (or user) that is still of interest, which version each copy holds.
 * Columns, one row a key; a row is given up when its key has ended and nothing of it is under way between copies.
 *
 * A version is a number: the writes of a store are counted through, so that of two versions the later has the higher
 * number. It stands for the turns written on the way to it; how many those are is kept beside it, and so what the
 * latest version has lost is the turns ever written less the turns it stands for.
 */

const FIRST_ROWS = 64;
/** A version that was never written. */
export const NOTHING = 0;
/** `lastEntry` of a row of which nothing is under way. */
export const NO_ENTRY = -1;

/** The rows of one store, as columns; a row that was given up is used again. */
export class StoreRows {
  /** Per row: the latest version and its turns. */
  newest: Float64Array;
  turns: Float64Array;
  /** Per row: the entry of the latest version while it is on its way, and how many entries are. */
  lastEntry: Int32Array;
  underWay: Int32Array;
  /** Per row: class of the request that began it. */
  classIndex: Uint8Array;
  /** row · copies + copy: version held, its turns, and since when it is not the latest; Infinity while it is. */
  held: Float64Array;
  heldTurns: Float64Array;
  outdatedUs: Float64Array;
  /** row · copies + copy: when the first of the turns was written that the version stands for. */
  begunUs: Float64Array;
  readonly #copies: number;
  readonly #rowOf: Map<number, number> = new Map();
  #keys: Float64Array;
  #ended: Uint8Array;
  #used = 0;
  readonly #free: number[] = [];

  constructor(copies: number) {
    this.#copies = copies;
    this.newest = new Float64Array(FIRST_ROWS);
    this.turns = new Float64Array(FIRST_ROWS);
    this.lastEntry = new Int32Array(FIRST_ROWS);
    this.underWay = new Int32Array(FIRST_ROWS);
    this.classIndex = new Uint8Array(FIRST_ROWS);
    this.held = new Float64Array(FIRST_ROWS * copies);
    this.heldTurns = new Float64Array(FIRST_ROWS * copies);
    this.outdatedUs = new Float64Array(FIRST_ROWS * copies);
    this.begunUs = new Float64Array(FIRST_ROWS * copies);
    this.#keys = new Float64Array(FIRST_ROWS);
    this.#ended = new Uint8Array(FIRST_ROWS);
  }

  /** Rows in use. */
  get size(): number {
    return this.#rowOf.size;
  }

  /** Rows in use, in the order in which their keys came. */
  rows(): IterableIterator<number> {
    return this.#rowOf.values();
  }

  /** The row of a key, −1 when it has none. */
  find(key: number): number {
    return this.#rowOf.get(key) ?? -1;
  }

  /** A row for a key that has none: no copy holds anything. */
  add(key: number, classIndex: number): number {
    const row = this.#free.pop() ?? this.#used++;
    if (row >= this.newest.length) this.#grow();
    this.#rowOf.set(key, row);
    this.#keys[row] = key;
    this.#ended[row] = 0;
    this.newest[row] = NOTHING;
    this.turns[row] = 0;
    this.lastEntry[row] = NO_ENTRY;
    this.underWay[row] = 0;
    this.classIndex[row] = classIndex;
    const from = row * this.#copies;
    this.held.fill(NOTHING, from, from + this.#copies);
    this.heldTurns.fill(0, from, from + this.#copies);
    this.outdatedUs.fill(Number.POSITIVE_INFINITY, from, from + this.#copies);
    return row;
  }

  /** Nobody will ask for the key again; it goes as soon as nothing of it is under way. */
  end(key: number): void {
    const row = this.find(key);
    if (row < 0) return;
    this.#ended[row] = 1;
    if (this.underWay[row] === 0) this.#drop(row);
  }

  /** An entry of the row has arrived wherever it goes. */
  landed(row: number, entry: number): void {
    if (this.lastEntry[row] === entry) this.lastEntry[row] = NO_ENTRY;
    this.underWay[row] = this.underWay[row]! - 1;
    if (this.underWay[row] === 0 && this.#ended[row] === 1) this.#drop(row);
  }

  #drop(row: number): void {
    this.#rowOf.delete(this.#keys[row]!);
    this.#free.push(row);
  }

  #grow(): void {
    const rows = this.newest.length * 2;
    this.newest = widened(this.newest, rows);
    this.turns = widened(this.turns, rows);
    this.#keys = widened(this.#keys, rows);
    this.held = widened(this.held, rows * this.#copies);
    this.heldTurns = widened(this.heldTurns, rows * this.#copies);
    this.outdatedUs = widened(this.outdatedUs, rows * this.#copies);
    this.begunUs = widened(this.begunUs, rows * this.#copies);
    this.lastEntry = widenedWhole(this.lastEntry, rows);
    this.underWay = widenedWhole(this.underWay, rows);
    this.classIndex = widenedBytes(this.classIndex, rows);
    this.#ended = widenedBytes(this.#ended, rows);
  }
}

/** A longer column that begins as this one. */
export function widened(column: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(length);
  longer.set(column);
  return longer;
}

/** The same for whole numbers. */
export function widenedWhole(column: Int32Array, length: number): Int32Array {
  const longer = new Int32Array(length);
  longer.set(column);
  return longer;
}

/** The same for bytes. */
export function widenedBytes(column: Uint8Array, length: number): Uint8Array {
  const longer = new Uint8Array(length);
  longer.set(column);
  return longer;
}
