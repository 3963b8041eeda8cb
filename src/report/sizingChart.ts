/** The pictures of a sizing: what headroom buys, and how the size was found. */
import type { TopLevelSpec } from "vega-lite";
import type { CurvePoint, SizeTrial, Sizing } from "../result/sizing.js";
import { count, plain } from "./format.js";
import { type Encoding, type LegendEntry, legend, ownColour, stack, valueY } from "./panels.js";
import { isSized, lossWords, surviveWords, timesWords } from "./sizingRows.js";
import { type ChartSize, NARROW, PAPER, type Panel, WIDE } from "./theme.js";

const CURVE = "#0072b2";
const BAND = "#cfe3f1";
const FOUND = "#009e73";
const TODAY = "#d55e00";

const VERDICTS: Readonly<Record<SizeTrial["verdict"], readonly [colour: string, words: string]>> = {
  meets: [FOUND, "meets every objective"],
  misses: [TODAY, "misses one"],
  undecided: ["#8795a5", "undecided at the last round, taken for a miss"],
};

/** A chart and the name its picture goes by. */
export interface SizingChart {
  readonly name: string;
  readonly spec: TopLevelSpec;
}

/** Names of the charts, in reading order. */
export const SIZING_CHARTS: readonly string[] = ["headroom", "trials"];

/** Every chart there is something to draw for, each in every size; a narrow one's name ends so. */
export function sizingCharts(
  sizing: Sizing,
  sizes: readonly ChartSize[] = [WIDE, NARROW],
): readonly SizingChart[] {
  const name = (of: string, size: ChartSize): string => (size.name === "wide" ? of : `${of}-${size.name}`);
  return sizes.flatMap((size) => [
    ...(sizing.curve.length > 1 ? [{ name: name("headroom", size), spec: headroomChart(sizing, size) }] : []),
    ...(sizing.trials.length > 1 ? [{ name: name("trials", size), spec: trialsChart(sizing, size) }] : []),
  ]);
}

/** Availability under the worst loss over capacity as a multiple of the usual peak; what the file says and the size found beside it. */
export function headroomChart(sizing: Sizing, size: ChartSize): TopLevelSpec {
  const { curve } = sizing;
  const marks = markersOf(sizing);
  const factors = [...curve, ...marks].map(({ headroom }) => headroom);
  const domain = [Math.min(...factors), Math.max(...factors)];
  const entries: LegendEntry[] = [
    { label: "equal headroom in every region", colour: CURVE, symbol: "line" },
    ...(curve.some(({ interval }) => interval !== null)
      ? [{ label: "interval of the mean", colour: BAND, symbol: "area" } as const]
      : []),
    ...marks.map(({ label, colour }): LegendEntry => ({ label, colour, symbol: "area" })),
  ];
  return stack(
    { text: headline(sizing), subtitle: subtitleOf(sizing) },
    [legend(entries, size), curvePanel(curve, marks, domain, size)],
    size,
    26,
  );
}

/** A size that is named. */
interface Marker extends CurvePoint {
  readonly label: string;
  readonly colour: string;
}

/** One far beyond the curve would press the curve together: it is left to the table. */
function markersOf({ curve, curveMarks }: Sizing): readonly Marker[] {
  const most = 1.5 * (curve.at(-1)?.headroom ?? 0);
  const marker = (point: CurvePoint | null, what: string, colour: string): readonly Marker[] =>
    point === null || point.headroom > most
      ? []
      : [{ ...point, label: `${what}: ${timesWords(point.headroom)}`, colour }];
  return [
    ...marker(curveMarks?.now ?? null, "the file as it is", TODAY),
    ...marker(curveMarks?.found ?? null, "the size found", FOUND),
  ];
}

function headline({ curve, curveMarks, ...sizing }: Sizing): string {
  const first = curve.find(({ meets }) => meets);
  const words = surviveWords({ curve, ...sizing });
  const found = curveMarks?.found ?? null;
  const alike =
    first === undefined
      ? `no equal headroom up to ${timesWords(curve.at(-1)!.headroom)} does`
      : `of equal headroom ${timesWords(first.headroom)} is the first that does`;
  if (found?.meets === true)
    return `${timesWords(found.headroom)} the usual peak, as sized, meets every objective with ${words}; ${alike}`;
  return first === undefined
    ? `No headroom up to ${timesWords(curve.at(-1)!.headroom)} the usual peak meets every objective with ${words}`
    : `With ${timesWords(first.headroom)} the usual peak in every region, every objective is met with ${words}`;
}

function subtitleOf({ curve }: Sizing): string {
  const worst = [...new Set(curve.map(({ loss }) => lossWords(loss)))];
  return `Share of requests served under the worst of the losses (${worst.join("; ")}). A full mark meets every objective, a hollow one misses. On the line every region has as much headroom as the others; squares are sizes as they are, by their capacity in total.`;
}

