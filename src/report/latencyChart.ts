import type { TopLevelSpec } from "vega-lite";
import type { OriginSeries, Result } from "../result/result.js";
import { listUpTo, milliseconds, short } from "./format.js";
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
import { phases, phaseWords } from "./phases.js";
import {
  durationMin,
  faultSpans,
  NAME_CHARACTERS,
  origins,
  peakPoints,
  type TimePoint,
  windowsPerPoint,
} from "./rows.js";
import { type ChartSize, type Panel, placeColours } from "./theme.js";

/** Latency in seconds of one origin and quantile from `startMin` to the next point. */
export interface LatencyRow extends TimePoint {
  readonly origin: string;
  readonly colour: string;
  readonly quantile: "p50" | "p95";
}

/** Beyond this ratio of largest to smallest, a linear axis would show nothing but the spike. */
const LOG_FROM_RATIO = 20;

/** With fewer values than these the 95th percentile is the largest of them, and jumps with every one. */
const MIN_FOR_P95 = 20;

type Column = keyof Pick<OriginSeries, "ttftP50Ms" | "ttftP95Ms" | "e2eP50Ms" | "e2eP95Ms">;

/** Latency over time in seconds: one row per origin, quantile and point; null where too few were served for it. */
export function latencyRows(result: Result, metric: "ttft" | "e2e"): readonly LatencyRow[] {
  const { series } = result;
  const names = origins(result);
  const colours = placeColours(names);
  const stride = windowsPerPoint(series, names.length * 4);
  return names.flatMap((origin) =>
    (["p50", "p95"] as const).flatMap((quantile) => {
      const column: Column = `${metric}${quantile === "p50" ? "P50" : "P95"}Ms`;
      const served = series.byOrigin[origin]?.served ?? [];
      const enough = quantile === "p50" ? 1 : MIN_FOR_P95;
      const valuesMs = (series.byOrigin[origin]?.[column] ?? []).map((valueMs, window) =>
        (served[window] ?? 0) < enough ? null : valueMs,
      );
      return peakPoints(series, valuesMs, stride).map(({ startMin, value }) => ({
        startMin,
        value: value === null ? null : value / 1000,
        origin,
        colour: colours.get(origin) ?? "#000000",
        quantile,
      }));
    }),
  );
}

/** Linear from zero, or logarithmic and said so where a spike would flatten everything else. */
function axisFor(rows: readonly LatencyRow[]): { readonly log: boolean } {
  let least = Number.POSITIVE_INFINITY;
  let most = 0;
  for (const { value } of rows) {
    if (value === null || value <= 0) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return { log: most > least * LOG_FROM_RATIO };
}

function latencyPanel(result: Result, metric: "ttft" | "e2e", name: string, size: ChartSize): Panel {
  const rows = latencyRows(result, metric);
  const { log } = axisFor(rows);
  const last = metric === "e2e";
  const minutes = durationMin(result);
  const line = (quantile: "p50" | "p95"): object => ({
    data: { values: rows.filter((row) => row.quantile === quantile) },
    mark: {
      type: "line",
      interpolate: "step-after",
      strokeWidth: quantile === "p50" ? size.linePx / 2 : size.linePx,
      invalid: "break-paths-show-path-domains",
    },
    encoding: {
      x: timeX("startMin", minutes, last),
      y: valueY(
        "value",
        `${name}, s${log ? " (log scale)" : ""}`,
        size,
        log ? { type: "log", zero: false, nice: false } : {},
      ),
      detail: { field: "origin", type: "nominal" },
      color: ownColour(),
    },
  });
  return {
    width: size.plotPx,
    height: size.panelPx,
    layer: [faultBands(faultSpans(result), minutes, last), line("p95"), line("p50")],
  } as unknown as Panel;
}

/** Whose p95 grew most against before, and in which phase: waits are often longest once the faults are over. */
function headline(result: Result): string {
  let worst = "";
  let worstRatio = 1.05;
  for (const [origin, byPhase] of Object.entries(result.latency.ttftMs.originInPhase)) {
    const before = byPhase.before;
    if (before === undefined || before.count < MIN_FOR_P95 || before.p95 <= 0) continue;
    for (const phase of phases(result)) {
      const then = byPhase[phase.key];
      if (then === undefined || then.count < MIN_FOR_P95 || then.p95 / before.p95 <= worstRatio) continue;
      worstRatio = then.p95 / before.p95;
      worst =
        `${short(origin, NAME_CHARACTERS)} users' wait grows most ${phaseWords(result, phase)}: ` +
        `first token p95 ${milliseconds(then.p95)}, before ${milliseconds(before.p95)}`;
    }
  }
  if (worst !== "") return worst;
  const everywhere = Object.values(result.latency.ttftMs.originInPhase);
  const silent = phases(result).filter(
    ({ kind, key }) => kind !== "before" && everywhere.every((byPhase) => (byPhase[key]?.count ?? 0) === 0),
  );
  if (silent.length > 0)
    return `Nobody was served ${listUpTo(
      silent.map((phase) => phaseWords(result, phase)),
      2,
    )}`;
  return result.faults.length === 0
    ? "How long users wait"
    : "Those who were served waited no longer than before";
}

/** Time to first token and to the last, p50 and p95 by origin, with faults shaded. */
export function latencyChart(result: Result, size: ChartSize): TopLevelSpec {
  const colours = placeColours(origins(result));
  const entries = [...colours].flatMap(([origin, colour]): LegendEntry[] => [
    { label: `${short(origin, NAME_CHARACTERS)} p95`, colour, symbol: "line" },
    { label: `${short(origin, NAME_CHARACTERS)} p50`, colour, symbol: "thin-line" },
  ]);
  return stack(
    {
      text: headline(result),
      subtitle: `Latency of served requests over time, by where users are. A gap: nobody there was served; for p95, fewer than ${MIN_FOR_P95}.`,
    },
    [
      legend(entries, size),
      faultStrip(faultSpans(result), durationMin(result), size),
      latencyPanel(result, "ttft", "time to first token", size),
      latencyPanel(result, "e2e", "time to complete answer", size),
    ],
    size,
    10,
  );
}
