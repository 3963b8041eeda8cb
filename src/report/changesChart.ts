/** What changed and by how much: one line a measure, its interval beside it, the changes that hold and no others. */
import type { TopLevelSpec } from "vega-lite";
import type { Comparison } from "../result/comparison.js";
import { type ChangeRow, changeRows } from "./changeRows.js";
import { levelText } from "./compareFacts.js";
import { count, short } from "./format.js";
import { rect, text } from "./marks.js";
import { panelTitle, stack } from "./panels.js";
import { fit } from "./textWidth.js";
import { type ChartSize, GRID, MUTED, type Panel } from "./theme.js";

const MOST_ROWS = 18;
/** Beyond, a factor is drawn at the edge, and its figure says how large it is. */
const EDGE_FACTOR = 64;
const VERDICT_COLOURS = { better: "#0072b2", worse: "#d55e00", "of those served": MUTED } as const;

/** One panel for each variant beside the first, each on an axis of factors as wide as its changes. */
export function changesChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const panels = comparison.pairs
    .map((pair) => ({ pair, rows: changeRows(comparison, pair) }))
    .filter(({ rows }) => rows.length > 0);
  const level = levelText(comparison.confidence);
  const first = short(comparison.variants[0]!.label, 34);
  return stack(
    {
      text: `What changes against ${first}`,
      subtitle: `The changes that hold, all of them together at ${level}, each with its own ${level} interval; the largest first.`,
    },
    [
      ...panels.map(({ pair, rows }) => {
        const name = short(comparison.variants[pair.variant]!.label, 34);
        return pairPanel({ name, rows, size });
      }),
    ],
    size,
    16,
  );
}

