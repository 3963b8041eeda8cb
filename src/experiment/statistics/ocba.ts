/**
 * Optimal computing budget allocation (Chen, Lin, Yücesan and Chick 2000): where to spend a fixed number of replications so
 * that the best system is most likely seen to be the best. For independent luck.
 */
import { normalCdf } from "./distributions.js";
import { meanOf, varianceOf } from "./moments.js";
import type { SampleAsked, TakeValues } from "./select.js";

/**
 * Shares of the budget per system, summing to 1: N_i/N_j = (sd_i/δ_i)²/(sd_j/δ_j)², N_b = sd_b·√Σ(N_i/sd_i)², with δ the
 * distance from the best mean (the earlier one of equals). Systems equal to the best take all, since telling them apart
 * takes without end; systems without spread take none; where none has any, all take the same.
 */
export function ocbaFractions(
  means: readonly number[],
  sds: readonly number[],
  best: "min" | "max",
): readonly number[] {
  const sign = best === "max" ? 1 : -1;
  const b = bestOf(means, sign);
  const gaps = means.map((mean) => Math.abs(means[b]! - mean));
  const tied = gaps.some((gap, i) => i !== b && gap === 0 && sds[i]! > 0);
  // Of ties only the proportions matter, so that their gap counts as 1 and all others as without end.
  const weightOf = (i: number): number => {
    const gap = tied ? (gaps[i] === 0 ? 1 : Infinity) : gaps[i]!;
    return gap === 0 ? 0 : sds[i]! / (gap * gap);
  };
  let squares = 0;
  const weights = means.map((_, i) => {
    if (i === b) return 0;
    squares += weightOf(i) * weightOf(i);
    return weightOf(i) * sds[i]!;
  });
  weights[b] = sds[b]! * Math.sqrt(squares);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => (sum > 0 ? weight / sum : 1 / means.length));
}

/** What is asked of an allocation. */
export interface OcbaRule {
  readonly best: "min" | "max";
  /** Replications of each before the first comparison, at least 2. */
  readonly n0: number;
  /** Replications of all together. */
  readonly total: number;
  /** Replications handed out between two comparisons. */
  readonly step: number;
}

/** What was found within the budget. */
export interface Allocation {
  readonly best: number;
  readonly means: readonly number[];
  readonly counts: readonly number[];
  /** Lower bound of the chance that the choice is right, by normal approximation (APCS-B); 0 where it says nothing. */
  readonly chance: number;
}

/** Spends the budget of `rule` on systems 0 … `systems` − 1, in rounds that may be taken side by side. */
export async function ocbaSelect(systems: number, take: TakeValues, rule: OcbaRule): Promise<Allocation> {
  if (rule.n0 < 2) throw new RangeError(`n0 must be >= 2, got ${rule.n0}`);
  const values: number[][] = Array.from({ length: systems }, () => []);
  let extra: readonly number[] = values.map(() => rule.n0);
  let spent = 0;
  for (;;) {
    const asked: SampleAsked[] = values.flatMap(({ length }, system) =>
      Array.from({ length: extra[system]! }, (_, i) => ({ system, index: length + i })),
    );
    const given = await take(asked);
    asked.forEach(({ system }, i) => {
      values[system]!.push(given[i]!);
    });
    spent += asked.length;
    const round = Math.min(rule.step, rule.total - spent);
    if (!(round >= 1)) return allocated(values, rule.best);
    extra = shareOut(values, round, rule.best);
  }
}

/** Whole replications of one round: to whoever is furthest behind its share of what will then be spent, one by one. */
function shareOut(
  values: readonly (readonly number[])[],
  round: number,
  best: "min" | "max",
): readonly number[] {
  const means = values.map((column) => meanOf(column));
  const fractions = ocbaFractions(
    means,
    values.map((column, i) => Math.sqrt(varianceOf(column, means[i]))),
    best,
  );
  const spent = values.reduce((sum, { length }) => sum + length, 0) + round;
  const extra = values.map(() => 0);
  for (let k = 0; k < round; k += 1) {
    const behind = fractions.map((fraction, i) => fraction * spent - values[i]!.length - extra[i]!);
    extra[bestOf(behind, 1)]! += 1;
  }
  return extra;
}

function allocated(values: readonly (readonly number[])[], best: "min" | "max"): Allocation {
  const means = values.map((column) => meanOf(column));
  const errors = values.map((column, i) => varianceOf(column, means[i]) / column.length);
  const b = bestOf(means, best === "max" ? 1 : -1);
  let chance = 1;
  means.forEach((mean, i) => {
    if (i === b) return;
    const gap = Math.abs(mean - means[b]!);
    const error = Math.sqrt(errors[i]! + errors[b]!);
    chance -= gap === 0 ? 0.5 : error === 0 ? 0 : normalCdf(-gap / error);
  });
  return { best: b, means, counts: values.map(({ length }) => length), chance: Math.max(0, chance) };
}

/** Index of the largest of sign·value, the earlier of equals. */
function bestOf(values: readonly number[], sign: number): number {
  let best = 0;
  values.forEach((value, i) => {
    if (sign * value > sign * values[best]!) best = i;
  });
  return best;
}
