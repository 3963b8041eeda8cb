/** What became worse, a line for each reason, for those who fail a pipeline by it. */
import type { Comparison } from "../result/comparison.js";
import { type Regression, regressionsOf } from "../result/regressions.js";
import { changeText, estimateOf, labelOf, measureText } from "./compareFacts.js";
import { plain } from "./format.js";

/** One line for each regression, the variant first. */
export function regressionLines(comparison: Comparison): readonly string[] {
  return regressionsOf(comparison).map((regression) =>
    `regression in ${labelOf(comparison, regression.variant)}: ${regressionText(comparison, regression)}`.replaceAll(
      "\u00a0",
      " ",
    ),
  );
}

/** What became worse, and by how much. */
export function regressionText(comparison: Comparison, regression: Regression): string {
  switch (regression.kind) {
    case "measure": {
      const { change } = regression;
      const { key, from, to } = change;
      const much = changeText(change, comparison.confidence);
      return `${plain(key)} ${measureText(key, from)} → ${measureText(key, to)}${much === "" ? "" : ` (${much})`}`;
    }
    case "objective": {
      const { name, verdict, passes, of } = regression.objective;
      const now = verdict === "fail" ? "fails" : "is undecided";
      return `objective ${plain(name)} holds in ${labelOf(comparison, 0)} and ${now}; ${passes} of ${of} replications meet it`;
    }
    case "never": {
      const { key } = regression;
      const value = measureText(key, estimateOf(comparison, 0, key)?.mean ?? 0);
      return `${plain(key)} ${value} → never`;
    }
  }
}
