import { DOUBLES, EntryHeap, ID, LINK, NONE, WORDS } from "./entryHeap.js";

/** What one phase is worth in an event's `order`: order = phase·PHASE_UNIT + sequence, the sequence below 2^48. */
export const PHASE_UNIT = 281474976710656;

/** Pending events above which buckets pay for themselves; far below it they are given up again. */
const BUCKETS_ABOVE = 2048;
const HEAP_BELOW = 256;
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
export class EventQueue extends EntryHeap {
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

  /** Events pending. */
  get size(): number {
    return this.heapCount + this.bucketedCount + this.farCount;
  }

  /** Adds an event. The time must be finite; ids are integers of 0 … 2^31 − 1 and may repeat. */
  push(timeUs: number, order: number, id: number): void {
    const slot = this.newEntry(timeUs, order, id);
    if ((timeUs - this.startUs) * this.bucketsPerUs < this.currentBucket) this.pushHeap(timeUs, order, slot);
    else this.store(timeUs, slot);
    if (this.heapCount > BUCKETS_ABOVE && this.size > 4 * this.laidOutCount) this.layOut();
  }

  /** Removes the first event and returns its id. */
  pop(): number {
    if (this.heapCount === 0) throw new Error("bug: pop from an empty EventQueue");
    const slot = this.slots[0]!;
    this.freeEntry(slot);
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
    this.clearHeap();
    this.freeSlot = NONE;
    this.usedSlots = 0;
    this.farSlot = NONE;
    this.farCount = 0;
    this.dropBuckets();
  }

  /** Takes the top off the heap, and refills the heap if that leaves it empty. */
  private dropTop(): void {
    this.popHeap();
    if (this.heapCount === 0 && this.currentBucket !== Infinity) this.refill();
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
    this.clearHeap();
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
}
