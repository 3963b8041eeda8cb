/** Bars of parts, one below the other on one scale from zero, each with its name above and its total beside it. */

import { rect, text } from "./marks.js";
import { fit, textWidthPx } from "./textWidth.js";
import { type ChartSize, MUTED, type Panel } from "./theme.js";

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly total: string;
  /** What it is made of, in words, below it; left out when empty. */
  readonly detail: string;
  readonly parts: readonly { readonly value: number; readonly colour: string }[];
}

const BAR_PX = 22;

/** The bars as one panel; every part is at least a pixel wide, so that nothing that is there is hidden. */
export function stackedBars(bars: readonly Bar[], size: ChartSize): Panel {
  const rowPx = BAR_PX + 2 * size.fontPx + 22;
  const totals = bars.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0));
  const most = Math.max(...totals, Number.MIN_VALUE);
  const widest = Math.max(...bars.map(({ total }) => textWidthPx(total, size.fontPx, true)));
  const roomPx = size.marginPx + size.plotPx - widest - 10;
  const wholePx = size.marginPx + size.plotPx;
  const rects: object[] = [];
  const words = bars.map((bar, b) => {
    const topPx = b * rowPx;
    let x = -size.marginPx;
    for (const { value, colour } of bar.parts) {
      const widthPx = value === 0 ? 0 : Math.max(1, (value / most) * roomPx);
      rects.push({
        x,
        x2: x + widthPx,
        y: topPx + size.fontPx + 6,
        y2: topPx + size.fontPx + 6 + BAR_PX,
        colour,
      });
      x += widthPx;
    }
    return {
      ...{ name: bar.name, total: bar.total, detail: fit(bar.detail, size.fontPx, wholePx) },
      ...{ x: -size.marginPx, totalX: x + 6 },
      nameY: topPx + size.fontPx / 2,
      totalY: topPx + size.fontPx + 6 + BAR_PX / 2,
      detailY: topPx + 1.5 * size.fontPx + BAR_PX + 10,
    };
  });
  return {
    width: size.plotPx,
    height: bars.length * rowPx,
    data: { values: words },
    layer: [
      rect({}, rects),
      text({ align: "left", fontWeight: "bold" }, { x: "x", y: "nameY", text: "name" }),
      text({ align: "left", fontWeight: "bold" }, { x: "totalX", y: "totalY", text: "total" }),
      text({ align: "left", color: MUTED }, { x: "x", y: "detailY", text: "detail" }),
    ],
  } as unknown as Panel;
}
