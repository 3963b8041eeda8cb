/**
 * A made-up comparison for the tests of this room: the sample's two regions, and beside it a cheaper design that
 * refuses four times as much. No figure is a measurement.
 */
import type { Change, Comparison, LatencyCurve, Variant } from "../../src/result/comparison.js";
import type { Estimate, Interval, ObjectiveEstimate, Replicated } from "../../src/result/estimates.js";
import { measureInfo } from "../../src/result/measures.js";
import type { Result } from "../../src/result/result.js";
import { sampleResult } from "./sampleResult.js";

const REPLICATIONS = 20;

function interval(low: number, high: number): Interval {
  return { low, high, confidence: 0.95, method: "t" };
}

/** An estimate whose interval reaches a tenth to either side. */
export function estimate(key: string, mean: number, n: number = REPLICATIONS): Estimate {
  const around = interval(mean * 0.9, mean * 1.1);
  return {
    ...{ key, n, mean, sd: mean * 0.2, interval: around, min: mean * 0.7, median: mean },
    ...{ max: mean * 1.3, medianInterval: around },
  };
}

function objective(name: string, verdict: ObjectiveEstimate["verdict"], passes: number): ObjectiveEstimate {
  return {
    ...{ name, verdict, mean: 0.031, interval: interval(0.02, 0.04), passes, of: REPLICATIONS },
    passInterval: { low: 0.3, high: 0.7, confidence: 0.95, method: "wilson" },
  };
}

function replicated(estimates: readonly Estimate[], objectives: readonly ObjectiveEstimate[]): Replicated {
  return {
    ...{ replications: REPLICATIONS, confidence: 0.95, digest: "d1e5".repeat(16), estimates, objectives },
    stopping: {
      reason: "fixed",
      width: null,
      of: [],
      reached: null,
      least: REPLICATIONS,
      most: REPLICATIONS,
    },
    ...{ pooled: [], missing: {} },
  };
}

function curve(slowest: number): LatencyCurve {
  const shares = [0.01, 0.5, 0.9, 0.99, 0.999];
  return { count: 100_000, shares, valuesMs: shares.map((_, i) => 100 * (i + 1) * (i === 4 ? slowest : 1)) };
}

function costOf(ids: readonly string[]): Result["cost"] {
  const byEndpoint = ids.map((id, i) => ({
    ...{ id, inputTokens: 1000, cachedTokens: 0, outputTokens: 500, tokensUsd: 2 },
    ...{ replicaHours: 1, replicasUsd: 20 + 10 * i },
  }));
  const total = byEndpoint.reduce((sum, { tokensUsd, replicasUsd }) => sum + tokensUsd + replicasUsd, 0);
  return { currency: "USD", total, perThousandServed: 0.3, byEndpoint };
}

function variant(label: string, refused: number, first: Result): Variant {
  const estimates = [
    ...[estimate("refused", refused), estimate("refused{origin=EU}", refused * 1.5)],
    ...[estimate("refused{origin=US}", 0), estimate("availability", 1 - refused)],
    estimate("refused{cause=region_blackhole}", refused * 0.6),
    // Half of the replications never refuse for it.
    estimate("refused{cause=queue_full}", refused * 0.8, REPLICATIONS / 2),
    ...[estimate("ttft.p50", 480), estimate("ttft.p95", 1400), estimate("ttft.p99", 2600 * (1 + refused))],
    ...[estimate("failover", 80_000), estimate("cost", 50 / (1 + 10 * refused))],
  ];
  const named = sampleResult().objectives;
  const objectives = named.map(({ name }, i) =>
    i === 0 && refused > 0.05
      ? objective(name, "fail", 3)
      : objective(name, i === 1 ? "undecided" : "pass", i === 1 ? 11 : 20),
  );
  const priced = { ...first, cost: costOf(refused > 0.05 ? ["eu-model"] : ["eu-model", "us-model"]) };
  return {
    ...{ label, path: `designs/${label}.yaml`, first: priced, replicated: replicated(estimates, objectives) },
    curves: { "ttft{origin=EU}": curve(30), "ttft{origin=US}": curve(10) },
  };
}

function change(key: string, from: number, to: number, verdict: Change["verdict"]): Change {
  const difference = to - from;
  const around = Math.abs(difference) * 0.1;
  return {
    ...{ key, unit: measureInfo(key).unit, n: REPLICATIONS, from, to, difference, verdict },
    interval: interval(difference - around, difference + around),
    relative:
      from === 0
        ? null
        : {
            mean: difference / from,
            low: (difference - around) / from,
            high: (difference + around) / from,
          },
    ...{ p: 1e-6, varianceRatio: 6 },
  };
}

/** The changes of the cheaper design. */
export const CHANGES: readonly Change[] = [
  change("refused", 0.02, 0.08, "worse"),
  change("refused{origin=EU}", 0.03, 0.12, "worse"),
  change("refused{cause=queue_full}", 0.016, 0.064, "worse"),
  change("ttft.p50", 480, 480, "same"),
  change("ttft.mean", 500, 700, "worse"),
  change("ttft.p99", 2652, 2808, "uncertain"),
  change("failover", 80_000, 70_000, "small"),
  change("restoration", 0, 39_000, "worse"),
  change("utilisation{region=eu}", 0.3, 0.9, "changed"),
  change("cost", 41.67, 27.78, "better"),
];

/** Two variants; the second is cheaper and refuses more. */
export function sampleComparison(
  labels: readonly [string, string] = ["two-regions", "one-region"],
): Comparison {
  const variants = [variant(labels[0], 0.02, sampleResult()), variant(labels[1], 0.08, sampleResult())];
  const point = (v: number, refused: number, costPerMonth: number): Comparison["pareto"][number] => ({
    ...{ variant: v, costPerMonth, costInterval: interval(costPerMonth * 0.9, costPerMonth * 1.1) },
    ...{ availability: 1 - refused, availabilityInterval: interval(1 - 2 * refused, 1 + refused) },
    dominatedBy: null,
  });
  return {
    schema: "regionsim.comparison/1",
    ...{ tool: { name: "regionsim", version: "0.1.0" }, seed: "sample", replications: REPLICATIONS },
    ...{ confidence: 0.95, guard: { method: "holm", tests: CHANGES.length, level: 0.05 }, atLeast: 0.01 },
    ...{ sameUsers: true, sameFaults: true, variants },
    pairs: [{ variant: 1, changes: CHANGES, onlyFirst: [], onlyOther: [] }],
    pareto: [point(0, 0.02, 90_000), point(1, 0.08, 60_000)],
    warnings: ["prices are assumptions"],
  };
}
