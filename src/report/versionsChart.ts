import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { count, percent, short } from "./format.js";
import { faultStrip, legend, ownColour, stack, timeX, valueY } from "./panels.js";
import { durationMin, faultSpans, NAME_CHARACTERS, total } from "./rows.js";
import { type ChartSize, type Panel, placeColours } from "./theme.js";

/** One window's share of requests that one version served, stacked: percent of them. */
export interface VersionRow {
  readonly version: string;
  readonly colour: string;
  readonly startMin: number;
  readonly endMin: number;
  readonly from: number;
  readonly to: number;
}

/** Whether there was more than one version to serve from. */
export function hasVersions({ versions }: Result): boolean {
  return versions !== null && versions.versions.length > 1;
}

/** Shares of versions over time, in the order of the result; windows without requests are left out. */
export function versionRows(result: Result): readonly VersionRow[] {
  const { versions: names, overTime } = result.versions!;
  const colours = placeColours(names);
  const endMin = durationMin(result);
  const windows = overTime.served[names[0]!]!.map((_, w) => w);
  return windows.flatMap((w) => {
    const sum = total(names.map((name) => overTime.served[name]![w]!));
    if (sum === 0) return [];
    let from = 0;
    return names.flatMap((name) => {
      const served = overTime.served[name]![w]!;
      const to = from + (100 * served) / sum;
      const row = {
        version: name,
        colour: colours.get(name)!,
        startMin: (w * overTime.windowS) / 60,
        endMin: Math.min(endMin, ((w + 1) * overTime.windowS) / 60),
        from,
        to,
      };
      from = to;
      return served === 0 ? [] : [row];
    });
  });
}

function headline(result: Result): string {
  const { sessions, skewedShare, pinned } = result.versions!;
  const by = pinned ? ", though conversations are pinned" : "";
  if (sessions === 0) return "Which version answered";
  if (skewedShare === 0) return `None of ${count(sessions)} conversations saw two versions`;
  return `${percent(skewedShare)} of conversations saw two versions${by}`;
}

/** Share of requests served by each version over time, under the faults. */
export function versionsChart(result: Result, size: ChartSize): TopLevelSpec {
  const endMin = durationMin(result);
  const spans = faultSpans(result);
  const entries = [...placeColours(result.versions!.versions)].map(([name, colour]) => ({
    label: short(name, NAME_CHARACTERS),
    colour,
    symbol: "area" as const,
  }));
  const panel = {
    width: size.plotPx,
    height: size.panelPx,
    data: { values: versionRows(result) },
    mark: { type: "rect" },
    encoding: {
      x: timeX("startMin", endMin, true),
      x2: { field: "endMin" },
      y: valueY("from", "% of requests served", size, { domain: [0, 100], nice: false }),
      y2: { field: "to" },
      color: ownColour(),
    },
  } as unknown as Panel;
  const panels = [
    legend(entries, size),
    ...(spans.length === 0 ? [] : [faultStrip(spans, endMin, size)]),
    panel,
  ];
  return stack(
    {
      text: headline(result),
      subtitle: "Share of requests served by each version of the models, when they were answered.",
    },
    panels,
    size,
    14,
  );
}
