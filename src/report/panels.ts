/** The parts charts are put together from: title, legend, the strip of faults, time axes, stacks. */
import type { TopLevelSpec } from "vega-lite";
import { textWidthPx, wrap } from "./textWidth.js";
import { type ChartSize, config, FAULT, FAULT_BAND, INK, MUTED, type Panel } from "./theme.js";

/** What a chart shows, and how to read it; an empty subtitle is left out. */
export interface Title {
  readonly text: string;
  readonly subtitle: string;
}

/** A symbol and what it stands for. */
export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly symbol: "area" | "line" | "thin-line" | "dashes";
}

/** A stretch of time with a name, in minutes since the start. */
export interface Span {
  readonly startMin: number;
  readonly endMin: number;
  readonly label: string;
}

/** A piece of a vega-lite spec, checked by vega-lite when the chart is drawn. */
export type Encoding = { readonly [channel: string]: unknown };

const ROW_PX = 18;
const SYMBOL_PX = 18;

/** Horizontal position in px from the left of the plot. */
function px(field: string): Encoding {
  return { field, type: "quantitative", scale: null, axis: null };
}

/** Colours come with the rows; no scale may reassign them. */
export function ownColour(field = "colour"): Encoding {
  return { field, type: "nominal", scale: null, legend: null };
}

/** Minutes since the start along the bottom; only the lowest panel of a stack labels them. */
export function timeX(field: string, durationMin: number, labelled: boolean): Encoding {
  return {
    field,
    type: "quantitative",
    scale: { domain: [0, durationMin], nice: false, zero: true },
    axis: {
      title: labelled ? "minutes since the start" : null,
      labels: labelled,
      ticks: labelled,
      tickMinStep: 1,
      grid: false,
      labelOverlap: true,
    },
  };
}

/** A value axis from zero, its title written level above its top end. */
export function valueY(field: string, title: string, size: ChartSize, scale: Encoding = {}): Encoding {
  return {
    field,
    type: "quantitative",
    scale: { zero: true, nice: true, ...scale },
    axis: {
      title,
      titleAngle: 0,
      titleAlign: "left",
      titleAnchor: "end",
      titleBaseline: "bottom",
      titleX: -size.marginPx,
      titleY: -9,
      tickCount: 4,
    },
  };
}

/** Rows of labelled symbols above a chart, broken to its width. Not a vega legend: those cannot wrap. */
export function legend(entries: readonly LegendEntry[], size: ChartSize): Panel {
  let xPx = -size.marginPx;
  let row = 0;
  const rows = entries.map((entry) => {
    const widthPx = SYMBOL_PX + 6 + textWidthPx(entry.label, size.fontPx) + 14;
    if (xPx > -size.marginPx && xPx + widthPx > size.plotPx) {
      xPx = -size.marginPx;
      row += 1;
    }
    const placed = {
      ...entry,
      x: xPx,
      x2: xPx + SYMBOL_PX,
      textX: xPx + SYMBOL_PX + 6,
      y: row * ROW_PX + ROW_PX / 2,
      strokePx: entry.symbol === "area" ? 11 : entry.symbol === "thin-line" ? 1.2 : 2.4,
      dash: entry.symbol === "dashes" ? [5, 4] : [1, 0],
    };
    xPx += widthPx;
    return placed;
  });
  return {
    width: size.plotPx,
    height: entries.length === 0 ? 1 : (row + 1) * ROW_PX,
    data: { values: rows },
    layer: [
      {
        mark: { type: "rule" },
        encoding: {
          x: px("x"),
          x2: { field: "x2" },
          y: px("y"),
          color: ownColour(),
          strokeWidth: { field: "strokePx", type: "quantitative", scale: null, legend: null },
          strokeDash: { field: "dash", type: "nominal", scale: null, legend: null },
        },
      },
      {
        mark: { type: "text", align: "left", baseline: "middle" },
        encoding: { x: px("textX"), y: px("y"), text: { field: "label", type: "nominal" } },
      },
    ],
  } as unknown as Panel;
}

