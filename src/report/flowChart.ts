import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { type Cause, causeStyle, causesPresent } from "./causes.js";
import { short } from "./format.js";
import {
  faultBands,
  faultStrip,
  type LegendEntry,
  legend,
  ownColour,
  stack,
  timeX,
  valueY,
} from "./panels.js";
import {
  addColumns,
  causesOverTime,
  durationMin,
  faultSpans,
  ratePoints,
  type TimePoint,
  windowsPerPoint,
} from "./rows.js";
import { refusalHeadline } from "./sentences.js";
import { type ChartSize, INK, type Panel } from "./theme.js";

/** Refusals per second of one cause from `startMin` to the next point. */
export interface RefusalRateRow extends TimePoint {
  readonly cause: Cause;
  readonly colour: string;
  /** Position in the stack, the lowest first. */
  readonly order: number;
}

const SERVED = "#2e8b57";

/** Refusals per second over time, one row per cause and point. */
export function refusalRateRows(result: Result): readonly RefusalRateRow[] {
  const { series } = result;
  const causes = causesOverTime(series);
  const stride = windowsPerPoint(series, causes.length + 2);
  return causes.flatMap((cause, order) =>
    ratePoints(series, series.refusedByCause[cause] ?? [], stride).map((point) => ({
      ...point,
      cause,
      colour: causeStyle(cause).colour,
      order,
    })),
  );
}

/** Offered or served requests per second over time, all origins together. */
export function trafficRows(result: Result, what: "offered" | "served"): readonly TimePoint[] {
  const { series } = result;
  const columns = Object.values(series.byOrigin).map((origin) => origin[what]);
  const stride = windowsPerPoint(series, causesOverTime(series).length + 2);
  return ratePoints(series, addColumns(columns, series.startS.length), stride);
}

function lines(result: Result, size: ChartSize): readonly object[] {
  const minutes = durationMin(result);
  const line = (what: "offered" | "served", mark: object): object => ({
    data: { values: trafficRows(result, what) },
    mark: { type: "line", interpolate: "step-after", ...mark },
    encoding: {
      x: timeX("startMin", minutes, true),
      y: valueY("value", "requests per second", size),
    },
  });
  return [
    line("served", { color: SERVED, strokeWidth: size.linePx }),
    line("offered", { color: INK, strokeWidth: size.linePx * 0.7, strokeDash: [5, 4] }),
  ];
}

/** Requests per second: offered, served, and refused stacked by cause. */
export function flowChart(result: Result, size: ChartSize): TopLevelSpec {
  const minutes = durationMin(result);
  const area = {
    data: { values: refusalRateRows(result) },
    mark: { type: "area", interpolate: "step-after" },
    encoding: {
      x: timeX("startMin", minutes, true),
      y: { ...valueY("value", "requests per second", size), stack: "zero" },
      detail: { field: "cause", type: "nominal" },
      order: { field: "order", type: "quantitative" },
      color: ownColour(),
    },
  };
  const panel = {
    width: size.plotPx,
    height: size.panelPx + 60,
    layer: [faultBands(faultSpans(result), minutes, true), area, ...lines(result, size)],
  } as unknown as Panel;
  const causes = causesPresent(result.refused).map(
    ([cause]): LegendEntry => ({
      label: `refused: ${short(causeStyle(cause).label, 30)}`,
      colour: causeStyle(cause).colour,
      symbol: "area",
    }),
  );
  const entries: readonly LegendEntry[] = [
    { label: "offered", colour: INK, symbol: "dashes" },
    { label: "served", colour: SERVED, symbol: "line" },
    ...causes,
  ];
  return stack(
    {
      text: `${refusalHeadline(result)}: requests per second`,
      subtitle:
        "All users together. Refusals are stacked by their final cause; retries are not counted twice.",
    },
    [legend(entries, size), faultStrip(faultSpans(result), minutes, size), panel],
    size,
    10,
  );
}
