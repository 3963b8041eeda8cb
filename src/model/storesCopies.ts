/**
 * The copies of one store and what each of them has. A write is made at one copy and arrives at each other one after
 * its lag, if the way is open then, or else at the moment it opens. Nothing is scheduled for that: whoever looks at a
 * copy first calls {@link StoreCopies.settle}, which takes in all that has arrived since. That is exact as long as it
 * is also called whenever a way opens or closes, before it does; an arrival due at that very instant comes after it.
 *
 * By key, the later version replaces the earlier one whole, whatever it was made from: the last writer wins, and the
 * turns that only the other version stands for are lost. A write without a key adds to what all share, where nothing
 * conflicts; such writes arrive in the order in which their copy took them.
 */
import { EventQueue } from "../kernel/index.js";
import { StoreEntries } from "./storesEntries.js";
import { NO_ENTRY, NOTHING, StoreRows } from "./storesRows.js";

/** What a read finds when the copy has nothing of the key; anything from 0 up is its age in µs, 0 too when just now. */
export const MISSING = -2;
/** What a read finds when the copy has the latest version. */
export const FRESH = -1;

/** Who asks, and is told of every write that a copy takes in. */
export interface CopiesOwner {
  /** A copy has taken a write in that was made at another. */
  arrived(site: number, classIndex: number, copy: number): void;
}

/** A write; callers keep one and fill it in. */
export interface StoreWrite {
  /** Of the key; −1 for what all share. */
  row: number;
  /** The copy that takes it. */
  copy: number;
  /** Whose prompt it comes from. */
  site: number;
  classIndex: number;
  nowUs: number;
  /** When the other copies have it; Infinity for never. */
  dueUs: number;
}

/** What a write changed. */
export interface WriteOutcome {
  /** It was made on a state that was not the latest. */
  conflict: boolean;
  /** Turns that the latest state had and the new one has not; below zero when the new one brings such back. */
  overwritten: number;
}

/** The copies of one store; rows and entries are open to who counts them. */
export class StoreCopies {
  readonly rows: StoreRows;
  readonly entries: StoreEntries = new StoreEntries();
  /** from · copies + to: 1 while writes can cross. */
  readonly open: Uint8Array;
  readonly #copies: number;
  readonly #owner: CopiesOwner;
  /** from · copies + to: arrivals due, in order of time and then of version. */
  readonly #due: readonly EventQueue[];
  /** Per copy: when the last write without a key is due elsewhere. */
  readonly #lastDueUs: Float64Array;
  readonly #outcome: WriteOutcome = { conflict: false, overwritten: 0 };
  #versions = 0;

  constructor(copies: number, owner: CopiesOwner) {
    this.#copies = copies;
    this.#owner = owner;
    this.rows = new StoreRows(copies);
    this.open = new Uint8Array(copies * copies).fill(1);
    this.#due = Array.from({ length: copies * copies }, () => new EventQueue());
    this.#lastDueUs = new Float64Array(copies);
  }

  /** Takes in what has arrived by `nowUs`, or before it where `isEdge` says that a way is about to open or close. */
  settle(nowUs: number, isEdge: boolean): void {
    if (this.entries.size === 0) return;
    for (let way = 0; way < this.#due.length; way++) {
      if (this.open[way] === 0) continue;
      const due = this.#due[way]!;
      while (due.size > 0) {
        const dueUs = due.nextTimeUs();
        if (dueUs > nowUs || (isEdge && dueUs === nowUs)) break;
        this.#take(due.pop(), way % this.#copies);
      }
    }
  }

