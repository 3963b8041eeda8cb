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

/** An invariant of ours broke (exit 1); carries the seed, without which it cannot be reproduced. */
export class SimulationBug extends Error {
  override readonly name: string = "SimulationBug";
  readonly seed: string;

  constructor(seed: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.seed = seed;
  }
}
