/** Timers the arrays have room for at least. */
const SMALLEST_CAPACITY = 64;
/** Places past the last timer that a look at four children may touch. */
const PADDING = 4;

/**
 * Timers that are mostly cancelled: at most one pending per id, ordered by time, and by `order` among equal times.
 *
 * A 4-ary heap that knows where each id stands, so `set`, `cancel` and `pop` are O(log n) and a cancelled timer is
 * gone at once: memory follows the timers that live, plus four bytes for each id up to the largest ever set.
 * Cancelling near the leaves, where young timers stand, costs a constant in practice.
 */
export class TimerHeap {
  /** Infinity beyond the last timer, so that a missing child never wins. */
  private times: Float64Array;
  private orders: Float64Array;
  private ids: Int32Array;
  /** Where each id stands in the heap, or -1. */
  private positions: Int32Array;
  private count = 0;

  constructor(initialIds = 64) {
    this.times = new Float64Array(SMALLEST_CAPACITY + PADDING).fill(Infinity);
    this.orders = new Float64Array(SMALLEST_CAPACITY);
    this.ids = new Int32Array(SMALLEST_CAPACITY);
    this.positions = new Int32Array(Math.max(initialIds, 1)).fill(-1);
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
      if (at === this.ids.length) this.resize(at * 2);
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

  /** Gives the timer of one id to another that has none, its time and order unchanged; false if there was none. */
  rename(from: number, to: number): boolean {
    if (!this.has(from)) return false;
    if (this.has(to)) throw new Error(`bug: timer ${to} is set already`);
    if (to >= this.positions.length) this.growPositions(to);
    const at = this.positions[from]!;
    this.positions[from] = -1;
    this.positions[to] = at;
    this.ids[at] = to;
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
    const lastTimeUs = this.times[last]!;
    this.times[last] = Infinity;
    if (at < last) this.place(at, lastTimeUs, this.orders[last]!, this.ids[last]!);
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
      const parentId = ids[parent]!;
      times[hole] = parentTimeUs;
      orders[hole] = orders[parent]!;
      ids[hole] = parentId;
      positions[parentId] = hole;
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
    const { times, orders, ids, positions, count } = this;
    let hole = from;
    for (let child = hole * 4 + 1; child < count; child = hole * 4 + 1) {
      // A tournament without branches on the times: mispredicted jumps cost more than the comparisons.
      const a = times[child]!;
      const b = times[child + 1]!;
      const c = times[child + 2]!;
      const d = times[child + 3]!;
      const left = child + +(b < a);
      const right = child + 2 + +(d < c);
      const leftTimeUs = times[left]!;
      const rightTimeUs = times[right]!;
      let first = rightTimeUs < leftTimeUs ? right : left;
      if (a === b || c === d || leftTimeUs === rightTimeUs) first = this.firstOfTied(child);
      const firstTimeUs = times[first]!;
      if (firstTimeUs > timeUs || (firstTimeUs === timeUs && orders[first]! > order)) break;
      const firstId = ids[first]!;
      times[hole] = firstTimeUs;
      orders[hole] = orders[first]!;
      ids[hole] = firstId;
      positions[firstId] = hole;
      hole = first;
    }
    return hole;
  }

  /** The first of up to four children, some of which may have equal times or be missing. */
  private firstOfTied(child: number): number {
    const { times, orders } = this;
    const end = Math.min(child + 4, this.count);
    let first = child;
    for (let other = child + 1; other < end; other += 1) {
      const isEarlier = times[other]! < times[first]!;
      if (isEarlier || (times[other]! === times[first]! && orders[other]! < orders[first]!)) first = other;
    }
    return first;
  }

  private growPositions(id: number): void {
    const length = this.positions.length;
    const positions = new Int32Array(Math.max(id + 1, length * 2));
    positions.set(this.positions);
    positions.fill(-1, length);
    this.positions = positions;
  }

  private resize(capacity: number): void {
    const times = new Float64Array(capacity + PADDING).fill(Infinity);
    const orders = new Float64Array(capacity);
    const ids = new Int32Array(capacity);
    times.set(this.times.subarray(0, this.count));
    orders.set(this.orders.subarray(0, this.count));
    ids.set(this.ids.subarray(0, this.count));
    this.times = times;
    this.orders = orders;
    this.ids = ids;
  }
}
