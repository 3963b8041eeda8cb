/**
 * Choosing the best of several systems: KN (Kim and Nelson, ACM TOMACS 11(3), 2001) where the choice must be right with a
 * stated chance. It holds with common luck, which makes it need less.
 */
import { pow } from "../../math/index.js";
import { meanOf, varianceOf } from "./moments.js";

/** One value asked for: replication `index`, counted from 0, of a system. */
export interface SampleAsked {
  readonly system: number;
  readonly index: number;
}

/** Gives the values asked for, in the order asked; it may take them side by side. Same system and index, same value. */
export type TakeValues = (asked: readonly SampleAsked[]) => Promise<readonly number[]> | readonly number[];

/** What is asked of a selection. */
export interface KnRule {
  readonly best: "highest" | "lowest";
  /** Chance allowed of a wrong choice, in (0, 1). */
  readonly alpha: number;
  /** A difference in the mean worth detecting, > 0: among systems closer than that any is right. */
  readonly delta: number;
  /** Replications of each before the first one is dropped; at least 2, better 10. */
  readonly n0: number;
  /** Replications of one system after which it is given up. */
  readonly most: number;
  /** Replications asked for at a time, of each that is still in; 1 where not given. It changes nothing in the choice. */
  readonly ahead?: number;
}

/** What was chosen. */
export interface Selection {
  readonly best: number;
  /** Those that were never dropped, ascending: more than the best alone where it was given up or all are close. */
  readonly remaining: readonly number[];
  /** Of the values the choice looked at. */
  readonly means: readonly number[];
  /** Values per system that the choice looked at. */
  readonly counts: readonly number[];
  /** Values taken in all: some of the last ones asked for together may not have been needed. */
  readonly taken: number;
  /** Whether the choice has the chance asked for; false where it was given up. */
  readonly guaranteed: boolean;
}

/** Selects the best of systems 0 … `systems` − 1. Equal means go to the earlier system. */
export async function knSelect(systems: number, take: TakeValues, rule: KnRule): Promise<Selection> {
  if (rule.n0 < 2) throw new RangeError(`n0 must be >= 2, got ${rule.n0}`);
  const values: number[][] = Array.from({ length: systems }, () => []);
  const all = values.map((_, i) => i);
  const first = Math.min(rule.n0, Math.max(2, rule.most));
  await extend(values, all, first, take);
  const screen = screening(values, rule);
  let remaining: readonly number[] = all;
  let n = first;
  for (;;) {
    remaining = screen.keep(remaining, n);
    const settled = remaining.length === 1 || n > screen.last;
    if (settled || n >= rule.most) return { ...outcome(values, screen, remaining), guaranteed: settled };
    n += 1;
    if (values[remaining[0]!]!.length >= n) continue;
    await extend(values, remaining, Math.min(rule.most, n - 1 + (rule.ahead ?? 1)), take);
  }
}

function outcome(
  values: readonly (readonly number[])[],
  { counts, sign }: Screening,
  remaining: readonly number[],
): Omit<Selection, "guaranteed"> {
  const means = values.map((column, i) => meanOf(column.slice(0, counts[i]!)));
  let best = remaining[0]!;
  for (const i of remaining) if (sign * means[i]! > sign * means[best]!) best = i;
  const taken = values.reduce((sum, column) => sum + column.length, 0);
  return { best, remaining, means, counts, taken };
}

async function extend(
  values: readonly number[][],
  systems: readonly number[],
  until: number,
  take: TakeValues,
): Promise<void> {
  const asked: SampleAsked[] = [];
  for (let index = values[systems[0]!]!.length; index < until; index += 1)
    for (const system of systems) asked.push({ system, index });
  const given = await take(asked);
  asked.forEach(({ system }, i) => {
    values[system]!.push(given[i]!);
  });
}

/** The triangular continuation region of every pair, and the sums so far. */
interface Screening {
  /** Those of `among` that no other of them beats after n replications. */
  keep(among: readonly number[], n: number): readonly number[];
  /** Replications after which no pair leaves room for doubt. */
  readonly last: number;
  /** Values looked at so far, by system. */
  readonly counts: readonly number[];
  /** 1 where high is good, −1 where low is. */
  readonly sign: number;
}

function screening(values: readonly (readonly number[])[], rule: KnRule): Screening {
  const { alpha, delta } = rule;
  const sign = rule.best === "highest" ? 1 : -1;
  const first = values[0]!.length;
  const systems = values.length;
  const eta = (pow((2 * alpha) / Math.max(1, systems - 1), -2 / (first - 1)) - 1) / 2;
  const reach = values.map((one) =>
    values.map((other) => {
      const spread = varianceOf(one.map((value, k) => value - other[k]!));
      return (2 * eta * (first - 1) * spread) / (delta * delta);
    }),
  );
  const last = Math.max(...reach.flat().map(Math.floor));
  const sums = values.map(() => 0);
  const counts = values.map(() => 0);
  return {
    last,
    counts,
    sign,
    keep(among, n) {
      for (const i of among)
        for (; counts[i]! < n; counts[i]! += 1) sums[i]! += sign * values[i]![counts[i]!]!;
      // In sums instead of means: both sides times n.
      return among.filter((i) =>
        among.every((l) => sums[i]! >= sums[l]! - Math.max(0, (delta / 2) * (reach[i]![l]! - n))),
      );
    },
  };
}
