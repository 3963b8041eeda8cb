/** What one phase is worth in an event's `order`: order = phase·PHASE_UNIT + sequence, the sequence below 2^48. */
export const PHASE_UNIT = 281474976710656;

/** Doubles and 32-bit words an entry takes: time, order, then id and link in one double's place. */
const DOUBLES = 3;
const WORDS = 6;
const ID = 4;
const LINK = 5;
const NONE = -1;

/** Pending events above which buckets pay for themselves; below an eighth of it they are given up again. */
const BUCKETS_ABOVE = 8192;
const HEAP_BELOW = 1024;
/** Events a bucket should hold when its turn comes: few enough for a small heap, enough to skip few empty ones. */
const EVENTS_PER_BUCKET = 4;

/**
 * Pending events in the total order (time, order); equal pairs do not occur, since the caller numbers its events.
 *
 * Up to some thousand events stand in one binary heap. Beyond that, only the next few do: later ones lie unsorted in
 * buckets by time, and those past the last bucket in one list, so that almost every operation touches a small heap
 * and one entry. A bucket is emptied into the heap when its turn comes. The order of events is the same either way:
 * bucket numbers never decrease with time, and everything in the heap has a number below everything outside.
 * The first event always stands at the top of the heap, so looking at it is one array read.
 */
export class EventQueue {
  /** Times of the heap, Infinity beyond its end so that a missing right child never wins. */
  private times: Float64Array;
  /** Entries of the heap, by place. */
  private slots: Int32Array;
  private heapCount = 0;

  /** Entries: time and order as doubles, id and link as words. */
  private doubles: Float64Array;
  private words: Int32Array;
  private freeSlot = NONE;
  private usedSlots = 0;

  /** First entry of each bucket. */
  private buckets: Int32Array = new Int32Array(0);
  private bucketedCount = 0;
  /** Buckets below this number have been emptied into the heap; Infinity while there are no buckets. */
  private currentBucket = Infinity;
  private startUs = 0;
  private bucketsPerUs = 0;
  /** Entries later than the last bucket. */
  private farSlot = NONE;
  private farCount = 0;
  /** Entries there were when the buckets were last laid out. */
  private laidOutCount = 0;

  constructor(initialCapacity = 256) {
    const capacity = Math.max(initialCapacity, 16);
    this.times = new Float64Array(capacity + 2).fill(Infinity);
    this.slots = new Int32Array(capacity + 2);
    this.doubles = new Float64Array(capacity * DOUBLES);
    this.words = new Int32Array(this.doubles.buffer);
  }

