/** The charts of a comparison, in the order they are read. */
import type { Comparison } from "../result/comparison.js";
import type { Chart } from "./charts.js";
import { type ChartSize, NARROW, WIDE } from "./theme.js";

/** Every chart of a comparison that has something to show, each in every size. */
export function compareCharts(
  _comparison: Comparison,
  _sizes: readonly ChartSize[] = [WIDE, NARROW],
): readonly Chart[] {
  return [];
}
