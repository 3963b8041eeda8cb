import { Sha256 } from "./sha256.js";

/** Hash states of a run at regular distances: entry i is the state after (i + 1)·stride events. */
export interface DigestTrail {
  readonly stride: number;
  readonly trail: readonly string[];
}

/**
 * A fingerprint of the events of a run, in order, at a few nanoseconds each.
 *
 * Two 32-bit lanes absorb every event; their states at regular distances form a trail of bounded length, so that
 * two runs can be compared without keeping either. This finds accidents, not forgeries; `finish` only adds SHA-256
 * so that one short string stands for all of it.
 */
export class EventDigest {
  private readonly cell: Float64Array = new Float64Array(1);
  private readonly words: Int32Array = new Int32Array(this.cell.buffer);
  private readonly maxTrail: number;
  /** Lane states, two words an entry. */
  private readonly states: Int32Array;
  private trailLength = 0;
  private strideEvents = 1;
  private untilNext = 1;
  private eventCount = 0;
  private lane0 = 0x243f6a88;
  private lane1 = -0x7a5cf72d;

  /** `maxTrail` is the longest the trail may get: a whole number, at least 2, made even. */
  constructor(maxTrail = 4096) {
    if (!(maxTrail >= 2)) throw new Error(`bug: maxTrail must be an integer >= 2, got ${maxTrail}`);
    this.maxTrail = maxTrail - (maxTrail % 2);
    this.states = new Int32Array(this.maxTrail * 2);
  }

  /** Events added so far. */
  get events(): number {
    return this.eventCount;
  }

  /** Events between two entries of the trail; a power of two that doubles whenever the trail is full. */
  get stride(): number {
    return this.strideEvents;
  }

  /** Adds one event: its time and two 32-bit integers, such as kind and subject. */
  add(timeUs: number, a: number, b: number): void {
    this.cell[0] = timeUs;
    const low = this.words[0]!;
    // The products here wait for nothing; only one per lane stands in the chain from event to event.
    const x = Math.imul(this.lane0 ^ (low + Math.imul(a, 0x2c1b3c6d)), 0x21f0aaad);
    const lane0 = x ^ (x >>> 15);
    const mixed = Math.imul(low, 0x297a2d39) + this.words[1]! + Math.imul(b, 0x3a4b5c2f);
    const y = Math.imul(this.lane1 ^ mixed, 0x735a2d97) + lane0;
    this.lane0 = lane0;
    this.lane1 = y ^ (y >>> 13);
    this.eventCount += 1;
    this.untilNext -= 1;
    if (this.untilNext === 0) this.note();
  }

  /** The trail as 16 hexadecimal digits an entry. */
  trail(): readonly string[] {
    const entries: string[] = [];
    for (let i = 0; i < this.trailLength; i += 1) {
      entries.push(hexWord(this.states[2 * i]!) + hexWord(this.states[2 * i + 1]!));
    }
    return entries;
  }

  /** SHA-256 over the trail, the last state, the number of events and the given counters (as doubles), in hex. */
  finish(counters: ArrayLike<number>): string {
    const numbers = [
      this.trailLength,
      this.strideEvents,
      this.eventCount,
      this.lane0,
      this.lane1,
      counters.length,
    ];
    const count = numbers.length + this.trailLength * 2 + counters.length;
    const view = new DataView(new ArrayBuffer(count * 8));
    let at = 0;
    const put = (value: number): void => {
      view.setFloat64(at, value);
      at += 8;
    };
    for (const value of numbers) put(value);
    for (let i = 0; i < this.trailLength * 2; i += 1) put(this.states[i]!);
    for (let i = 0; i < counters.length; i += 1) put(counters[i]!);
    return new Sha256().update(new Uint8Array(view.buffer)).hex();
  }

  private note(): void {
    const states = this.states;
    states[2 * this.trailLength] = this.lane0;
    states[2 * this.trailLength + 1] = this.lane1;
    this.trailLength += 1;
    if (this.trailLength === this.maxTrail) {
      this.trailLength = this.maxTrail / 2;
      for (let i = 0; i < this.trailLength; i += 1) {
        states[2 * i] = states[4 * i + 2]!;
        states[2 * i + 1] = states[4 * i + 3]!;
      }
      this.strideEvents *= 2;
    }
    this.untilNext = this.strideEvents;
  }
}

function hexWord(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

/**
 * The stretch of events, counted from 0, in which two runs first differ: they agree on all events before `fromEvent`
 * and differ in one of `fromEvent` … `toEvent` − 1, or one of them ends there. Null when the trails agree, which
 * leaves events after the last entry to be told by {@link EventDigest.finish}.
 */
export function firstDifference(
  a: DigestTrail,
  b: DigestTrail,
): { fromEvent: number; toEvent: number } | null {
  const stride = Math.max(a.stride, b.stride);
  const everyA = stride / a.stride;
  const everyB = stride / b.stride;
  const lengthA = Math.floor(a.trail.length / everyA);
  const lengthB = Math.floor(b.trail.length / everyB);
  const common = Math.min(lengthA, lengthB);
  for (let i = 0; i < common; i += 1) {
    if (a.trail[(i + 1) * everyA - 1] !== b.trail[(i + 1) * everyB - 1]) {
      return { fromEvent: i * stride, toEvent: (i + 1) * stride };
    }
  }
  return lengthA === lengthB ? null : { fromEvent: common * stride, toEvent: (common + 1) * stride };
}
