/** Strategies that fill, take turns, or learn: what they do, and what they make of what they have seen. */
import { describe, expect, it } from "vitest";
import {
  type Picker,
  REASON_SPILL_CAPPED,
  RESULT_ERROR,
  RESULT_OK,
  RESULT_THROTTLED,
  RESULT_TIMEOUT,
  type StrategyConfig,
} from "../../src/policy/index.js";
import { STRATEGIES } from "../../src/policy/strategies/index.js";
import type { StrategyTarget } from "../../src/policy/strategies/strategy.js";
import { permutations } from "./helpers.js";
import { allOf, drawOf, fleetOf, pickerOf, targetsOf } from "./strategyWorlds.js";

/** What `turns` requests in a row are sent to, each told to the picker. */
function inTurn(picker: Picker, weight: readonly number[], mask: number, turns: number): number[] {
  return Array.from({ length: turns }, (_, nowMs) => {
    const chosen = picker.pick(fleetOf({ weight }), mask, drawOf({ nowMs }), allOf(mask));
    picker.sent?.(chosen, mask, nowMs);
    return chosen;
  });
}

describe("smooth-weighted", () => {
  it("gives 5, 1, 1 as a a b a c a a, turn after turn", () => {
    const picker = pickerOf("smooth-weighted", targetsOf([5, 1, 1]));
    const once = [0, 0, 1, 0, 2, 0, 0];
    expect(inTurn(picker, [5, 1, 1], 7, 14)).toEqual([...once, ...once]);
  });

  it("gives every target its exact share of each round under every relabelling, also of weights that are no integers", () => {
    for (const weights of permutations([4, 2.5, 0, 1.5])) {
      const seen = inTurn(pickerOf("smooth-weighted", targetsOf(weights)), weights, 15, 16);
      expect(weights.map((_, i) => seen.filter((t) => t === i).length)).toEqual(weights.map((w) => 2 * w));
    }
  });

  it("takes turns where all candidates have weight 0", () => {
    expect(inTurn(pickerOf("smooth-weighted", targetsOf([0, 0, 3])), [0, 0, 3], 3, 4)).toEqual([0, 1, 0, 1]);
  });

  it("counts a turn only where it was asked to choose", () => {
    const picker = pickerOf("smooth-weighted", targetsOf([1, 1]));
    picker.sent?.(0, 0, 1);
    expect(inTurn(picker, [1, 1], 3, 2)).toEqual([0, 1]);
  });
});

describe("round-robin", () => {
  it("goes round, and a target that comes back is next without a turn to make up for", () => {
    const picker = pickerOf("round-robin", targetsOf([1, 9, 1]));
    expect(inTurn(picker, [], 7, 4)).toEqual([0, 1, 2, 0]);
    expect(inTurn(picker, [], 5, 3)).toEqual([2, 0, 2]);
    expect(inTurn(picker, [], 7, 4)).toEqual([1, 0, 2, 1]);
  });
});

describe("cheapest", () => {
  it("takes the lowest price, of equal prices the nearer, and one that states none last", () => {
    const prices = [undefined, 3, 2, 2];
    const targets = targetsOf([1, 1, 1, 1], (i) =>
      prices[i] === undefined ? {} : { pricePerMTok: prices[i]! },
    );
    const picker = pickerOf("cheapest", targets);
    const draw = drawOf({ rttMs: [1, 1, 9, 5] });
    expect([15, 7, 3, 1].map((mask) => picker.pick(fleetOf({}), mask, draw, allOf(mask)))).toEqual([
      3, 2, 1, 0,
    ]);
    const dearer = pickerOf(
      "cheapest",
      targetsOf([1, 1], (at) => ({ pricePerMTok: at + 1 })),
    );
    expect(dearer.pick(fleetOf({}), 3, drawOf({ rttMs: [9, 1] }), allOf(3))).toBe(0);
  });
});

describe("geoproximity", () => {
  it("takes the nearest after the bias, and any distance before one that is missing", () => {
    const biases = [0, 50, -50, 99];
    const picker = pickerOf(
      "geoproximity",
      targetsOf([1, 1, 1, 1], (i) => ({ biasPercent: biases[i]! })),
    );
    const draw = drawOf({ distanceKm: [1000, 1900, 550] });
    expect([15, 13, 12].map((mask) => picker.pick(fleetOf({}), mask, draw, allOf(mask)))).toEqual([1, 0, 2]);
  });
});

