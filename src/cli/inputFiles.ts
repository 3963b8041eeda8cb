/**
 * Reading what people hand us: regular UTF-8 files of bounded size, and side files only from inside the
 * folder of the file that names them, so that a scenario from elsewhere cannot read this machine.
 */
import { closeSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import type { Issue } from "../scenario/issue.js";

/** Larger files are refused before they are read. */
export const MAX_FILE_BYTES: number = 64 * 1024 * 1024;

/** Why a file could not be read: a clause that completes "cannot be read: …". */
export class UnreadableFile extends Error {
  override readonly name: string = "UnreadableFile";
  readonly code: "unreadable" | "too-large" | "path-escape";

  constructor(code: "unreadable" | "too-large" | "path-escape", reason: string) {
    super(reason);
    this.code = code;
  }
}

/** A file as bytes, for copying, and as text, for reading. */
export interface InputFile {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  ENOTDIR: "no such file",
  EISDIR: "is a folder, not a file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ELOOP: "too many symbolic links",
  ENAMETOOLONG: "the name is too long",
};

function unreadable(error: unknown): UnreadableFile {
  if (error instanceof UnreadableFile) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return new UnreadableFile("unreadable", reasons[code] ?? (code === "" ? String(error) : code));
}

function readBytes(path: string): Uint8Array {
  // Asked before opening: opening a named pipe would wait for somebody to write to it.
  const found = statSync(path);
  if (found.isDirectory()) throw new UnreadableFile("unreadable", "is a folder, not a file");
  if (!found.isFile()) throw new UnreadableFile("unreadable", "is not a regular file");
  const descriptor = openSync(path, "r");
  try {
    const bytes = fstatSync(descriptor).size;
    if (bytes > MAX_FILE_BYTES) {
      throw new UnreadableFile("too-large", `must be at most ${MAX_FILE_BYTES} bytes, got ${bytes}`);
    }
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The file at `path`. Throws {@link UnreadableFile} and nothing else. */
export function readInputFile(path: string): InputFile {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path);
  } catch (error) {
    throw unreadable(error);
  }
  try {
    // The mark at the start is kept: what to think of it is the loader's business.
    return { bytes, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    throw new UnreadableFile("unreadable", "is not valid UTF-8");
  }
}

/** Whether `inner` lies in the folder `outer`; both already free of symbolic links. */
function isInside(outer: string, inner: string): boolean {
  const way = relative(outer, inner);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * A reader of side files confined to the folder of `mainFile`, wherever symbolic links point. Everything
 * it has read stays in `taken`, keyed by the relative path with `/`, for the copy kept with the result.
 */
export function confinedReader(mainFile: string): {
  readonly read: (relativePath: string) => string;
  readonly taken: Map<string, InputFile>;
} {
  const folder = realpathSync(dirname(mainFile));
  const taken = new Map<string, InputFile>();
  const read = (relativePath: string): string => {
    if (isAbsolute(relativePath)) throw new UnreadableFile("path-escape", "must be a relative path");
    let target: string;
    try {
      target = realpathSync(join(folder, relativePath));
    } catch (error) {
      throw unreadable(error);
    }
    if (!isInside(folder, target)) {
      throw new UnreadableFile("path-escape", "leaves the scenario's own folder");
    }
    const file = readInputFile(target);
    taken.set(relative(folder, join(folder, relativePath)).split(sep).join("/"), file);
    return file.text;
  };
  return { read, taken };
}

/** The issue to report for a file named on the command line: it has no inside yet, so line 1, column 1. */
export function fileIssue(file: string, failure: UnreadableFile): Issue {
  const reads = failure.code === "too-large" ? failure.message : `cannot be read: ${failure.message}`;
  return { file, line: 1, column: 1, path: "", code: failure.code, message: `file ${reads}`, value: "" };
}
