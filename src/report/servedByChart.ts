import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { percent, short } from "./format.js";
import { rect, text, usersTitle } from "./marks.js";
import { type LegendEntry, legend, stack } from "./panels.js";
import { isDuring, outcomes, phaseShares, phases } from "./phases.js";
import { origins, regionNames, total } from "./rows.js";
import { fit, textWidthPx } from "./textWidth.js";
import { type ChartSize, INK, type Panel, placeColours, REFUSED } from "./theme.js";

/** One piece of a bar: the share of an origin's requests in a phase that went one way. */
export interface ServedByRow {
  readonly origin: string;
  /** Place of the phase among those of the run, and what it is called. */
  readonly phaseIndex: number;
  readonly phase: string;
  readonly colour: string;
  /** Ends of the piece as shares of the origin's finished requests in the phase. */
  readonly from: number;
  readonly to: number;
  /** Share as text, empty where the piece is too narrow for it. */
  readonly label: string;
  readonly labelColour: string;
}

const BAR_PX = 24;
const GAP_PX = 6;

/** White on dark grounds, ink on light ones; the threshold is the middle of perceived brightness. */
function inkOn(colour: string): string {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return 0.299 * r! + 0.587 * g! + 0.114 * b! > 150 ? INK : "#ffffff";
}

/** Pieces of each origin's bar in each phase: regions in the order of the result, refused last. */
export function servedByRows(result: Result, size: ChartSize): readonly ServedByRow[] {
  const colours = placeColours(regionNames(result));
  const all = outcomes(result);
  return origins(result).flatMap((origin) =>
    phases(result).flatMap((phase, phaseIndex) => {
      const part = all.filter((row) => row.origin === origin && row.phase.key === phase.key);
      const finished = total(part.map((row) => row.requests));
      let from = 0;
      return part.map((row) => {
        const to = from + row.requests / finished;
        const colour = row.region === null ? REFUSED : (colours.get(row.region) ?? INK);
        const shareText = percent(row.requests / finished);
        const fits = textWidthPx(shareText, size.fontPx) + 8 < (to - from) * size.plotPx;
        const piece = {
          origin,
          phaseIndex,
          phase: phase.label,
          colour,
          from,
          to,
          label: fits ? shareText : "",
          labelColour: inkOn(colour),
        };
        from = to;
        return piece;
      });
    }),
  );
}

/** One origin's bars. A phase's name stands beside its bar, or above it where `beside` has no room for all. */
function originPanel(rows: readonly ServedByRow[], origin: string, beside: boolean, size: ChartSize): Panel {
  const shown = [...new Map(rows.map((row) => [row.phaseIndex, row.phase]))];
  const namePx = beside ? 0 : size.fontPx + 5;
  // Without names beside them the bars take the margin too.
  const leftPx = beside ? 0 : -size.marginPx;
  const widePx = size.plotPx - leftPx;
  const rowPx = namePx + BAR_PX + GAP_PX;
  const top = (phaseIndex: number): number =>
    shown.findIndex(([index]) => index === phaseIndex) * rowPx + namePx;
  const bars = rows.map((row) => ({
    ...row,
    x: leftPx + row.from * widePx,
    x2: leftPx + row.to * widePx,
    textX: leftPx + ((row.from + row.to) / 2) * widePx,
    y: top(row.phaseIndex),
    y2: top(row.phaseIndex) + BAR_PX,
    textY: top(row.phaseIndex) + BAR_PX / 2,
  }));
  const names = shown.map(([index, phase]) => ({
    phase: beside ? phase : fit(phase, size.fontPx, widePx),
    x: beside ? -8 : leftPx,
    y: beside ? top(index) + BAR_PX / 2 : top(index) - namePx / 2,
  }));
  return {
    title: usersTitle(origin, size),
    width: size.plotPx,
    height: Math.max(1, shown.length * rowPx),
    data: { values: bars },
    layer: [
      rect({ stroke: "#ffffff", strokeWidth: 1 }),
      text({ align: "center" }, { x: "textX", y: "textY", text: "label", colour: "labelColour" }),
      text({ align: beside ? "right" : "left" }, { x: "x", y: "y", text: "phase" }, names),
    ],
  } as unknown as Panel;
}

/** Who was moved away from home while faults lasted; home may differ between users of an origin. */
function headline(result: Result): string {
  const parts = origins(result).map((origin) => {
    const during = phaseShares(result, origin, isDuring);
    const name = short(origin, 16);
    if (during.finished === 0 || result.servedAway[origin] === undefined) return "";
    if (during.away > 0)
      return `${percent(during.away / during.finished)} of ${name} requests are served away from home`;
    const [home, ...others] = regionsServing(result, origin);
    return home === undefined || others.length > 0
      ? `no ${name} request is served away from home`
      : `${name} users never leave ${short(home, 16)}`;
  });
  const told = parts.filter((part) => part !== "").slice(0, 2);
  return told.length === 0 ? "Who served whom" : `During faults ${told.join("; ")}`;
}

/** Regions that served any request of an origin before or during the faults, in the order of the result. */
function regionsServing(result: Result, origin: string): readonly string[] {
  const rows = outcomes(result).filter((row) => row.origin === origin && row.phase.kind !== "after");
  return [...new Set(rows.flatMap(({ region }) => (region === null ? [] : [region])))];
}

/** Where each origin's requests were served, before, during and after the faults, refused included. */
export function servedByChart(result: Result, size: ChartSize): TopLevelSpec {
  const rows = servedByRows(result, size);
  const regions = [...placeColours(regionNames(result))].map(
    ([region, colour]): LegendEntry => ({ label: `served in ${short(region, 18)}`, colour, symbol: "area" }),
  );
  const beside = rows.every(({ phase }) => textWidthPx(phase, size.fontPx) <= size.marginPx - 12);
  const panels = origins(result)
    .map((origin) => [origin, rows.filter((row) => row.origin === origin)] as const)
    .filter(([, part]) => part.length > 0)
    .map(([origin, part]) => originPanel(part, origin, beside, size));
  return stack(
    {
      text: headline(result),
      subtitle:
        "Share of finished requests by the region that served them, before, during and after the faults.",
    },
    [legend([...regions, { label: "refused", colour: REFUSED, symbol: "area" }], size), ...panels],
    size,
    14,
  );
}
