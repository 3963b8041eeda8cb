/** A file of lines that is only ever appended to, and begun anew where somebody has taken it away. */
import { close as closeFile, fsync, type Stats, stat, write as writeFile } from "node:fs";
import { type AppendFile, openAppendFile } from "./appendFile.js";

/** How long lines are gathered before they are written, and how many bytes at most. */
const FLUSH_MS = 200;
const FLUSH_BYTES = 65_536;
/** Lines that the disk has not taken are held up to so many bytes; those that come after are lost, and counted. */
const HELD_BYTES = 8 * 1024 * 1024;
/** A disk that took nothing is asked again after so long. */
const AGAIN_MS = 1000;
/** While lines are written it is looked so often whether their file is still the one of that name. */
const LOOK_MS = 1000;

/** What a {@link LineLog} has done since it was opened. */
export interface LineCounts {
  /** Handed to the system. */
  readonly written: number;
  /** Dropped because the disk did not keep up. */
  readonly lost: number;
}

/** A file of lines. Nothing here throws or waits but `closed`. */
export interface LineLog {
  /** Adds a line, given without its end; a line that does not fit is lost. */
  add(line: string): void;
  counts(): LineCounts;
  /** Looks, soon, whether the file is still the one of that name: who rotates logs renames it, or cuts it short. */
  look(): void;
  /** Writes what is held, sees it on the disk and closes the file. Lines added afterwards are lost. */
  close(): Promise<void>;
}

/** How a file is kept. */
export interface LineLogOptions {
  readonly path: string;
  /** The line that stands where lines were lost, so that a reader knows; left out: none. */
  readonly gap?: (lost: number) => string;
  /** Called when another file has been begun, before any line of it is added. Never from within `add`. */
  readonly begun?: () => void;
  /** Called when lines have been lost and others are kept again. From within `add`: it must not add any. */
  readonly torn?: () => void;
  readonly heldBytes?: number;
  /** Replaces the system's own, for a disk that is full or slow. */
  readonly write?: AppendBytes;
}

/** Appends what it can of `bytes` and tells how many were taken. */
export type AppendBytes = (
  fileDescriptor: number,
  bytes: Buffer,
  done: (error: Error | null, taken: number) => void,
) => void;

const appendBytes: AppendBytes = (fileDescriptor, bytes, done) =>
  writeFile(fileDescriptor, bytes, 0, bytes.length, null, (error, taken) => done(error, taken ?? 0));

/** Opens the file at `path`, which only its owner may read, and the folders it lies in. Throws what the system says. */
export function openLineLog(options: LineLogOptions): LineLog {
  return new FileLines(openAppendFile(options.path), options);
}

class FileLines implements LineLog {
  readonly #options: LineLogOptions;
  #file: AppendFile;
  /** Of the file, as far as it is known to have come. */
  #fileBytes: number;
  /** The file that goes on where what is on its way into the other has been written. */
  #next: AppendFile | null = null;
  #lookedMs: number = performance.now();
  readonly #heldLimitBytes: number;
  readonly #append: AppendBytes;
  #lines: string[] = [];
  #lineBytes = 0;
  /** What the disk has been given and not taken yet; it goes before all else, so that no line is torn. */
  #rest: Buffer = Buffer.alloc(0);
  #restLines = 0;
  #written = 0;
  #lost = 0;
  /** Lost since the last line that was kept. */
  #lostHere = 0;
  #timer: NodeJS.Timeout | null = null;
  #isWriting = false;
  #isClosed = false;
  #whenIdle: (() => void) | null = null;

  constructor(file: AppendFile, options: LineLogOptions) {
    this.#file = file;
    this.#fileBytes = file.stats.size;
    this.#options = options;
    this.#heldLimitBytes = options.heldBytes ?? HELD_BYTES;
    this.#append = options.write ?? appendBytes;
    if (file.endsMidLine) this.#rest = Buffer.from("\n");
  }

