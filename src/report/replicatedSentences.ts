/** What several replications say, in sentences and rows that terminal and page share; and one long run of itself. */
import type { Estimate, ObjectiveEstimate, Replicated, Stopping } from "../result/estimates.js";
import type { ObjectiveResult, Result } from "../result/result.js";
import type { SteadyMeasure, SteadyRun } from "../result/steady.js";
import { count, decimal, duration, list, milliseconds, percent, plain, quantity } from "./format.js";
import { estimateWords, intervalWords } from "./measureWords.js";

/** Measures that a table on a terminal has room for, in this order. */
const HEADLINE = [
  "refused",
  "availability",
  "availability.worstMinute",
  "ttft.p50",
  "ttft.p95",
  "ttft.p99",
  "failover",
  "cost",
];

/** The whole in one line: how many objectives hold over all replications. */
export function replicatedVerdictWords({ objectives, replications }: Replicated): string {
  const over = `over ${count(replications)} replications`;
  const failed = objectives.filter(({ verdict }) => verdict === "fail").length;
  const open = objectives.filter(({ verdict }) => verdict === "undecided").length;
  const all = objectives.length;
  if (all === 0) return `NO OBJECTIVES: nothing was asked of these ${count(replications)} replications`;
  if (failed > 0) {
    const undecided = open === 0 ? "" : `, ${open} undecided`;
    return `FAIL: ${failed} of ${all} objectives ${failed === 1 ? "is" : "are"} not met${undecided}, ${over}`;
  }
  if (open > 0)
    return `UNDECIDED: ${open} of ${all} objectives ${open === 1 ? "needs" : "need"} more than ${count(replications)} replications to tell`;
  return `PASS: ${all === 1 ? "the objective holds" : `all ${all} objectives hold`}, ${over}`;
}

/** What an objective came to: `1.62 s ± 41 ms (target 2 s), holds in 37 of 40`. */
export function replicatedObjectiveWords(objective: ObjectiveResult, over: ObjectiveEstimate): string {
  const { value, target, unit } = objective;
  const spread =
    over.interval === null ? "" : ` ± ${quantity((over.interval.high - over.interval.low) / 2, unit)}`;
  return `${quantity(value, unit)}${spread} (target ${quantity(target, unit)}), holds in ${over.passes} of ${over.of}`;
}

/** Why there are as many replications as there are. */
export function stoppingSentence({ stopping, replications, confidence }: Replicated): string {
  const said = `intervals at ${decimal(confidence * 100, Number.isInteger(Math.round(confidence * 1e6) / 1e4) ? 0 : 1)}\u00a0%`;
  if (stopping.reason === "fixed") return `${count(replications)} replications, as many as asked; ${said}.`;
  const what = `${list(stopping.of.map(plain))} within ± ${percent(stopping.width ?? 0)}`;
  if (stopping.reason === "reached") return `${count(replications)} replications: ${what}; ${said}.`;
  return `${count(replications)} replications, the most allowed, did not bring ${what}: ${shortfall(stopping, replications)}; ${said}.`;
}

function shortfall({ reached, width }: Stopping, replications: number): string {
  if (reached === null || width === null)
    return "there is no relative width where the mean is 0 or fewer than two replications have a value";
  const needed = Math.ceil(replications * (reached / width) * (reached / width));
  return `± ${percent(reached)} was reached, about ${count(needed)} would be needed`;
}

/** The measures a reader asks for first, as far as there are any. */
function headlineEstimates({ estimates }: Replicated): readonly Estimate[] {
  return HEADLINE.flatMap((key) => estimates.filter((estimate) => estimate.key === key));
}

/** Cells of one measure: name, mean, interval, least, median, most. */
export function estimateCells({ key, mean, interval, min, median, max }: Estimate): readonly string[] {
  const words = (value: number): string => estimateWords({ key, mean: value, interval: null });
  return [key, words(mean), intervalWords(key, interval), words(min), words(median), words(max)];
}

