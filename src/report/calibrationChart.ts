/** Measured against modelled, on the requests a calibration did not see: over time, and request by request. */
import type { TopLevelSpec } from "vega-lite";
import { plain } from "./format.js";
import { type Encoding, type LegendEntry, legend, ownColour, stack, valueY } from "./panels.js";
import { type ChartSize, INK, MUTED, type Panel, placeColours } from "./theme.js";

/** A time as measured and as modelled, ms. */
export interface ComparedMs {
  readonly measured: number;
  readonly modelled: number;
}

/** One held-out request; `tpotMs` null for answers of one token. */
export interface CalibrationPoint {
  readonly arrivalMs: number;
  readonly ttftMs: ComparedMs;
  readonly tpotMs: ComparedMs | null;
}

/** What the chart needs to know of a calibration. */
export interface CalibrationView {
  readonly id: string;
  readonly trusted: boolean;
  readonly points: readonly CalibrationPoint[];
  readonly errors: readonly {
    readonly metric: string;
    readonly errorPercent: number;
    readonly limitPercent: number;
  }[];
}

/** Median of the requests that arrived from `startMin` to the next row; null where none did. */
export interface CalibrationRow {
  readonly startMin: number;
  readonly value: number | null;
  readonly colour: string;
}

type Metric = "ttftMs" | "tpotMs";

const SLICES = 80;
/** More dots than these hide each other and make the file large. */
const MAX_DOTS = 600;
const NAMES = { ttftMs: "time to first token, ms", tpotMs: "time per output token, ms" } as const;
const COLOURS = placeColours(["measured", "modelled"]);

/** Medians of a metric in equal slices of the held-out time, measured first; in minutes since the log began. */
export function calibrationRows(
  points: readonly CalibrationPoint[],
  metric: Metric,
): readonly CalibrationRow[] {
  const [startMs, endMs] = spanMs(points);
  const sliceMs = Math.max(1, (endMs - startMs) / SLICES);
  const slices: ComparedMs[][] = Array.from({ length: SLICES }, () => []);
  for (const point of points) {
    const compared = point[metric];
    const slice = Math.min(SLICES - 1, Math.floor((point.arrivalMs - startMs) / sliceMs));
    if (compared !== null) slices[slice]!.push(compared);
  }
  return (["measured", "modelled"] as const).flatMap((side) => {
    const colour = COLOURS.get(side) ?? INK;
    const rows = slices.map((compared, slice) => ({
      startMin: (startMs + slice * sliceMs) / 60_000,
      value: median(compared.map((each) => each[side])),
      colour,
    }));
    // A step needs an end to reach to.
    return [...rows, { startMin: endMs / 60_000, value: rows[SLICES - 1]!.value, colour }];
  });
}

function spanMs(points: readonly CalibrationPoint[]): readonly [number, number] {
  const first = points[0]?.arrivalMs ?? 0;
  return [first, points[points.length - 1]?.arrivalMs ?? first];
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

function timePanel(points: readonly CalibrationPoint[], metric: Metric, size: ChartSize): Panel {
  const domain = spanMs(points).map((ms) => ms / 60_000);
  const labelled = metric === "tpotMs";
  return {
    width: size.plotPx,
    height: size.panelPx,
    data: { values: calibrationRows(points, metric) },
    mark: {
      type: "line",
      interpolate: "step-after",
      strokeWidth: size.linePx * 0.8,
      invalid: "break-paths-show-path-domains",
    },
    encoding: {
      x: {
        field: "startMin",
        type: "quantitative",
        scale: { domain, nice: false, zero: false },
        axis: {
          title: labelled ? "minutes since the log began" : null,
          labels: labelled,
          ticks: labelled,
          grid: false,
          labelOverlap: true,
        },
      },
      y: valueY("value", `median ${NAMES[metric]}`, size),
      color: ownColour(),
    },
  } as unknown as Panel;
}

/** The measured value to the right, the modelled one up: a perfect model puts every dot on the line. */
function scatterPanel(points: readonly CalibrationPoint[], metric: Metric, size: ChartSize): Panel {
  const known = points.flatMap((point) => point[metric] ?? []);
  const stride = Math.max(1, Math.ceil(known.length / MAX_DOTS));
  const dots = known
    .filter((_, index) => index % stride === 0)
    .filter(({ measured, modelled }) => measured > 0 && modelled > 0);
  const values = dots.flatMap(({ measured, modelled }) => [measured, modelled]);
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  const domain = values.length === 0 ? [1, 10] : [low * 0.9, high * 1.1];
  const scale = { type: "log", domain, nice: false };
  const axis = (field: string): Encoding => ({
    field,
    type: "quantitative",
    scale,
    axis: { title: `${field} ${NAMES[metric]}`, tickCount: 4, grid: false, labelOverlap: true },
  });
  const diagonal = domain.map((value) => ({ measured: value, modelled: value }));
  const encoding = { x: axis("measured"), y: axis("modelled") };
  return {
    width: size.plotPx / 2 - 50,
    height: size.panelPx * 1.2,
    layer: [
      { data: { values: diagonal }, mark: { type: "line", color: MUTED, strokeDash: [5, 4] }, encoding },
      {
        data: { values: dots },
        mark: { type: "circle", size: 14, opacity: 0.5, color: COLOURS.get("modelled") ?? INK },
        encoding,
      },
    ],
  } as unknown as Panel;
}

function headline({ id, trusted, errors }: CalibrationView): string {
  const name = plain(id);
  if (trusted) {
    const tpot = errors.find(({ metric }) => metric === "tpot-mean");
    const ttft = errors.find(({ metric }) => metric === "ttft-mean");
    const size = (error: typeof tpot): string => `${Math.abs(error?.errorPercent ?? 0).toFixed(1)} %`;
    return `${name}: mean time per token within ${size(tpot)}, to first token within ${size(ttft)}`;
  }
  const off = errors.filter(({ errorPercent, limitPercent }) => Math.abs(errorPercent) > limitPercent);
  const which =
    off.length === 0 ? "the log does not determine it" : `${off.map(({ metric }) => metric).join(", ")} off`;
  return `${name}: NOT to be trusted, ${which}`;
}

/** Medians over time, and single requests, of what was measured and what the calibrated model gives. */
export function calibrationChart(view: CalibrationView, size: ChartSize): TopLevelSpec {
  const entries: LegendEntry[] = [...COLOURS].map(([label, colour]) => ({ label, colour, symbol: "line" }));
  const hasTpot = view.points.some(({ tpotMs }) => tpotMs !== null);
  const metrics: readonly Metric[] = hasTpot ? ["ttftMs", "tpotMs"] : ["ttftMs"];
  return stack(
    {
      text: headline(view),
      subtitle:
        `${view.points.length} requests that were not fitted, replayed with the calibrated step times. Below, a dot is a ` +
        "request, both scales logarithmic; on the dashed line the model is right.",
    },
    [
      legend(entries, size),
      ...metrics.map((metric) => timePanel(view.points, metric, size)),
      {
        spacing: 80,
        hconcat: metrics.map((metric) => scatterPanel(view.points, metric, size)),
      } as unknown as Panel,
    ],
    size,
    24,
  );
}
