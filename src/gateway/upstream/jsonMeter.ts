/** Counts what an answer in one JSON text costs while it passes through. */
import type { Usage } from "../exchange.js";
import { BYTES_PER_TOKEN, type Meter } from "./meter.js";
import { parsed, readStatement, type Statement, usageOf } from "./usage.js";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;

/** 1 for each byte that shapes a text outside its strings. */
const IS_SYNTAX = new Uint8Array(256);
for (const byte of Buffer.from('",:{}[]')) IS_SYNTAX[byte] = 1;

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
    if (piece.length === 0) return true;
    this.#bytes += piece.length;
    let from = 0;
    for (let i = this.#inString ? this.#skipString(piece, 0) : 0; i < piece.length; ) {
      const byte = piece[i++]!;
      if (IS_SYNTAX[byte] === 0) continue;
      if (byte === QUOTE) {
        this.#inString = true;
        this.#word = "";
        i = this.#skipString(piece, i);
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
    let i = this.#isEscaped ? from + 1 : from;
    for (;;) {
      const quote = piece.indexOf(QUOTE, i);
      const end = quote < 0 ? piece.length : quote;
      this.#isEscaped = isEscape(piece, i, end);
      if (quote >= 0 && this.#isEscaped) {
        i = quote + 1;
        continue;
      }
      this.#inString = quote < 0;
      this.#readWord(piece, from, end);
      return end + 1;
    }
  }

  /** One letter more than the name looked for, so that a longer one is not taken for it. */
  #readWord(piece: Buffer, from: number, end: number): void {
    if (this.#depth !== 1 || this.#word.length >= 6) return;
    this.#word += piece.toString("latin1", from, Math.min(end, from + 6));
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

/** Whether an odd number of backslashes stands before `end`. */
function isEscape(piece: Buffer, from: number, end: number): boolean {
  let first = end;
  while (first > from && piece[first - 1] === BACKSLASH) first -= 1;
  return (end - first) % 2 === 1;
}
