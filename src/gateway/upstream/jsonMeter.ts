/** Counts what an answer in one JSON text costs while it passes through. */
import type { Usage } from "../exchange.js";
import { BYTES_PER_TOKEN, type Meter } from "./meter.js";
import { parsed, readStatement, type Statement, usageOf } from "./usage.js";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/** A `usage` longer than this is not read. */
const MOST_BYTES = 8192;

/**
 * Finds the top-level member `usage`, wherever it stands, and keeps nothing else. A `usage` further down is no
 * statement of the target: it may have been written by a model.
 */
export class JsonMeter implements Meter {
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #isEscaped = false;
  /** The string last read at the top level, and the name of the member whose value is being read. */
  #word = "";
  #name = "";
  #captured = "";
  #isCapturing = false;
  #said: Statement | null = null;

  take(piece: Buffer): boolean {
    this.#bytes += piece.length;
    let from = 0;
    let i = 0;
    while (i < piece.length) {
      if (this.#inString) {
        i = this.#skipString(piece, i);
        continue;
      }
      const byte = piece[i++]!;
      if (byte === QUOTE) {
        this.#inString = true;
        this.#word = "";
      } else if (byte === COLON && this.#depth === 1) this.#name = this.#word;
      else if (byte === COMMA && this.#depth === 1) this.#name = "";
      else if (opens(byte)) {
        if (this.#open()) from = i - 1;
      } else if (closes(byte) && this.#close()) this.#finish(piece.toString("latin1", from, i));
    }
    if (this.#isCapturing) this.#capture(piece.toString("latin1", from));
    return true;
  }

  /** Whether the value of `usage` begins here. */
  #open(): boolean {
    this.#depth += 1;
    const begins = this.#depth === 2 && this.#name === "usage" && !this.#isCapturing;
    if (begins) {
      this.#isCapturing = true;
      this.#captured = "";
    }
    return begins;
  }

  /** Whether the value of `usage` ends here. */
  #close(): boolean {
    this.#depth -= 1;
    return this.#isCapturing && this.#depth === 1;
  }

  #capture(text: string): void {
    this.#captured += text;
    if (this.#captured.length <= MOST_BYTES) return;
    this.#isCapturing = false;
    this.#name = "";
  }

  #finish(text: string): void {
    this.#capture(text);
    if (this.#isCapturing) this.#said = readStatement(parsed(this.#captured)) ?? this.#said;
    this.#isCapturing = false;
  }

  /** The index after the string's end, or of the piece's. */
  #skipString(piece: Buffer, from: number): number {
    let i = from;
    for (; i < piece.length; i++) {
      const byte = piece[i]!;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === BACKSLASH) this.#isEscaped = true;
      else if (byte === QUOTE) {
        this.#inString = false;
        break;
      }
    }
    // One letter more than the name looked for, so that a longer one is not taken for it.
    if (this.#depth === 1 && this.#word.length < 6)
      this.#word += piece.toString("latin1", from, Math.min(i, from + 6));
    return i + 1;
  }

  end(): boolean {
    return this.#depth <= 0 && !this.#inString;
  }

  usage(): Usage | null {
    return this.#said === null ? null : usageOf(this.#said);
  }

  outputTokensSeen(): number {
    return Math.ceil(this.#bytes / BYTES_PER_TOKEN);
  }
}

function opens(byte: number): boolean {
  return byte === 123 || byte === 91;
}

function closes(byte: number): boolean {
  return byte === 125 || byte === 93;
}