  /** Events pending. */
  get size(): number {
    return this.heapCount + this.bucketedCount + this.farCount;
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

  /** Adds an event. The time must be finite; ids are integers of 0 … 2^31 − 1 and may repeat. */
  push(timeUs: number, order: number, id: number): void {
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
    if ((timeUs - this.startUs) * this.bucketsPerUs < this.currentBucket) this.pushHeap(timeUs, order, slot);
    else this.store(timeUs, slot);
    if (this.heapCount > BUCKETS_ABOVE && this.size > 4 * this.laidOutCount) this.layOut();
  }

  /** Removes the first event and returns its id. */
  pop(): number {
    if (this.heapCount === 0) throw new Error("bug: pop from an empty EventQueue");
    const slot = this.slots[0]!;
    this.words[slot * WORDS + LINK] = this.freeSlot;
    this.freeSlot = slot;
    this.dropTop();
    return this.words[slot * WORDS + ID]!;
  }

  /** Gives the first event another time and order: cheaper than `pop` and `push`, same outcome. */
  replaceTop(timeUs: number, order: number): void {
    if (this.heapCount === 0) throw new Error("bug: replaceTop of an empty EventQueue");
    const slot = this.slots[0]!;
    this.doubles[slot * DOUBLES] = timeUs;
    this.doubles[slot * DOUBLES + 1] = order;
    if ((timeUs - this.startUs) * this.bucketsPerUs < this.currentBucket) {
      this.sinkTop(timeUs, order, slot);
    } else {
      this.store(timeUs, slot);
      this.dropTop();
    }
  }

  /** Removes all events; capacity stays. */
  clear(): void {
    this.times.fill(Infinity, 0, this.heapCount);
    this.heapCount = 0;
    this.freeSlot = NONE;
    this.usedSlots = 0;
    this.farSlot = NONE;
    this.farCount = 0;
    this.dropBuckets();
  }

  private pushHeap(timeUs: number, order: number, slot: number): void {
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
  private sinkTop(timeUs: number, order: number, slot: number): void {
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

  /** Takes the top off the heap, and refills the heap if that leaves it empty. */
  private dropTop(): void {
    this.heapCount -= 1;
    const last = this.heapCount;
    const timeUs = this.times[last]!;
    const slot = this.slots[last]!;
    this.times[last] = Infinity;
    if (last > 0) this.sinkTop(timeUs, this.doubles[slot * DOUBLES + 1]!, slot);
    else if (this.currentBucket !== Infinity) this.refill();
  }

  /** Files an entry in its bucket or in the far list. */
  private store(timeUs: number, slot: number): void {
    const bucket = (timeUs - this.startUs) * this.bucketsPerUs;
    if (bucket < this.buckets.length) {
      const number = bucket | 0;
      this.words[slot * WORDS + LINK] = this.buckets[number]!;
      this.buckets[number] = slot;
      this.bucketedCount += 1;
      return;
    }
    // True for NaN and both infinities: an event that never comes must not be scheduled.
    if (timeUs - timeUs !== 0) throw new Error(`bug: event time must be finite, got ${timeUs}`);
    this.linkFar(slot);
  }

  /** Brings the next events into an empty heap. */
  private refill(): void {
    if (this.size < HEAP_BELOW) {
      this.gather();
      this.dropBuckets();
      this.placeFar();
      return;
    }
    if (this.bucketedCount === 0 || this.size > 4 * this.laidOutCount) {
      this.layOut();
      return;
    }
    const { buckets, words, doubles } = this;
    let bucket = this.currentBucket;
    while (buckets[bucket] === NONE) bucket += 1;
    for (let slot = buckets[bucket]!; slot !== NONE; ) {
      const next = words[slot * WORDS + LINK]!;
      this.pushHeap(doubles[slot * DOUBLES]!, doubles[slot * DOUBLES + 1]!, slot);
      this.bucketedCount -= 1;
      slot = next;
    }
    buckets[bucket] = NONE;
    this.currentBucket = bucket + 1;
  }

  /** Lays out buckets for what is pending now, so that about three quarters of it find one. */
  private layOut(): void {
    this.gather();
    const count = this.farCount;
    const { startUs, typicalUs } = this.spread();
    const wanted = Math.ceil((1.25 * count) / EVENTS_PER_BUCKET);
    let bucketCount = 256;
    while (bucketCount < wanted) bucketCount *= 2;
    if (this.buckets.length !== bucketCount) this.buckets = new Int32Array(bucketCount);
    this.buckets.fill(NONE);
    this.currentBucket = 0;
    this.startUs = startUs;
    this.bucketsPerUs = (0.75 * count) / EVENTS_PER_BUCKET / Math.max(typicalUs, 1);
    this.laidOutCount = count;
    this.placeFar();
    this.refill();
  }

  /** Earliest time in the far list, and how long after it three quarters of a regular sample have passed. */
  private spread(): { startUs: number; typicalUs: number } {
    const stride = Math.ceil(this.farCount / 256);
    const sample = new Float64Array(Math.ceil(this.farCount / stride));
    let startUs = Infinity;
    let endUs = -Infinity;
    let index = 0;
    for (let slot = this.farSlot; slot !== NONE; slot = this.words[slot * WORDS + LINK]!) {
      const timeUs = this.doubles[slot * DOUBLES]!;
      if (timeUs < startUs) startUs = timeUs;
      if (timeUs > endUs) endUs = timeUs;
      if (index % stride === 0) sample[index / stride] = timeUs;
      index += 1;
    }
    sample.sort();
    const typicalUs = sample[Math.floor(sample.length * 0.75)]! - startUs;
    return { startUs, typicalUs: typicalUs > 0 ? typicalUs : endUs - startUs };
  }

  /** Moves every entry to the far list. */
  private gather(): void {
    const { buckets, slots } = this;
    for (let bucket = 0; this.bucketedCount > 0; bucket += 1) {
      for (let slot = buckets[bucket]!; slot !== NONE; ) {
        const next = this.words[slot * WORDS + LINK]!;
        this.linkFar(slot);
        this.bucketedCount -= 1;
        slot = next;
      }
    }
    for (let i = 0; i < this.heapCount; i += 1) this.linkFar(slots[i]!);
    this.times.fill(Infinity, 0, this.heapCount);
    this.heapCount = 0;
  }

  private linkFar(slot: number): void {
    this.words[slot * WORDS + LINK] = this.farSlot;
    this.farSlot = slot;
    this.farCount += 1;
  }

  /** Empties the far list into heap, buckets and the new far list, by the layout as it is now. */
  private placeFar(): void {
    let slot = this.farSlot;
    this.farSlot = NONE;
    this.farCount = 0;
    while (slot !== NONE) {
      const next = this.words[slot * WORDS + LINK]!;
      const timeUs = this.doubles[slot * DOUBLES]!;
      const isNear = (timeUs - this.startUs) * this.bucketsPerUs < this.currentBucket;
      if (isNear) this.pushHeap(timeUs, this.doubles[slot * DOUBLES + 1]!, slot);
      else this.store(timeUs, slot);
      slot = next;
    }
  }

  private dropBuckets(): void {
    this.buckets = new Int32Array(0);
    this.bucketedCount = 0;
    this.currentBucket = Infinity;
    this.startUs = 0;
    this.bucketsPerUs = 0;
    this.laidOutCount = 0;
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
