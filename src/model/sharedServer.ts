/**
 * Processor sharing by attained service: every job has received the same amount V since it came, so a
 * job that came at V₀ with size s leaves when V = V₀ + s, whatever came and went. One pending event.
 */

interface Job {
  readonly tagUs: number;
  /** Running number: jobs that end together leave in the order they came. */
  readonly number: number;
  readonly slot: number;
}

export class SharedServer {
  /** Jobs that share; finish tags as a binary heap, earlier arrival first among equals. */
  readonly #jobs: Job[] = [];
  #attainedUs = 0;
  #settledUs = 0;
  #added = 0;
  #slots: number;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get count(): number {
    return this.#jobs.length;
  }

  /** µs of service one job receives per µs. */
  get rate(): number {
    return this.#jobs.length === 0 ? 0 : Math.min(1, this.#slots / this.#jobs.length);
  }

  setSlots(slots: number, nowUs: number): void {
    this.#settle(nowUs);
    this.#slots = slots;
  }

  add(slot: number, sizeUs: number, nowUs: number): void {
    this.#settle(nowUs);
    this.#jobs.push({ tagUs: this.#attainedUs + sizeUs, number: this.#added, slot });
    this.#added += 1;
    this.#siftUp(this.#jobs.length - 1);
  }

  /** When the next job leaves if nothing else happens, rounded up to a whole µs; Infinity if none will. */
  nextUs(nowUs: number): number {
    this.#settle(nowUs);
    const rate = this.rate;
    if (rate === 0) return Number.POSITIVE_INFINITY;
    return nowUs + Math.max(0, Math.ceil((this.#jobs[0]!.tagUs - this.#attainedUs) / rate - 1e-6));
  }

  /** A job whose service is complete by now, taken out; −1 when there is none. */
  takeFinished(nowUs: number): number {
    this.#settle(nowUs);
    const first = this.#jobs[0];
    if (first === undefined || first.tagUs > this.#attainedUs + 1e-3) return -1;
    this.#removeAt(0);
    return first.slot;
  }

  /** Takes out a job that was abandoned. O(jobs). */
  remove(slot: number, nowUs: number): void {
    this.#settle(nowUs);
    const at = this.#jobs.findIndex((job) => job.slot === slot);
    if (at >= 0) this.#removeAt(at);
  }

  #settle(nowUs: number): void {
    if (this.#jobs.length === 0) this.#attainedUs = 0;
    else this.#attainedUs += (nowUs - this.#settledUs) * this.rate;
    this.#settledUs = nowUs;
  }

  #removeAt(at: number): void {
    const last = this.#jobs.pop()!;
    if (at === this.#jobs.length) return;
    this.#jobs[at] = last;
    this.#siftDown(at);
    this.#siftUp(at);
  }

  #siftUp(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(this.#jobs[parent]!, this.#jobs[at]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #siftDown(from: number): void {
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.#jobs.length) return;
      if (child + 1 < this.#jobs.length && isBefore(this.#jobs[child + 1]!, this.#jobs[child]!)) child += 1;
      if (isBefore(this.#jobs[at]!, this.#jobs[child]!)) return;
      this.#swap(at, child);
      at = child;
    }
  }

  #swap(a: number, b: number): void {
    const job = this.#jobs[a]!;
    this.#jobs[a] = this.#jobs[b]!;
    this.#jobs[b] = job;
  }
}

function isBefore(a: Job, b: Job): boolean {
  return a.tagUs < b.tagUs || (a.tagUs === b.tagUs && a.number < b.number);
}
