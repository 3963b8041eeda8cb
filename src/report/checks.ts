/** What a pipeline is told of: one check an objective, a change or a possible violation, in whatever form it reads. */

/** One thing that was asked, and what came of it. */
export interface Check {
  /** What is asked, as it is written where it stands. */
  readonly name: string;
  /** `undecided`: more replications are needed to tell. `skipped`: it is no news, and `text` says why. */
  readonly verdict: "pass" | "fail" | "undecided" | "skipped";
  /** Value, target, interval, replications and seed, in one or more sentences. */
  readonly text: string;
  /** As the reader's folder has it; null where no file says it. */
  readonly file: string | null;
  /** From 1; null where it is not known. */
  readonly line: number | null;
}

/** Checks of one kind on one scenario. */
export interface CheckSuite {
  /** The scenario, or what is compared with what. */
  readonly name: string;
  /** `objective`, `regression` or `violation`: at most so many annotations are shown of each. */
  readonly kind: string;
  /** What is true of all of them: seed, version, digest. */
  readonly facts: Readonly<Record<string, string>>;
  readonly checks: readonly Check[];
}

/** Text for programs and terminals: no-break spaces become ordinary ones. */
export function asciiSpaces(text: string): string {
  return text.replaceAll("\u00a0", " ");
}
