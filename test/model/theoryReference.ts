/**
 * The published cases that lie beside the repository. Where they are absent the tests that need them are
 * skipped with a printed reason, except under CI, where absence is a failure.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FOLDER = resolve(fileURLToPath(import.meta.url), "../../../../shared/reference");

/** One closed form of `queueing.json`. Times are in the case's own unit, usually the mean service time. */
export interface QueueCase {
  readonly id: string;
  readonly model: string;
  readonly params: Readonly<Record<string, number>> & { readonly lambdas?: readonly number[] };
  readonly expect: Readonly<Record<string, number>>;
}

/** One check of `overload.json`; the fields are as free as the checks are different. */
export interface OverloadCheck {
  readonly id: string;
  readonly area: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly expected: Readonly<Record<string, number>> & {
    readonly refused?: Readonly<Record<string, number>>;
    readonly staleFractionAt?: Readonly<Record<string, number>>;
    readonly meanSojourn?: readonly number[];
  };
}

/**
 * Checks of `overload.json`, or a part of one after a space, that a case of `queueing.json` states too, and is tested as:
 * [case, field here, field there].
 */
export const SAME_AS_QUEUE_CASES: Readonly<
  Record<string, readonly [caseId: string, field: string, theirs: string]>
> = {
  "Q-ERLB-10-10": ["erlB-10-10", "blockingProbability", "block"],
  "Q-ERLB-100-90": ["erlB-90-100", "blockingProbability", "block"],
  "Q-MG1-0.5 WqDet": ["mg1-M/D/1-0.5", "WqDet", "Wq"],
  "Q-MG1-0.9 WqDet": ["mg1-M/D/1-0.9", "WqDet", "Wq"],
};

/** Defines tests over the cases of `queueing.json`, or one skipped test that says why not. */
export function withQueueCases(define: (cases: readonly QueueCase[]) => void): void {
  withReference("queueing.json", (text) => define(JSON.parse(text) as readonly QueueCase[]));
}

/** Defines tests over the checks of `overload.json`, or one skipped test that says why not. */
export function withOverloadChecks(define: (checks: readonly OverloadCheck[]) => void): void {
  withReference("overload.json", (text) => {
    define((JSON.parse(text) as { readonly checks: readonly OverloadCheck[] }).checks);
  });
}

/** The check with this id; a reference without it is a failure. */
export function checkCalled(checks: readonly OverloadCheck[], id: string): OverloadCheck {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`overload.json has no check ${id}`);
  return found;
}

function withReference(file: string, define: (text: string) => void): void {
  const path = resolve(FOLDER, file);
  if (existsSync(path)) return define(readFileSync(path, "utf8"));
  const reason = `needs ../shared/reference/${file}`;
  if (process.env.CI !== undefined && process.env.CI !== "") {
    it(reason, () => expect.fail("the reference is missing"));
  } else {
    console.warn(`skipped: ${reason}`);
    it.skip(reason, () => {});
  }
}
