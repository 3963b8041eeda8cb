/** Opening files that are only ever appended to. */
import { closeSync, fstatSync, mkdirSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** A file that is open for appending. */
export interface AppendFile {
  readonly fileDescriptor: number;
  /** Which it is, whatever becomes of its name. */
  readonly stats: Stats;
  /** A process that was killed left half a line behind. */
  readonly endsMidLine: boolean;
}

/** Opens the file at `path`, which only its owner may read, and the folders it lies in. Throws what the system says. */
export function openAppendFile(path: string): AppendFile {
  makeFolder(dirname(path));
  const fileDescriptor = openSync(path, "a+", 0o600);
  try {
    const stats = fstatSync(fileDescriptor);
    const last = Buffer.alloc(1);
    // A device such as /dev/null has no size and nothing to read.
    const endsMidLine =
      stats.size > 0 && readSync(fileDescriptor, last, 0, 1, stats.size - 1) === 1 && last[0] !== 0x0a;
    return { fileDescriptor, stats, endsMidLine };
  } catch (error) {
    closeSync(fileDescriptor);
    throw error;
  }
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
