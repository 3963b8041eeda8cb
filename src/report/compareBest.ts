/** Which variant is the best in a measure, as far as the replications can tell. */
import type { Comparison } from "../result/comparison.js";
import { measureInfo } from "../result/measures.js";
import { changeOf, estimateOf, isTold } from "./compareFacts.js";

/**
 * Whether `variant` is better in `key` than every other one that has a value: against the first by the paired change,
 * which must be told of; between others by intervals that do not touch. Ties have no winner, nor has a measure that is
 * neither good nor bad.
 */
export function isBest(comparison: Comparison, variant: number, key: string): boolean {
  if (measureInfo(key).better === "neither") return false;
  if (estimateOf(comparison, variant, key) === undefined) return false;
  const others = comparison.variants
    .map((_, v) => v)
    .filter((v) => v !== variant && estimateOf(comparison, v, key) !== undefined);
  return others.length > 0 && others.every((other) => beats(comparison, key, { variant, other }));
}

function beats(
  comparison: Comparison,
  key: string,
  { variant, other }: { readonly variant: number; readonly other: number },
): boolean {
  if (variant === 0 || other === 0) {
    const change = changeOf(comparison, Math.max(variant, other), key);
    return change !== undefined && isTold(change) && change.verdict === (other === 0 ? "better" : "worse");
  }
  const mine = estimateOf(comparison, variant, key)?.interval;
  const theirs = estimateOf(comparison, other, key)?.interval;
  if (mine === null || mine === undefined || theirs === null || theirs === undefined) return false;
  return measureInfo(key).better === "lower" ? mine.high < theirs.low : mine.low > theirs.high;
}