describe("latency-buffer", () => {
  const latency = (picker: Picker, target: number, result: number, rttMs: number, nowMs = 0): void =>
    picker.ended?.({ target, result, rttMs, nowMs });
  const fastest = (picker: Picker, nowMs: number): number =>
    picker.pick(fleetOf({ weight: [1, 1] }), 3, drawOf({ nowMs, u: 0, rttMs: [50, 60] }), allOf(3));
  const made = (options: Partial<StrategyConfig>): Picker =>
    pickerOf({ ...STRATEGIES["latency-buffer"].defaults, ...options } as StrategyConfig, targetsOf([1, 1]));

  it("goes by round trips until a call was measured, and again once that is long ago", () => {
    const picker = made({ expiryMs: 1000 });
    expect(fastest(picker, 0)).toBe(0);
    latency(picker, 0, RESULT_OK, 61, 0);
    expect(fastest(picker, 1000)).toBe(1);
    expect(fastest(picker, 1001)).toBe(0);
  });

  it("takes the mean of the last samples only", () => {
    const picker = made({ samples: 2 });
    for (const ms of [500, 40, 40]) latency(picker, 1, RESULT_OK, ms);
    expect(fastest(picker, 0)).toBe(1);
    latency(picker, 1, RESULT_OK, 500);
    expect(fastest(picker, 0)).toBe(0);
    for (let n = 0; n < 9; n++) latency(picker, 1, RESULT_OK, 30);
    expect(fastest(picker, 0)).toBe(1);
  });

  it("takes a mean over exactly the window however long it has run", () => {
    for (let seen = 3; seen <= 20; seen++) {
      const mean = ((seen - 2) ** 2 + (seen - 1) ** 2 + seen ** 2) / 3;
      for (const [besideMs, chosen] of [
        [mean - 0.01, 1],
        [mean + 0.01, 0],
      ] as const) {
        const picker = made({ samples: 3 });
        for (let n = 1; n <= seen; n++) latency(picker, 0, RESULT_OK, n ** 2);
        latency(picker, 1, RESULT_OK, besideMs);
        expect(fastest(picker, 0)).toBe(chosen);
      }
    }
  });

  it("takes those within a share and a margin of the fastest, and nobody beyond", () => {
    const targets = [100, 160, 161, 20_000];
    const wide = pickerOf(
      { ...STRATEGIES["latency-buffer"].defaults, bufferRatio: 0.5, bufferMs: 10 },
      targetsOf([1, 1, 1, 1]),
    );
    targets.forEach((ms, target) => {
      latency(wide, target, RESULT_OK, ms);
    });
    const chosen = [0, 0.25, 0.5, 0.75, 0.999].map((u) =>
      wide.pick(fleetOf({ weight: [1, 1, 1, 1] }), 15, drawOf({ u }), allOf(15)),
    );
    expect(chosen).toEqual([0, 0, 1, 1, 1]);
  });

  it("lets a mean fade towards newer samples with its time constant", () => {
    const picker = made({ samples: 0, tauMs: 10_000 });
    latency(picker, 1, RESULT_OK, 100, 0);
    // 100 × e^-1 + 20 × (1 − e^-1) = 49.43, just nearer than 50 ms.
    latency(picker, 1, RESULT_OK, 20, 10_000);
    expect(fastest(picker, 10_000)).toBe(1);
    latency(picker, 1, RESULT_OK, 60, 12_000);
    expect(fastest(picker, 12_000)).toBe(0);
  });

  it("counts a timeout as very slow and other failures as nothing", () => {
    const picker = made({});
    latency(picker, 1, RESULT_ERROR, 0.1);
    latency(picker, 1, RESULT_THROTTLED, 0.1);
    expect(fastest(picker, 0)).toBe(0);
    latency(picker, 0, RESULT_TIMEOUT, 20);
    expect(fastest(picker, 0)).toBe(1);
  });
});

describe("peak-ewma", () => {
  const pick = (picker: Picker, inFlight: readonly number[], nowMs: number): number =>
    picker.pick(fleetOf({ inFlight, weight: [1, 1] }), 3, drawOf({ nowMs }), allOf(3));

  it("sends one call to find out about a target that never answered, not a burst", () => {
    const picker = pickerOf("peak-ewma", targetsOf([1, 1]));
    picker.ended?.({ target: 0, result: RESULT_OK, rttMs: 20, nowMs: 0 });
    expect(pick(picker, [0, 0], 0)).toBe(1);
    expect(pick(picker, [0, 1], 0)).toBe(0);
    expect(pick(picker, [49_999, 1], 0)).toBe(0);
  });

  it("weighs a peak by the calls under way and forgets it while nobody asks", () => {
    const picker = pickerOf("peak-ewma", targetsOf([1, 1]));
    for (const [target, rttMs] of [
      [0, 100],
      [1, 900],
      [1, 100],
    ] as const)
      picker.ended?.({ target, result: RESULT_OK, rttMs, nowMs: 0 });
    expect(pick(picker, [7, 0], 0)).toBe(0);
    expect(pick(picker, [9, 0], 0)).toBe(1);
    picker.ended?.({ target: 0, result: RESULT_OK, rttMs: 100, nowMs: 30_000 });
    expect(pick(picker, [0, 0], 30_000)).toBe(1);
  });

  it("learns nothing from failures, quick or slow, but from timeouts", () => {
    const picker = pickerOf("peak-ewma", targetsOf([1, 1]));
    const learn = (target: number, result: number, rttMs: number): void =>
      picker.ended?.({ target, result, rttMs, nowMs: 0 });
    learn(0, RESULT_OK, 20);
    learn(1, RESULT_OK, 30);
    learn(0, RESULT_ERROR, 500);
    learn(0, RESULT_THROTTLED, 500);
    expect(pick(picker, [0, 0], 0)).toBe(0);
    learn(0, RESULT_TIMEOUT, 500);
    expect(pick(picker, [0, 0], 0)).toBe(1);
  });
});

