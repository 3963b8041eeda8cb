/** Cost against availability: which variants nobody would choose. */
import type { ParetoPoint } from "../../result/comparison.js";
import type { Estimate, Interval, Replicated } from "../../result/estimates.js";
import { measureInfo, measureOf } from "../../result/measures.js";
import type { Sample } from "../sample.js";
import { pairedDifference } from "../statistics/paired.js";
import { pairedP } from "./changes.js";

/** What people budget for. */
const MONTH_S = 30 * 86_400;

/** One variant's replications and how long each of them is. */
export interface Costed {
  readonly samples: readonly Sample[];
  readonly replicated: Replicated;
  readonly durationS: number;
}

/** What counts as a difference, and what as none. */
export interface ParetoRule {
  readonly confidence: number;
  /** Largest p of a difference: what so many tests leave of the guard for each, so that no variant is called worse here by what is called luck elsewhere. */
  readonly level: number;
  /** Differences shown to be smaller than this, of the cost or of what is lost, are none. */
  readonly atLeast: number;
}

/** A share of requests that nobody misses: one in ten thousand. */
const NOTHING_LOST = 1e-4;

/** A point for every variant, in their order. */
export function paretoOf(variants: readonly Costed[], rule: ParetoRule): readonly ParetoPoint[] {
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
      dominatedBy: dominator(variants, v, rule),
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
 * The first variant that is shown to be better in one of the two, and in the other better or as good. That a difference
 * was not found shows neither: what so few replications cannot tell may be worth its money.
 */
function dominator(variants: readonly Costed[], v: number, rule: ParetoRule): number | null {
  const index = variants.findIndex((other, o) => {
    if (o === v) return false;
    const cost = sideOf(variants[v]!, other, { key: "cost", rule });
    const lost = sideOf(variants[v]!, other, { key: "availability", rule });
    if (cost === null || lost === null) return false;
    // Less money is better, more availability is.
    const [cheaper, surer] = [-cost, lost];
    return cheaper >= 0 && surer >= 0 && cheaper + surer > 0;
  });
  return index < 0 ? null : index;
}

/** Sign of other − own where they differ, 0 where they are as good as equal; null where neither is shown. */
function sideOf(
  own: Costed,
  other: Costed,
  { key, rule }: { readonly key: "cost" | "availability"; readonly rule: ParetoRule },
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
  const paired = pairedDifference(from, to, rule.confidence);
  if (pairedP(measureInfo(key).unit, paired, { from, to }) <= rule.level) return Math.sign(paired.difference);
  const { interval, from: mean } = paired;
  const margin =
    key === "cost" ? rule.atLeast * mean : Math.max(NOTHING_LOST, rule.atLeast * Math.abs(1 - mean));
  return interval !== null && interval.low >= -margin && interval.high <= margin ? 0 : null;
}
