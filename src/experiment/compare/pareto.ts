/** Cost against availability: which variants nobody would choose. */
import type { ParetoPoint } from "../../result/comparison.js";
import type { Estimate, Interval, Replicated } from "../../result/estimates.js";
import { measureOf } from "../../result/measures.js";
import type { Sample } from "../sample.js";
import { pairedDifference } from "../statistics/paired.js";

/** What people budget for. */
const MONTH_S = 30 * 86_400;

/** One variant's replications and how long each of them is. */
export interface Costed {
  readonly samples: readonly Sample[];
  readonly replicated: Replicated;
  readonly durationS: number;
}

/**
 * A point for every variant, in their order. A difference counts where p is at most `level`: what so many tests leave of
 * the guard for each, so that no variant is called worse here by what is called luck elsewhere.
 */
export function paretoOf(variants: readonly Costed[], level: number): readonly ParetoPoint[] {
  return variants.map((variant, v) => {
    const cost = found(variant.replicated, "cost");
    const availability = found(variant.replicated, "availability");
    const perMonth = MONTH_S / variant.durationS;
    return {
      variant: v,
      costPerMonth: cost === undefined ? null : cost.mean * perMonth,
      costInterval: scaled(cost?.interval ?? null, perMonth),
      availability: availability!.mean,
      availabilityInterval: availability!.interval,
      dominatedBy: dominator(variants, v, level),
    };
  });
}

function found({ estimates }: Replicated, key: string): Estimate | undefined {
  return estimates.find((estimate) => estimate.key === key);
}

function scaled(interval: Interval | null, factor: number): Interval | null {
  return interval === null ? null : { ...interval, low: interval.low * factor, high: interval.high * factor };
}

/**
 * The first variant that is better in one of the two and no worse in the other, as far as the paired differences show.
 * Where they show nothing, more money for nothing that so many replications could see is no better.
 */
function dominator(variants: readonly Costed[], v: number, level: number): number | null {
  const index = variants.findIndex((other, o) => {
    if (o === v) return false;
    const cost = sideOf(variants[v]!, other, { key: "cost", level });
    const lost = sideOf(variants[v]!, other, { key: "availability", level });
    if (cost === null || lost === null) return false;
    // Less money is better, more availability is.
    const [cheaper, surer] = [-cost, lost];
    return cheaper >= 0 && surer >= 0 && cheaper + surer > 0;
  });
  return index < 0 ? null : index;
}

/** Sign of other − own where they differ, else 0; null without values. */
function sideOf(
  own: Costed,
  other: Costed,
  { key, level }: { readonly key: string; readonly level: number },
): number | null {
  // Runs of different lengths cost different sums by that alone.
  const rate = ({ durationS }: Costed): number => (key === "cost" ? 1 / durationS : 1);
  const from: number[] = [];
  const to: number[] = [];
  own.samples.forEach(({ measures }, i) => {
    const [a, b] = [measureOf(measures, key), measureOf(other.samples[i]!.measures, key)];
    if (a === null || b === null) return;
    from.push(a * rate(own));
    to.push(b * rate(other));
  });
  if (from.length === 0) return null;
  const { p, difference } = pairedDifference(from, to);
  return p <= level ? Math.sign(difference) : 0;
}
