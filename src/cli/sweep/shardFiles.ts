/** The files of finished runs: appended to by one process each, read by everybody. */

import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../folders.js";

/** The folder of shards in a store. */
export const SHARDS = "shards";
const EXTENSION = ".jsonl";
const CHUNK_BYTES = 1 << 20;
const LINE_FEED = 0x0a;
/** Rows reach the disk itself at least so often; a killed process loses none, a power cut at most these. */
const SYNC_EVERY_MS = 250;

/** A line of a file. */
export interface FileLine {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Bytes before it, and its own, the line feed left out. */
  readonly offset: number;
  readonly bytes: number;
  /** False for a last line that does not end: its writer was killed, or is still at it. */
  readonly ended: boolean;
}

/** The shards of a store by name; none where there is no such folder. */
export function shardsIn(directory: string): readonly string[] {
  try {
    return readdirSync(join(directory, SHARDS))
      .filter((name) => name.endsWith(EXTENSION))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Every line of a file from byte `from`, which begins line `line`; never more than one in memory. */
export function* linesOf(path: string, from = 0, line = 1): Generator<FileLine> {
  const descriptor = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer = Buffer.alloc(0);
    let offset = from;
    let number = line;
    for (let at = from; ; ) {
      const got = readSync(descriptor, chunk, 0, CHUNK_BYTES, at);
      if (got === 0) break;
      at += got;
      rest = Buffer.concat([rest, chunk.subarray(0, got)]);
      let start = 0;
      for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED, start)) {
        const text = rest.toString("utf8", start, end);
        yield { text, line: number, offset, bytes: end - start, ended: true };
        number += 1;
        offset += end - start + 1;
        start = end + 1;
      }
      rest = rest.subarray(start);
    }
    if (rest.length > 0)
      yield { text: rest.toString("utf8"), line: number, offset, bytes: rest.length, ended: false };
  } finally {
    closeSync(descriptor);
  }
}

/** Part of a file. */
export function readPart(path: string, offset: number, bytes: number): string {
  const descriptor = openSync(path, "r");
  try {
    const part = Buffer.allocUnsafe(bytes);
    for (let got = 0; got < bytes; ) {
      const more = readSync(descriptor, part, got, bytes - got, offset + got);
      if (more === 0) throw new Error(`${path} became shorter while it was read`);
      got += more;
    }
    return part.toString("utf8");
  } finally {
    closeSync(descriptor);
  }
}

/** A shard of this process alone, made when the first line comes. */
export class ShardWriter {
  readonly #directory: string;
  #descriptor: number | null = null;
  #path = "";
  #bytes = 0;
  #lines = 0;
  #syncedMs = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Appends a line, whole or not at all, and says where it is. */
  append(text: string): {
    readonly name: string;
    readonly line: number;
    readonly offset: number;
    readonly bytes: number;
  } {
    const descriptor = this.#descriptor ?? this.#open();
    const line = Buffer.from(`${text}\n`, "utf8");
    try {
      for (let done = 0; done < line.length; ) done += writeSync(descriptor, line, done);
    } catch (error) {
      this.#undo(descriptor);
      // What failed is known here only: the system's error does not name the file.
      throw Object.assign(error as Error, { path: this.#path });
    }
    const offset = this.#bytes;
    this.#bytes += line.length;
    this.#lines += 1;
    this.#sync(descriptor);
    return { name: this.#name, line: this.#lines, offset, bytes: line.length - 1 };
  }

  close(): void {
    if (this.#descriptor === null) return;
    fsyncSync(this.#descriptor);
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #name = "";

  #open(): number {
    const folder = join(this.#directory, SHARDS);
    makeFolder(folder);
    // Processes on several machines share the folder, and in containers they share numbers too.
    const host = hostname()
      .replace(/[^A-Za-z0-9-]/g, "-")
      .slice(0, 40);
    this.#name = `${host}-${process.pid}-${randomBytes(4).toString("hex")}${EXTENSION}`;
    this.#path = join(folder, this.#name);
    this.#descriptor = openSync(this.#path, "ax");
    return this.#descriptor;
  }

  /** Takes a line back that was written in part. */
  #undo(descriptor: number): void {
    try {
      if (fstatSync(descriptor).size > this.#bytes) ftruncateSync(descriptor, this.#bytes);
    } catch {
      // Then it stays as a last line without an end, which readers leave out.
    }
  }

  #sync(descriptor: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#syncedMs < SYNC_EVERY_MS) return;
    this.#syncedMs = nowMs;
    fsyncSync(descriptor);
  }
}
