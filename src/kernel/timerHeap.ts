/**
 * Timers that are mostly cancelled: at most one pending per id, ordered by time, and by `order` among equal times.
 *
 * A 4-ary heap that knows where each id stands, so `set`, `cancel` and `pop` are O(log n) and a cancelled timer is
 * gone at once: memory follows the timers that live, plus four bytes for each id up to the largest ever set.
 * Cancelling near the leaves, where young timers stand, costs a constant in practice.
 */
export class TimerHeap {
  private times: Float64Array;
  private orders: Float64Array;
  private ids: Int32Array;
  /** Where each id stands in the heap, or -1. */
  private positions: Int32Array;
  private count = 0;

  constructor(initialIds = 64) {
    this.times = new Float64Array(SMALLEST_CAPACITY);
    this.orders = new Float64Array(SMALLEST_CAPACITY);
    this.ids = new Int32Array(SMALLEST_CAPACITY);
    this.positions = new Int32Array(Math.max(initialIds, 1)).fill(-1);
    this.times[0] = Infinity;
  }

  /** Timers pending. */
  get size(): number {
    return this.count;
  }

  /** Time of the first timer, Infinity when there is none. */
  nextTimeUs(): number {
    return this.times[0]!;
  }

  /** Order of the first timer; meaningless when there is none. */
  nextOrder(): number {
    return this.orders[0]!;
  }

  /** Id of the first timer; meaningless when there is none. */
  nextId(): number {
    return this.ids[0]!;
  }

  /** Whether the id has a timer pending. */
  has(id: number): boolean {
    return id < this.positions.length && this.positions[id]! >= 0;
  }

  /** Sets the timer of an id (an integer >= 0), moving the one it has if any. The time must be finite. */
  set(id: number, timeUs: number, order: number): void {
    // True for NaN and both infinities: an event that never comes must not be scheduled.
    if (timeUs - timeUs !== 0) throw new Error(`bug: timer time must be finite, got ${timeUs}`);
    if (id >= this.positions.length) this.growPositions(id);
    let at = this.positions[id]!;
    if (at < 0) {
      at = this.count;
      if (at === this.times.length) this.resize(at * 2);
      this.count += 1;
    }
    this.place(at, timeUs, order, id);
  }

  /** Removes the timer of an id; false if it had none. */
  cancel(id: number): boolean {
    if (!this.has(id)) return false;
    this.removeAt(this.positions[id]!);
    return true;
  }

  /** Removes the first timer and returns its id. */
  pop(): number {
    if (this.count === 0) throw new Error("bug: pop from an empty TimerHeap");
    const id = this.ids[0]!;
    this.removeAt(0);
    return id;
  }

  private removeAt(at: number): void {
    this.positions[this.ids[at]!] = -1;
    this.count -= 1;
    const last = this.count;
    if (at < last) this.place(at, this.times[last]!, this.orders[last]!, this.ids[last]!);
    else if (last === 0) this.times[0] = Infinity;
    // An eighth, so that a heap swinging around a power of two is not copied back and forth.
    if (last < this.times.length >> 3 && this.times.length > SMALLEST_CAPACITY)
      this.resize(this.times.length >> 1);
  }

  /** Puts a timer at `at` or wherever above or below it belongs. */
  private place(at: number, timeUs: number, order: number, id: number): void {
    const { times, orders, ids, positions } = this;
    let hole = at;
    while (hole > 0) {
      const parent = (hole - 1) >> 2;
      const parentTimeUs = times[parent]!;
      if (parentTimeUs < timeUs || (parentTimeUs === timeUs && orders[parent]! < order)) break;
      this.move(parent, hole);
      hole = parent;
    }
    if (hole === at) hole = this.sink(hole, timeUs, order);
    times[hole] = timeUs;
    orders[hole] = order;
    ids[hole] = id;
    positions[id] = hole;
  }

  /** Moves the hole down past every child that comes before (timeUs, order); returns where it ends. */
  private sink(from: number, timeUs: number, order: number): number {
    const { times, orders, count } = this;
    let hole = from;
    for (let child = hole * 4 + 1; child < count; child = hole * 4 + 1) {
      const end = Math.min(child + 4, count);
      let best = child;
      let bestTimeUs = times[child]!;
      for (let other = child + 1; other < end; other += 1) {
        const otherTimeUs = times[other]!;
        if (otherTimeUs < bestTimeUs || (otherTimeUs === bestTimeUs && orders[other]! < orders[best]!)) {
          best = other;
          bestTimeUs = otherTimeUs;
        }
      }
      if (bestTimeUs > timeUs || (bestTimeUs === timeUs && orders[best]! > order)) break;
      this.move(best, hole);
      hole = best;
    }
    return hole;
  }

  private move(from: number, to: number): void {
    const id = this.ids[from]!;
    this.times[to] = this.times[from]!;
    this.orders[to] = this.orders[from]!;
    this.ids[to] = id;
    this.positions[id] = to;
  }

  private growPositions(id: number): void {
    const length = this.positions.length;
    const positions = new Int32Array(Math.max(id + 1, length * 2));
    positions.set(this.positions);
    positions.fill(-1, length);
    this.positions = positions;
  }

  private resize(capacity: number): void {
    const times = new Float64Array(capacity);
    const orders = new Float64Array(capacity);
    const ids = new Int32Array(capacity);
    times.set(this.times.subarray(0, this.count));
    orders.set(this.orders.subarray(0, this.count));
    ids.set(this.ids.subarray(0, this.count));
    if (this.count === 0) times[0] = Infinity;
    this.times = times;
    this.orders = orders;
    this.ids = ids;
  }
}

const SMALLEST_CAPACITY = 64;
