/** Not in line. */
const OUT = -2;
/** No neighbour on that side. */
const END = -1;

/**
 * Timers set in the order in which they will fire, as those that all run equally long are: a doubly linked line over
 * the ids, so that setting, cancelling and firing cost O(1) whatever the number. Equal times fire in the order set.
 * A cancelled timer leaves nothing behind; memory is sixteen bytes per id up to the largest.
 */
export class TimerLine {
  private next: Int32Array;
  private previous: Int32Array;
  private times: Float64Array;
  private first = END;
  private last = END;
  private count = 0;
  private firstUs = Infinity;

  constructor(initialIds = 1024) {
    this.next = new Int32Array(initialIds).fill(OUT);
    this.previous = new Int32Array(initialIds);
    this.times = new Float64Array(initialIds);
  }

  /** Timers set and neither cancelled nor fired. */
  get size(): number {
    return this.count;
  }

  /** When the first fires; Infinity when there is none. */
  nextTimeUs(): number {
    return this.firstUs;
  }

  has(id: number): boolean {
    return id < this.next.length && this.next[id] !== OUT;
  }

  /** Whether a timer of this time would stand behind all others, as {@link append} requires. */
  accepts(timeUs: number): boolean {
    return this.last < 0 || timeUs >= this.times[this.last]!;
  }

  /** Sets a timer that is not set; its time must be one that the line {@link accepts}. */
  append(id: number, timeUs: number): void {
    if (id >= this.next.length) this.grow(id);
    const last = this.last;
    this.times[id] = timeUs;
    this.next[id] = END;
    this.previous[id] = last;
    if (last < 0) {
      this.first = id;
      this.firstUs = timeUs;
    } else {
      this.next[last] = id;
    }
    this.last = id;
    this.count += 1;
  }

  /** Takes a timer out; false when it was not set. */
  cancel(id: number): boolean {
    if (id >= this.next.length) return false;
    const next = this.next[id]!;
    if (next === OUT) return false;
    const previous = this.previous[id]!;
    if (previous >= 0) {
      this.next[previous] = next;
    } else {
      this.first = next;
      this.firstUs = next >= 0 ? this.times[next]! : Infinity;
    }
    if (next >= 0) this.previous[next] = previous;
    else this.last = previous;
    this.next[id] = OUT;
    this.count -= 1;
    return true;
  }

  /** Takes out the first timer and returns its id. */
  pop(): number {
    const id = this.first;
    if (id < 0) throw new Error("bug: pop from an empty TimerLine");
    this.cancel(id);
    return id;
  }

  private grow(id: number): void {
    const length = Math.max(id + 1, Math.ceil(this.next.length * 1.5));
    const next = new Int32Array(length).fill(OUT);
    const previous = new Int32Array(length);
    const times = new Float64Array(length);
    next.set(this.next);
    previous.set(this.previous);
    times.set(this.times);
    this.next = next;
    this.previous = previous;
    this.times = times;
  }
}
