import type { TopLevelSpec } from "vega-lite";
import type { Comparison } from "../result/comparison.js";
import { measureText } from "./compareFacts.js";
import { estimateOf, variantStyles } from "./compareRows.js";
import { count, short } from "./format.js";
import { stack } from "./panels.js";
import { NAME_CHARACTERS } from "./rows.js";
import { type Bar, stackedBars } from "./stackedBars.js";
import { type ChartSize, placeColours } from "./theme.js";

/** Endpoints that the line below a bar names. */
const NAMED = { wide: 3, narrow: 1 } as const;

/** Whether any variant has prices. */
export function hasCost({ pareto }: Comparison): boolean {
  return pareto.some(({ costPerMonth }) => costPerMonth !== null);
}

/** A bar for each variant that has prices: US dollars in 30 days, by endpoint as the first run spends them. */
export function costBars(comparison: Comparison, size: ChartSize): readonly Bar[] {
  const styles = variantStyles(comparison, size);
  const all = comparison.variants.flatMap(({ first }) => (first.cost?.byEndpoint ?? []).map(({ id }) => id));
  const colours = placeColours([...new Set(all)]);
  return comparison.variants.flatMap((variant, v) => {
    const monthUsd = comparison.pareto[v]?.costPerMonth ?? null;
    if (monthUsd === null) return [];
    const spent = (variant.first.cost?.byEndpoint ?? []).map(({ id, tokensUsd, replicasUsd }) => ({
      id,
      value: tokensUsd + replicasUsd,
    }));
    const sumUsd = spent.reduce((sum, { value }) => sum + value, 0);
    const parts = spent.map(({ id, value }) => ({
      id,
      value: sumUsd === 0 ? 0 : (value / sumUsd) * monthUsd,
    }));
    const named = [...parts].sort((a, b) => b.value - a.value).slice(0, NAMED[size.name]);
    const left = parts.length - named.length;
    const perThousand = estimateOf(variant, "cost.perThousandServed");
    const each =
      perThousand === null ? "" : `, ${measureText(perThousand.key, perThousand.mean)} per 1000 served`;
    return [
      {
        name: styles[v]!.label,
        total: `$${count(monthUsd)}${size.name === "wide" ? each : ""}`,
        detail: `${named.map(({ id, value }) => `${short(id, NAME_CHARACTERS)} $${count(value)}`).join(", ")}${left > 0 ? `, ${left} more` : ""}`,
        parts: parts.map(({ id, value }) => ({ value, colour: colours.get(id)! })),
      },
    ];
  });
}

/** What each variant costs in 30 days at the scenario's load. */
export function costChart(comparison: Comparison, size: ChartSize): TopLevelSpec {
  return stack(
    {
      text: "What each costs in 30 days",
      subtitle:
        "At the load and with the faults of the scenario all month; one scale from zero, by endpoint.",
    },
    [stackedBars(costBars(comparison, size), size)],
    size,
    14,
  );
}
