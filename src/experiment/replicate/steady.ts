/** Whether one long run had settled, and how well it knows its means: MSER-5 and batch means over its windows. */
import { Histogram, type Recording } from "../../metrics/index.js";
import { mergeLatency } from "../../result/latency.js";
import type { SteadyMeasure, SteadyRun } from "../../result/steady.js";
import type { Scenario } from "../../scenario/scenario.js";
import { batchMeans, runLengthNeeded } from "../statistics/batchMeans.js";
import { CONFIDENCE } from "../statistics/intervals.js";
import { mser5 } from "../statistics/mser5.js";

/** Fewer and larger than more and smaller: batches have to be independent of each other. */
const BATCHES = 20;

/** What is asked of a steady run. */
export interface SteadyQuestion {
  /** Relative half-width to know the means by. */
  readonly width: number;
  readonly confidence?: number;
}

/** The facts about `recording`, a run of `scenario`. Meant for runs without faults: what those do is no warm-up. */
export function steadyRun(scenario: Scenario, recording: Recording, question: SteadyQuestion): SteadyRun {
  const first = firstWindow(recording);
  const ttft = windowMeansMs(recording, "ttftOverTime", first);
  const e2e = windowMeansMs(recording, "e2eOverTime", first);
  const windowS = recording.coarseUs / 1e6;
  const begins = { windowS, leftOffS: first * windowS - recording.warmupUs / 1e6 };
  return {
    width: question.width,
    windowS,
    windows: ttft.length,
    demandVaries: demandVaries(scenario),
    measures: [measureOf("ttft.mean", ttft, begins, question), measureOf("e2e.mean", e2e, begins, question)],
  };
}

/**
 * Who asked before the end of the warm-up is not counted, so the first answers after it are the short ones. Windows that
 * lack the others, as long as all but 1 % of answers take, are left off; from the very beginning of a run none are.
 */
function firstWindow(recording: Recording): number {
  const { warmupUs, coarseUs } = recording;
  if (warmupUs === 0) return 0;
  const longUs = mergeLatency(recording, recording.e2e, () => true).quantile(0.99);
  return Math.ceil((warmupUs + longUs) / coarseUs);
}

/** Means of the whole windows from `first` on that served somebody, in order. */
function windowMeansMs(recording: Recording, pool: "ttftOverTime" | "e2eOverTime", first: number): number[] {
  const { coarseCount, coarseUs, durationUs, labels } = recording;
  const means: number[] = [];
  const merged = new Histogram();
  const last = Math.min(coarseCount, Math.floor(durationUs / coarseUs));
  for (let window = first; window < last; window += 1) {
    merged.clear();
    labels.origins.forEach((_, origin) => {
      recording[pool].addTo(origin * coarseCount + window, merged);
    });
    if (merged.count > 0) means.push(merged.mean / 1000);
  }
  return means;
}

function measureOf(
  key: SteadyMeasure["key"],
  series: readonly number[],
  { windowS, leftOffS }: { readonly windowS: number; readonly leftOffS: number },
  { width, confidence = CONFIDENCE }: SteadyQuestion,
): SteadyMeasure {
  const { truncateAt, reliable } = mser5(series);
  const settledPart = series.slice(truncateAt);
  const found = batchMeans(settledPart, BATCHES, confidence);
  const needed = found === null ? null : runLengthNeeded(found, width).factor;
  return {
    key,
    mean: found?.mean ?? settledPart.reduce((sum, x) => sum + x, 0) / Math.max(1, settledPart.length),
    interval: found?.interval ?? null,
    batches: found?.batches ?? 0,
    lag1: found?.lag1 ?? 0,
    independent: found?.independent ?? false,
    cutS: truncateAt === 0 ? 0 : leftOffS + truncateAt * windowS,
    settled: reliable,
    lengthNeeded: needed === null || !Number.isFinite(needed) ? null : needed,
  };
}

function demandVaries({ workload }: Scenario): boolean {
  return (
    workload.trace !== null ||
    workload.sites.some(({ perSecond }) => perSecond.some((rate) => rate !== perSecond[0]))
  );
}
