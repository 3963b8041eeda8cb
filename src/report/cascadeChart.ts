/** The cascade timeline: a lane per region, arrows from who pushed to who fell, and below what it cost. */
import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { cascadeHeadline, type LaneState, type PushRow, pushRows, stateRows } from "./cascadeRows.js";
import { count, short } from "./format.js";
import { at, rect, text } from "./marks.js";
import {
  faultBands,
  type LegendEntry,
  legend,
  panelTitle,
  placeSpans,
  stack,
  timeX,
  valueY,
} from "./panels.js";
import { durationMin, faultSpans } from "./rows.js";
import { amplificationRows, type ServiceRow, serviceRows } from "./serviceRows.js";
import { fit, textWidthPx } from "./textWidth.js";
import { type ChartSize, INK, PAPER, type Panel } from "./theme.js";

const NORMAL = "#dcebe2";
/** Ground and ink of each state; dark for what is down, so that it reads in grey too. */
const STATES: Readonly<
  Record<LaneState, { readonly ground: string; readonly ink: string; readonly words: string }>
> = {
  down: { ground: "#3b3b3b", ink: "#ffffff", words: "down (a fault)" },
  faulty: { ground: "#b9ab97", ink: INK, words: "degraded (a fault)" },
  overloaded: { ground: "#f2a03d", ink: INK, words: "overloaded" },
  crashed: { ground: "#b3261e", ink: "#ffffff", words: "crashed by overload" },
};
const SERVED = "#7fbf9b";
const BY_POLICY = "#d9534f";
const UNAVOIDABLE = "#b9b3c9";

const BAR_PX = 26;
const ROW_GAP_PX = 4;
const LANE_GAP_PX = 12;
/** Falls with a caption; further ones are counted. */
const MAX_PUSHES = 10;

/** Where things are in the lanes, px from the top left of the plot. */
interface Layout {
  readonly regions: readonly string[];
  readonly top: ReadonlyMap<string, number>;
  readonly captions: readonly { readonly text: string; readonly x: number; readonly y: number }[];
  readonly beside: boolean;
  readonly heightPx: number;
  readonly pxPerMin: number;
}

function layoutOf(result: Result, pushes: readonly PushRow[], size: ChartSize): Layout {
  const regions = result.regions.map((region) => region.id);
  const minutes = durationMin(result);
  const rowPx = size.fontPx + ROW_GAP_PX;
  const beside = regions.every((id) => textWidthPx(short(id, 40), size.fontPx, true) <= size.marginPx - 12);
  const top = new Map<string, number>();
  const captions: { text: string; x: number; y: number }[] = [];
  let y = 0;
  for (const region of regions) {
    if (!beside) y += rowPx;
    top.set(region, y);
    y += BAR_PX + 2;
    const mine = pushes
      .filter((push) => push.region === region)
      .map((push) => {
        const fits = textWidthPx(push.caption, size.fontPx) <= size.plotPx + size.marginPx - 24;
        return { startMin: push.atMin, endMin: push.atMin, label: fits ? push.caption : push.brief };
      });
    const placed = placeSpans(mine, minutes, size);
    for (const { label, textX, row } of placed)
      captions.push({
        text: fit(label, size.fontPx, size.plotPx + size.marginPx),
        x: textX,
        y: y + row * rowPx + rowPx / 2 + 1,
      });
    y += placed.reduce((most, { row }) => Math.max(most, row + 1), 0) * rowPx + LANE_GAP_PX;
  }
  return { regions, top, captions, beside, heightPx: Math.max(1, y), pxPerMin: size.plotPx / minutes };
}

const PLACE = { x: "textX", y: "textY", text: "text" };

