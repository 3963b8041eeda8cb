/** The pieces of an answer between the target, which sends them, and the exchange, which asks for them. */
import type { BrokenAnswer } from "../exchange.js";

/** With so much waiting, no more is taken from the target. */
const FULL_BYTES = 65_536;
const FULL_PIECES = 256;

interface Waiter {
  resolve(piece: Buffer | null): void;
  reject(error: BrokenAnswer): void;
}

/** A line of pieces with an end: complete, or broken. One at a time may wait for the next. */
export class Pieces {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #isComplete = false;
  #broken: BrokenAnswer | null = null;
  #waiter: Waiter | null = null;

  get isFull(): boolean {
    return this.#heldBytes >= FULL_BYTES || this.#held.length >= FULL_PIECES;
  }

  /** Whether it must be waited for. */
  get isDry(): boolean {
    return this.#held.length === 0 && !this.#isComplete && this.#broken === null;
  }

  put(piece: Buffer): void {
    const waiter = this.#waiter;
    if (waiter !== null) {
      this.#waiter = null;
      waiter.resolve(piece);
      return;
    }
    this.#held.push(piece);
    this.#heldBytes += piece.length;
  }

  complete(): void {
    this.#isComplete = true;
    this.#waiter?.resolve(null);
    this.#waiter = null;
  }

  /** What is held can still be had. The first break counts, and none after the end. */
  break(error: BrokenAnswer): void {
    if (this.#isComplete) return;
    this.#broken ??= error;
    this.#waiter?.reject(this.#broken);
    this.#waiter = null;
  }

  /** All that is held as one piece, since its reader is the slower; null at the end, undefined where nothing is there. */
  ready(): Buffer | null | undefined {
    const held = this.#held;
    if (held.length === 0) return this.#isComplete ? null : undefined;
    this.#held = [];
    this.#heldBytes = 0;
    return held.length === 1 ? held[0]! : Buffer.concat(held);
  }

  /** The same, waited for. Rejects where the line is broken. */
  next(): Promise<Buffer | null> {
    const ready = this.ready();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#broken !== null) return Promise.reject(this.#broken);
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
    });
  }
}
