/** How long all users wait, not only those who are served: a design that refuses has nothing to show beyond. */
import type { TopLevelSpec } from "vega-lite";
import type { Comparison, Variant } from "../result/comparison.js";
import { measureWords } from "./compareMeasures.js";
import { allOrigins, estimateOf, type VariantStyle, variantStyles } from "./compareRows.js";
import { percent } from "./format.js";
import { usersTitle } from "./marks.js";
import { type Encoding, legend, ownColour, stack, valueY } from "./panels.js";
import type { ChartSize, Panel } from "./theme.js";

/** A point of a curve. */
export interface WaitRow {
  readonly variant: number;
  /** Share of all requests that wait longer, or are never answered. */
  readonly beyond: number;
  readonly valueS: number;
}

/** Where the axis ends: beyond, curves are the luck of a few. */
const LEAST_BEYOND = 0.001;
const MOST_ORIGINS = 4;
const LOG_FROM_RATIO = 20;

/** Share of an origin's requests that are refused, over all replications. */
function refusedOf(variant: Variant, origin: string): number {
  return estimateOf(variant, `refused{origin=${origin}}`)?.mean ?? 0;
}

/** The curve of a variant: of all requests of `origin`, those refused counted as waiting for ever. */
export function waitRows(
  { variants }: Comparison,
  v: number,
  of: { readonly metric: "ttft" | "e2e"; readonly origin: string },
): readonly WaitRow[] {
  const variant = variants[v]!;
  const curve = variant.curves?.[`${of.metric}{origin=${of.origin}}`];
  if (curve === undefined) return [];
  const served = 1 - refusedOf(variant, of.origin);
  return curve.shares.flatMap((share, i) => {
    const beyond = 1 - share * served;
    return beyond < LEAST_BEYOND ? [] : [{ variant: v, beyond, valueS: curve.valuesMs[i]! / 1000 }];
  });
}

/** Whether there is a curve to draw. */
export function hasCurves({ variants }: Comparison): boolean {
  return variants.some(({ curves }) => Object.values(curves ?? {}).some(({ shares }) => shares.length > 1));
}

/** Time to the first token by share of all requests, a panel for each origin, all variants in it. */
export function waitChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const styles = variantStyles(comparison, size);
  const origins = busiest(comparison);
  const panels = origins.map((origin) => originPanel({ comparison, origin, styles, size }));
  const left = allOrigins(comparison).length - origins.length;
  const more = left === 0 ? "" : ` The ${MOST_ORIGINS} busiest origins; the tables have ${left} more.`;
  return stack(
    {
      text: "How long a request waits for its first token, out of all that are made",
      subtitle: `${measureWords("ttft")}, all runs together. A curve that ends at a dot: nobody beyond it is answered.${more}`,
    },
    [
      legend(
        styles.map((style) => ({ ...style, symbol: "line" as const })),
        size,
      ),
      ...panels,
    ],
    size,
    14,
  );
}

function busiest(comparison: Comparison): readonly string[] {
  const offered = (origin: string): number =>
    comparison.variants[0]!.first.requestsBy.origin[origin]?.offered ?? 0;
  return [...allOrigins(comparison)].sort((a, b) => offered(b) - offered(a)).slice(0, MOST_ORIGINS);
}

interface OriginPanel {
  readonly comparison: Comparison;
  readonly origin: string;
  readonly styles: readonly VariantStyle[];
  readonly size: ChartSize;
}

function originPanel({ comparison, origin, styles, size }: OriginPanel): Panel {
  const curves = styles.map((style, v) =>
    waitRows(comparison, v, { metric: "ttft", origin }).map((row) => ({ ...row, ...style })),
  );
  const values = curves.flat().map(({ valueS }) => valueS);
  const log = Math.max(...values) > Math.min(...values) * LOG_FROM_RATIO;
  const scale = log ? { type: "log", zero: false, nice: true } : {};
  const y = valueY("valueS", `s${log ? " (log scale)" : ""}`, size, scale);
  const ends = curves.flatMap((rows, v) => {
    const end = rows[rows.length - 1];
    const refused = refusedOf(comparison.variants[v]!, origin);
    return end === undefined || refused < LEAST_BEYOND * 2
      ? []
      : [{ ...end, said: `${size.name === "wide" ? `${end.label}: ` : ""}${percent(refused)} refused` }];
  });
  const x = shareX();
  return {
    title: usersTitle(origin, size),
    width: size.plotPx,
    height: size.panelPx,
    layer: [
      ...curves.map((rows) => ({
        data: { values: rows },
        mark: { type: "line", strokeWidth: size.linePx, strokeDash: rows[0]?.dash ?? [1, 0] },
        encoding: { x, y, color: ownColour() },
      })),
      {
        data: { values: ends },
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: { x, y, color: ownColour() },
      },
      {
        data: { values: ends },
        mark: { type: "text", align: "right", baseline: "bottom", dx: -4, dy: -6 },
        encoding: { x, y, text: { field: "said", type: "nominal" }, color: ownColour() },
      },
    ],
  } as unknown as Panel;
}

/** From the quickest to the slowest in a thousand, the slow end widest. */
function shareX(): Encoding {
  return {
    field: "beyond",
    type: "quantitative",
    scale: { type: "log", domain: [1, LEAST_BEYOND], reverse: false, nice: false },
    axis: {
      title: "share of requests answered within the time",
      values: [0.5, 0.1, 0.01, 0.001],
      labelExpr:
        "datum.value == 0.5 ? '50 %' : datum.value == 0.1 ? '90 %' : datum.value == 0.01 ? '99 %' : '99.9 %'",
      grid: true,
    },
  };
}
