/** Measures of which most replications are alike and some are another story: their mean is what none of them has. */
import type { Estimate } from "./estimates.js";
import { measureInfo } from "./measures.js";

/** Whether the mean lies outside what the middle may be, because of replications that are another story. */
export function isSplit(estimate: Estimate): boolean {
  const { mean, medianInterval } = estimate;
  if (medianInterval === null || (mean >= medianInterval.low && mean <= medianInterval.high)) return false;
  return isApart(estimate, worstOf(estimate));
}

/** The worst replication; of what is neither good nor bad, the largest. */
export function worstOf({ key, min, max }: Estimate): number {
  return measureInfo(key).better === "higher" ? min : max;
}

/** How many of `values`, those of the replications, are as bad a story as the worst of them: far on its side. */
export function countApart(estimate: Estimate, values: readonly number[]): number {
  const side = Math.sign(worstOf(estimate) - estimate.median);
  return values.filter((value) => Math.sign(value - estimate.median) === side && isApart(estimate, value))
    .length;
}

/** Farther from the median than half of it. */
function isApart({ median }: Estimate, value: number): boolean {
  return Math.abs(value - median) > Math.abs(median) / 2;
}
