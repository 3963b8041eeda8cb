/**
 * Replications summed up: every measure with its uncertainty, latencies of all of them together, and the objectives
 * judged over them. The same samples give the same numbers in whatever order they came.
 */
import { sha256Hex } from "../../kernel/index.js";
import { Histogram } from "../../metrics/index.js";
import type {
  Estimate,
  Interval,
  ObjectiveEstimate,
  PooledLatency,
  Replicated,
  Stopping,
} from "../../result/estimates.js";
import { summarise } from "../../result/latency.js";
import { measureInfo, measureOf } from "../../result/measures.js";
import { mergedHistogram, type Sample, type SampleObjective } from "../sample.js";
import { meanInterval, orderStatisticInterval, wilsonInterval } from "../statistics/intervals.js";
import { meanOf as roundedMeanOf, varianceOf } from "../statistics/moments.js";

/** All that `samples`, replications of one scenario in any order, say together. */
export function summariseSamples(
  samples: readonly Sample[],
  stopping: Stopping,
  confidence = 0.95,
): Replicated {
  const ordered = [...samples].sort((a, b) => a.replication - b.replication);
  const estimates: Estimate[] = [];
  const missing: Record<string, number> = {};
  for (const [key, column] of measureColumns(ordered)) {
    const values = column.filter((value) => value !== null);
    if (values.length < column.length) missing[key] = column.length - values.length;
    if (values.length > 0) estimates.push(estimate(key, values, confidence));
  }
  return {
    replications: ordered.length,
    confidence,
    stopping,
    digest: sha256Hex(ordered.map(({ digest }) => digest).join("\n")),
    estimates,
    pooled: pooledLatency(ordered),
    objectives: (ordered[0]?.objectives ?? []).map((_, i) => judgeReplications(ordered, i, confidence)),
    missing,
  };
}

/**
 * Key → one value a sample, in their order; null where a run has none. Keys in the order in which they first come: a
 * cause of refusal that some runs never saw is 0 there.
 */
export function measureColumns(samples: readonly Sample[]): ReadonlyMap<string, readonly (number | null)[]> {
  const keys = new Set(samples.flatMap(({ measures }) => [...measures.keys()]));
  return new Map([...keys].map((key) => [key, samples.map(({ measures }) => measureOf(measures, key))]));
}

/** The measure `key` of which `values`, at least one, are those of the replications that have one. */
export function estimate(key: string, values: readonly number[], confidence: number): Estimate {
  const n = values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const mean = meanOf(values);
  const middle = Math.floor(n / 2);
  return {
    key,
    n,
    mean,
    sd: n < 2 ? 0 : Math.sqrt(varianceOf(values, mean)),
    interval: intervalOf(key, values, confidence),
    min: sorted[0]!,
    median: n % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2,
    max: sorted[n - 1]!,
    medianInterval: orderStatisticInterval(values, 0.5, confidence),
  };
}

function intervalOf(key: string, values: readonly number[], confidence: number): Interval | null {
  if (measureInfo(key).unit !== "flag") return intervalOfMean(values, confidence);
  return values.length < 2
    ? null
    : wilsonInterval(
        values.reduce((sum, x) => sum + x, 0),
        values.length,
        confidence,
      );
}

/** Values that are all the same have exactly that mean, whatever adding and dividing would round it to. */
function meanOf(values: readonly number[]): number {
  return isConstant(values) ? values[0]! : roundedMeanOf(values);
}

function intervalOfMean(values: readonly number[], confidence: number): Interval | null {
  if (values.length < 2 || !isConstant(values)) return meanInterval(values, confidence);
  return { low: values[0]!, high: values[0]!, confidence, method: "t" };
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/** Quantiles over all requests served in all samples, of all users and by origin. */
function pooledLatency(samples: readonly Sample[]): PooledLatency[] {
  const keys = [...(samples[0]?.histograms.keys() ?? [])];
  return ["ttft", "e2e"].flatMap((name) => {
    const all = new Histogram();
    const byOrigin = keys
      .filter((key) => key.startsWith(`${name}{`))
      .map((key) => {
        const merged = mergedHistogram(samples, key);
        all.addPacked(merged.pack());
        return { key, ...summarise(merged) };
      });
    return byOrigin.length === 0 ? [] : [{ key: name, ...summarise(all) }, ...byOrigin];
  });
}

/** The objective at place `objective` of every sample's list, judged over all `samples`, at least one. */
export function judgeReplications(
  samples: readonly Sample[],
  objective: number,
  confidence = 0.95,
): ObjectiveEstimate {
  const each = samples.map(({ objectives }) => objectives[objective]!);
  const asked = each[0]!;
  const passes = each.filter(({ pass }) => pass).length;
  const numbers = each.map(({ value }) => value).filter((value) => typeof value === "number");
  const isNumber = asked.unit !== "word" && numbers.length === each.length;
  const interval = isNumber ? intervalOfMean(numbers, confidence) : null;
  return {
    name: asked.name,
    verdict: verdictOf(asked, interval, { passes, of: each.length, isNumber }),
    mean: isNumber ? meanOf(numbers) : null,
    interval,
    passes,
    of: each.length,
    passInterval: wilsonInterval(passes, each.length, confidence),
  };
}

/**
 * Where one replication has no number at all, because what was asked about never came or nobody was served, the
 * mean over replications lies on no side of any target, and the objective fails.
 */
function verdictOf(
  { operator, target, unit }: SampleObjective,
  interval: Interval | null,
  { passes, of, isNumber }: { readonly passes: number; readonly of: number; readonly isNumber: boolean },
): ObjectiveEstimate["verdict"] {
  if (operator === "==" || operator === "!=" || unit === "word" || typeof target !== "number")
    return passes === of ? "pass" : "fail";
  if (!isNumber) return "fail";
  if (interval === null) return "undecided";
  const { low, high } = interval;
  const holds = (value: number): boolean => isOnRightSide(value, operator, target);
  if (holds(low) && holds(high)) return "pass";
  return holds(low) || holds(high) ? "undecided" : "fail";
}

function isOnRightSide(value: number, operator: "<" | "<=" | ">" | ">=", target: number): boolean {
  switch (operator) {
    case "<":
      return value < target;
    case "<=":
      return value <= target;
    case ">":
      return value > target;
    case ">=":
      return value >= target;
  }
}
