/** How far a replay is from the log on requests that were not fitted: errors by metric, and the requests to draw. */
import type { CalibrationError, CalibrationMetric } from "../../scenario/presetFile.js";
import type { Replayed } from "./replay.js";
import type { RequestLog } from "./requestLog.js";
import { quantile } from "./residuals.js";

/** Beyond these errors, percent, a preset is not to be trusted. Tails vary more than the middle, first tokens most. */
export const LIMITS_PERCENT: Readonly<Record<CalibrationMetric, number>> = {
  "ttft-mean": 25,
  "ttft-p50": 25,
  "ttft-p95": 40,
  "tpot-mean": 10,
  "tpot-p50": 10,
  "tpot-p95": 20,
  "e2e-mean": 10,
  "e2e-p50": 15,
  "e2e-p95": 20,
  "ttft-per-request": 15,
  "tpot-per-request": 15,
};

/** A request as measured and as modelled; times in ms, `tpot` null for answers of one token. */
export interface HeldOutPoint {
  readonly arrivalMs: number;
  readonly ttftMs: Pair;
  readonly tpotMs: Pair | null;
}

/** Two views of one time. */
export interface Pair {
  readonly measured: number;
  readonly modelled: number;
}

/** The rows from `from` on, as measured and as modelled. */
export function heldOutPoints(log: RequestLog, modelled: Replayed, from: number): readonly HeldOutPoint[] {
  const points: HeldOutPoint[] = [];
  for (let row = from; row < log.count; row += 1) {
    const arrivalUs = log.arrivalUs[row]!;
    const further = log.outputTokens[row]! - 1;
    const perTokenMs = (times: Replayed): number =>
      (times.lastUs[row]! - times.firstUs[row]!) / further / 1000;
    points.push({
      arrivalMs: arrivalUs / 1000,
      ttftMs: {
        measured: (log.firstUs[row]! - arrivalUs) / 1000,
        modelled: (modelled.firstUs[row]! - arrivalUs) / 1000,
      },
      tpotMs: further < 1 ? null : { measured: perTokenMs(log), modelled: perTokenMs(modelled) },
    });
  }
  return points;
}

/** The error of every metric, in the order they are listed; metrics of which nothing is known are left out. */
export function heldOutErrors(
  log: RequestLog,
  modelled: Replayed,
  points: readonly HeldOutPoint[],
): readonly CalibrationError[] {
  const tpot = points.flatMap(({ tpotMs }) => tpotMs ?? []);
  const from = log.count - points.length;
  const e2e = points.map((point, index): Pair => {
    const row = from + index;
    return {
      measured: log.lastUs[row]! / 1000 - point.arrivalMs,
      modelled: modelled.lastUs[row]! / 1000 - point.arrivalMs,
    };
  });
  const ttft = points.map(({ ttftMs }) => ttftMs);
  return [
    ...errorsOf("ttft", ttft),
    ...errorsOf("tpot", tpot),
    ...errorsOf("e2e", e2e),
    ...perRequest("ttft-per-request", ttft),
    ...perRequest("tpot-per-request", tpot),
  ];
}

function errorsOf(name: "ttft" | "tpot" | "e2e", pairs: readonly Pair[]): readonly CalibrationError[] {
  if (pairs.length === 0) return [];
  const measured = pairs.map((pair) => pair.measured);
  const modelled = pairs.map((pair) => pair.modelled);
  return [
    errorOf(`${name}-mean`, mean(measured), mean(modelled)),
    errorOf(`${name}-p50`, quantile(measured, 0.5), quantile(modelled, 0.5)),
    errorOf(`${name}-p95`, quantile(measured, 0.95), quantile(modelled, 0.95)),
  ];
}

function errorOf(metric: CalibrationMetric, measuredMs: number, modelledMs: number): CalibrationError {
  const errorPercent = shareOff(measuredMs, modelledMs) * 100;
  const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;
  return {
    metric,
    measuredMs: rounded(measuredMs),
    modelledMs: rounded(modelledMs),
    errorPercent: Math.round(errorPercent * 100) / 100,
    limitPercent: LIMITS_PERCENT[metric],
  };
}

/** Averages may agree where no request does: the middle size of single requests' errors. */
function perRequest(metric: CalibrationMetric, pairs: readonly Pair[]): readonly CalibrationError[] {
  if (pairs.length === 0) return [];
  const sizes = pairs.map(({ measured, modelled }) => Math.abs(shareOff(measured, modelled)));
  const errorPercent = Math.round(quantile(sizes, 0.5) * 10_000) / 100;
  return [{ metric, measuredMs: null, modelledMs: null, errorPercent, limitPercent: LIMITS_PERCENT[metric] }];
}

/** Nothing measured and something modelled is off by all of it, which a file can hold and infinity cannot. */
function shareOff(measured: number, modelled: number): number {
  if (measured > 0) return modelled / measured - 1;
  return modelled > 0 ? 1 : 0;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