  add(line: string): void {
    // Three bytes a character are the most that UTF-16 can become, and counting exactly would cost more than it saves.
    const mostBytes = line.length * 3 + 1;
    if (this.#isClosed || this.#lineBytes + this.#rest.length + mostBytes > this.#heldLimitBytes) {
      this.#lost += 1;
      this.#lostHere += 1;
      return;
    }
    if (this.#lostHere > 0) this.#tellGap();
    this.#lines.push(line);
    this.#lineBytes += mostBytes;
    if (this.#lineBytes >= FLUSH_BYTES) this.#write();
    else this.#writeSoon(FLUSH_MS);
  }

  #tellGap(): void {
    const { gap, torn } = this.#options;
    if (gap !== undefined) this.#lines.push(gap(this.#lostHere));
    this.#lostHere = 0;
    torn?.();
  }

  counts(): LineCounts {
    return { written: this.#written, lost: this.#lost };
  }

  #writeSoon(waitMs: number): void {
    if (this.#timer !== null || this.#isWriting) return;
    this.#timer = setTimeout(() => this.#write(), waitMs);
    // Lines on their way must not keep a process that has ended otherwise; whoever ends it closes the log.
    this.#timer.unref();
  }

  #write(): void {
    if (this.#isWriting) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (performance.now() - this.#lookedMs >= LOOK_MS) this.look();
    if (this.#rest.length === 0) this.#goOn();
    if (this.#rest.length === 0) this.#takeLines();
    if (this.#rest.length === 0) {
      this.#whenIdle?.();
      return;
    }
    this.#isWriting = true;
    this.#append(this.#file.fileDescriptor, this.#rest, (error, taken) => this.#wrote(error, taken));
  }

  look(): void {
    if (this.#isClosed) return;
    this.#lookedMs = performance.now();
    const leastBytes = this.#fileBytes;
    stat(this.#options.path, (error, there) => {
      if (error !== null ? error.code === "ENOENT" : this.#isOther(there, leastBytes)) this.#begin();
    });
  }

  #isOther(there: Stats, leastBytes: number): boolean {
    const { dev, ino } = (this.#next ?? this.#file).stats;
    if (there.dev !== dev || there.ino !== ino) return true;
    return this.#next === null && there.isFile() && there.size < leastBytes;
  }

  /** What was added up to now belongs into the file that was; what comes from now on into that of its name. */
  #begin(): void {
    if (this.#isClosed || this.#next !== null) return;
    try {
      this.#next = openAppendFile(this.#options.path);
    } catch {
      // The old file still takes what there is; the next look may find the place in order.
      return;
    }
    this.#takeLines();
    this.#options.begun?.();
    this.#write();
  }

  #goOn(): void {
    const next = this.#next;
    if (next === null) return;
    closeFile(this.#file.fileDescriptor, () => {});
    this.#file = next;
    this.#fileBytes = next.stats.size;
    this.#next = null;
    if (next.endsMidLine) this.#rest = Buffer.from("\n");
  }

  #takeLines(): void {
    if (this.#lines.length === 0) return;
    const lines = Buffer.from(`${this.#lines.join("\n")}\n`);
    this.#rest = this.#rest.length === 0 ? lines : Buffer.concat([this.#rest, lines]);
    this.#restLines += this.#lines.length;
    this.#lines = [];
    this.#lineBytes = 0;
  }

  #wrote(error: Error | null, taken: number): void {
    this.#isWriting = false;
    this.#fileBytes += taken;
    this.#rest = this.#rest.subarray(taken);
    if (this.#rest.length === 0) {
      this.#written += this.#restLines;
      this.#restLines = 0;
    }
    const isStuck = error !== null || taken === 0;
    if (isStuck && this.#isClosed) this.#giveUp();
    else if (isStuck) this.#writeSoon(AGAIN_MS);
    else if (this.#rest.length > 0 || this.#next !== null || this.#lineBytes >= FLUSH_BYTES || this.#isClosed)
      this.#write();
    else if (this.#lines.length > 0) this.#writeSoon(FLUSH_MS);
  }

  /** A disk that takes nothing must not keep a process from ending. */
  #giveUp(): void {
    this.#lost += this.#restLines + this.#lines.length;
    this.#rest = Buffer.alloc(0);
    this.#goOn();
    this.#lines = [];
    this.#whenIdle?.();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    if (this.#lostHere > 0) this.#tellGap();
    this.#isClosed = true;
    await new Promise<void>((done) => {
      this.#whenIdle = done;
      this.#write();
    });
    // What can go wrong here has been written already or cannot be; a device such as /dev/null does not sync.
    await new Promise<void>((done) => fsync(this.#file.fileDescriptor, () => done()));
    await new Promise<void>((done) => closeFile(this.#file.fileDescriptor, () => done()));
  }
}
