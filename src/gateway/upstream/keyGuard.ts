/** Keeps the key that was sent to a target from coming back to a caller. */
import type { TargetPlan } from "../plan.js";

/** What is shorter is no key, and would be found in any text. */
const SHORTEST = 8;

const NOTHING: Buffer = Buffer.alloc(0);

/** The key as it is sent; null for none. */
export function keyOf({ key }: TargetPlan): string | null {
  return key === null ? null : key.reveal().trim();
}

/** Whether a text that came from a target tells the key it was sent. */
export function tellsKey(text: string, key: string | null): boolean {
  return key !== null && key.length >= SHORTEST && text.includes(key);
}

/** Looks for a key in pieces, wherever they are cut. */
export class KeyGuard {
  readonly #key: Buffer;
  /** The end of what came, while it may be the beginning of the key. */
  #kept: Buffer = NOTHING;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /** Null for what needs none. */
  static of(key: string | null): KeyGuard | null {
    return key === null || key.length < SHORTEST ? null : new KeyGuard(Buffer.from(key));
  }

  /** What may be passed on, which may be nothing yet; null when the key is in it. */
  pass(piece: Buffer): Buffer | null {
    const bytes = this.#kept.length === 0 ? piece : Buffer.concat([this.#kept, piece]);
    if (bytes.includes(this.#key)) return null;
    const end = bytes.length - this.#beginning(bytes);
    this.#kept = end === bytes.length ? NOTHING : bytes.subarray(end);
    return bytes.subarray(0, end);
  }

  /** What was kept and turned out to be none. */
  rest(): Buffer {
    return this.#kept;
  }

  /** Length of the longest end of `bytes` that the key begins with. */
  #beginning(bytes: Buffer): number {
    const key = this.#key;
    let at = bytes.indexOf(key[0]!, Math.max(0, bytes.length - key.length + 1));
    while (at >= 0) {
      const length = bytes.length - at;
      if (bytes.compare(key, 0, length, at) === 0) return length;
      at = bytes.indexOf(key[0]!, at + 1);
    }
    return 0;
  }
}
