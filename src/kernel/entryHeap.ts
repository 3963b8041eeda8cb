/** Doubles and 32-bit words an entry takes: time, order, then id and link in one double's place. */
export const DOUBLES = 3;
export const WORDS = 6;
/** Words of an entry that hold its id and the next entry of whatever list it is in. */
export const ID = 4;
export const LINK = 5;
/** The end of a list. */
export const NONE = -1;

/**
 * Entries in one block of memory, and a binary heap over some of them in the order (time, order).
 *
 * The heap keeps the times beside each other and reads the order of an entry only when two times are equal: a
 * sift then costs a mispredicted branch at most where it ends. What is not in the heap is the business of
 * {@link EventQueue}, the only class built on this one.
 */
export class EntryHeap {
  /** Times of the heap, Infinity beyond its end so that a missing right child never wins. */
  protected times: Float64Array;
  /** Entries of the heap, by place. */
  protected slots: Int32Array;
  protected heapCount = 0;

  /** Entries: time and order as doubles, id and link as words. */
  protected doubles: Float64Array;
  protected words: Int32Array;
  protected freeSlot: number = NONE;
  protected usedSlots = 0;

  constructor(initialCapacity = 256) {
    const capacity = Math.max(initialCapacity, 16);
    this.times = new Float64Array(capacity + 2).fill(Infinity);
    this.slots = new Int32Array(capacity + 2);
    this.doubles = new Float64Array(capacity * DOUBLES);
    this.words = new Int32Array(this.doubles.buffer);
  }

  /** Time of the first event, Infinity when there is none. */
  nextTimeUs(): number {
    return this.times[0]!;
  }

  /** Order of the first event; meaningless when there is none. */
  nextOrder(): number {
    return this.doubles[this.slots[0]! * DOUBLES + 1]!;
  }

  /** Id of the first event; meaningless when there is none. */
  nextId(): number {
    return this.words[this.slots[0]! * WORDS + ID]!;
  }

  protected newEntry(timeUs: number, order: number, id: number): number {
    let slot = this.freeSlot;
    if (slot === NONE) {
      slot = this.usedSlots;
      this.usedSlots += 1;
      if (this.usedSlots * DOUBLES > this.doubles.length) this.growEntries();
    } else {
      this.freeSlot = this.words[slot * WORDS + LINK]!;
    }
    this.doubles[slot * DOUBLES] = timeUs;
    this.doubles[slot * DOUBLES + 1] = order;
    this.words[slot * WORDS + ID] = id;
    return slot;
  }

  protected freeEntry(slot: number): void {
    this.words[slot * WORDS + LINK] = this.freeSlot;
    this.freeSlot = slot;
  }

  protected clearHeap(): void {
    this.times.fill(Infinity, 0, this.heapCount);
    this.heapCount = 0;
  }

  protected pushHeap(timeUs: number, order: number, slot: number): void {
    if (this.heapCount + 3 > this.times.length) this.growHeap();
    const { times, slots, doubles } = this;
    let hole = this.heapCount;
    this.heapCount = hole + 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const parentTimeUs = times[parent]!;
      if (parentTimeUs < timeUs) break;
      const parentSlot = slots[parent]!;
      if (parentTimeUs === timeUs && doubles[parentSlot * DOUBLES + 1]! < order) break;
      times[hole] = parentTimeUs;
      slots[hole] = parentSlot;
      hole = parent;
    }
    times[hole] = timeUs;
    slots[hole] = slot;
  }

  /** Puts an entry where the top is now, or below. */
  protected sinkTop(timeUs: number, order: number, slot: number): void {
    const { times, slots, doubles, heapCount } = this;
    let hole = 0;
    let child = 1;
    while (child < heapCount) {
      const left = times[child]!;
      const right = times[child + 1]!;
      let first = child + +(right < left);
      if (left === right) first = this.firstOfPair(child);
      const firstTimeUs = times[first]!;
      if (firstTimeUs > timeUs) break;
      const firstSlot = slots[first]!;
      if (firstTimeUs === timeUs && doubles[firstSlot * DOUBLES + 1]! > order) break;
      times[hole] = firstTimeUs;
      slots[hole] = firstSlot;
      hole = first;
      child = hole * 2 + 1;
    }
    times[hole] = timeUs;
    slots[hole] = slot;
  }

  /** Of two children with equal times, the one of lower order. */
  private firstOfPair(left: number): number {
    const { slots, doubles } = this;
    const isRight = doubles[slots[left + 1]! * DOUBLES + 1]! < doubles[slots[left]! * DOUBLES + 1]!;
    return isRight ? left + 1 : left;
  }

  /** Takes the top off the heap, leaving its entry alone. */
  protected popHeap(): void {
    this.heapCount -= 1;
    const last = this.heapCount;
    const timeUs = this.times[last]!;
    const slot = this.slots[last]!;
    this.times[last] = Infinity;
    if (last > 0) this.sinkTop(timeUs, this.doubles[slot * DOUBLES + 1]!, slot);
  }

  private growEntries(): void {
    const doubles = new Float64Array(this.doubles.length * 2);
    doubles.set(this.doubles);
    this.doubles = doubles;
    this.words = new Int32Array(doubles.buffer);
  }

  private growHeap(): void {
    const times = new Float64Array(this.times.length * 2).fill(Infinity);
    const slots = new Int32Array(this.slots.length * 2);
    times.set(this.times);
    slots.set(this.slots);
    this.times = times;
    this.slots = slots;
  }
}
