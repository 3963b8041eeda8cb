/** The cascade timeline: a lane per region, arrows from who pushed to who fell, and below what it cost. */
import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { laneLayers, layoutOf, NORMAL, STATES } from "./cascadeLanes.js";
import { cascadeHeadline, type LaneState, pushRows, stateRows } from "./cascadeRows.js";
import { count } from "./format.js";
import { faultBands, type LegendEntry, legend, panelTitle, stack, timeX, valueY } from "./panels.js";
import { durationMin, faultSpans } from "./rows.js";
import { amplificationRows, type ServiceRow, serviceRows } from "./serviceRows.js";
import { type ChartSize, INK, type Panel } from "./theme.js";

const SERVED = "#7fbf9b";
const BY_POLICY = "#d9534f";
const UNAVOIDABLE = "#b9b3c9";

/** Falls with a caption; further ones are counted. */
const MAX_PUSHES = 10;

function lanePanel(result: Result, size: ChartSize): Panel {
  const all = pushRows(result);
  const pushes = all.slice(0, MAX_PUSHES);
  const layout = layoutOf(result, pushes, size);
  const more =
    all.length > pushes.length ? `; ${count(all.length - pushes.length)} later pushes are in the table` : "";
  return {
    title: panelTitle(`${laneWords(all.length > 0, size)}${more}`, size),
    width: size.plotPx,
    height: layout.heightPx,
    layer: laneLayers(result, layout, pushes, size),
  } as unknown as Panel;
}

function laneWords(hasPushes: boolean, size: ChartSize): string {
  if (!hasPushes) return "regions: which was in trouble, and when";
  return size.name === "wide"
    ? "regions: who fell, when, pushed by whose users, with how many calls a second"
    : "who fell, pushed by whom";
}

/** Painted back to front, so that what stays visible of one is its excess over the next. */
function servicePanel(result: Result, size: ChartSize): Panel {
  const minutes = durationMin(result);
  const rows = serviceRows(result);
  const y = (field: string): object => valueY(field, "requests per second", size);
  const x = timeX("startMin", minutes, false);
  const area = (field: keyof ServiceRow, color: string): object => ({
    mark: { type: "area", interpolate: "step-after", color },
    encoding: { x, y: y(field) },
  });
  return {
    width: size.plotPx,
    height: size.panelPx - 40,
    data: { values: rows },
    layer: [
      faultBands(faultSpans(result), minutes, false),
      area("withUnavoidable", UNAVOIDABLE),
      area("withPolicy", BY_POLICY),
      area("served", SERVED),
      {
        mark: { type: "line", interpolate: "step-after", color: INK, strokeWidth: 1.2, strokeDash: [5, 4] },
        encoding: { x, y: y("offered") },
      },
    ],
  } as unknown as Panel;
}

function amplificationPanel(result: Result, size: ChartSize): Panel {
  const minutes = durationMin(result);
  return {
    width: size.plotPx,
    height: size.panelPx - 80,
    layer: [
      faultBands(faultSpans(result), minutes, true),
      {
        data: { values: [{ one: 1 }] },
        mark: { type: "rule", color: "#9aa2ab", strokeDash: [4, 4] },
        encoding: { y: { ...valueY("one", "calls at endpoints per request (1: no retries)", size) } },
      },
      {
        data: { values: amplificationRows(result) },
        mark: { type: "line", interpolate: "step-after", color: "#8c2d04", strokeWidth: size.linePx },
        encoding: {
          x: timeX("startMin", minutes, true),
          y: valueY("value", "calls at endpoints per request (1: no retries)", size),
        },
      },
    ],
  } as unknown as Panel;
}

function entries(result: Result): readonly LegendEntry[] {
  const present = new Set(stateRows(result).map((row) => row.state));
  const rows = serviceRows(result);
  const area = (label: string, colour: string): LegendEntry => ({ label, colour, symbol: "area" });
  return [
    area("region normal", NORMAL),
    ...(Object.keys(STATES) as LaneState[])
      .filter((state) => present.has(state))
      .map((state) => area(STATES[state].words, STATES[state].ground)),
    { label: "offered", colour: INK, symbol: "dashes" },
    area("served", SERVED),
    ...(rows.some((row) => row.withPolicy > row.served)
      ? [area("lost, though there was lawful room", BY_POLICY)]
      : []),
    ...(rows.some((row) => row.withUnavoidable > row.withPolicy)
      ? [area("lost: no lawful room anywhere", UNAVOIDABLE)]
      : []),
  ];
}

/** Who fell, when, pushed by whom, with how much traffic; what was served of what could have been; how calls multiplied. */
export function cascadeChart(result: Result, size: ChartSize): TopLevelSpec {
  const hasArrows = result.cascade.edges.length > 0;
  return stack(
    {
      text: cascadeHeadline(result),
      subtitle: hasArrows
        ? "An arrow leads from the region that had fallen to the one its users then pushed over; percentages are of the calls beyond usual."
        : "",
    },
    [
      legend(entries(result), size),
      lanePanel(result, size),
      servicePanel(result, size),
      amplificationPanel(result, size),
    ],
    size,
    14,
  );
}