/** Bars of the lanes, their names, and the words inside those that have room. */
function bars(result: Result, layout: Layout, size: ChartSize): readonly object[] {
  const normal = layout.regions.map((region) => ({
    x: 0,
    x2: size.plotPx,
    y: layout.top.get(region)!,
    y2: layout.top.get(region)! + BAR_PX,
    colour: NORMAL,
  }));
  const states = stateRows(result)
    .filter((row) => layout.top.has(row.region))
    .map((row) => {
      const [x, x2] = [row.startMin * layout.pxPerMin, row.endMin * layout.pxPerMin];
      const y = layout.top.get(row.region)!;
      const { ground, ink } = STATES[row.state];
      const fits = textWidthPx(row.label, size.fontPx) + 10 < x2 - x;
      const text = fits ? row.label : "";
      return {
        x,
        x2,
        y,
        y2: y + BAR_PX,
        colour: ground,
        ink,
        text,
        textX: (x + x2) / 2,
        textY: y + BAR_PX / 2 + 1,
      };
    });
  const names = layout.regions.map((region) => ({
    text: fit(short(region, 40), size.fontPx, size.plotPx),
    textX: layout.beside ? -10 : -size.marginPx,
    textY: layout.top.get(region)! + (layout.beside ? BAR_PX / 2 + 1 : -(size.fontPx / 2 + 2)),
  }));
  return [
    rect({}, normal),
    rect({}, states),
    text({ align: "center" }, { ...PLACE, colour: "ink" }, states),
    text({ align: layout.beside ? "right" : "left", fontWeight: "bold" }, PLACE, names),
  ];
}

/** A line from each pusher's bar to the victim's, a little apart where several begin together. */
function arrows(pushes: readonly PushRow[], layout: Layout): readonly object[] {
  const rows = pushes.flatMap((push) =>
    push.pushers.flatMap((pusher, i) => {
      const [from, to] = [layout.top.get(pusher), layout.top.get(push.region)];
      if (from === undefined || to === undefined) return [];
      const isDown = from < to;
      const x = push.atMin * layout.pxPerMin + i * 9;
      const tip = isDown ? to + 1 : to + BAR_PX - 1;
      const foot = from + BAR_PX / 2;
      return [
        {
          x,
          y: foot,
          y2: isDown ? tip - 7 : tip + 7,
          tip: isDown ? tip - 4 : tip + 4,
          shape: isDown ? "triangle-down" : "triangle-up",
        },
      ];
    }),
  );
  const line = (mark: object): object => ({
    data: { values: rows },
    mark: { type: "rule", ...mark },
    encoding: { x: at("x"), y: at("y"), y2: { field: "y2" } },
  });
  const dot = (field: string, mark: object, extra: object): object => ({
    data: { values: rows },
    mark: { type: "point", filled: true, opacity: 1, color: INK, stroke: "#ffffff", strokeWidth: 1, ...mark },
    encoding: { x: at("x"), y: at(field), ...extra },
  });
  return [
    line({ color: "#ffffff", strokeWidth: 5 }),
    line({ color: INK, strokeWidth: 2 }),
    dot("y", { shape: "circle", size: 50 }, {}),
    dot("tip", { size: 110 }, { shape: { field: "shape", type: "nominal", scale: null, legend: null } }),
  ];
}

/** Captions on a ground of their own, so that an arrow passing by does not cross them out. */
function captions(layout: Layout, size: ChartSize): readonly object[] {
  const rows = layout.captions.map((caption) => ({
    text: caption.text,
    textX: caption.x,
    textY: caption.y,
    x: caption.x - 3,
    x2: caption.x + textWidthPx(caption.text, size.fontPx) + 3,
    y: caption.y - size.fontPx / 2 - 1,
    y2: caption.y + size.fontPx / 2 + 1,
    colour: PAPER,
  }));
  return [rect({ opacity: 0.85 }, rows), text({ align: "left" }, PLACE, rows)];
}

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
    layer: [...bars(result, layout, size), ...arrows(pushes, layout), ...captions(layout, size)],
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
  const { refusedUnavoidable, refusedByPolicy } = result.optimum;
  const area = (label: string, colour: string): LegendEntry => ({ label, colour, symbol: "area" });
  return [
    area("region normal", NORMAL),
    ...(Object.keys(STATES) as LaneState[])
      .filter((state) => present.has(state))
      .map((state) => area(STATES[state].words, STATES[state].ground)),
    { label: "offered", colour: INK, symbol: "dashes" },
    area("served", SERVED),
    ...(refusedByPolicy > 0 ? [area("lost, though there was lawful room", BY_POLICY)] : []),
    ...(refusedUnavoidable > 0 ? [area("lost: no lawful room anywhere", UNAVOIDABLE)] : []),
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
