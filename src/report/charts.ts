/** The charts of a report, in the order they are read. */
import type { TopLevelSpec } from "vega-lite";
import type { Result } from "../result/result.js";
import { cascadeChart } from "./cascadeChart.js";
import { hasCascadeTimeline } from "./cascadeRows.js";
import { flowChart } from "./flowChart.js";
import { latencyChart } from "./latencyChart.js";
import { refusalsChart } from "./refusalsChart.js";
import { regionChart } from "./regionChart.js";
import { servedByChart } from "./servedByChart.js";
import { storesChart } from "./storesChart.js";
import { type ChartSize, NARROW, WIDE } from "./theme.js";
import { hasVersions, versionsChart } from "./versionsChart.js";

/** What a chart is about. */
export type ChartName =
  | "flow"
  | "cascade"
  | "served-by"
  | "refusals"
  | "latency"
  | "stores"
  | "versions"
  | "regions";

const MAKERS: Readonly<Record<ChartName, (result: Result, size: ChartSize) => TopLevelSpec>> = {
  flow: flowChart,
  cascade: cascadeChart,
  "served-by": servedByChart,
  refusals: refusalsChart,
  latency: latencyChart,
  stores: storesChart,
  versions: versionsChart,
  regions: regionChart,
};

/** Every chart, in reading order. */
export const CHART_NAMES: readonly ChartName[] = Object.keys(MAKERS) as ChartName[];

/** A chart and the name its picture goes by: `latency`, or `latency-narrow` for the one for phones. */
export interface Chart {
  readonly name: string;
  readonly spec: TopLevelSpec;
}

/** The name of a chart's picture in a size. */
export function chartName(name: ChartName, size: ChartSize): string {
  return size.name === "wide" ? name : `${name}-${size.name}`;
}

/**
 * Every chart of a result in reading order, each in every size: for a desk or paper, then for a phone. The cascade's
 * timeline is there when something went down, was overloaded or crashed, stores when there are any, versions when
 * there was more than one.
 */
export function charts(result: Result, sizes: readonly ChartSize[] = [WIDE, NARROW]): readonly Chart[] {
  const names = CHART_NAMES.filter(
    (name) =>
      (name !== "cascade" || hasCascadeTimeline(result)) &&
      (name !== "stores" || result.stores.length > 0) &&
      (name !== "versions" || hasVersions(result)),
  );
  return names.flatMap((name) =>
    sizes.map((size) => ({ name: chartName(name, size), spec: MAKERS[name](result, size) })),
  );
}
