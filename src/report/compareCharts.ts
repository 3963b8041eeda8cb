/** The charts of a comparison, in the order they are read. */
import type { TopLevelSpec } from "vega-lite";
import type { Comparison } from "../result/comparison.js";
import { hasChanges } from "./changeRows.js";
import { changesChart } from "./changesChart.js";
import type { Chart } from "./charts.js";
import { causeChart } from "./compareCauseChart.js";
import { costChart, hasCost } from "./compareCostChart.js";
import { hasCurves, waitChart } from "./compareLatencyChart.js";
import { refusedTimeChart, waitTimeChart } from "./compareTimeCharts.js";
import { paretoChart } from "./paretoChart.js";
import { type ChartSize, NARROW, WIDE } from "./theme.js";

/** What a chart of a comparison is about. */
export type CompareChartName =
  | "pareto"
  | "refused"
  | "causes"
  | "wait"
  | "wait-over-time"
  | "changes"
  | "cost";

interface Maker {
  readonly make: (comparison: Comparison, size: ChartSize) => TopLevelSpec;
  /** Whether there is something to draw. */
  readonly has: (comparison: Comparison) => boolean;
}

const ALWAYS = (): boolean => true;

const MAKERS: Readonly<Record<CompareChartName, Maker>> = {
  pareto: { make: paretoChart, has: hasCost },
  refused: { make: refusedTimeChart, has: ALWAYS },
  causes: { make: causeChart, has: ALWAYS },
  wait: { make: waitChart, has: hasCurves },
  "wait-over-time": { make: waitTimeChart, has: ALWAYS },
  changes: { make: changesChart, has: hasChanges },
  cost: { make: costChart, has: hasCost },
};

/** Every chart, in reading order. */
export const COMPARE_CHART_NAMES: readonly CompareChartName[] = Object.keys(MAKERS) as CompareChartName[];

/** The name of a chart's picture in a size. */
export function compareChartName(name: CompareChartName, size: ChartSize): string {
  return size.name === "wide" ? name : `${name}-${size.name}`;
}

/** Every chart of a comparison that has something to show, each in every size. */
export function compareCharts(
  comparison: Comparison,
  sizes: readonly ChartSize[] = [WIDE, NARROW],
): readonly Chart[] {
  return COMPARE_CHART_NAMES.filter((name) => MAKERS[name].has(comparison)).flatMap((name) =>
    sizes.map((size) => ({
      name: compareChartName(name, size),
      spec: MAKERS[name].make(comparison, size),
    })),
  );
}