function headroomX(field: string, domain: readonly number[], size: ChartSize): Encoding {
  return {
    field,
    type: "quantitative",
    scale: { domain, nice: false, zero: false, padding: 14 },
    axis: {
      title:
        size.name === "wide"
          ? "capacity of each region, as a multiple of its usual peak"
          : "capacity over usual peak",
      format: ".2~f",
      grid: false,
      labelOverlap: true,
    },
  };
}

function curvePanel(
  curve: readonly CurvePoint[],
  marks: readonly Marker[],
  domain: readonly number[],
  size: ChartSize,
): Panel {
  const rows = curve.map((point) => pointRow(point, CURVE));
  const squares = marks.map((mark) => pointRow(mark, mark.colour));
  const y = valueY("share", "requests served, %", size, { zero: false });
  const x = headroomX("headroom", domain, size);
  const band = { x, y: { ...y, field: "low" }, y2: { field: "high" } };
  const point = {
    x,
    y,
    fill: { field: "fill", type: "nominal", scale: null, legend: null },
    stroke: { field: "colour", type: "nominal", scale: null, legend: null },
  };
  return {
    width: size.plotPx,
    height: size.panelPx * 1.3,
    layer: [
      { data: { values: rows }, mark: { type: "area", color: BAND, line: false }, encoding: band },
      {
        data: { values: rows },
        mark: { type: "line", color: CURVE, strokeWidth: size.linePx },
        encoding: { x, y },
      },
      {
        data: { values: squares },
        mark: { type: "rule", strokeWidth: size.linePx },
        encoding: { ...band, color: ownColour() },
      },
      {
        data: { values: rows },
        mark: { type: "point", shape: "circle", size: 60, strokeWidth: 1.6, opacity: 1 },
        encoding: point,
      },
      {
        data: { values: squares },
        mark: { type: "point", shape: "square", size: 120, strokeWidth: 2, opacity: 1 },
        encoding: point,
      },
    ],
  } as unknown as Panel;
}

function pointRow({ headroom, availability, interval, meets }: CurvePoint, colour: string): object {
  return {
    headroom,
    share: availability * 100,
    low: (interval?.low ?? availability) * 100,
    high: (interval?.high ?? availability) * 100,
    fill: meets ? colour : PAPER,
    colour,
  };
}

/** Every size tried, in order: how large it was next to what the file says, and what came of it. */
export function trialsChart(sizing: Sizing, size: ChartSize): TopLevelSpec {
  const { trials, knobs } = sizing;
  const rows = trials.map(({ values, verdict }, i) => ({
    trial: i + 1,
    size: relativeSize(values, sizing) * 100,
    colour: VERDICTS[verdict][0],
  }));
  const found = isSized(sizing)
    ? [
        {
          size:
            relativeSize(
              knobs.map(({ to }) => to!),
              sizing,
            ) * 100,
          colour: FOUND,
        },
      ]
    : [];
  const present = new Set(trials.map(({ verdict }) => verdict));
  const entries: LegendEntry[] = (["meets", "misses", "undecided"] as const)
    .filter((verdict) => present.has(verdict))
    .map((verdict) => ({ label: VERDICTS[verdict][1], colour: VERDICTS[verdict][0], symbol: "area" }));
  const lines: LegendEntry[] = found.map(({ colour }) => ({
    label: "the size found",
    colour,
    symbol: "dashes",
  }));
  return stack(
    {
      text: `${count(trials.length)} sizes were tried to find the least that will do`,
      subtitle: `Each dot is one size, in the order tried: its capacities over those of the file, ${knobs.length === 1 ? plain(knobs[0]!.path) : `mean of ${count(knobs.length)}`}.`,
    },
    [legend([...entries, ...lines], size), trialsPanel(rows, found, size)],
    size,
    26,
  );
}

/** Mean over the capacities of what was tried over what the file says. */
function relativeSize(values: readonly number[], { knobs }: Sizing): number {
  const ratios = knobs.map(({ from }, k) => (from === 0 ? 1 : values[k]! / from));
  return ratios.reduce((sum, ratio) => sum + ratio, 0) / Math.max(1, ratios.length);
}

function trialsPanel(rows: readonly object[], found: readonly object[], size: ChartSize): Panel {
  // The first is as large as may be: on a plain scale it would press all others flat.
  const y = valueY("size", "size, % of the file's", size, { type: "log", zero: false });
  const colour = ownColour();
  return {
    width: size.plotPx,
    height: size.panelPx * 0.8,
    layer: [
      {
        data: { values: found },
        mark: { type: "rule", strokeWidth: size.linePx, strokeDash: [5, 4] },
        encoding: { y, color: colour },
      },
      {
        data: { values: rows },
        mark: { type: "circle", size: 60, opacity: 1, stroke: PAPER, strokeWidth: 0.5 },
        encoding: {
          x: {
            field: "trial",
            type: "quantitative",
            scale: { domain: [1, Math.max(2, rows.length)], nice: false, zero: false, padding: 10 },
            axis: { title: "trial", tickMinStep: 1, grid: false, format: "d", labelOverlap: true },
          },
          y,
          color: colour,
        },
      },
    ],
  } as unknown as Panel;
}