/** Bands behind a time panel, one per fault. */
export function faultBands(faults: readonly Span[], durationMin: number, labelled: boolean): Encoding {
  return {
    data: { values: faults },
    mark: { type: "rect", color: FAULT_BAND },
    encoding: { x: timeX("startMin", durationMin, labelled), x2: { field: "endMin" } },
  };
}

interface PlacedSpan extends Span {
  readonly row: number;
  readonly textX: number;
}

/**
 * Gives every span a row in which neither its bar nor its label meets an earlier one, the first that
 * is free. A label starts with its bar unless it would run off the right edge, then it ends there.
 */
export function placeSpans(
  spans: readonly Span[],
  durationMin: number,
  size: ChartSize,
): readonly PlacedSpan[] {
  const rowEndsPx: number[] = [];
  return [...spans]
    .sort((a, b) => a.startMin - b.startMin)
    .map((span) => {
      const startPx = (span.startMin / durationMin) * size.plotPx;
      const widthPx = textWidthPx(span.label, size.fontPx) + 10;
      const textX = Math.max(-size.marginPx, Math.min(startPx, size.plotPx - widthPx));
      const fromPx = Math.min(startPx, textX);
      const free = rowEndsPx.findIndex((endPx) => endPx <= fromPx);
      const row = free === -1 ? rowEndsPx.length : free;
      rowEndsPx[row] = Math.max((span.endMin / durationMin) * size.plotPx, textX + widthPx);
      return { ...span, row, textX: textX + 4 };
    });
}

/** The faults as named bars above the panels they shade. */
export function faultStrip(faults: readonly Span[], durationMin: number, size: ChartSize): Panel {
  const pxPerMin = durationMin > 0 ? size.plotPx / durationMin : 0;
  const rows = placeSpans(faults, durationMin, size).map((span) => ({
    ...span,
    x: span.startMin * pxPerMin,
    x2: span.endMin * pxPerMin,
    y: span.row * ROW_PX + 1,
    y2: (span.row + 1) * ROW_PX - 2,
    textY: span.row * ROW_PX + ROW_PX / 2,
  }));
  const rowCount = rows.reduce((most, span) => Math.max(most, span.row + 1), 0);
  return {
    width: size.plotPx,
    height: Math.max(1, rowCount * ROW_PX),
    data: { values: rows },
    layer: [
      {
        mark: { type: "rect", color: FAULT },
        encoding: { x: px("x"), x2: { field: "x2" }, y: px("y"), y2: { field: "y2" } },
      },
      {
        mark: { type: "text", align: "left", baseline: "middle", color: INK },
        encoding: { x: px("textX"), y: px("textY"), text: { field: "label", type: "nominal" } },
      },
    ],
  } as unknown as Panel;
}

/** A line above a panel that has no value axis to carry it, in the manner of an axis title. */
export function panelTitle(text: string, size: ChartSize): Encoding {
  return {
    text,
    anchor: "start",
    frame: "group",
    dx: -size.marginPx,
    offset: 6,
    fontSize: size.fontPx,
    fontWeight: "normal",
    color: MUTED,
  };
}

/** A title that breaks to the chart's width. */
export function title(words: Title, size: ChartSize): Encoding {
  const widthPx = size.marginPx + size.plotPx;
  return {
    text: wrap(words.text, size.titlePx, widthPx, true),
    subtitle: words.subtitle === "" ? [] : wrap(words.subtitle, size.fontPx, widthPx),
  };
}

/** Panels one below the other with their left edges aligned. */
export function stack(words: Title, panels: readonly Panel[], size: ChartSize, gapPx = 8): TopLevelSpec {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    title: title(words, size),
    config: config(size),
    spacing: gapPx,
    vconcat: panels,
    resolve: { scale: { x: "independent", y: "independent", color: "independent" } },
  } as unknown as TopLevelSpec;
}
