/**
 * Bounds on single values, checked as they are read.
 */
import type { Complaint } from "./sourceTree.js";
import { MAX_STRING_LENGTH } from "./textLimits.js";

// Tab and line feed are text; the other control characters are not, however they were escaped.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\0-\x08\x0b-\x1f\x7f]/;

/** What is wrong with a value as the parser read it, whatever it is for; null when nothing is. */
export function scalarComplaint(value: unknown): Complaint | null {
  if (
    typeof value === "bigint" &&
    (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
  ) {
    return {
      code: "unsafe-integer",
      message: `an integer must be within ±9007199254740991 to be exact, got ${String(value).slice(0, 40)}`,
      value: String(value),
    };
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { code: "not-finite", message: `a number must be finite, got ${value}`, value };
  }
  if (typeof value === "string" && value.length > MAX_STRING_LENGTH) {
    return {
      code: "too-long",
      message: `a text must have at most ${MAX_STRING_LENGTH} characters, got ${value.length}`,
      value,
    };
  }
  if (typeof value === "string" && CONTROL.test(value)) {
    return {
      code: "invalid-value",
      message: "a text must have no control characters but tab and line feed",
      value,
    };
  }
  return null;
}
