/** Requests waiting their turn: joining, leaving from the middle and being next all cost O(1). */

/** One who waits. A record stands in one line at most, once. */
export interface Waiter {
  /** Level 0 goes first. */
  readonly level: number;
  readonly joinedMs: number;
  prev: Waiter | null;
  next: Waiter | null;
}

/** Within a level in the order of joining; whichever end is taken from is the taker's choice. */
export class Line<W extends Waiter> {
  length = 0;
  readonly #heads: (W | null)[] = [];
  readonly #tails: (W | null)[] = [];

  /** Joins at the end of its level. */
  push(waiter: W): void {
    const { level } = waiter;
    while (this.#heads.length <= level) {
      this.#heads.push(null);
      this.#tails.push(null);
    }
    const tail = this.#tails[level] ?? null;
    waiter.prev = tail;
    waiter.next = null;
    if (tail === null) this.#heads[level] = waiter;
    else tail.next = waiter;
    this.#tails[level] = waiter;
    this.length += 1;
  }

  /** Takes out one who stands in the line. */
  remove(waiter: W): void {
    const { level, prev, next } = waiter;
    if (prev === null) this.#heads[level] = next as W | null;
    else prev.next = next;
    if (next === null) this.#tails[level] = prev as W | null;
    else next.prev = prev;
    waiter.prev = null;
    waiter.next = null;
    this.length -= 1;
  }

  /** Takes the oldest, or the newest, of the lowest level in which somebody stands; null when nobody does. */
  take(newest: boolean): W | null {
    const ends = newest ? this.#tails : this.#heads;
    const waiter = ends.find((end) => end !== null) ?? null;
    if (waiter !== null) this.remove(waiter);
    return waiter;
  }
}
