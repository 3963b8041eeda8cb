/** Notices when any of some files has become another: told by the system where it tells, and asked for in between. */
import { type FSWatcher, statSync, watch } from "node:fs";
import { dirname } from "node:path";

/** How a watch asks. */
export interface WatchOptions {
  /** Several changes so close together are one, as when an editor saves. */
  readonly settleMs?: number;
  /** Network and container file systems tell nothing. */
  readonly pollMs?: number;
}

const SETTLE_MS = 200;
const POLL_MS = 2_000;

/** Watches files until it is stopped. */
export class FileWatch {
  readonly #changed: () => void;
  readonly #settleMs: number;
  readonly #poll: NodeJS.Timeout;
  #files: readonly string[] = [];
  #folders: FSWatcher[] = [];
  #state = "";
  /** What they have become and may still not be at rest as; null when they are as they were. */
  #seen: string | null = null;
  #settling: NodeJS.Timeout | undefined;

  /** `changed` is called after files have changed and are at rest again. */
  constructor(changed: () => void, { settleMs = SETTLE_MS, pollMs = POLL_MS }: WatchOptions = {}) {
    this.#changed = changed;
    this.#settleMs = settleMs;
    this.#poll = setInterval(() => this.#look(), pollMs);
    this.#poll.unref();
  }

  /**
   * Watches these files from now on; they need not exist. What was written after `readMs`, on the clock of the files, has
   * not been read and counts as a change.
   */
  set(files: readonly string[], readMs: number): void {
    this.#files = [...new Set(files)];
    this.#state = this.#files.some((file) => writtenMs(file) > readMs) ? "" : this.#read();
    for (const folder of this.#folders.splice(0)) folder.close();
    // Folders, because a file that is replaced by another of its name is no longer the one that was watched.
    for (const folder of new Set(this.#files.map((file) => dirname(file)))) this.#watchFolder(folder);
    this.#look();
  }

  /** Ends it. */
  stop(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    for (const folder of this.#folders.splice(0)) folder.close();
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#look());
      // A folder that is gone is left to the polling.
      watcher.on("error", () => watcher.close());
      this.#folders.push(watcher);
    } catch {
      // The same: no such folder, or the system has no watches left.
    }
  }

  #look(): void {
    const state = this.#read();
    // Other files of the same folders, such as logs, may change all the time: they do not keep these from being at rest.
    if (state === this.#state || state === this.#seen) return;
    this.#seen = state;
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#settle(), this.#settleMs);
    this.#settling.unref();
  }

  #settle(): void {
    const state = this.#read();
    this.#seen = null;
    if (state === this.#state) return;
    this.#state = state;
    this.#changed();
  }

  /** Which file each is and when it was written last; symbolic links are followed, since they are how volumes change. */
  #read(): string {
    return this.#files
      .map((file) => {
        const found = statSync(file, { bigint: true, throwIfNoEntry: false });
        return found === undefined ? "-" : `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}`;
      })
      .join(" ");
  }
}

function writtenMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
