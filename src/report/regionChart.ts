import type { TopLevelSpec } from "vega-lite";
import type { Lane, Result } from "../result/result.js";
import { clock, duration, percent, plain, short } from "./format.js";
import {
  faultBands,
  faultStrip,
  type LegendEntry,
  legend,
  ownColour,
  panelTitle,
  stack,
  timeX,
  valueY,
} from "./panels.js";
import { durationMin, faultSpans, peakPoints, type TimePoint, windowsPerPoint } from "./rows.js";
import { fit, textWidthPx } from "./textWidth.js";
import { BELIEF, type ChartSize, FAULT, type Panel, placeColours } from "./theme.js";

/** Utilisation (ratio) or queue (requests) of one region from `startMin` to the next point. */
export interface RegionRow extends TimePoint {
  readonly region: string;
  readonly colour: string;
}

/** A stretch in which a region was in trouble, or was thought to be. */
export interface LaneRow {
  /** Region and observer, the row the bar is in. */
  readonly lane: string;
  readonly startMin: number;
  readonly endMin: number;
  readonly colour: string;
}

/** More lanes than these do not fit a page; the fault table has the rest. */
const MAX_LANES = 24;
const LANE_PX = 20;

/** Utilisation as a ratio, or queue length, over time: one row per region and point. */
export function regionRows(result: Result, column: "utilisation" | "queue"): readonly RegionRow[] {
  const { series } = result;
  const names = Object.keys(series.byRegion);
  const colours = placeColours(names);
  const stride = windowsPerPoint(series, names.length * 2);
  return names.flatMap((region) =>
    peakPoints(series, series.byRegion[region]?.[column] ?? [], stride).map((point) => ({
      ...point,
      region,
      colour: colours.get(region) ?? "#000000",
    })),
  );
}

/** `eu · truth`, `eu · entry`, `eu · gw us`: where, and according to whom. */
function laneName({ region, observer }: Lane): string {
  const known = observer === "truth" || observer === "entry";
  return `${plain(region)} · ${known ? observer : `gw ${plain(observer)}`}`;
}

/** Truth first, then beliefs, region by region; stretches cut at the end of the run. */
export function laneRows(result: Result): readonly LaneRow[] {
  const endMin = durationMin(result);
  const regions = [...new Set(result.lanes.map((lane) => lane.region))];
  const rank = (lane: Lane): number => regions.indexOf(lane.region) * 2 + (lane.observer === "truth" ? 0 : 1);
  const names = new Map<string, string>();
  const rows = [...result.lanes]
    .sort((a, b) => rank(a) - rank(b))
    .map((lane) => {
      const key = `${lane.region}\n${lane.observer}`;
      if (!names.has(key)) names.set(key, distinct(laneName(lane), new Set(names.values())));
      return {
        lane: names.get(key)!,
        startMin: Math.max(0, lane.startS / 60),
        endMin: Math.min(endMin, lane.endS / 60),
        colour: lane.observer === "truth" ? FAULT : BELIEF,
      };
    });
  return rows.filter((row) => row.startMin < row.endMin);
}

/** Two names may look alike once harmful characters are gone: a count keeps their lanes apart. */
function distinct(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let n = 2; taken.has(candidate); n += 1) candidate = `${name} ${n}`;
  return candidate;
}

function linePanel(result: Result, column: "utilisation" | "queue", size: ChartSize): Panel {
  const minutes = durationMin(result);
  const rows = regionRows(result, column).map((row) =>
    column === "utilisation" && row.value !== null ? { ...row, value: row.value * 100 } : row,
  );
  const busy = column === "utilisation";
  return {
    width: size.plotPx,
    height: size.panelPx - (busy ? 30 : 70),
    layer: [
      faultBands(faultSpans(result), minutes, false),
      {
        data: { values: rows },
        mark: { type: "line", interpolate: "step-after", strokeWidth: size.linePx },
        encoding: {
          x: timeX("startMin", minutes, false),
          y: valueY(
            "value",
            busy ? "slots busy, %" : "longest queue, requests waiting",
            size,
            busy ? { domainMin: 0, domainMax: 100 } : {},
          ),
          detail: { field: "region", type: "nominal" },
          color: ownColour(),
        },
      },
    ],
  } as unknown as Panel;
}

/** What the lanes are, and how many did not fit. */
function lanesTitle(laneCount: number, size: ChartSize): string {
  if (laneCount === 0) return "no region was in trouble, and none was thought to be";
  const left = laneCount > MAX_LANES ? ` (${MAX_LANES} of ${laneCount})` : "";
  return size.name === "wide"
    ? `in trouble: what was true, and who believed it when${left}`
    : `in trouble: truth and beliefs${left}`;
}

