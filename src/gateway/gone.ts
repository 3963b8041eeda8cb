/** Word that nobody wants something any more: one for every request and every call, so it must cost next to nothing. */

/** For those who listen. An `AbortSignal` is one. */
export interface Gone {
  readonly aborted: boolean;
  /** Whether it is not the caller who wants it no more, but the gateway, which is ending. */
  readonly isEvacuated?: boolean;
  /** The listener is called once; never when it is added afterwards. */
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** For the one who says it. An `AbortController` makes an event target of a dozen fields, most often for nobody. */
export class Leaving implements Gone {
  #listeners: (() => void)[] = [];
  #aborted = false;
  #isEvacuated = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  get isEvacuated(): boolean {
    return this.#isEvacuated;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    if (!this.#aborted) this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }

  /** Tells all who listen, in the order in which they began to. Only the first time counts. */
  abort(isEvacuated = false): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#isEvacuated = isEvacuated;
    while (this.#listeners.length > 0) tell(this.#listeners.shift()!);
  }
}

/** A mistake in one listener must not keep the word from the others. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (bug) {
    queueMicrotask(() => {
      throw bug;
    });
  }
}
