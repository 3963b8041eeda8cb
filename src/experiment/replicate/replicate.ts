/** One scenario, as many replications as are asked for or as its uncertainty needs. */
import type { Replicated, Stopping } from "../../result/estimates.js";
import { measureInfo, measureOf } from "../../result/measures.js";
import type { Result } from "../../result/result.js";
import type { Sample } from "../sample.js";
import type { SampleRunner } from "../sampleRunner.js";
import { relativeHalfWidth } from "../statistics/sequential.js";
import { summariseSamples } from "./estimate.js";

/** When to stop. */
export interface ReplicationPlan {
  /** Fewest replications before a width is looked at; only used with one. */
  readonly least: number;
  /** Most replications; exactly as many when no width is asked for. */
  readonly most: number;
  /** Relative half-width at which every measure of `of` is known well enough, 0.05 for ±5 %; null for a fixed number. */
  readonly width: number | null;
  /** Measures, or subjects of objectives; empty for those that {@link defaultMeasures} names. */
  readonly of: readonly string[];
  /** Of every interval. */
  readonly confidence: number;
  /** Told of each sample as it comes, in any order; some of them may not be needed in the end. */
  readonly onSample?: (sample: Sample) => void;
  /** Told how many replications there will probably be, whenever that is looked at again. */
  readonly onOutlook?: (replications: number) => void;
}

/** What came of it. */
export interface Replications {
  /** In order of replication, without those that were taken in vain. */
  readonly samples: readonly Sample[];
  readonly replicated: Replicated;
  /** The whole document of replication 0, as a run alone writes it. */
  readonly first: Result;
}

/** A width was asked of something that the scenario has no measure of. */
export class UnknownMeasure extends Error {
  readonly key: string;
  /** What it has, in the order of the measures. */
  readonly known: readonly string[];

  constructor(key: string, known: readonly string[]) {
    super(`no replication has the measure ${key}`);
    this.name = "UnknownMeasure";
    this.key = key;
    this.known = known;
  }
}

/** Most replications begun before the widths are looked at again. */
const MOST_AT_ONCE = 64;
/** A cause of refusal that never came is known all the same: its share is 0. */
const CAUSE = "refused{cause=";
/** Fewest, so that no core is idle for long. */
const LEAST_AT_ONCE = 8;

/**
 * Replications 0, 1, 2 … of a scenario known to `runner`. How many there are is decided in their order, never in that
 * of their coming: samples that were taken beyond the end are dropped, so it is the same number on every machine.
 */
export async function replicate(
  runner: SampleRunner,
  scenario: number,
  plan: ReplicationPlan,
): Promise<Replications> {
  const samples: Sample[] = [];
  const takeUpTo = async (end: number): Promise<void> => {
    const tasks = Array.from({ length: end - samples.length }, (_, i) => {
      const replication = samples.length + i;
      return { scenario, replication, keepResult: replication === 0 };
    });
    samples.push(...(await runner.take(tasks, plan.onSample)));
  };
  await takeUpTo(plan.width === null ? plan.most : Math.min(plan.least, plan.most));
  const stopping =
    plan.width === null ? fixed(plan.most) : await narrow(samples, takeUpTo, { ...plan, width: plan.width });
  const first = samples[0]?.result ?? null;
  if (first === null) throw new Error("bug: replication 0 came without its document");
  return { samples, replicated: summariseSamples(samples, stopping, plan.confidence), first };
}

function fixed(replications: number): Stopping {
  return { reason: "fixed", width: null, of: [], reached: null, least: replications, most: replications };
}

/** Takes samples until every measure is known well enough; leaves as many as that took. */
async function narrow(
  samples: Sample[],
  takeUpTo: (end: number) => Promise<void>,
  plan: ReplicationPlan & { readonly width: number },
): Promise<Stopping> {
  const { width, least, most, confidence } = plan;
  const of = plan.of.length > 0 ? plan.of : defaultMeasures(samples);
  assertKnown(samples, of);
  let n = Math.min(least, most);
  for (;;) {
    const reached = widest(samples.slice(0, n), of, confidence);
    if (reached <= width || n >= most) {
      samples.length = n;
      const reason = reached <= width ? "reached" : "capped";
      return { reason, width, of, reached: Number.isFinite(reached) ? reached : null, least, most };
    }
    n += 1;
    if (n > samples.length) {
      const needed = Math.min(most, replicationsNeeded(n - 1, reached, width));
      plan.onOutlook?.(needed);
      const missing = needed - (n - 1);
      // Half of what seems to be missing: the estimate is uncertain itself.
      const next = Math.min(MOST_AT_ONCE, Math.max(LEAST_AT_ONCE, Math.ceil(missing / 2)));
      await takeUpTo(Math.min(most, n - 1 + next));
    }
  }
}

/** Which measures there are depends on what happens, so only the replications themselves can say it. */
function assertKnown(samples: readonly Sample[], of: readonly string[]): void {
  for (const key of of) {
    const isKnown = samples.some(
      (sample) => sample.measures.has(key) || sample.objectives.some(({ subject }) => subject === key),
    );
    if (!isKnown && !key.startsWith(CAUSE)) throw new UnknownMeasure(key, [...samples[0]!.measures.keys()]);
  }
}

/** How many replications a relative half-width of `width` takes when `n` of them gave `reached`. */
export function replicationsNeeded(n: number, reached: number, width: number): number {
  return Math.ceil(n * (reached / width) * (reached / width));
}

/** Largest relative half-width of the named measures; Infinity where one has fewer than two values. */
function widest(samples: readonly Sample[], of: readonly string[], confidence: number): number {
  let most = 0;
  for (const key of of) {
    const values = samples.map((sample) => subjectValue(sample, key)).filter((value) => value !== null);
    most = Math.max(
      most,
      values.length < 2 ? Number.POSITIVE_INFINITY : relativeHalfWidth(values, confidence),
    );
  }
  return most;
}

/** The value in `sample` of a measure, or of what an objective is about; null where it is no number. */
export function subjectValue(sample: Sample, key: string): number | null {
  if (sample.measures.has(key)) return measureOf(sample.measures, key);
  const value = sample.objectives.find(({ subject }) => subject === key)?.value;
  return typeof value === "number" ? value : measureOf(sample.measures, key);
}

/**
 * What the objectives are about, as far as it is a number that varies about a mean: neither words nor flags nor exact
 * targets. The mean time to the last token where there is no such objective.
 */
export function defaultMeasures(samples: readonly Sample[]): readonly string[] {
  const subjects = (samples[0]?.objectives ?? [])
    .filter(({ unit, operator }) => unit !== "word" && operator !== "==" && operator !== "!=")
    .map(({ subject }) => subject)
    .filter((subject) => measureInfo(subject).unit !== "flag");
  return subjects.length === 0 ? ["e2e.mean"] : [...new Set(subjects)];
}
