/** Why a calibration should not be trusted, in sentences: what is off, and what the log says about the cause. */
import type { CalibrationError } from "../../scenario/presetFile.js";
import type { Fit } from "./fit.js";
import type { Replayed } from "./replay.js";
import type { RequestLog } from "./requestLog.js";
import { quantile } from "./residuals.js";

/** What a verdict is made from; `count` rows were fitted. */
export interface Evidence {
  readonly log: RequestLog;
  readonly modelled: Replayed;
  readonly count: number;
  readonly fit: Fit;
  readonly errors: readonly CalibrationError[];
}

/** Below this share of independent variation two coefficients cannot be told apart: load that changed by 3 percent. */
const LEAST_PIVOT = 1e-3;
const SLICES = 10;
/** Slices of the log whose speeds are so far apart, at equal load by the model, are another engine each. */
const DRIFT_RATIO = 1.2;
/** Requests next to each other that differ so much from the model are driven by something else. */
const SPREAD_SHARE = 0.15;

/** Every reason not to trust a fit; empty when there is none. What is off comes first, likely causes after. */
export function problemsOf(evidence: Evidence): readonly string[] {
  const { errors, fit } = evidence;
  const off = errors.filter(({ errorPercent, limitPercent }) => Math.abs(errorPercent) > limitPercent);
  const problems = off.map(offSentence);
  if (fit.leastPivot < LEAST_PIVOT) {
    problems.push(
      "the log cannot tell the coefficients apart: load and lengths hardly changed in it, so other loads are a guess; " +
        "calibrate on a log in which concurrency and lengths vary, or give the cost of context",
    );
  }
  if (off.length > 0) problems.push(...causes(evidence, off));
  return problems;
}

function offSentence({
  metric,
  measuredMs,
  modelledMs,
  errorPercent,
  limitPercent,
}: CalibrationError): string {
  const size = Math.abs(errorPercent).toFixed(1);
  const limit = `the limit is ${limitPercent} %`;
  if (measuredMs === null || modelledMs === null) {
    return `${metric}: half of the held-out requests are off by more than ${size} %; ${limit}`;
  }
  const way = errorPercent > 0 ? "above" : "below";
  return `${metric} is modelled ${size} % ${way} the measured ${measuredMs} ms on held-out requests; ${limit}`;
}

function causes({ log, modelled, fit }: Evidence, off: readonly CalibrationError[]): readonly string[] {
  const found: string[] = [];
  const slices = slicesOf(log, modelled);
  const medians = slices.map((ratios) => quantile(ratios, 0.5));
  const slowest = medians.reduce((most, value) => Math.max(most, value), 0);
  const fastest = medians.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  if (slowest > fastest * DRIFT_RATIO) {
    found.push(
      `the speed changed during the log: at what the model takes for equal load, a token took ${fastest.toFixed(2)} to ` +
        `${slowest.toFixed(2)} times the modelled time in different tenths of it; calibrate on a stretch with one deployment`,
    );
  }
  const spreads = slices.map((ratios, slice) =>
    quantile(
      ratios.map((ratio) => Math.abs(ratio / Math.max(medians[slice]!, 1e-9) - 1)),
      0.75,
    ),
  );
  if (quantile(spreads, 0.5) > SPREAD_SHARE) {
    found.push(
      "requests at the same time and load differ in time per token by more than steps of one engine can: something that " +
        "the log does not show, such as several replicas in one log (add a replica column), other tenants or speculative decoding",
    );
  }
  if (fit.kvTokensSource === "identified" || fit.maxSequencesSource === "identified") {
    found.push(
      "the replica was full in parts of the log: there a small difference decides who waits, so waits are off even with " +
        "good coefficients; give its limits, or calibrate on a stretch below them",
    );
  }
  found.push(...firstTokenCauses(off, fit));
  return found;
}

/** Measured over modelled time per token of the requests, in tenths of the log; empty tenths are left out. */
function slicesOf(log: RequestLog, modelled: Replayed): readonly (readonly number[])[] {
  const slices: number[][] = Array.from({ length: SLICES }, () => []);
  for (let row = 0; row < log.count; row += 1) {
    if (log.outputTokens[row]! < 2) continue;
    const measuredUs = log.lastUs[row]! - log.firstUs[row]!;
    const modelledUs = Math.max(1, modelled.lastUs[row]! - modelled.firstUs[row]!);
    slices[Math.floor((row * SLICES) / log.count)]!.push(measuredUs / modelledUs);
  }
  return slices.filter((ratios) => ratios.length > 0);
}

function firstTokenCauses(off: readonly CalibrationError[], fit: Fit): readonly string[] {
  const first = off.find(({ metric }) => metric.startsWith("ttft"));
  if (first === undefined) return [];
  if (first.measuredMs === null) {
    return [
      "first tokens come right on average and not request by request: several replicas in one log need a replica column, " +
        "prompts found in a cache a cached_tokens column",
    ];
  }
  if (first.errorPercent > 0) {
    return [
      "first tokens came sooner than their prompts take: prompts found in a cache need a cached_tokens column",
    ];
  }
  return [
    "first tokens came later than the engine explains: a queue before it, or a limit on sequences below " +
      `${fit.setting.maxSequences} (at most ${fit.peakSequences} decoded at once), or memory for less context`,
  ];
}
