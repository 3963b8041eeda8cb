/** The rules of a schema, in words that follow "must be". */
import type { z } from "zod";

/** The rule of a problem, worded to follow "must be". */
export function ruleOf(problem: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized)/.test(problem.message)) return problem.message;
  switch (problem.code) {
    case "invalid_type":
      return typeRule(problem.expected);
    case "invalid_value":
      return oneOf(problem.values.map(String));
    case "too_small":
      return `${problem.inclusive === false ? "above" : "at least"} ${problem.minimum}`;
    case "too_big":
      return `${problem.inclusive === false ? "below" : "at most"} ${problem.maximum}`;
    default:
      return "valid";
  }
}

function typeRule(expected: string): string {
  switch (expected) {
    case "object":
    case "record":
      return "a mapping";
    case "array":
    case "tuple":
      return "a list";
    case "string":
      return "a text";
    case "boolean":
      return "true or false";
    default:
      return `a ${expected}`;
  }
}

/** A choice of words. */
export function oneOf(words: readonly string[]): string {
  if (words.length === 1) return JSON.stringify(words[0]);
  return `one of ${words.join(", ")}`;
}
