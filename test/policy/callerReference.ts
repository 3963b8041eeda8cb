/**
 * The published vectors that lie beside the repository. Where they are absent the tests that need them are
 * skipped with a printed reason, except under CI, where absence is a failure.
 */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FOLDER = resolve(fileURLToPath(import.meta.url), "../../../../shared/reference");

/** One case of a vector: the fields are as free as the mechanisms are different. */
export type VectorCase = Readonly<Record<string, unknown>>;

/** A number of a case; a case without it is a failure. */
export function num(of: VectorCase, field: string): number {
  const value = of[field];
  if (typeof value !== "number") throw new Error(`a case has no number ${field}: ${JSON.stringify(of)}`);
  return value;
}

/** A list of numbers of a case. */
export function nums(of: VectorCase, field: string): readonly number[] {
  const value = of[field];
  if (!Array.isArray(value)) throw new Error(`a case has no list ${field}: ${JSON.stringify(of)}`);
  return value as readonly number[];
}

/** One mechanism of `policy-vectors.json`. */
export interface Vector {
  readonly id: string;
  readonly cases: readonly VectorCase[];
}

/** One check of `overload.json`. */
export interface Check {
  readonly id: string;
  readonly area: string;
  readonly parameters: VectorCase;
  readonly expected: VectorCase;
  readonly tolerance: { readonly value: number };
}

/** Defines tests over the vectors, or one skipped test that says why not. */
export function withVectors(define: (vectors: readonly Vector[]) => void): void {
  withReference("policy-vectors.json", (text) =>
    define((JSON.parse(text) as { readonly vectors: readonly Vector[] }).vectors),
  );
}

/** Defines tests over the overload checks, or one skipped test that says why not. */
export function withChecks(define: (checks: readonly Check[]) => void): void {
  withReference("overload.json", (text) =>
    define((JSON.parse(text) as { readonly checks: readonly Check[] }).checks),
  );
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