describe("inverse-square-price", () => {
  it("needs as many failures in a row as it says, and a refusal for limits is none", () => {
    const targets = targetsOf([1, 1], (i) => ({ pricePerMTok: i + 1 }));
    const picker = pickerOf("inverse-square-price", targets);
    const cheapIsIn = (): boolean => picker.pick(fleetOf({}), 3, drawOf({ nowMs: 10 }), allOf(3)) === 0;
    const events = [RESULT_ERROR, RESULT_TIMEOUT, RESULT_OK, RESULT_ERROR, RESULT_THROTTLED, RESULT_ERROR];
    for (const result of events) picker.ended?.({ target: 0, result, rttMs: 5, nowMs: 5 });
    expect(cheapIsIn()).toBe(true);
    picker.ended?.({ target: 0, result: RESULT_TIMEOUT, rttMs: 5, nowMs: 5 });
    expect(cheapIsIn()).toBe(false);
  });

  it("gives everything to what costs nothing, and takes an unknown price for the highest", () => {
    const prices = [1, 0, undefined, 2];
    const targets = targetsOf([1, 1, 1, 1], (i) =>
      prices[i] === undefined ? {} : { pricePerMTok: prices[i]! },
    );
    const picker = pickerOf("inverse-square-price", targets);
    const ask = (mask: number, u: number): number =>
      picker.pick(fleetOf({}), mask, drawOf({ u }), allOf(mask));
    expect([0, 0.5, 0.999].map((u) => ask(15, u))).toEqual([1, 1, 1]);
    // Weights 1, 1/4 and 1/4: the unknown price counts as 2.
    expect([0.66, 0.67, 0.83, 0.84].map((u) => ask(13, u))).toEqual([0, 2, 2, 3]);
  });
});

describe("waterfall", () => {
  const targets: readonly StrategyTarget[] = targetsOf([1, 1, 1, 1], (i) => ({
    capacity: 10,
    tier: i === 3 ? 1 : 0,
  }));
  const rttMs = [10, 5, 20, 1];
  const ask = (
    options: Partial<StrategyConfig>,
    inFlight: readonly number[],
    { lawful = 15, candidates = 15 } = {},
  ): { chosen: number; capped: boolean } => {
    const sets = { lawful, healthy: lawful, reason: 0 };
    const picker = pickerOf({ ...STRATEGIES.waterfall.defaults, ...options } as StrategyConfig, targets);
    const chosen = picker.pick(fleetOf({ inFlight }), candidates, drawOf({ rttMs }), sets);
    return { chosen, capped: (sets.reason & REASON_SPILL_CAPPED) !== 0 };
  };

  it("fills the nearest of the best tier to its share, then the next, then the next tier", () => {
    expect(ask({}, [0, 7, 0, 0])).toEqual({ chosen: 1, capped: false });
    expect(ask({}, [0, 8, 0, 0])).toEqual({ chosen: 0, capped: false });
    expect(ask({}, [8, 8, 0, 0])).toEqual({ chosen: 2, capped: false });
    expect(ask({}, [8, 8, 8, 0])).toEqual({ chosen: 3, capped: false });
  });

  it("goes to the least full once all are filled, and leaves the request at home where that would pass the cap", () => {
    expect(ask({}, [9, 9, 8, 9])).toEqual({ chosen: 2, capped: false });
    expect(ask({}, [10, 10, 10, 10])).toEqual({ chosen: 1, capped: true });
    expect(ask({ spillCap: Number.POSITIVE_INFINITY }, [10, 12, 11, 11])).toEqual({
      chosen: 0,
      capped: false,
    });
  });

  it("holds spilled load below a cap that is lower than the fill", () => {
    expect(ask({ spillCap: 0.5 }, [5, 8, 5, 4])).toEqual({ chosen: 3, capped: false });
    expect(ask({ spillCap: 0.5 }, [5, 8, 5, 5])).toEqual({ chosen: 1, capped: true });
  });

  it("with the home gone, still takes no receiver beyond the cap where it is to refuse", () => {
    const gone = { candidates: 13 };
    expect(ask({ onCapped: "refuse" }, [9, 0, 10, 10], gone)).toEqual({ chosen: 0, capped: true });
    expect(ask({ onCapped: "refuse" }, [10, 0, 10, 10], gone)).toEqual({ chosen: -1, capped: true });
    expect(ask({ onCapped: "stay" }, [10, 0, 10, 10], gone)).toEqual({ chosen: 0, capped: true });
    // Where it may not lawfully go at all, the gone one is nobody's home.
    expect(ask({ onCapped: "refuse" }, [10, 0, 10, 10], { ...gone, lawful: 13 }).chosen).toBe(0);
  });

  it("never finds a target full that states no capacity", () => {
    const open = targetsOf([1, 1]);
    const picker = pickerOf("waterfall", open);
    const fleet = fleetOf({ inFlight: [1e6, 0] });
    expect(picker.pick(fleet, 3, drawOf({ rttMs: [1, 2] }), allOf(3))).toBe(0);
  });
});