/** Bars on the time axis; a lane's name stands beside it, or above it where the margin is too narrow. */
function lanePanel(result: Result, size: ChartSize): Panel {
  const minutes = durationMin(result);
  const all = laneRows(result);
  const names = [...new Set(all.map((row) => row.lane))];
  const lanes = names.slice(0, MAX_LANES);
  const beside = lanes.every((lane) => textWidthPx(lane, size.fontPx) <= size.marginPx - 10);
  // A name above its bar is nearer to it than to the bar before.
  const gapPx = beside ? 2 : 10;
  const rowPx = beside ? LANE_PX : LANE_PX + size.fontPx + 2 + gapPx;
  const barFrom = beside ? 2 : size.fontPx + 5;
  const bars = all
    .filter((row) => lanes.includes(row.lane))
    .map((row) => {
      const top = lanes.indexOf(row.lane) * rowPx;
      return { ...row, y: top + barFrom, y2: top + rowPx - gapPx };
    });
  const labels = lanes.map((lane, index) => ({
    lane: fit(lane, size.fontPx, size.marginPx + size.plotPx),
    startMin: 0,
    y: index * rowPx + (beside ? LANE_PX : size.fontPx + 4) / 2,
  }));
  const at = (field: string): object => ({ field, type: "quantitative", scale: null, axis: null });
  return {
    title: panelTitle(lanesTitle(names.length, size), size),
    width: size.plotPx,
    height: Math.max(1, lanes.length * rowPx),
    layer: [
      faultBands(faultSpans(result), minutes, true),
      {
        data: { values: bars },
        mark: { type: "rect" },
        encoding: {
          x: timeX("startMin", minutes, true),
          x2: { field: "endMin" },
          y: at("y"),
          y2: { field: "y2" },
          color: ownColour(),
        },
      },
      {
        data: { values: labels },
        mark: {
          type: "text",
          align: beside ? "right" : "left",
          baseline: "middle",
          xOffset: beside ? -8 : -size.marginPx,
        },
        encoding: {
          x: timeX("startMin", minutes, true),
          y: at("y"),
          text: { field: "lane", type: "nominal" },
        },
      },
    ],
  } as unknown as Panel;
}

/** The region overloaded longest, or else the busiest one and when; the earlier among equals. */
function headline(result: Result): string {
  const busiest = [...result.regions].sort(
    (a, b) => b.overloadedS - a.overloadedS || b.peakUtilisation - a.peakUtilisation,
  )[0];
  if (busiest === undefined) return "How busy each region is";
  const load = result.series.byRegion[busiest.id]?.utilisation ?? [];
  const peak = load.reduce((best, value, index) => (value > (load[best] ?? 0) ? index : best), 0);
  const atS = result.series.startS[peak];
  const name = short(busiest.id, 22);
  const when = atS === undefined ? "" : ` around ${clock(atS)}`;
  if (busiest.overloadedS > 0)
    return `${name} is overloaded for ${duration(Math.round(busiest.overloadedS))}`;
  return `${name} is the busiest region: ${percent(busiest.peakUtilisation)} of its slots${when}`;
}

/** Load and queue of each region over time, with truth and beliefs about faults below on the same axis. */
export function regionChart(result: Result, size: ChartSize): TopLevelSpec {
  const entries = [...placeColours(Object.keys(result.series.byRegion))].map(
    ([region, colour]): LegendEntry => ({ label: `region ${short(region, 18)}`, colour, symbol: "line" }),
  );
  const queued = Object.values(result.series.byRegion).some(({ queue }) =>
    queue.some((length) => length > 0),
  );
  const lanes: readonly LegendEntry[] =
    result.lanes.length === 0
      ? []
      : [
          { label: "truth: a fault", colour: FAULT, symbol: "area" },
          { label: "belief: entry checks, gw = gateway", colour: BELIEF, symbol: "area" },
        ];
  return stack(
    {
      text: headline(result),
      subtitle:
        "Load per region, and below it when each region was really in trouble and when its probers thought so." +
        (queued ? "" : " Nothing ever waited in a queue."),
    },
    [
      legend([...entries, ...lanes], size),
      faultStrip(faultSpans(result), durationMin(result), size),
      linePanel(result, "utilisation", size),
      ...(queued ? [linePanel(result, "queue", size)] : []),
      lanePanel(result, size),
    ],
    size,
    10,
  );
}