  #take(entry: number, copy: number): void {
    const { entries, rows } = this;
    const row = entries.row[entry]!;
    this.#owner.arrived(entries.site[entry]!, entries.classIndex[entry]!, copy);
    if (row >= 0) {
      const at = row * this.#copies + copy;
      if (entries.version[entry]! > rows.held[at]!) {
        rows.held[at] = entries.version[entry]!;
        rows.heldTurns[at] = entries.turns[entry]!;
        rows.begunUs[at] = entries.begunUs[entry]!;
        rows.outdatedUs[at] = entries.nextUs[entry]!;
      }
    }
    const wanting = entries.wanting[entry]! & ~(1 << copy);
    entries.wanting[entry] = wanting;
    if (wanting !== 0) return;
    if (row >= 0) rows.landed(row, entry);
    entries.release(entry);
  }

  /** What a copy has of a row: {@link FRESH}, {@link MISSING}, or how long ago it became out of date, µs. */
  look(row: number, copy: number, nowUs: number): number {
    const at = row * this.#copies + copy;
    const held = this.rows.held[at]!;
    if (held === NOTHING) return MISSING;
    return held === this.rows.newest[row] ? FRESH : nowUs - this.rows.outdatedUs[at]!;
  }

  /** When the first turn was written of what a copy has; −Infinity for what is older than the run. */
  begunUs(row: number, copy: number): number {
    return row < 0 ? Number.NEGATIVE_INFINITY : this.rows.begunUs[row * this.#copies + copy]!;
  }

  /** What a copy has of what all share: {@link FRESH}, or how long ago the oldest write was made that it lacks, µs. */
  lookShared(copy: number, nowUs: number): number {
    let oldestUs = Number.POSITIVE_INFINITY;
    for (let from = 0; from < this.#copies; from++) {
      const due = this.#due[from * this.#copies + copy]!;
      if (due.size > 0) oldestUs = Math.min(oldestUs, this.entries.writtenUs[due.nextId()]!);
    }
    return oldestUs === Number.POSITIVE_INFINITY ? FRESH : nowUs - oldestUs;
  }

  /**
   * A copy takes a write to a row. Only what the copy itself holds counts as the state the write is made on. The
   * outcome is good until the next write.
   */
  write(write: StoreWrite): WriteOutcome {
    const { rows, entries } = this;
    const { row, nowUs } = write;
    const at = row * this.#copies + write.copy;
    const before = rows.newest[row]!;
    const outcome = this.#outcome;
    outcome.conflict = rows.held[at] !== before;
    outcome.overwritten = rows.turns[row]! - rows.heldTurns[at]!;
    const last = rows.lastEntry[row]!;
    if (last !== NO_ENTRY) entries.nextUs[last] = nowUs;
    if (before !== NOTHING) {
      for (let c = row * this.#copies; c < (row + 1) * this.#copies; c++)
        if (rows.held[c] === before) rows.outdatedUs[c] = nowUs;
    }
    this.#versions += 1;
    if (rows.held[at] === NOTHING) rows.begunUs[at] = nowUs;
    const turns = rows.heldTurns[at]! + 1;
    rows.held[at] = this.#versions;
    rows.heldTurns[at] = turns;
    rows.outdatedUs[at] = Number.POSITIVE_INFINITY;
    rows.newest[row] = this.#versions;
    rows.turns[row] = turns;
    rows.lastEntry[row] = NO_ENTRY;
    if (!this.#travels(write)) return outcome;
    const entry = this.#send(write, write.dueUs);
    entries.turns[entry] = turns;
    entries.begunUs[entry] = rows.begunUs[at]!;
    rows.lastEntry[row] = entry;
    rows.underWay[row] = rows.underWay[row]! + 1;
    return outcome;
  }

  /** A copy takes a write to what all share. */
  writeShared(write: StoreWrite): void {
    this.#versions += 1;
    if (!this.#travels(write)) return;
    const dueUs = Math.max(this.#lastDueUs[write.copy]!, write.dueUs);
    this.#lastDueUs[write.copy] = dueUs;
    this.#send(write, dueUs);
  }

  #travels({ dueUs }: StoreWrite): boolean {
    return dueUs !== Number.POSITIVE_INFINITY && this.#copies > 1;
  }

  #send({ row, copy, site, classIndex, nowUs }: StoreWrite, dueUs: number): number {
    const { entries } = this;
    const entry = entries.alloc();
    entries.row[entry] = row;
    entries.version[entry] = this.#versions;
    entries.writtenUs[entry] = nowUs;
    entries.nextUs[entry] = Number.POSITIVE_INFINITY;
    entries.site[entry] = site;
    entries.classIndex[entry] = classIndex;
    entries.from[entry] = copy;
    entries.wanting[entry] = ((1 << this.#copies) - 1) & ~(1 << copy);
    for (let to = 0; to < this.#copies; to++)
      if (to !== copy) this.#due[copy * this.#copies + to]!.push(dueUs, this.#versions, entry);
    return entry;
  }
}
