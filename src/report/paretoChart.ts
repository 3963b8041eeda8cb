/** Cost against availability: what more money buys. */
import type { TopLevelSpec } from "vega-lite";
import type { Comparison, ParetoPoint } from "../result/comparison.js";
import { levelText } from "./compareFacts.js";
import { variantStyles } from "./compareRows.js";
import { count, percent } from "./format.js";
import { type Encoding, ownColour, stack } from "./panels.js";
import { textWidthPx } from "./textWidth.js";
import { type ChartSize, MUTED, type Panel } from "./theme.js";

/** A variant as a point: refused is what availability lacks to 1. */
export interface ParetoRow {
  readonly variant: number;
  readonly label: string;
  readonly colour: string;
  readonly costUsd: number;
  readonly costLowUsd: number;
  readonly costHighUsd: number;
  readonly refused: number;
  readonly refusedLow: number;
  readonly refusedHigh: number;
  readonly dominated: boolean;
}

/** Beyond this ratio of largest to smallest refused share, the axis is logarithmic. */
const LOG_FROM_RATIO = 10;

/** Points with a price, cheapest first; intervals are cut to what a share can be. */
export function paretoRows(comparison: Comparison, size: ChartSize): readonly ParetoRow[] {
  const styles = variantStyles(comparison, size);
  return comparison.pareto
    .flatMap((point) => rowOf(point, styles[point.variant]!))
    .sort((a, b) => a.costUsd - b.costUsd || a.variant - b.variant);
}

function rowOf(
  point: ParetoPoint,
  { label, colour }: { readonly label: string; readonly colour: string },
): readonly ParetoRow[] {
  const { variant, costPerMonth, costInterval, availability, availabilityInterval } = point;
  if (costPerMonth === null) return [];
  const share = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    {
      ...{ variant, label, colour, costUsd: costPerMonth, dominated: point.dominatedBy !== null },
      costLowUsd: Math.max(0, costInterval?.low ?? costPerMonth),
      costHighUsd: costInterval?.high ?? costPerMonth,
      refused: share(1 - availability),
      refusedLow: share(1 - (availabilityInterval?.high ?? availability)),
      refusedHigh: share(1 - (availabilityInterval?.low ?? availability)),
    },
  ];
}

/** Dollars a month to the right, requests lost upwards from few to many: the lower left corner is where to be. */
export function paretoChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const rows = paretoRows(comparison, size);
  const scale = refusedScale(rows);
  const low = (row: ParetoRow): ParetoRow => ({ ...row, refusedLow: Math.max(row.refusedLow, scale.least) });
  const dominated = rows.some((row) => row.dominated);
  return stack(
    {
      text: "What more money buys",
      subtitle: `Cost in 30 days against the share of requests lost${scale.log ? " (log scale)" : ""}; bars are ${levelText(comparison.confidence)} intervals. The lower left is best.${dominated ? " Hollow: another is no worse in either and better in one." : ""}`,
    },
    [panel(rows.map(low), scale, size)],
    size,
  );
}

interface RefusedScale {
  readonly log: boolean;
  readonly least: number;
  readonly most: number;
}

/** Logarithmic where points are far apart and none of them is zero. */
function refusedScale(rows: readonly ParetoRow[]): RefusedScale {
  const shares = rows.map(({ refused }) => refused);
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  const highest = Math.max(...rows.map(({ refusedHigh }) => refusedHigh));
  const log = least > 0 && most > least * LOG_FROM_RATIO;
  // A bar that reaches below a third of the best point would only stretch the axis.
  return { log, least: log ? least / 3 : 0, most: highest * (log ? 2 : 1.15) };
}

/** The encodings of one panel, by field. */
interface Axes {
  readonly x: (field: string) => Encoding;
  readonly y: (field: string) => Encoding;
  readonly mostUsd: number;
}

