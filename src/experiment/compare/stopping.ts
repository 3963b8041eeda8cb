/** How many replications a comparison takes: as many as were asked for, or until its differences are known well enough. */
import type { Stopping } from "../../result/estimates.js";
import { defaultMeasures, replicationsNeeded, subjectValue, UnknownMeasure } from "../replicate/replicate.js";
import type { Sample } from "../sample.js";
import { pairedDifference } from "../statistics/paired.js";
import type { CompareOptions, UntilNarrow } from "./types.js";

/** Samples of every variant, all of the same replications. */
export type Rounds = readonly (readonly Sample[])[];

/** Takes replications `from` ≤ r < `to` of every variant. */
export type TakeRound = (from: number, to: number) => Promise<Rounds>;

/** Fewest replications of each begun at once, so that no core is idle for long. */
const LEAST_AT_ONCE = 4;

/**
 * Samples of every variant and why there are so many. The number is decided in the order of replications, so it is the
 * same however many are taken at once; those taken in vain are dropped. Throws {@link UnknownMeasure}.
 */
export async function takeRounds(
  take: TakeRound,
  { replications, until, confidence }: CompareOptions,
): Promise<{ readonly rounds: Rounds; readonly stopping: Stopping }> {
  if (until === undefined) {
    const stopping: Stopping = {
      ...{ reason: "fixed", width: null, of: [], reached: null },
      ...{ least: replications, most: replications },
    };
    return { rounds: await take(0, replications), stopping };
  }
  let rounds = await take(0, Math.min(until.least, replications));
  const of = measuresOf(rounds, until.of);
  for (let n = rounds[0]!.length; ; n++) {
    const reached = widest(firstOf(rounds, n), of, confidence);
    if (reached <= until.width || n >= replications)
      return { rounds: firstOf(rounds, n), stopping: stoppingOf({ until, replications, of, reached }) };
    const taken = rounds[0]!.length;
    if (n < taken) continue;
    const missing = replicationsNeeded(n, reached, until.width) - n;
    // Half of what seems to be missing, and never more than double: the estimate is uncertain itself.
    const next = Math.max(LEAST_AT_ONCE, Math.ceil(Math.min(missing / 2, n)));
    const more = await take(taken, Math.min(replications, taken + next));
    rounds = rounds.map((samples, v) => [...samples, ...more[v]!]);
  }
}

/** What is asked for, or else what the first one's objectives are about and all have a value of. */
function measuresOf(rounds: Rounds, asked: readonly string[]): readonly string[] {
  const has = (samples: readonly Sample[], key: string): boolean =>
    samples.some((sample) => subjectValue(sample, key) !== null);
  for (const key of asked)
    if (!rounds.every((samples) => has(samples, key)))
      throw new UnknownMeasure(key, [...rounds[0]![0]!.measures.keys()]);
  if (asked.length > 0) return asked;
  const shared = defaultMeasures(rounds[0]!).filter((key) => rounds.every((samples) => has(samples, key)));
  return shared.length > 0 ? shared : ["e2e.mean"];
}

function firstOf(rounds: Rounds, n: number): Rounds {
  return rounds.map((samples) => samples.slice(0, n));
}

function stoppingOf({
  until,
  replications,
  of,
  reached,
}: {
  readonly until: UntilNarrow;
  readonly replications: number;
  readonly of: readonly string[];
  readonly reached: number;
}): Stopping {
  const { width, least } = until;
  return {
    reason: reached <= width ? "reached" : "capped",
    ...{ width, of },
    // JSON has no infinity: a width that cannot be told is none.
    reached: Number.isFinite(reached) ? reached : null,
    ...{ least, most: replications },
  };
}

/** Largest half-width of any named difference from the first variant, relative to the first one's mean. */
function widest([first, ...others]: Rounds, of: readonly string[], confidence: number): number {
  let most = 0;
  for (const other of others)
    for (const key of of) most = Math.max(most, widthOf(first!, other, { key, confidence }));
  return most;
}

function widthOf(
  first: readonly Sample[],
  other: readonly Sample[],
  { key, confidence }: { readonly key: string; readonly confidence: number },
): number {
  const pairs = first.flatMap((sample, i) => {
    const [from, to] = [subjectValue(sample, key), subjectValue(other[i]!, key)];
    return from === null || to === null ? [] : [{ from, to }];
  });
  if (pairs.length < 2) return Number.POSITIVE_INFINITY;
  const { interval, from } = pairedDifference(
    pairs.map((pair) => pair.from),
    pairs.map((pair) => pair.to),
    confidence,
  );
  const half = (interval!.high - interval!.low) / 2;
  return half === 0 ? 0 : half / Math.abs(from);
}
