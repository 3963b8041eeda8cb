/** What happened when, variant below variant on the same axes. */
import type { TopLevelSpec } from "vega-lite";
import type { Comparison, Variant } from "../result/comparison.js";
import { measureText } from "./compareFacts.js";
import { measureWords } from "./compareMeasures.js";
import {
  allOrigins,
  estimateOf,
  longestMin,
  refusedMean,
  refusedPerMinute,
  sharesFaults,
  variantStyles,
} from "./compareRows.js";
import { count, percent, short } from "./format.js";
import { latencyRows } from "./latencyChart.js";
import { type Encoding, faultBands, faultStrip, legend, ownColour, stack, timeX, valueY } from "./panels.js";
import { faultSpans, NAME_CHARACTERS, type TimePoint } from "./rows.js";
import { type ChartSize, type Panel, placeColours } from "./theme.js";

/** A line of one origin. */
interface Row extends TimePoint {
  readonly origin: string;
  readonly colour: string;
}

interface Stacked {
  readonly comparison: Comparison;
  readonly size: ChartSize;
  readonly rows: (variant: Variant) => readonly Row[];
  /** What stands over a variant's panel, after its name. */
  readonly words: (variant: Variant) => string;
  readonly scale: Encoding;
  readonly axis: Encoding;
}

/** Beyond this ratio of largest to smallest, a linear axis would show nothing but the spike. */
const LOG_FROM_RATIO = 20;

/** Share of requests refused in each minute, a panel for each variant on one scale. */
export function refusedTimeChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const all = comparison.variants.flatMap((variant) => refusalRows(comparison, variant));
  const most = all.reduce((largest, { value }) => Math.max(largest, value ?? 0), 0);
  const panels = stacked({
    comparison,
    size,
    rows: (variant) => refusalRows(comparison, variant),
    words: (variant) => {
      const { refused, offered } = variant.first.requests;
      const here = `${percent(offered === 0 ? 0 : refused / offered)} of this run`;
      return `${here}, ${percent(refusedMean(variant))} over ${count(comparison.replications)} runs`;
    },
    scale: { domain: [0, most === 0 ? 1 : most], nice: true },
    axis: { format: most >= 0.05 || most === 0 ? ".0%" : ".1%" },
  });
  return stack(
    {
      text: "When requests are refused",
      subtitle: `Share of requests refused in each minute of the first of ${count(comparison.replications)} runs; all panels on one scale.`,
    },
    panels,
    size,
    10,
  );
}

function refusalRows(comparison: Comparison, variant: Variant): readonly Row[] {
  const names = allOrigins(comparison);
  const colours = placeColours(names);
  return names.flatMap((origin) =>
    refusedPerMinute(variant, origin).map((point) => ({ ...point, origin, colour: colours.get(origin)! })),
  );
}

/** How long users wait for the first token over time, p95, a panel for each variant on one scale. */
export function waitTimeChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const colours = placeColours(allOrigins(comparison));
  const rows = (variant: Variant): readonly Row[] =>
    latencyRows(variant.first, "ttft")
      .filter(({ quantile }) => quantile === "p95")
      .map((row) => ({ ...row, colour: colours.get(row.origin) ?? row.colour }));
  const values = comparison.variants
    .flatMap((variant) => rows(variant).map(({ value }) => value))
    .filter((value): value is number => value !== null && value > 0);
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const log = most > least * LOG_FROM_RATIO;
  const key = "ttft.p95";
  const panels = stacked({
    comparison,
    size,
    rows,
    words: (variant) => {
      const estimate = estimateOf(variant, key);
      return estimate === null
        ? "nobody was served"
        : `p95 ${measureText(key, estimate.mean)} over ${count(comparison.replications)} runs`;
    },
    scale: log
      ? { type: "log", domain: [least, most], zero: false, nice: true }
      : { domain: [0, most === 0 ? 1 : most], nice: true },
    axis: {},
  });
  return stack(
    {
      text: "How long users wait for the first token",
      subtitle: `${measureWords(key)} of served requests, s${log ? " (log scale)" : ""}, in the first of ${count(comparison.replications)} runs. A gap: fewer than 20 were served.`,
    },
    panels,
    size,
    10,
  );
}

/** The legend of origins where there are several, then each variant's faults and panel; faults once where all share them. */
function stacked(chart: Stacked): readonly Panel[] {
  const { comparison, size } = chart;
  const names = allOrigins(comparison);
  const colours = placeColours(names);
  const entries = names.map((origin) => ({
    label: `${short(origin, NAME_CHARACTERS)} users`,
    colour: colours.get(origin)!,
    symbol: "line" as const,
  }));
  const minutes = longestMin(comparison);
  const oneStrip = sharesFaults(comparison);
  const strip = ({ first }: Variant): Panel => faultStrip(faultSpans(first), minutes, size);
  const ownStrip = ({ first }: Variant): boolean => !oneStrip && first.faults.length > 0;
  const last = comparison.variants.length - 1;
  return [
    ...(names.length > 1 ? [legend(entries, size)] : []),
    ...(oneStrip ? [strip(comparison.variants[0]!)] : []),
    ...comparison.variants.flatMap((variant, v) => [
      // A strip of a variant's own belongs below its name.
      ...(ownStrip(variant) ? [{ title: panelWords(chart, v), ...strip(variant) } as unknown as Panel] : []),
      variantPanel(chart, { v, labelled: v === last, titled: !ownStrip(variant) }),
    ]),
  ];
}

/** Whose panel it is, and what it comes to. */
function panelWords({ comparison, size, words }: Stacked, v: number): Encoding {
  return {
    text: variantStyles(comparison, size)[v]!.label,
    subtitle: words(comparison.variants[v]!),
    fontSize: size.fontPx + 1,
    subtitleFontSize: size.fontPx,
    subtitlePadding: 2,
    anchor: "start",
    frame: "bounds",
    offset: 6,
  };
}

interface PanelPlace {
  readonly v: number;
  /** Whether it has the labels of the time axis. */
  readonly labelled: boolean;
  readonly titled: boolean;
}

function variantPanel(chart: Stacked, { v, labelled, titled }: PanelPlace): Panel {
  const { comparison, size, rows, scale, axis } = chart;
  const variant = comparison.variants[v]!;
  const minutes = longestMin(comparison);
  const y = valueY("value", "", size, scale) as { readonly axis: Encoding };
  return {
    ...(titled ? { title: panelWords(chart, v) } : {}),
    width: size.plotPx,
    height: Math.round(size.panelPx * (comparison.variants.length > 2 ? 0.55 : 0.75)),
    layer: [
      faultBands(faultSpans(variant.first), minutes, labelled),
      {
        data: { values: rows(variant) },
        mark: {
          type: "line",
          interpolate: "step-after",
          strokeWidth: size.linePx,
          invalid: "break-paths-show-path-domains",
        },
        encoding: {
          x: timeX("startMin", minutes, labelled),
          y: { ...y, axis: { ...y.axis, title: null, tickCount: 3, ...axis } },
          detail: { field: "origin", type: "nominal" },
          color: ownColour(),
        },
      },
    ],
  } as unknown as Panel;
}
