/** What an answer says of itself, and whether what is passed on keeps to it: a caller must never read past its end. */
import type { Header } from "../exchange.js";

/** What belongs to one connection, or is the gateway's own to say. */
const DROPPED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "x-regionsim-cause",
  "x-regionsim-target",
  "x-request-id",
]);
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/;
const BAD_GATEWAY = 502;
/** The longest mark of an event's end is `\r\n\r\n`. */
const MARK_BYTES = 4;

/** The frame of one answer. */
export class AnswerFrame {
  readonly status: number;
  /** Names and values in turn. */
  readonly lines: readonly string[];
  readonly #isEvents: boolean;
  /** Bytes to come; Infinity where that was not said. */
  #left: number = Number.POSITIVE_INFINITY;
  #tail: Buffer = Buffer.alloc(0);

  constructor(status: number, headers: readonly Header[]) {
    const isFinal = Number.isInteger(status) && status >= 200 && status <= 599;
    this.status = isFinal ? status : BAD_GATEWAY;
    const lines: string[] = [];
    let type = "";
    let isEncoded = false;
    for (const [name, value] of headers) {
      const lower = name.toLowerCase();
      if (DROPPED.has(lower) || !TOKEN.test(name) || CONTROL.test(value)) continue;
      if (lower === "content-length" && !this.#takeLength(value)) continue;
      if (lower === "content-type") type = value;
      if (lower === "content-encoding") isEncoded = value.trim().toLowerCase() !== "identity";
      lines.push(name, value);
    }
    this.lines = lines;
    this.#isEvents = /^text\/event-stream\b/i.test(type) && !isEncoded && !this.hasLength;
    if (status === 204 || status === 304) this.#left = Number.POSITIVE_INFINITY;
  }

  /** Whether the answer says how long it is. */
  get hasLength(): boolean {
    return this.#left !== Number.POSITIVE_INFINITY;
  }

  /** The first length counts; a second, or one that is no number, is not passed on. */
  #takeLength(value: string): boolean {
    if (this.hasLength || !/^[0-9]{1,15}$/.test(value)) return false;
    this.#left = Number(value);
    return true;
  }

  /** Counts a piece; false when it is more than was announced. */
  takes(piece: Buffer): boolean {
    if (piece.length > this.#left) return false;
    this.#left -= piece.length;
    if (this.#isEvents) this.#tail = piece.length < MARK_BYTES ? this.#longerTail(piece) : piece;
    return true;
  }

  #longerTail(piece: Buffer): Buffer {
    return Buffer.concat([this.#tail.subarray(-MARK_BYTES), piece]).subarray(-MARK_BYTES);
  }

  /** Whether the answer may end here. */
  get isComplete(): boolean {
    return this.#left === 0 || !this.hasLength;
  }

  /** Whether it is a stream of events, and none of them is broken off in the middle. */
  get isBetweenEvents(): boolean {
    if (!this.#isEvents) return false;
    const end = this.#tail.toString("latin1", Math.max(0, this.#tail.length - MARK_BYTES));
    return end === "" || /(?:\n\n|\r\r|\r\n\r\n)$/.test(end);
  }
}
