import type { TopLevelSpec } from "vega-lite";
import type { Result, StoreResult } from "../result/result.js";
import { percent, short } from "./format.js";
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
import { durationMin, faultSpans, NAME_CHARACTERS, type TimePoint } from "./rows.js";
import { type ChartSize, type Panel, placeColours } from "./theme.js";

/** What readers found, in one window of one store. */
export interface StoreRow extends TimePoint {
  readonly store: string;
  readonly found: "old data" | "nothing";
  readonly colour: string;
}

/** Told apart in grey too: nothing is darker than old data. */
const FOUND_COLOURS = { "old data": "#e69f00", nothing: "#7b1e3a" } as const;

/** Stores that have a panel of their own; the table has them all. */
const MAX_PANELS = 4;

/** Stores of which some read found old data or none, the worst first, ties as written. */
export function troubledStores(result: Result): readonly StoreResult[] {
  const share = ({ stale, missing, reads }: StoreResult): number =>
    reads === 0 ? 0 : (stale + missing) / reads;
  return result.stores.filter((store) => share(store) > 0).sort((a, b) => share(b) - share(a));
}

/** Reads that found old data, and that found nothing, as percent of the reads of each window; null where none read. */
export function storeRows(store: StoreResult): readonly StoreRow[] {
  const { overTime } = store;
  return (["old data", "nothing"] as const).flatMap((found) =>
    overTime.reads.map((reads, window) => {
      const part = (found === "nothing" ? overTime.missing : overTime.stale)[window]!;
      return {
        store: store.id,
        startMin: (window * overTime.windowS) / 60,
        value: reads === 0 ? null : (100 * part) / reads,
        found,
        colour: FOUND_COLOURS[found],
      };
    }),
  );
}

/** How far behind the furthest read of each window was, seconds; null where none was. */
export function behindRows(
  stores: readonly StoreResult[],
): readonly (TimePoint & { store: string; colour: string })[] {
  const colours = placeColours(stores.map(({ id }) => id));
  return stores.flatMap(({ id, overTime }) =>
    overTime.worstS.map((worstS, window) => ({
      startMin: (window * overTime.windowS) / 60,
      value: (overTime.stale[window] ?? 0) === 0 ? null : worstS,
      store: id,
      colour: colours.get(id)!,
    })),
  );
}

interface PanelParts {
  readonly rows: readonly TimePoint[];
  readonly detail: string;
  readonly axis: string;
  readonly name: string;
  readonly isLast: boolean;
}

function linePanel(result: Result, { rows, detail, axis, name, isLast }: PanelParts, size: ChartSize): Panel {
  const minutes = durationMin(result);
  return {
    title: panelTitle(name, size),
    width: size.plotPx,
    height: Math.round(size.panelPx * 0.7),
    layer: [
      faultBands(faultSpans(result), minutes, isLast),
      {
        data: { values: rows },
        mark: {
          type: "line",
          interpolate: "step-after",
          strokeWidth: size.linePx,
          invalid: "break-paths-show-path-domains",
        },
        encoding: {
          x: timeX("startMin", minutes, isLast),
          y: valueY("value", axis, size),
          detail: { field: detail, type: "nominal" },
          color: ownColour(),
        },
      },
    ],
  } as unknown as Panel;
}

function headline(stores: readonly StoreResult[]): string {
  const worst = stores[0];
  if (worst === undefined) return "Every read found the latest data";
  const { reads, stale, missing } = worst;
  const parts = [
    ...(missing > 0 ? [`nothing in ${percent(missing / reads)} of reads`] : []),
    ...(stale > 0 ? [`old data in ${percent(stale / reads)}${missing > 0 ? "" : " of reads"}`] : []),
  ];
  return `In ${short(worst.id, NAME_CHARACTERS)} users found ${parts.join(", ")}`;
}

/** What reads found over time, store by store, and how far behind they were, with faults shaded. */
export function storesChart(result: Result, size: ChartSize): TopLevelSpec {
  const stores = troubledStores(result).slice(0, MAX_PANELS);
  const behind = stores.filter(({ stale }) => stale > 0);
  const entries: readonly LegendEntry[] = (["old data", "nothing"] as const).map((found) => ({
    label: `found ${found}`,
    colour: FOUND_COLOURS[found],
    symbol: "line",
  }));
  const lines: readonly LegendEntry[] = [...placeColours(behind.map(({ id }) => id))].map(([id, colour]) => ({
    label: short(id, NAME_CHARACTERS),
    colour,
    symbol: "line",
  }));
  const panels = stores.map((store, i) =>
    linePanel(
      result,
      {
        rows: storeRows(store),
        detail: "found",
        axis: "% of reads",
        name: short(`${store.id}, ${store.replication}, copies in ${store.copies.join(", ")}`, 60),
        isLast: i === stores.length - 1 && behind.length === 0,
      },
      size,
    ),
  );
  const last = {
    rows: behindRows(behind),
    detail: "store",
    axis: "seconds behind",
    name: "old data: how far behind, at worst",
    isLast: true,
  };
  return stack(
    {
      text: headline(stores),
      subtitle:
        stores.length === 0
          ? ""
          : "What reads of conversations, profiles and indexes found, over time. A gap: nobody read, or nothing was old.",
    },
    stores.length === 0
      ? [legend([], size)]
      : [
          legend(entries, size),
          faultStrip(faultSpans(result), durationMin(result), size),
          ...panels,
          ...(behind.length === 0 ? [] : [legend(lines, size), linePanel(result, last, size)]),
        ],
    size,
    12,
  );
}
