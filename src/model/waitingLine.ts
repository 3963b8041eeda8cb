/**
 * Attempts waiting their turn: linked through the records themselves, so joining, leaving from the
 * middle and being next cost O(1) and no memory. Level 0 goes first; within a level first come first
 * served, or last come with `lifo`.
 */

import type { Attempts } from "./attempts.js";
import { I_NEXT, I_PREV, I32 } from "./attempts.js";

export class WaitingLine {
  length = 0;
  readonly #attempts: Attempts;
  readonly #lifo: boolean;
  readonly #heads: number[] = [];
  readonly #tails: number[] = [];

  constructor(attempts: Attempts, lifo: boolean) {
    this.#attempts = attempts;
    this.#lifo = lifo;
  }

  push(slot: number, level: number): void {
    if (this.#lifo) this.pushFront(slot, level);
    else this.#insert(slot, level, false);
  }

  /** Back to the head of its level: work that was interrupted. */
  pushFront(slot: number, level: number): void {
    this.#insert(slot, level, true);
  }

  /** The next one, or −1. */
  shift(): number {
    for (let level = 0; level < this.#heads.length; level++) {
      const slot = this.#heads[level]!;
      if (slot >= 0) {
        this.remove(slot, level);
        return slot;
      }
    }
    return -1;
  }

  /** The newest of the level whose turn it is, or −1; for lines that are not themselves `lifo`. */
  takeNewest(): number {
    for (let level = 0; level < this.#tails.length; level++) {
      const slot = this.#tails[level]!;
      if (slot >= 0) {
        this.remove(slot, level);
        return slot;
      }
    }
    return -1;
  }

  remove(slot: number, level: number): void {
    const { i32 } = this.#attempts;
    const next = i32[slot * I32 + I_NEXT]!;
    const prev = i32[slot * I32 + I_PREV]!;
    if (prev >= 0) i32[prev * I32 + I_NEXT] = next;
    else this.#heads[level] = next;
    if (next >= 0) i32[next * I32 + I_PREV] = prev;
    else this.#tails[level] = prev;
    this.length -= 1;
  }

  #insert(slot: number, level: number, front: boolean): void {
    while (this.#heads.length <= level) {
      this.#heads.push(-1);
      this.#tails.push(-1);
    }
    const { i32 } = this.#attempts;
    const head = this.#heads[level]!;
    const tail = this.#tails[level]!;
    i32[slot * I32 + I_NEXT] = front ? head : -1;
    i32[slot * I32 + I_PREV] = front ? -1 : tail;
    if (front && head >= 0) i32[head * I32 + I_PREV] = slot;
    if (!front && tail >= 0) i32[tail * I32 + I_NEXT] = slot;
    if (front || head < 0) this.#heads[level] = slot;
    if (!front || tail < 0) this.#tails[level] = slot;
    this.length += 1;
  }
}
