/**
 * The three ways a command can end without a result, each with its exit code. Anything else that is
 * thrown is a bug of ours.
 */
import type { Issue } from "../scenario/issue.js";

/** The command line asks for something that cannot be done as written (exit 2). */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Files hold mistakes or cannot be read (exit 3). All of them, not the first. */
export class InvalidInputError extends Error {
  override readonly name: string = "InvalidInputError";
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super(`${issues.length} problems in the input`);
    this.issues = issues;
  }
}

/** What the system says when it will not take what we write. */
const WRITE_FAILURES: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", "no space left on the device"],
  ["EDQUOT", "the disk quota is used up"],
  ["EROFS", "the file system is read-only"],
  ["EACCES", "permission denied"],
  ["EPERM", "operation not permitted"],
  ["ENOTDIR", "a part of the path is not a folder"],
  ["EEXIST", "a file stands where a folder is needed"],
  ["ENAMETOOLONG", "the name is too long"],
  ["EFBIG", "the file is larger than the system allows"],
  // What making folders in a read-only place ends in.
  ["ENOENT", "the folder it belongs in cannot be made"],
]);

/** One sentence for an error of the file system while writing; null for anything else. */
export function writeFailure(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return null;
  const reason = WRITE_FAILURES.get(String(error.code));
  if (reason === undefined) return null;
  return "path" in error ? `cannot write ${String(error.path)}: ${reason}` : `cannot write: ${reason}`;
}

/** An invariant of ours broke (exit 1); carries the seed, without which it cannot be reproduced. */
export class SimulationBug extends Error {
  override readonly name: string = "SimulationBug";
  readonly seed: string;

  constructor(seed: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.seed = seed;
  }
}