/** How many replications have a value of a measure: `3 of 10`; its mean tells of no others. */
export function countWords({ n }: Estimate, replications: number): string {
  return `${count(n)} of ${count(replications)}`;
}

/** Rows of the measures asked for first; only where some replication lacks one do they end with {@link countWords}. */
export function headlineRows(replicated: Replicated): {
  readonly rows: readonly (readonly string[])[];
  readonly lacking: boolean;
} {
  const { replications } = replicated;
  const estimates = headlineEstimates(replicated);
  const lacking = estimates.some(({ n }) => n !== replications);
  const rows = estimates.map((estimate) => [
    ...estimateCells(estimate),
    ...(lacking ? [countWords(estimate, replications)] : []),
  ]);
  return { rows, lacking };
}

/** How long failovers took from replication to replication; empty where nothing failed over. */
export function failoverSentence({ replicationValues, replicated }: Result): string {
  const values = replicationValues?.failover;
  if (values === undefined || replicated === undefined) return "";
  const times = values.filter((value) => value !== null).sort((a, b) => a - b);
  const never = values.length - times.length;
  const lacking = never === 0 ? "" : `; in ${never} of ${values.length} replications it never came`;
  if (times.length === 0)
    return `Failover: 99 % of traffic shifted in none of ${values.length} replications.`;
  const most = times.at(-1)!;
  // One that never came took longer than any; of fewer than twenty the slowest is no twentieth.
  const within = values.length < 20 ? undefined : times[Math.ceil(0.95 * values.length) - 1];
  const nearlyAll = within === undefined ? "" : `95 % within ${milliseconds(within)}, `;
  const middle = replicated.estimates.find(({ key }) => key === "failover")?.median ?? most;
  return `Failover over replications: least ${milliseconds(times[0]!)}, median ${milliseconds(middle)}, ${nearlyAll}most ${milliseconds(most)}${lacking}.`;
}

/** In how many replications a residency rule was broken; empty where in none. What follows tells of replication 0 alone. */
export function brokenSentence({ replicationValues, replications }: Result): string {
  const broken = (replicationValues?.["residency.violations"] ?? []).filter((value) => (value ?? 0) > 0);
  return broken.length === 0 ? "" : `RESIDENCY BROKEN in ${broken.length} of ${replications} replications.`;
}

/** What one long run says of itself, a sentence each. */
export function steadySentences(result: Result): readonly string[] {
  const { steady } = result;
  if (steady === undefined) return [];
  return [
    ...steady.measures.map((measure) => steadySentence(measure, steady, result.scenario.warmupS)),
    ...(steady.demandVaries
      ? ["The demand changes during the run, so its means are those of no one state of it."]
      : []),
  ];
}

function steadySentence(measure: SteadyMeasure, { width }: SteadyRun, warmupS: number): string {
  const { key, mean, interval, batches, independent, cutS, settled } = measure;
  const name = `Steady run: ${key}`;
  if (interval === null) return `${name}: too few windows for batch means; the run is too short.`;
  const value = `${estimateWords({ key, mean, interval })} (batch means of ${batches}${independent ? "" : ", which still depend on each other: the interval is too narrow"})`;
  const cut = !settled
    ? "; MSER-5 finds no end of the warm-up: the run may not have settled"
    : cutS === 0
      ? `; MSER-5 would cut nothing after the warm-up of ${duration(warmupS)}`
      : `; MSER-5 would cut ${duration(cutS)} more than the warm-up of ${duration(warmupS)}`;
  return `${name} ${value}${cut}${lengthWords(measure, width)}.`;
}

function lengthWords({ lengthNeeded, independent }: SteadyMeasure, width: number): string {
  if (lengthNeeded === null || lengthNeeded <= 1) return "";
  return `; too short for ± ${percent(width)}: ${independent ? "about" : "at least"} ${decimal(lengthNeeded, 1)} times as long would do`;
}
