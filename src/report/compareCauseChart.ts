import type { TopLevelSpec } from "vega-lite";
import type { Comparison } from "../result/comparison.js";
import { causeStyle } from "./causes.js";
import { causeShares, variantStyles } from "./compareRows.js";
import { count, percent, short } from "./format.js";
import { legend, stack } from "./panels.js";
import { type Bar, stackedBars } from "./stackedBars.js";
import type { ChartSize } from "./theme.js";

/** Causes that the line below a bar names. */
const NAMED = { wide: 3, narrow: 1 } as const;

/** A bar for each variant: share of all requests refused, by final cause. */
export function causeBars(comparison: Comparison, size: ChartSize): readonly Bar[] {
  const styles = variantStyles(comparison, size);
  return comparison.variants.map((variant, v) => {
    const shares = causeShares(variant);
    const largest = [...shares].sort(([, a], [, b]) => b - a);
    const named = largest
      .slice(0, NAMED[size.name])
      .map(([cause, share]) => `${label(cause)} ${percent(share)}`);
    const left = largest.length - named.length;
    return {
      name: styles[v]!.label,
      total: percent(shares.reduce((sum, [, share]) => sum + share, 0)),
      detail: `${named.join(", ")}${left > 0 ? `, ${count(left)} more` : ""}`,
      parts: shares.map(([cause, value]) => ({ value, colour: causeStyle(cause).colour })),
    };
  });
}

function label(cause: string): string {
  return short(causeStyle(cause).label, 30);
}

/** Share of requests refused by cause, over all replications, the colours those of a run's report. */
export function causeChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  const bars = causeBars(comparison, size);
  const causes = new Set(
    comparison.variants.flatMap((variant) => causeShares(variant).map(([cause]) => cause)),
  );
  const entries = [...causes].map((cause) => ({
    label: label(cause),
    colour: causeStyle(cause).colour,
    symbol: "area" as const,
  }));
  return stack(
    {
      text: causes.size === 0 ? "No request is refused" : "Why requests are refused",
      subtitle: `Share of all requests, by final cause, mean of ${count(comparison.replications)} runs; one scale from zero.`,
    },
    [legend(entries, size), stackedBars(bars, size)],
    size,
    14,
  );
}
