/** The published vectors of strategies that go by weight, price, distance and latency. */
import { describe, expect, it } from "vitest";
import { type Picker, RESULT_ERROR, RESULT_OK, type StrategyConfig } from "../../src/policy/index.js";
import { biasedKm } from "../../src/policy/strategies/geoproximity.js";
import { STRATEGIES } from "../../src/policy/strategies/index.js";
import { peakEwmaCost, peakEwmaMs } from "../../src/policy/strategies/peakEwma.js";
import type { StrategyTarget } from "../../src/policy/strategies/strategy.js";
import { num, nums, type Vector, type VectorCase, withVectors } from "./callerReference.js";
import { luck } from "./helpers.js";
import { allOf, drawOf, fleetOf, pickerOf, targetsOf } from "./strategyWorlds.js";

const DRAWS = 20_000;

/** How often each of `targets` is picked with fresh luck at one moment. */
function sharesOf(picker: Picker, targets: readonly StrategyTarget[], nowMs = 1000): number[] {
  const uniform = luck(20260502);
  const mask = 2 ** targets.length - 1;
  const fleet = fleetOf({
    weight: targets.map(({ weight }) => weight),
    inFlight: targets.map(() => 0),
  });
  const counts = targets.map(() => 0);
  for (let n = 0; n < DRAWS; n++) {
    const draw = drawOf({ u: uniform(), v: uniform(), nowMs });
    counts[picker.pick(fleet, mask, draw, allOf(mask))]! += 1;
  }
  return counts.map((count) => count / DRAWS);
}

/** Within four standard errors of every share, and those no wider than 1.5 points. */
function expectShares(seen: readonly number[], expected: readonly number[]): void {
  expected.forEach((share, i) => {
    const halfWidth = 4 * Math.sqrt((share * (1 - share)) / DRAWS);
    expect(halfWidth).toBeLessThan(0.015);
    // Published shares are rounded to the fourth decimal.
    expect(Math.abs(seen[i]! - share), `${seen}`).toBeLessThanOrEqual(halfWidth + 0.0001);
  });
}

/** The targets that share the picks when everybody's latency is measured, one sample each. */
function chosenOf(latencies: readonly number[], options: Partial<StrategyConfig>): number[] {
  const targets = targetsOf(latencies.map(() => 1));
  const config = { ...STRATEGIES["latency-buffer"].defaults, ...options } as StrategyConfig;
  const picker = pickerOf(config, targets);
  latencies.forEach((rttMs, target) => {
    picker.ended?.({ target, result: RESULT_OK, rttMs, nowMs: 0 });
  });
  return sharesOf(picker, targets).flatMap((share, i) => (share > 0 ? [i] : []));
}

const CHECKS: Readonly<Record<string, (cases: readonly VectorCase[], vector: Vector) => void>> = {
  "portkey-weights": (cases) => {
    for (const c of cases) {
      const targets = targetsOf(nums(c, "weights"));
      expectShares(
        sharesOf(pickerOf("weighted", targets), targets),
        nums(c, "exact").map((percent) => percent / 100),
      );
    }
  },

  "route53-weights": (cases) => {
    for (const c of cases) {
      const targets = targetsOf(nums(c, "weights"));
      expectShares(sharesOf(pickerOf("weighted", targets), targets), nums(c, "share"));
    }
  },

  "openrouter-inverse-square": (cases) => {
    const prices = nums(cases[0]!, "prices");
    const targets = targetsOf(
      prices.map(() => 1),
      (i) => ({ pricePerMTok: prices[i]! }),
    );
    expectShares(sharesOf(pickerOf("inverse-square-price", targets), targets), nums(cases[0]!, "share"));
    const down = nums(cases[1]!, "outage")[0]!;
    const picker = pickerOf("inverse-square-price", targets);
    for (let n = 0; n < 3; n++) picker.ended?.({ target: down, result: RESULT_ERROR, rttMs: 1, nowMs: 5000 });
    const ratio = num(cases[1]!, "ratioAtoC");
    expectShares(sharesOf(picker, targets, 34_999), [ratio / (ratio + 1), 0, 1 / (ratio + 1)]);
    expectShares(sharesOf(picker, targets, 35_000), nums(cases[0]!, "share"));
    expect(picker.pick(fleetOf({}), 1 << down, drawOf({ nowMs: 6000 }), allOf(7))).toBe(down);
  },

  "route53-geoproximity": (cases) => {
    for (const c of cases) {
      expect(biasedKm(num(c, "d"), num(c, "bias"))).toBeCloseTo(num(c, "biased"), 9);
    }
  },

  "frontdoor-latency-weight": (cases) => {
    for (const c of cases) {
      const rttMs = nums(c, "latency_ms");
      const targets = targetsOf([...nums(c, "weights"), 100]);
      const config = {
        ...STRATEGIES["latency-buffer"].defaults,
        measure: "round-trip",
        spread: "weighted",
        bufferMs: num(c, "sensitivity_ms"),
      } as const;
      const uniform = luck(20260503);
      const picker = pickerOf(config, targets);
      const fleet = fleetOf({ weight: targets.map(({ weight }) => weight) });
      const counts = [0, 0, 0];
      for (let n = 0; n < DRAWS; n++)
        counts[picker.pick(fleet, 7, drawOf({ u: uniform(), rttMs }), allOf(7))]! += 1;
      expectShares(
        counts.map((count) => count / DRAWS),
        [...nums(c, "share"), 0],
      );
    }
  },

  "litellm-latency-buffer": (cases) => {
    for (const c of cases) {
      const latencies = nums(c, "latency_s_per_token");
      expect(chosenOf(latencies, { bufferRatio: num(c, "buffer") })).toEqual(nums(c, "selected"));
    }
    // Never seen counts as 0 and wins.
    const targets = targetsOf([1, 1]);
    const config = { ...STRATEGIES["latency-buffer"].defaults, unmeasured: "first" } as const;
    const picker = pickerOf(config, targets);
    picker.ended?.({ target: 0, result: RESULT_OK, rttMs: 0.001, nowMs: 0 });
    expect(sharesOf(picker, targets)).toEqual([0, 1]);
  },

  "peak-ewma": (cases, vector) => {
    for (const c of cases) {
      expect(peakEwmaCost(num(c, "rtt_ewma_ms"), num(c, "pending"))).toBe(num(c, "cost"));
    }
    const { cases2 } = vector as unknown as { readonly cases2: readonly VectorCase[] };
    expect(cases2).toHaveLength(3);
    for (const c of cases2) {
      const seen = peakEwmaMs(num(c, "ewma"), num(c, "rtt"), 1000 * num(c, "dt_s"), 10_000);
      expect(seen).toBeCloseTo(num(c, "new"), 4);
    }
  },
};

describe("published vectors of strategies", () => {
  withVectors((vectors) => {
    for (const [id, check] of Object.entries(CHECKS)) {
      it(`${id} comes out as published`, () => {
        const vector = vectors.find((v) => v.id === id);
        expect(vector, `the reference has no vector ${id}`).toBeDefined();
        check(vector!.cases, vector!);
      });
    }
  });
});
