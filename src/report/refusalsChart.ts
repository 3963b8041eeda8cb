import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { type Cause, causeStyle, causesPresent } from "./causes.js";
import { count, list, percent, share, short } from "./format.js";
import { rect, text, usersTitle } from "./marks.js";
import { legend, stack } from "./panels.js";
import { NAME_CHARACTERS, origins, total } from "./rows.js";
import { textWidthPx } from "./textWidth.js";
import type { ChartSize, Panel } from "./theme.js";

/** Requests of one origin refused for one cause. */
export interface RefusalRow {
  readonly origin: string;
  readonly cause: Cause;
  readonly causeLabel: string;
  readonly colour: string;
  readonly requests: number;
  /** Count and share of the origin's requests. */
  readonly label: string;
}

const BAR_PX = 24;

/** Refused requests by origin and final cause, in stacking order within each origin. */
export function refusalRows(result: Result): readonly RefusalRow[] {
  return origins(result).flatMap((origin) => {
    const offered = result.requestsBy.origin[origin]?.offered ?? 0;
    return causesPresent(result.refusedBy.origin[origin] ?? {}).map(([cause, requests]) => ({
      origin,
      cause,
      causeLabel: short(causeStyle(cause).label, 30),
      colour: causeStyle(cause).colour,
      requests,
      label: `${count(requests)} (${share(requests, offered)} of ${short(origin, 12)})`,
    }));
  });
}

/** One origin's causes as bars; the bar's name stands above it so that phones need no wide margin. */
function originPanel(rows: readonly RefusalRow[], origin: string, most: number, size: ChartSize): Panel {
  const rowPx = BAR_PX + size.fontPx + 6;
  const widest = Math.max(...rows.map((row) => textWidthPx(row.label, size.fontPx)));
  const roomPx = size.marginPx + size.plotPx - widest - 10;
  const bars = rows.map((row, index) => ({
    ...row,
    x: -size.marginPx,
    x2: -size.marginPx + Math.max(1, (row.requests / most) * roomPx),
    textX: -size.marginPx + Math.max(1, (row.requests / most) * roomPx) + 6,
    nameY: index * rowPx + size.fontPx / 2 + 2,
    y: index * rowPx + size.fontPx + 6,
    y2: index * rowPx + size.fontPx + BAR_PX - 4,
    valueY: index * rowPx + size.fontPx + BAR_PX / 2 + 1,
  }));
  return {
    title: usersTitle(origin, size),
    width: size.plotPx,
    height: rows.length * rowPx,
    data: { values: bars },
    layer: [
      rect(),
      text({ align: "left" }, { x: "x", y: "nameY", text: "causeLabel" }),
      text({ align: "left", fontWeight: "bold" }, { x: "textX", y: "valueY", text: "label" }),
    ],
  } as unknown as Panel;
}

/** The cause that refused most, and whom. */
function headline(result: Result): string {
  const rows = [...refusalRows(result)].sort((a, b) => b.requests - a.requests);
  const first = rows[0];
  if (first === undefined) return "No request was refused";
  const hit = [
    ...new Set(
      rows.filter((row) => row.cause === first.cause).map((row) => short(row.origin, NAME_CHARACTERS)),
    ),
  ];
  const sum = total(rows.filter((row) => row.cause === first.cause).map((row) => row.requests));
  const part = percent(sum / total(rows.map((row) => row.requests)));
  return `Most refusals (${part}) are of ${list(hit.slice(0, 3))} users: ${first.causeLabel}`;
}

/** Refused requests by origin and cause as bars on one scale from zero, each with its count. */
export function refusalsChart(result: Result, size: ChartSize): TopLevelSpec {
  const rows = refusalRows(result);
  const most = rows.reduce((largest, row) => Math.max(largest, row.requests), 1);
  const panels = origins(result)
    .map((origin) => [origin, rows.filter((row) => row.origin === origin)] as const)
    .filter(([, part]) => part.length > 0)
    .map(([origin, part]) => originPanel(part, origin, most, size));
  return stack(
    {
      text: headline(result),
      subtitle:
        rows.length === 0
          ? ""
          : "Refused requests by final cause and by where the users are; one scale from zero.",
    },
    panels.length === 0 ? [legend([], size)] : panels,
    size,
    14,
  );
}
