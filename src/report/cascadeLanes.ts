/** The lanes of the cascade timeline: a bar per region with what it was doing, arrows between them, captions below. */
import type { Result } from "../result/result.js";
import { type LaneState, type PushRow, stateRows } from "./cascadeRows.js";
import { short } from "./format.js";
import { at, rect, text } from "./marks.js";
import { placeSpans } from "./panels.js";
import { durationMin } from "./rows.js";
import { fit, textWidthPx } from "./textWidth.js";
import { type ChartSize, INK, PAPER } from "./theme.js";

/** Ground of a region that is in no trouble. */
export const NORMAL = "#dcebe2";
/** Ground and ink of each state; dark for what is down, so that it reads in grey too. */
export const STATES: Readonly<
  Record<LaneState, { readonly ground: string; readonly ink: string; readonly words: string }>
> = {
  down: { ground: "#3b3b3b", ink: "#ffffff", words: "down (a fault)" },
  faulty: { ground: "#b9ab97", ink: INK, words: "degraded (a fault)" },
  overloaded: { ground: "#f2a03d", ink: INK, words: "overloaded" },
  crashed: { ground: "#b3261e", ink: "#ffffff", words: "crashed by overload" },
};
const BAR_PX = 26;
const ROW_GAP_PX = 4;
const LANE_GAP_PX = 12;
/** Where things are in the lanes, px from the top left of the plot. */
export interface Layout {
  readonly regions: readonly string[];
  readonly top: ReadonlyMap<string, number>;
  readonly captions: readonly { readonly text: string; readonly x: number; readonly y: number }[];
  readonly beside: boolean;
  readonly heightPx: number;
  readonly pxPerMin: number;
}

/** Places the lanes one below the other, each with room for the captions of its falls. */
export function layoutOf(result: Result, pushes: readonly PushRow[], size: ChartSize): Layout {
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
function bars(
  result: Result,
  layout: Layout,
  pushes: readonly PushRow[],
  size: ChartSize,
): readonly object[] {
  const crossings = arrowRows(pushes, layout);
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
      const widthPx = textWidthPx(row.label, size.fontPx);
      const text = widthPx + 10 < x2 - x ? row.label : "";
      const passing = crossings.filter((arrow) => arrow.highest < y + BAR_PX - 4 && arrow.lowest > y + 4);
      return {
        x,
        x2,
        y,
        y2: y + BAR_PX,
        colour: ground,
        ink,
        text,
        textX: clearMiddle(
          x,
          x2,
          widthPx,
          passing.map((arrow) => arrow.x),
        ),
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

/** Where the middle of a word may be so that no arrow crosses it out: of the places that are free the most central. */
export function clearMiddle(x: number, x2: number, widthPx: number, arrowsPx: readonly number[]): number {
  const [least, middle, most] = [x + widthPx / 2 + 5, (x + x2) / 2, x2 - widthPx / 2 - 5];
  const awayPx = widthPx / 2 + 8;
  const isClear = (place: number): boolean => arrowsPx.every((px) => Math.abs(px - place) >= awayPx - 1e-9);
  const beside = arrowsPx.flatMap((px) => [px - awayPx, px + awayPx]);
  const clear = [middle, ...beside].filter((place) => place >= least && place <= most && isClear(place));
  return clear.sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle))[0] ?? middle;
}

/** One arrow, px in the plot: its foot, the end of its line and its tip, and how far up and down it reaches. */
interface ArrowRow {
  readonly x: number;
  readonly y: number;
  readonly y2: number;
  readonly tip: number;
  readonly shape: string;
  readonly highest: number;
  readonly lowest: number;
}

function arrowRows(pushes: readonly PushRow[], layout: Layout): readonly ArrowRow[] {
  return pushes.flatMap((push) =>
    push.pushers.flatMap((pusher, i): readonly ArrowRow[] => {
      const [from, to] = [layout.top.get(pusher), layout.top.get(push.region)];
      if (from === undefined || to === undefined) return [];
      const isDown = from < to;
      const x = push.atMin * layout.pxPerMin + i * 9;
      const tip = isDown ? to + 1 : to + BAR_PX - 1;
      const foot = isDown ? from + BAR_PX - 5 : from + 5;
      return [
        {
          x,
          y: foot,
          y2: isDown ? tip - 7 : tip + 7,
          tip: isDown ? tip - 4 : tip + 4,
          shape: isDown ? "triangle-down" : "triangle-up",
          highest: Math.min(foot, tip),
          lowest: Math.max(foot, tip),
        },
      ];
    }),
  );
}

/** A line from each pusher's bar to the victim's, a little apart where several begin together. */
function arrows(pushes: readonly PushRow[], layout: Layout): readonly object[] {
  const rows = arrowRows(pushes, layout);
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

/** Everything in the lanes, back to front: bars, arrows, captions. */
export function laneLayers(
  result: Result,
  layout: Layout,
  pushes: readonly PushRow[],
  size: ChartSize,
): readonly object[] {
  return [...bars(result, layout, pushes, size), ...arrows(pushes, layout), ...captions(layout, size)];
}
