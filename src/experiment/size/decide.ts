/** Whether replications decide an objective. */
import { meanInterval } from "../statistics/intervals.js";
import type { Observed, Target } from "./types.js";

/** `undecided`: the target lies inside the interval. */
export type Decision = "holds" | "misses" | "undecided";

/** A decision, and the mean it was made on; where there is no mean, the first value that is wrong. */
export interface Decided {
  readonly decision: Decision;
  readonly value: number | string;
}

/** Whether an objective is met by the share of replications that pass, not by a mean. */
export function isByShare({ operator, unit, target }: Target): boolean {
  return operator === "==" || operator === "!=" || unit === "word" || typeof target !== "number";
}

/**
 * Judges an objective by its replications, in order. Numbers by the t interval of their mean, which must lie on one side of
 * the target. Words and exact targets must come true in every replication: so do a `never` or a `nothing served` in
 * place of a number fail.
 */
export function decide(target: Target, observed: readonly Observed[], confidence: number): Decided {
  const wrong = observed.find(({ pass, value }) => (isByShare(target) ? !pass : typeof value !== "number"));
  if (wrong !== undefined) return { decision: "misses", value: wrong.value };
  if (isByShare(target)) return { decision: "holds", value: observed[0]?.value ?? "" };
  const values = observed.map(({ value }) => value as number);
  return { decision: sideOf(target, values, confidence), value: meanOf(values) };
}

/** Whether it comes out right as far as anybody can tell: by the mean alone, whatever its interval. */
export function looksRight(target: Target, observed: readonly Observed[]): boolean {
  const { decision, value } = decide(target, observed, 0.5);
  return decision === "undecided" ? isRight(target, value as number) : decision === "holds";
}

function sideOf(target: Target, values: readonly number[], confidence: number): Decision {
  if (values.every((value) => value === values[0]))
    return isRight(target, values[0] ?? Number.NaN) ? "holds" : "misses";
  const interval = meanInterval(values, confidence);
  if (interval === null) return "undecided";
  const low = isRight(target, interval.low);
  const high = isRight(target, interval.high);
  if (low !== high) return "undecided";
  return low ? "holds" : "misses";
}

function isRight({ operator, target }: Target, value: number): boolean {
  const limit = target as number;
  if (operator === "<") return value < limit;
  if (operator === "<=") return value <= limit;
  if (operator === ">") return value > limit;
  return value >= limit;
}

/** Values that are all the same have exactly that mean. */
function meanOf(values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return values[0] ?? Number.NaN;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
