/** What was served of what could have been, and how calls multiplied: rows over time for the cascade's timeline. */
import type { Result } from "../result/result.js";
import { addColumns, durationMin, ratePoints, type TimePoint, total, windowsPerPoint } from "./rows.js";

/** Requests per second from `startMin` to the next row; each sum includes what stands before it. */
export interface ServiceRow {
  readonly startMin: number;
  readonly offered: number;
  readonly served: number;
  /** And refused though there was lawful room. */
  readonly withPolicy: number;
  /** And refused where there was none. What is left below `offered` was on its way. */
  readonly withUnavoidable: number;
}

/** Refusals come up to a client's patience after the offer: shorter rows would show them apart. */
const ROW_S = 30;
const MOST_ROWS = 120;

/** Half a minute or more a row, and one that closes the last at the end of the run. */
export function serviceRows(result: Result): readonly ServiceRow[] {
  const { series, optimum } = result;
  const fold = Math.ceil(
    Math.max(ROW_S, result.scenario.durationS / MOST_ROWS) / Math.max(optimum.perWindow.windowS, 1e-9),
  );
  const windowS = optimum.perWindow.windowS * fold;
  const startS = optimum.perWindow.startS.filter((_, i) => i % fold === 0);
  const folded = (column: readonly number[]): readonly number[] =>
    startS.map((_, i) => total(column.slice(i * fold, (i + 1) * fold)));
  const offered = folded(optimum.perWindow.offered);
  const couldServe = folded(optimum.perWindow.couldServe);
  const lastS = Math.max(1e-9, result.scenario.durationS - (startS.at(-1) ?? 0));
  const columns = Object.values(series.byOrigin);
  const perWindow = (what: "served" | "refused"): readonly number[] => {
    const sum = addColumns(
      columns.map((origin) => origin[what]),
      series.startS.length,
    );
    return regrouped(sum, series.windowS, windowS, startS.length);
  };
  const served = perWindow("served");
  const refused = perWindow("refused");
  const rows = startS.map((atS, i): ServiceRow => {
    const unavoidable = Math.min(refused[i]!, Math.max(0, offered[i]! - couldServe[i]!));
    const byPolicy = Math.min(refused[i]! - unavoidable, Math.max(0, couldServe[i]! - served[i]!));
    const rate = (count: number): number => count / (i === startS.length - 1 ? lastS : windowS);
    return {
      startMin: atS / 60,
      offered: rate(offered[i]!),
      served: rate(served[i]!),
      withPolicy: rate(served[i]! + byPolicy),
      withUnavoidable: rate(served[i]! + byPolicy + unavoidable),
    };
  });
  const last = rows.at(-1);
  return last === undefined ? [] : [...rows, { ...last, startMin: durationMin(result) }];
}

/** Counts of windows of one width as those of another, as if each were spread evenly; the last takes all that is left. */
function regrouped(counts: readonly number[], fromS: number, toS: number, groups: number): readonly number[] {
  const out = new Array<number>(groups).fill(0);
  counts.forEach((count, i) => {
    const [start, end] = [i * fromS, (i + 1) * fromS];
    for (let g = Math.min(groups - 1, Math.floor(start / toS)); g < groups; g++) {
      const isLast = g === groups - 1;
      const inside = (isLast ? end : Math.min(end, (g + 1) * toS)) - Math.max(start, g * toS);
      if (inside <= 0) break;
      out[g] = out[g]! + (count * inside) / fromS;
    }
  });
  return out;
}

/** Calls at endpoints per request offered, null where nothing was offered and before the warm-up ended, when few are counted. */
export function amplificationRows(result: Result): readonly TimePoint[] {
  const { series } = result;
  const stride = Math.max(windowsPerPoint(series, 4), Math.ceil(10 / series.windowS));
  const offered = addColumns(
    Object.values(series.byOrigin).map((origin) => origin.offered),
    series.startS.length,
  );
  const asked = ratePoints(series, offered, stride);
  const warmMin = result.scenario.warmupS / 60;
  return ratePoints(series, series.calls, stride).map(({ startMin, value }, i) => {
    const isCounted = startMin >= warmMin - 1e-9 && (asked[i]?.value ?? 0) > 0;
    return { startMin, value: value === null || !isCounted ? null : value / asked[i]!.value! };
  });
}