function panel(rows: readonly ParetoRow[], scale: RefusedScale, size: ChartSize): Panel {
  const mostUsd = Math.max(...rows.map(({ costHighUsd }) => costHighUsd)) * 1.08;
  const x = (field: string): Encoding => costX(field, mostUsd);
  const y = (field: string): Encoding => refusedY(field, scale, size);
  const points = (dominated: boolean): object => ({
    data: { values: rows.filter((row) => row.dominated === dominated) },
    mark: { type: "point", size: 110, strokeWidth: 2.4, filled: !dominated, opacity: 1 },
    encoding: { x: x("costUsd"), y: y("refused"), color: ownColour() },
  });
  return {
    width: size.plotPx,
    height: Math.round(size.panelPx * 1.5),
    data: { values: rows },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 1.6 },
        encoding: { x: x("costUsd"), y: y("refusedLow"), y2: { field: "refusedHigh" }, color: ownColour() },
      },
      {
        mark: { type: "rule", strokeWidth: 1.6 },
        encoding: { x: x("costLowUsd"), x2: { field: "costHighUsd" }, y: y("refused"), color: ownColour() },
      },
      points(false),
      points(true),
      ...namesOfPoints(rows, { x, y, mostUsd }, size),
    ],
  } as unknown as Panel;
}

/** A label starts at its point unless it would run off the right edge; on a phone there is room only above the point. */
function namesOfPoints(rows: readonly ParetoRow[], { x, y, mostUsd }: Axes, size: ChartSize): object[] {
  const said = rows.map((row) => {
    const words = `${row.label}: ${size.name === "wide" ? `$${count(row.costUsd)}, ` : ""}${percent(row.refused)} lost`;
    const widthPx = textWidthPx(words, size.fontPx, true);
    const atPx = (row.costUsd / mostUsd) * size.plotPx;
    const overX = Math.max(0, Math.min(atPx - widthPx / 2, size.plotPx - widthPx));
    return { ...row, words, overX, toLeft: widthPx + 14 > size.plotPx - atPx };
  });
  const beside = (toLeft: boolean): object => ({
    data: { values: said.filter((row) => row.toLeft === toLeft) },
    mark: {
      ...{ type: "text", fontWeight: "bold", baseline: "middle" },
      ...{ align: toLeft ? "right" : "left", dx: toLeft ? -12 : 12 },
    },
    encoding: {
      x: x("costUsd"),
      y: y("refused"),
      text: { field: "words", type: "nominal" },
      color: ownColour(),
    },
  });
  const above = {
    data: { values: said },
    mark: { type: "text", fontWeight: "bold", align: "left", baseline: "bottom", dy: -8 },
    encoding: {
      x: { field: "overX", type: "quantitative", scale: null, axis: null },
      ...{ y: y("refused"), text: { field: "words", type: "nominal" }, color: ownColour() },
    },
  };
  return size.name === "narrow" ? [above] : [beside(false), beside(true)];
}

function costX(field: string, mostUsd: number): Encoding {
  return {
    field,
    type: "quantitative",
    scale: { domain: [0, mostUsd], nice: false, zero: true },
    axis: {
      title: "cost in 30 days",
      labelExpr: "format(datum.value, '$~s')",
      tickCount: 5,
      grid: false,
      titleColor: MUTED,
    },
  };
}

function refusedY(field: string, { log, least, most }: RefusedScale, size: ChartSize): Encoding {
  return {
    field,
    type: "quantitative",
    scale: log
      ? { type: "log", domain: [least, most], nice: false }
      : { domain: [0, most === 0 ? 0.01 : most], nice: true, zero: true },
    axis: {
      ...{
        title: "requests lost",
        format: "~%",
        ...(log ? { values: decades(least, most) } : { tickCount: 4 }),
      },
      ...{ titleAngle: 0, titleAlign: "left", titleAnchor: "end", titleBaseline: "bottom" },
      ...{ titleX: -size.marginPx, titleY: -9 },
    },
  };
}

/** Round shares between two: 1, 2 and 5 of each power of ten. */
function decades(least: number, most: number): readonly number[] {
  const shares: number[] = [];
  // Written down, so that 0.2 % is 0.002 and not what 2 × 0.001 comes to.
  for (const power of ["e-7", "e-6", "e-5", "e-4", "e-3", "e-2", "e-1"])
    for (const digit of [1, 2, 5]) shares.push(Number(`${digit}${power}`));
  return shares.filter((share) => share >= least && share <= most);
}
