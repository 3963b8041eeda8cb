/** Writes on their way between the copies of a store, one record each until every copy has them. */
import { widened, widenedBytes, widenedWhole } from "./storesRows.js";

const FIRST_ENTRIES = 64;

/** The records, as columns; a released one is used again. */
export class StoreEntries {
  /** Row of the key, −1 for a write to what everybody shares. */
  row: Int32Array = new Int32Array(FIRST_ENTRIES);
  version: Float64Array = new Float64Array(FIRST_ENTRIES);
  /** Turns the version stands for. */
  turns: Float64Array = new Float64Array(FIRST_ENTRIES);
  /** When the first of those was written. */
  begunUs: Float64Array = new Float64Array(FIRST_ENTRIES);
  writtenUs: Float64Array = new Float64Array(FIRST_ENTRIES);
  /** When the row was written next; Infinity while this is its latest version. */
  nextUs: Float64Array = new Float64Array(FIRST_ENTRIES);
  site: Int32Array = new Int32Array(FIRST_ENTRIES);
  /** Copies that do not have it yet, as a mask; 0 is a free record. */
  wanting: Int32Array = new Int32Array(FIRST_ENTRIES);
  classIndex: Uint8Array = new Uint8Array(FIRST_ENTRIES);
  /** The copy that took the write. */
  from: Uint8Array = new Uint8Array(FIRST_ENTRIES);
  /** Records in use. */
  size = 0;
  #used = 0;
  readonly #free: number[] = [];

  /** Records ever handed out: scan `0 … count − 1`. */
  get count(): number {
    return this.#used;
  }

  /** A record whose fields still hold what its last user left. */
  alloc(): number {
    const entry = this.#free.pop() ?? this.#used++;
    if (entry >= this.row.length) this.#grow();
    this.size += 1;
    return entry;
  }

  /** Ends a record that no copy wants any more. */
  release(entry: number): void {
    this.#free.push(entry);
    this.size -= 1;
  }

  #grow(): void {
    const length = this.row.length * 2;
    this.row = widenedWhole(this.row, length);
    this.version = widened(this.version, length);
    this.turns = widened(this.turns, length);
    this.begunUs = widened(this.begunUs, length);
    this.writtenUs = widened(this.writtenUs, length);
    this.nextUs = widened(this.nextUs, length);
    this.site = widenedWhole(this.site, length);
    this.wanting = widenedWhole(this.wanting, length);
    this.classIndex = widenedBytes(this.classIndex, length);
    this.from = widenedBytes(this.from, length);
  }
}
