/** Whether one long run had settled, and how well it knows its means: MSER-5 and batch means over its windows. */
import { Histogram, type Recording } from "../../metrics/index.js";
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
  const ttft = windowMeansMs(recording, "ttftOverTime");
  const e2e = windowMeansMs(recording, "e2eOverTime");
  const windowS = recording.coarseUs / 1e6;
  return {
    width: question.width,
    windowS,
    windows: ttft.length,
    demandVaries: demandVaries(scenario),
    measures: [
      measureOf("ttft.mean", ttft, windowS, question),
      measureOf("e2e.mean", e2e, windowS, question),
    ],
  };
}

/** Means of the windows that lie wholly after the warm-up and served somebody, in order. */
function windowMeansMs(recording: Recording, pool: "ttftOverTime" | "e2eOverTime"): number[] {
  const { coarseCount, coarseUs, warmupUs, durationUs, labels } = recording;
  const means: number[] = [];
  const merged = new Histogram();
  const last = Math.min(coarseCount, Math.floor(durationUs / coarseUs));
  for (let window = Math.ceil(warmupUs / coarseUs); window < last; window += 1) {
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
  windowS: number,
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
    cutS: truncateAt * windowS,
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