/** The axis reaches as far to either side as the farthest end of an interval, up to the edge. */
function edgeOf(rows: readonly ChangeRow[]): number {
  let edge = 1.1;
  for (const { factor } of rows) {
    if (factor === null) continue;
    const low = clamp(factor.low, 1 / EDGE_FACTOR, EDGE_FACTOR);
    edge = Math.max(edge, 1 / low, clamp(factor.high, 1 / EDGE_FACTOR, EDGE_FACTOR));
  }
  return edge * 1.05;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

interface PairPanel {
  readonly name: string;
  readonly rows: readonly ChangeRow[];
  readonly size: ChartSize;
}

/** Where things stand, px: on a phone the words of a line stand above its interval. */
function columns(size: ChartSize): {
  readonly axisX: number;
  readonly axisX2: number;
  readonly valuesX: number;
  readonly wordsPx: number;
  readonly rowPx: number;
  readonly lineY: number;
} {
  if (size.name === "narrow")
    return {
      ...{ axisX: -size.marginPx, axisX2: size.plotPx, valuesX: -size.marginPx },
      ...{ wordsPx: size.marginPx + size.plotPx, rowPx: 3 * size.fontPx + 26, lineY: 2 * size.fontPx + 20 },
    };
  return {
    ...{ axisX: 200, axisX2: 545, valuesX: 560, wordsPx: 200 + size.marginPx - 10 },
    ...{ rowPx: size.fontPx + 13, lineY: (size.fontPx + 13) / 2 },
  };
}

function pairPanel({ name, rows, size }: PairPanel): Panel {
  const at = columns(size);
  const shown = rows.slice(0, MOST_ROWS);
  const edge = edgeOf(shown);
  const toX = axisOf(at.axisX, at.axisX2, edge);
  const lines = shown.map((row, i) => {
    const topPx = i * at.rowPx;
    const lineY = topPx + at.lineY;
    const colour = VERDICT_COLOURS[row.verdict];
    const narrow = size.name === "narrow";
    const { factor } = row;
    return {
      ...{ colour, values: row.values, wordsX: -size.marginPx, valuesX: at.valuesX },
      words: fit(row.words, size.fontPx, at.wordsPx),
      wordsY: narrow ? topPx + size.fontPx / 2 : lineY,
      valuesY: narrow ? topPx + 1.5 * size.fontPx + 5 : lineY,
      x: factor === null ? at.axisX2 - 12 : toX(factor.low),
      x2: factor === null ? at.axisX2 : Math.max(toX(factor.high), toX(factor.low) + 1),
      y: lineY - 1.2,
      y2: lineY + 1.2,
      dotX: factor === null ? at.axisX2 : toX(factor.mean),
      dotY: lineY,
    };
  });
  const heightPx = shown.length * at.rowPx;
  const left = rows.length - shown.length;
  return {
    title: panelTitle(
      `${name}${left > 0 ? ` (${count(left)} smaller changes are in the tables)` : ""}`,
      size,
    ),
    width: size.plotPx,
    height: heightPx + size.fontPx + 8,
    data: { values: lines },
    layer: [
      rect({}, gridRects({ toX, edge, bands: bandsOf(size, shown.length) })),
      text(
        { align: "center", color: MUTED },
        { x: "x", y: "y", text: "label" },
        ticks(edge).map(({ factor, label }) => ({ x: toX(factor), y: heightPx + size.fontPx, label })),
      ),
      rect(),
      {
        mark: { type: "point", filled: true, size: 55, opacity: 1 },
        encoding: {
          x: { field: "dotX", type: "quantitative", scale: null, axis: null },
          y: { field: "dotY", type: "quantitative", scale: null, axis: null },
          color: { field: "colour", type: "nominal", scale: null, legend: null },
        },
      },
      text({ align: "left" }, { x: "wordsX", y: "wordsY", text: "words" }),
      text(
        { align: "left", fontWeight: "bold" },
        { x: "valuesX", y: "valuesY", text: "values", colour: "colour" },
      ),
    ],
  } as unknown as Panel;
}

/** Factor → px; half is as far to the left as double is to the right. */
function axisOf(fromPx: number, toPx: number, edge: number): (factor: number) => number {
  const middle = (fromPx + toPx) / 2;
  const perUnit = (toPx - fromPx) / 2 / Math.log(edge);
  // To a hundredth of a pixel, so that the last bit of a logarithm never shows.
  return (factor) => Math.round((middle + perUnit * Math.log(clamp(factor, 1 / edge, edge))) * 100) / 100;
}

interface Tick {
  readonly factor: number;
  readonly label: string;
}

/** Same on both sides, as many as the axis reaches. */
function ticks(edge: number): readonly Tick[] {
  const steps =
    edge > 9 ? [4, 16, 64] : edge > 2.1 ? [2, 4, 8] : edge > 1.3 ? [1.25, 1.5, 2] : [1.05, 1.1, 1.2];
  const above = steps.filter((factor) => factor <= edge);
  const label = (factor: number): string =>
    factor >= 2 ? `×${factor}` : `+${Math.round((factor - 1) * 100)}\u00a0%`;
  const below = (factor: number): string =>
    factor >= 2 ? `÷${factor}` : `−${Math.round((1 - 1 / factor) * 100)}\u00a0%`;
  return [
    ...above.map((factor) => ({ factor: 1 / factor, label: below(factor) })),
    { factor: 1, label: "same" },
    ...above.map((factor) => ({ factor, label: label(factor) })),
  ];
}

/** Where grid lines run: through all rows, or on a phone only beside intervals, where no words stand. */
function bandsOf(size: ChartSize, rows: number): readonly (readonly [number, number])[] {
  const { rowPx, lineY } = columns(size);
  if (size.name === "wide") return [[0, rows * rowPx]];
  return Array.from({ length: rows }, (_, i) => [i * rowPx + lineY - 8, i * rowPx + lineY + 8] as const);
}

function gridRects(axis: {
  readonly toX: (factor: number) => number;
  readonly edge: number;
  readonly bands: readonly (readonly [number, number])[];
}): readonly object[] {
  return ticks(axis.edge).flatMap(({ factor }) => {
    const x = axis.toX(factor);
    const half = factor === 1 ? 0.8 : 0.5;
    const colour = factor === 1 ? MUTED : GRID;
    return axis.bands.map(([y, y2]) => ({ x: x - half, x2: x + half, y, y2, colour }));
  });
}
