/** The published checks on statistics, as they are written: their fields differ from one to the next. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const FILE = resolve(fileURLToPath(import.meta.url), "../../../../../shared/reference/overload.json");

/** Any field of a check. */
export type Field = number | string | boolean | readonly Field[] | { readonly [name: string]: Field };

/** One check of `overload.json`. */
export interface PublishedCheck {
  readonly id: string;
  readonly area: string;
  readonly parameters: Readonly<Record<string, Field>>;
  readonly expected: Readonly<Record<string, Field>>;
}

/** Defines tests over the checks of one area, or one skipped test that says why not; under CI absence is a failure. */
export function withChecks(area: string, define: (checks: readonly PublishedCheck[]) => void): void {
  if (existsSync(FILE)) {
    const { checks } = JSON.parse(readFileSync(FILE, "utf8")) as {
      readonly checks: readonly PublishedCheck[];
    };
    return define(checks.filter((check) => check.area === area));
  }
  const reason = "needs ../shared/reference/overload.json";
  if (process.env.CI !== undefined && process.env.CI !== "") {
    it(reason, () => expect.fail("the reference is missing"));
  } else {
    console.warn(`skipped: ${reason}`);
    it.skip(reason, () => {});
  }
}

/** The parameters and expectations of the check `id`, as the test that knows it reads them. */
export function called<P, E>(
  checks: readonly PublishedCheck[],
  id: string,
): { readonly given: P; readonly expected: E } {
  const found = checks.find((check) => check.id === id);
  if (found === undefined) throw new Error(`overload.json has no check ${id}`);
  return { given: found.parameters as unknown as P, expected: found.expected as unknown as E };
}
