/**
 * Draws a chart as an SVG file, the same bytes on every run, in every locale and time zone. Vega is
 * loaded only here and only when asked: a run without pictures does not pay for it.
 */
import type { TopLevelSpec } from "vega-lite";
import { html } from "./escape.js";
import { textWidthPx } from "./textWidth.js";

type Vega = typeof import("vega");
type Logger = ReturnType<Vega["logger"]>;

/** Charts have their data inside; whatever asks for more is a mistake or an attack. */
const REFUSING_LOADER = {
  options: {},
  load: (): Promise<never> => Promise.reject(new Error("bug: a chart asked for an outside resource")),
  sanitize: (): Promise<never> => Promise.reject(new Error("bug: a chart asked for a link")),
  http: (): Promise<never> => Promise.reject(new Error("bug: a chart asked for an outside resource")),
  file: (): Promise<never> => Promise.reject(new Error("bug: a chart asked for a file")),
};

/** Says nothing: what a chart has to say is in the chart, and results must not depend on a console. */
function silentLogger(): Logger {
  const logger: Logger = {
    level: ((level?: number) => (level === undefined ? 0 : logger)) as Logger["level"],
    error: () => logger,
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** Measures text by table, whether or not a canvas is installed beside vega. */
function measureByTable(vega: Vega): void {
  const { textMetrics } = vega as unknown as {
    textMetrics: { width: (item: { fontSize?: number; fontWeight?: unknown }, text: string) => number };
  };
  textMetrics.width = (item, text) =>
    textWidthPx(String(text ?? "").trim(), item.fontSize ?? 11, item.fontWeight === "bold");
}

/**
 * Coordinates to a hundredth of a pixel, and no roles or classes: the picture as a whole has one label.
 * Inside tags only: text is left as it is.
 */
function lean(svg: string): string {
  const tags = svg.replace(/<[^>]*>/g, (tag) =>
    tag
      .replace(/ (?:class|role|pointer-events|aria-[a-z]+)="[^"]*"/g, "")
      .replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100 + 0)),
  );
  return tags.replaceAll('<path d="" display="none"/>', "");
}

/** One picture with one name, as wide as its place: the inner marks are not for a screen reader. */
function labelled(svg: string, label: string): string {
  return svg.replace(/^<svg\b[^>]*>/, (tag) => {
    const viewBox = /viewBox="([^"]*)"/.exec(tag)?.[1] ?? "0 0 1 1";
    const [, , width = "1", height = "1"] = viewBox.split(" ");
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${viewBox}" width="${width}" height="${height}" ` +
      `role="img" aria-label="${html(label)}">`
    );
  });
}

/** The chart's title as one line of text; what a reader who cannot see the chart is told. */
export function specLabel(spec: TopLevelSpec): string {
  const words: unknown = spec.title;
  if (typeof words !== "object" || words === null) return typeof words === "string" ? words : "chart";
  const { text, subtitle } = words as { text?: unknown; subtitle?: unknown };
  return [text, subtitle]
    .map((part) => (Array.isArray(part) ? part.join(" ") : part))
    .filter((part) => typeof part === "string" && part !== "")
    .map((part) => String(part).replace(/\.$/, ""))
    .join(". ");
}

/** The chart as SVG text. Rejects only on a mistake of ours. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, vegaLite] = await Promise.all([import("vega"), import("vega-lite")]);
  measureByTable(vega);
  const logger = silentLogger();
  const compiled = vegaLite.compile(spec, { logger });
  const view = new vega.View(vega.parse(compiled.spec), {
    renderer: "none",
    loader: REFUSING_LOADER as unknown as NonNullable<ConstructorParameters<Vega["View"]>[1]>["loader"] &
      object,
    logger,
  });
  try {
    return `${labelled(lean(await view.toSVG()), specLabel(spec))}\n`;
  } finally {
    view.finalize();
  }
}
