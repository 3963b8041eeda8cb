/** Server-sent events, cut out of a stream of bytes that may be split anywhere. */

const LF = 10;
const CR = 13;

/**
 * Cuts a stream into events. Line ends are LF, CR or CRLF; an event ends with an empty line. Bytes are looked at once,
 * and only an event that is not yet complete is kept.
 */
export class EventReader {
  readonly #onEvent: (event: string) => void;
  readonly #mostBytes: number;
  /** Own memory, so that neither small pieces nor the large ones they are cut from are held on to. */
  #kept: Buffer = Buffer.alloc(0);
  #keptBytes = 0;
  #lineIsEmpty = true;
  #afterCr = false;

  /** An event is handed over as a text of its bytes, one character each, without the empty line. */
  constructor(mostBytes: number, onEvent: (event: string) => void) {
    this.#mostBytes = mostBytes;
    this.#onEvent = onEvent;
  }

  /** Takes the next piece; false when an event is longer than allowed. */
  take(piece: Buffer): boolean {
    if (this.#keptBytes === 0 && this.#lineIsEmpty && !this.#afterCr) {
      const text = piece.toString("latin1");
      if (text.endsWith("\n\n") && !text.includes("\r")) return this.#takeWhole(text);
    }
    return this.#takeBytes(piece);
  }

  /** Whole events with the line ends that nearly everybody writes: found much faster than byte by byte. */
  #takeWhole(text: string): boolean {
    for (let start = 0; start < text.length; ) {
      if (text.charCodeAt(start) === LF) {
        start += 1;
        continue;
      }
      const end = text.indexOf("\n\n", start) + 1;
      if (end - start > this.#mostBytes) return false;
      this.#onEvent(text.slice(start, end));
      start = end + 1;
    }
    return true;
  }

  #takeBytes(piece: Buffer): boolean {
    let lineIsEmpty = this.#lineIsEmpty;
    let afterCr = this.#afterCr;
    let start = 0;
    for (let i = 0; i < piece.length; i++) {
      const byte = piece[i]!;
      if (byte > CR) {
        lineIsEmpty = false;
        afterCr = false;
      } else if (byte === LF && afterCr) {
        afterCr = false;
        // The second half of a line end: not the first byte of an event.
        if (start === i) start = i + 1;
      } else if (byte === LF || byte === CR) {
        afterCr = byte === CR;
        if (lineIsEmpty) {
          if (!this.#complete(piece.subarray(start, i))) return false;
          start = i + 1;
        }
        lineIsEmpty = true;
      } else {
        lineIsEmpty = false;
        afterCr = false;
      }
    }
    this.#lineIsEmpty = lineIsEmpty;
    this.#afterCr = afterCr;
    return this.#keep(piece.subarray(start));
  }

  /** The stream has ended: what is left is taken for an event too. False when it stopped in the midst of a line. */
  end(): boolean {
    const isWhole = this.#lineIsEmpty;
    this.#complete(Buffer.alloc(0));
    return isWhole;
  }

  #complete(last: Buffer): boolean {
    const bytes = this.#keptBytes + last.length;
    if (bytes > this.#mostBytes) return false;
    if (this.#keptBytes === 0) {
      if (bytes > 0) this.#onEvent(last.toString("latin1"));
      return true;
    }
    this.#keep(last);
    this.#keptBytes = 0;
    this.#onEvent(this.#kept.toString("latin1", 0, bytes));
    return true;
  }

  #keep(rest: Buffer): boolean {
    if (rest.length === 0) return true;
    const bytes = this.#keptBytes + rest.length;
    if (bytes > this.#mostBytes) return false;
    if (bytes > this.#kept.length) {
      const room = Buffer.alloc(Math.max(512, 2 * bytes));
      this.#kept.copy(room, 0, 0, this.#keptBytes);
      this.#kept = room;
    }
    rest.copy(this.#kept, this.#keptBytes);
    this.#keptBytes = bytes;
    return true;
  }
}

/** The data of an event given as text, its lines joined; "" for one without. */
export function eventData(event: string): string {
  const lines: string[] = [];
  for (const line of event.split(/\r\n|\n|\r/)) {
    if (line.startsWith("data:")) lines.push(line.startsWith("data: ") ? line.slice(6) : line.slice(5));
  }
  return lines.join("\n");
}
