/** A file of lines that is only ever appended to. */
import {
  close as closeFile,
  closeSync,
  fstatSync,
  fsync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
  write as writeFile,
} from "node:fs";
import { dirname, resolve } from "node:path";

/** How long lines are gathered before they are written, and how many bytes at most. */
const FLUSH_MS = 200;
const FLUSH_BYTES = 65_536;
/** Lines that the disk has not taken are held up to so many bytes; those that come after are lost, and counted. */
const HELD_BYTES = 8 * 1024 * 1024;
/** A disk that took nothing is asked again after so long. */
const AGAIN_MS = 1000;

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
  /** Writes what is held, sees it on the disk and closes the file. Lines added afterwards are lost. */
  close(): Promise<void>;
}

/** How a file is kept. */
export interface LineLogOptions {
  readonly path: string;
  /** The line that stands where lines were lost, so that a reader knows; left out: none. */
  readonly gap?: (lost: number) => string;
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
  makeFolder(dirname(options.path));
  return new FileLines(openAtLineStart(options.path), options);
}

/** Makes folders one by one: Node's own `recursive` never ends where a folder exists that takes no others, as /proc. */
function makeFolder(path: string): void {
  const target = resolve(path);
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const parent = dirname(target);
  if (parent !== target) makeFolder(parent);
  try {
    mkdirSync(target, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile, which is as good.
    if (statSync(target, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

interface OpenFile {
  readonly fileDescriptor: number;
  /** A process that was killed left half a line behind. */
  readonly endsMidLine: boolean;
}

function openAtLineStart(path: string): OpenFile {
  const fileDescriptor = openSync(path, "a+", 0o600);
  try {
    const { size } = fstatSync(fileDescriptor);
    const last = Buffer.alloc(1);
    // A device such as /dev/null has no size and nothing to read.
    const endsMidLine = size > 0 && readSync(fileDescriptor, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a;
    return { fileDescriptor, endsMidLine };
  } catch (error) {
    closeSync(fileDescriptor);
    throw error;
  }
}

class FileLines implements LineLog {
  readonly #fileDescriptor: number;
  readonly #gap: ((lost: number) => string) | undefined;
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

  constructor({ fileDescriptor, endsMidLine }: OpenFile, options: LineLogOptions) {
    this.#fileDescriptor = fileDescriptor;
    this.#gap = options.gap;
    this.#heldLimitBytes = options.heldBytes ?? HELD_BYTES;
    this.#append = options.write ?? appendBytes;
    if (endsMidLine) this.#rest = Buffer.from("\n");
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
    if (this.#gap !== undefined) this.#lines.push(this.#gap(this.#lostHere));
    this.#lostHere = 0;
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
    if (this.#rest.length === 0) this.#takeLines();
    if (this.#rest.length === 0) {
      this.#whenIdle?.();
      return;
    }
    this.#isWriting = true;
    this.#append(this.#fileDescriptor, this.#rest, (error, taken) => this.#wrote(error, taken));
  }

  #takeLines(): void {
    if (this.#lines.length === 0) return;
    this.#rest = Buffer.from(`${this.#lines.join("\n")}\n`);
    this.#restLines = this.#lines.length;
    this.#lines = [];
    this.#lineBytes = 0;
  }

  #wrote(error: Error | null, taken: number): void {
    this.#isWriting = false;
    this.#rest = this.#rest.subarray(taken);
    if (this.#rest.length === 0) {
      this.#written += this.#restLines;
      this.#restLines = 0;
    }
    const isStuck = error !== null || taken === 0;
    if (isStuck && this.#isClosed) this.#giveUp();
    else if (isStuck) this.#writeSoon(AGAIN_MS);
    else if (this.#rest.length > 0 || this.#lineBytes >= FLUSH_BYTES || this.#isClosed) this.#write();
    else if (this.#lines.length > 0) this.#writeSoon(FLUSH_MS);
  }

  /** A disk that takes nothing must not keep a process from ending. */
  #giveUp(): void {
    this.#lost += this.#restLines + this.#lines.length;
    this.#rest = Buffer.alloc(0);
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
    await new Promise<void>((done) => fsync(this.#fileDescriptor, () => done()));
    await new Promise<void>((done) => closeFile(this.#fileDescriptor, () => done()));
  }
}
