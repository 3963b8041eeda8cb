/** A caller's connection and what is under way on it. */
import type { Socket } from "node:net";
import type { TurnAway } from "./turnAway.js";

/** Something under way on a connection that must hear when the connection is gone. */
export interface UnderWay {
  /** Whether its request is still to come to its end. */
  readonly isIncomplete: boolean;
  lost(): void;
  /** The gateway waits for it no longer: its caller is to be told while it can be. */
  evacuate(): void;
}

/**
 * Requests that may wait for their turn on a connection. No client of the dialects sends a second before it has its
 * first answer; each that waits holds a place in the gateway.
 */
const MAX_UNDER_WAY = 16;

/** A connection over which requests come, one after the other. */
export class Connection {
  readonly socket: Socket;
  readonly #underWay = new Set<UnderWay>();
  #isLeaving = false;
  #hasHungUp = false;
  #lastWords: TurnAway | undefined = undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.once("close", () => {
      for (const one of this.#underWay) one.lost();
      this.#underWay.clear();
    });
  }

  /** Whether nothing is under way. */
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  /** How many requests are under way. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Whether nothing may follow what is under way: answers that begin now say so. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Whether the last word has been said: what still comes is thrown away. */
  get hasHungUp(): boolean {
    return this.#hasHungUp;
  }

  /** What was said of a request that could not be read to its end. */
  get lastWords(): TurnAway | undefined {
    return this.#lastWords;
  }

  /** Whether an answer written to the socket now would be the answer of what cannot be read. */
  get mayBeAnswered(): boolean {
    if (this.#hasHungUp || this.#underWay.size > 1) return false;
    for (const one of this.#underWay) return one.isIncomplete;
    return true;
  }

  /** Whether an answer written to the socket now would be the answer of this one. */
  isOnly(one: UnderWay): boolean {
    return this.#underWay.size === 1 && this.#underWay.has(one);
  }

  /** False when there are too many already. */
  begin(one: UnderWay): boolean {
    if (this.#underWay.size >= MAX_UNDER_WAY) return false;
    this.#underWay.add(one);
    return true;
  }

  /** One is over. */
  end(one: UnderWay): void {
    this.#underWay.delete(one);
    if (this.#isLeaving && this.isIdle && !this.#hasHungUp) this.socket.destroySoon();
  }

  /** What is under way is waited for no longer. */
  evacuate(): void {
    for (const one of [...this.#underWay]) one.evacuate();
  }

  /** Nothing may follow what is under way. */
  leave(): void {
    this.#isLeaving = true;
    if (this.isIdle && !this.#hasHungUp) this.socket.destroySoon();
  }

  /** The last word is about to be said; with `words` where they are about the request that is coming in. */
  hangUp(words?: TurnAway): void {
    this.#hasHungUp = true;
    this.#lastWords = words;
  }
}
