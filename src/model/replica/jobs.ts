/** Int32s per job. */
const WORDS = 8;
/** Jobs there is room for at first. */
const FIRST_CAPACITY = 16;
/** No job: the end of a list. */
export const NO_JOB = -1;

/** States of a job; DROPPED and EMITTED are flags beside them. */
export const WAITING = 1;
export const PREFILLING = 2;
export const DECODING = 3;
const STATES = 3;
/** Its caller has gone: it leaves the batch at the next boundary. */
export const DROPPED = 4;
/** Its first token is out. */
export const EMITTED = 8;
/** It has been preempted before. */
export const RECOMPUTED = 16;

const CALL = 0;
const PROMPT = 1;
const OUTPUT = 2;
const DONE = 3;
const CHUNK = 4;
const STATE = 5;
const NEXT = 6;
const PREVIOUS = 7;

/** The jobs of one replica, packed, 32 bytes each and one double; a freed place is used again. */
export class JobTable {
  words: Int32Array = new Int32Array(FIRST_CAPACITY * WORDS);
  /** Number of the step that computes a decode's last token. */
  private lastSteps: Float64Array = new Float64Array(FIRST_CAPACITY);
  private firstFree = NO_JOB;
  private usedPlaces = 0;

  /** A new job that waits, with so much of its prompt already computed. */
  create(call: number, promptTokens: number, cachedTokens: number, outputTokens: number): number {
    let job = this.firstFree;
    if (job === NO_JOB) {
      job = this.usedPlaces;
      this.usedPlaces += 1;
      if (this.usedPlaces > this.lastSteps.length) this.grow();
    } else {
      this.firstFree = this.words[job * WORDS + NEXT]!;
    }
    const at = job * WORDS;
    const words = this.words;
    words[at + CALL] = call;
    words[at + PROMPT] = promptTokens;
    words[at + OUTPUT] = outputTokens;
    words[at + DONE] = cachedTokens;
    words[at + CHUNK] = 0;
    words[at + STATE] = WAITING;
    return job;
  }

  free(job: number): void {
    this.words[job * WORDS + STATE] = 0;
    this.words[job * WORDS + NEXT] = this.firstFree;
    this.firstFree = job;
  }

  call(job: number): number {
    return this.words[job * WORDS + CALL]!;
  }
  /** Tokens to compute before the next output token: the prompt, and after preemption what was put out since. */
  prompt(job: number): number {
    return this.words[job * WORDS + PROMPT]!;
  }
  /** Tokens still to be put out when the prompt is finished. */
  output(job: number): number {
    return this.words[job * WORDS + OUTPUT]!;
  }
  /** Tokens of the prompt computed or found in a cache. */
  done(job: number): number {
    return this.words[job * WORDS + DONE]!;
  }
  setDone(job: number, tokens: number): void {
    this.words[job * WORDS + DONE] = tokens;
  }
  /** Tokens of the prompt that the step under way computes. */
  chunk(job: number): number {
    return this.words[job * WORDS + CHUNK]!;
  }
  setChunk(job: number, tokens: number): void {
    this.words[job * WORDS + CHUNK] = tokens;
  }
  /** WAITING, PREFILLING or DECODING; 0 for a place not in use. */
  state(job: number): number {
    return job >= 0 && job < this.usedPlaces ? this.words[job * WORDS + STATE]! & STATES : 0;
  }
  setState(job: number, state: number): void {
    const at = job * WORDS + STATE;
    this.words[at] = (this.words[at]! & ~STATES) | state;
  }
  has(job: number, flag: number): boolean {
    return (this.words[job * WORDS + STATE]! & flag) !== 0;
  }
  setFlag(job: number, flag: number): void {
    this.words[job * WORDS + STATE]! |= flag;
  }
  lastStep(job: number): number {
    return this.lastSteps[job]!;
  }
  setLastStep(job: number, step: number): void {
    this.lastSteps[job] = step;
  }
  next(job: number): number {
    return this.words[job * WORDS + NEXT]!;
  }

  /** A preempted job begins anew: what it had put out is part of its prompt, `remaining` tokens are to come. */
  restart(job: number, remaining: number): void {
    const at = job * WORDS;
    this.words[at + PROMPT]! += this.words[at + OUTPUT]! - remaining;
    this.words[at + OUTPUT] = remaining;
    this.words[at + DONE] = 0;
    this.setState(job, WAITING);
    this.setFlag(job, RECOMPUTED);
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    const lastSteps = new Float64Array(this.lastSteps.length * 2);
    lastSteps.set(this.lastSteps);
    this.lastSteps = lastSteps;
  }
}

/** Jobs in a row, linked through the table; a job is in one row at a time. */
export class JobLine {
  private readonly table: JobTable;
  head: number = NO_JOB;
  tail: number = NO_JOB;
  count = 0;

  constructor(table: JobTable) {
    this.table = table;
  }

  pushBack(job: number): void {
    const words = this.table.words;
    words[job * WORDS + NEXT] = NO_JOB;
    words[job * WORDS + PREVIOUS] = this.tail;
    if (this.tail === NO_JOB) this.head = job;
    else words[this.tail * WORDS + NEXT] = job;
    this.tail = job;
    this.count += 1;
  }

  pushFront(job: number): void {
    const words = this.table.words;
    words[job * WORDS + PREVIOUS] = NO_JOB;
    words[job * WORDS + NEXT] = this.head;
    if (this.head === NO_JOB) this.tail = job;
    else words[this.head * WORDS + PREVIOUS] = job;
    this.head = job;
    this.count += 1;
  }

  remove(job: number): void {
    const words = this.table.words;
    const next = words[job * WORDS + NEXT]!;
    const previous = words[job * WORDS + PREVIOUS]!;
    if (previous === NO_JOB) this.head = next;
    else words[previous * WORDS + NEXT] = next;
    if (next === NO_JOB) this.tail = previous;
    else words[next * WORDS + PREVIOUS] = previous;
    this.count -= 1;
  }

  /** Adds the calls of the row to a list, in order, without those that were dropped. */
  callsInto(calls: number[]): void {
    for (let job = this.head; job !== NO_JOB; job = this.table.next(job)) {
      if (!this.table.has(job, DROPPED)) calls.push(this.table.call(job));
    }
  }
}
