/** The memory that the bodies of all requests under way may take together. */
export class BodyRoom {
  #heldBytes = 0;
  #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What is held stays, also where it is more than may be held from now on. */
  setMax(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Room of its own for one request's body. */
  begin(): BodyShare {
    return new BodyShare(this);
  }

  /**
   * Whether there was room for more of a body that holds `ownBytes`. The only body there is always has it: how long that
   * may be is another bound's to say.
   */
  take(bytes: number, ownBytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxBytes && this.#heldBytes > ownBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
    if (this.#heldBytes < 0) throw new RangeError("bug: more room for bodies given back than taken");
  }
}

/** What one request's body holds of it. */
export class BodyShare {
  readonly #room: BodyRoom;
  #bytes = 0;

  constructor(room: BodyRoom) {
    this.#room = room;
  }

  /** Another piece of the body; false where there is no room for it. */
  take(bytes: number): boolean {
    if (!this.#room.take(bytes, this.#bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /** The request is over. */
  end(): void {
    this.#room.give(this.#bytes);
    this.#bytes = 0;
  }
}
