/**
 * The one place for what every chart shares: sizes, type, colours, axes. A chart says what it shows;
 * how it looks is said here. Charts have a light ground of their own, so they read alike on a dark page
 * and on paper.
 */
import type { TopLevelSpec } from "vega-lite";

/** A view inside a chart that stacks several. */
export type Panel = Extract<TopLevelSpec, { vconcat: unknown }>["vconcat"][number];
/** Vega-lite's configuration block. */
export type Config = NonNullable<TopLevelSpec["config"]>;

/** A chart is drawn once for a desk or paper and once for a phone: scaling alone would shrink the type. */
export interface ChartSize {
  readonly name: "wide" | "narrow";
  /** Width of the plotting area. */
  readonly plotPx: number;
  /** Room left of it for axis labels. */
  readonly marginPx: number;
  readonly fontPx: number;
  readonly titlePx: number;
  /** Width of a main line; secondary ones are half as wide. */
  readonly linePx: number;
  /** Height of a time panel. */
  readonly panelPx: number;
}

/** For a desk or paper: 960 px at most with its margins. */
export const WIDE: ChartSize = {
  name: "wide",
  plotPx: 800,
  marginPx: 100,
  fontPx: 13,
  titlePx: 17,
  linePx: 2.2,
  panelPx: 190,
};

/** For a phone of 375 px: the type stays at reading size. */
export const NARROW: ChartSize = {
  name: "narrow",
  plotPx: 276,
  marginPx: 72,
  fontPx: 12,
  titlePx: 15,
  linePx: 1.5,
  panelPx: 150,
};

/** No font is named: the reader's own sans-serif is used, measured by `textWidth.ts`. */
export const FONT = "sans-serif";
/** Text and the offered line. */
export const INK = "#1b1f24";
/** Axis titles, subtitles and axis lines. */
export const MUTED = "#57606a";
/** Grid lines. */
export const GRID = "#e4e7eb";
/** The ground charts are drawn on, on a dark page too. */
export const PAPER = "#ffffff";
/** What was true: a fault, in the lanes and as a band behind every time panel. */
export const FAULT = "#c9bfb0";
export const FAULT_BAND = "#f1ece4";
/** What somebody believed. */
export const BELIEF = "#8795a5";
export const REFUSED = "#3b3b3b";

/** Told apart with the common colour vision deficiencies and in grey. */
const PLACE_COLOURS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#a0408a",
  "#e69f00",
  "#56b4e9",
  "#7a5c00",
  "#cc79a7",
  "#555555",
  "#000000",
] as const;

/** Places that come in most scenarios keep one colour across reports. */
const PLACE_SLOTS: Readonly<Record<string, number>> = {
  eu: 0,
  us: 1,
  ap: 2,
  uk: 3,
  gb: 3,
  jp: 4,
  in: 5,
  br: 6,
  ca: 7,
};

/**
 * A colour for each place, origin or region alike, so that `EU` users and the `eu` region share one.
 * The first two letters decide where they are known; others, and seconds of a kind, take the first
 * colour still free, in the order given. Beyond ten places colours repeat.
 */
export function placeColours(names: readonly string[]): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  const waiting: string[] = [];
  for (const name of names) {
    const key = name.slice(0, 2).toLowerCase();
    const slot = Object.hasOwn(PLACE_SLOTS, key) ? PLACE_SLOTS[key] : undefined;
    if (slot === undefined || taken.has(slot)) {
      waiting.push(name);
      continue;
    }
    taken.add(slot);
    colours.set(name, PLACE_COLOURS[slot]!);
  }
  for (const name of waiting) {
    const free = PLACE_COLOURS.findIndex((_, slot) => !taken.has(slot));
    const slot = free === -1 ? colours.size % PLACE_COLOURS.length : free;
    taken.add(slot);
    colours.set(name, PLACE_COLOURS[slot]!);
  }
  return colours;
}

/** Type, grid and ground for a size. No ARIA marks: the whole picture carries one label. */
export function config(size: ChartSize): Config {
  return {
    aria: false,
    background: PAPER,
    font: FONT,
    padding: { left: 4, right: size.name === "wide" ? 24 : 14, top: 8, bottom: 8 },
    view: { stroke: null },
    axis: {
      labelFontSize: size.fontPx,
      labelColor: INK,
      titleFontSize: size.fontPx,
      titleFontWeight: "normal",
      titleColor: MUTED,
      gridColor: GRID,
      domainColor: MUTED,
      tickColor: MUTED,
      labelLimit: 0,
      titleLimit: 0,
    },
    title: {
      fontSize: size.titlePx,
      fontWeight: "bold",
      color: INK,
      subtitleFontSize: size.fontPx,
      subtitleColor: MUTED,
      subtitlePadding: 5,
      anchor: "start",
      frame: "bounds",
      limit: 0,
      offset: 10,
      lineHeight: size.titlePx + 4,
      subtitleLineHeight: size.fontPx + 4,
    },
    text: { font: FONT, fontSize: size.fontPx, color: INK, limit: 0 },
  };
}
