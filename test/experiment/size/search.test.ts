import { describe, expect, it } from "vitest";
import {
  costOf,
  type Finalists,
  nearEqual,
  pointsAbove,
  searchLeast,
} from "../../../src/experiment/size/search.js";
import { Trials } from "../../../src/experiment/size/trials.js";
import { roundsUpTo, type SearchKnob } from "../../../src/experiment/size/types.js";
import { exceptionsOf } from "../../../src/experiment/size/words.js";
import { knob, type Toy, toyModel } from "./toy.js";

const RULE = { rounds: roundsUpTo(16), confidence: 0.95 };

/** Searches a rule without noise, and counts the sizes looked at. */
async function searchRule(
  knobs: readonly SearchKnob[],
  does: (values: readonly number[]) => boolean,
): Promise<{ readonly found: Finalists; readonly looked: number }> {
  const seen = new Set<string>();
  const found = await searchLeast(knobs, async (values) => {
    seen.add(values.join(" "));
    return does(values);
  });
  return { found, looked: seen.size };
}

describe("one knob", () => {
  it("finds every threshold from one step to the most, by halves", async () => {
    for (let threshold = 1; threshold <= 80; threshold++) {
      const { found, looked } = await searchRule([knob()], ([n]) => n! >= threshold);
      expect(found).toEqual([[threshold]]);
      // ⌈log2 80⌉ = 7 halves, and one look at what the file says.
      expect(looked).toBeLessThanOrEqual(8);
    }
  });

  it("finds thresholds in whole steps where only those are sold", async () => {
    const tokens = knob({ from: 4_000_000, step: 10_000, most: 32_000_000 });
    const { found } = await searchRule([tokens], ([n]) => n! >= 5_123_456);
    expect(found).toEqual([[5_130_000]]);
  });
});

describe("several knobs", () => {
  const two = [knob(), knob()];

  it("ends where no knob can be lowered by one step, for any rule that more does not break", async () => {
    const rules: readonly ((values: readonly number[]) => boolean)[] = [
      ([a, b]) => a! + b! >= 33,
      ([a, b]) => Math.min(a!, b!) >= 12,
      ([a, b]) => a! * b! >= 200,
      ([a, b]) => a! >= 7 && b! >= 31,
      ([a, b]) => 2 * a! + b! >= 50 && b! >= 5,
    ];
    for (const does of rules) {
      const { found } = await searchRule(two, does);
      for (const values of found) {
        expect(does(values)).toBe(true);
        for (const k of [0, 1]) {
          const less = values.map((n, i) => (i === k ? n - 1 : n));
          expect(less[k] === 0 || !does(less)).toBe(true);
        }
      }
    }
  });

  it("lets the cheap region carry what the dear one need not", async () => {
    const priced = [knob({ unitCost: 10 }), knob({ unitCost: 1 })];
    const does = ([a, b]: readonly number[]): boolean => a! + b! >= 33 && a! >= 4;
    const { found } = await searchRule(priced, does);
    expect(found[0]).toEqual([4, 29]);
    const swapped = await searchRule([...priced].reverse(), ([a, b]) => a! + b! >= 33 && b! >= 4);
    expect(swapped.found[0]).toEqual([29, 4]);
  });

  it("keeps alike regions alike where prices do not differ", async () => {
    const three = [knob(), knob(), knob()];
    // Any two of the three must carry 60.
    const { found } = await searchRule(three, (v) => v.reduce((sum, n) => sum + n, 0) - Math.max(...v) >= 60);
    expect(found[0]).toEqual([30, 30, 30]);
  });

  it("takes finalists within one step of the cheapest for equally good", () => {
    const priced = [knob({ unitCost: 3 }), knob({ unitCost: 1 })];
    const finalists = [
      [4, 20],
      [5, 20],
      [6, 20],
    ];
    expect(finalists.map((values) => costOf(priced, values))).toEqual([32, 35, 38]);
    expect(nearEqual(priced, finalists)).toEqual([
      [4, 20],
      [5, 20],
    ]);
  });

  it("looks above the answer at no more than three sizes, none beyond the most", () => {
    expect(pointsAbove([knob()], [40])).toEqual([[50], [60], [80]]);
    expect(pointsAbove([knob()], [70])).toEqual([[80]]);
    expect(pointsAbove([knob()], [80])).toEqual([]);
    expect(pointsAbove(two, [1, 1])).toEqual([[2, 2]]);
  });
});

describe("noise", () => {
  /** Falls by a fifth of the limit a step about the threshold. */
  const falling =
    (threshold: number): Toy["mean"] =>
    ([n]) =>
      1 + 0.2 * (threshold - 0.5 - n!);

  async function answer(toy: Toy, rule = RULE): Promise<{ readonly n: number; readonly asked: number }> {
    const { model, asked } = toyModel(toy);
    const trials = new Trials(model, rule);
    const [found] = await searchLeast([knob()], (values) => trials.meets(values));
    return { n: found![0]!, asked: asked() };
  }

  it("returns the true threshold in at least 95 % of searches where half a step is one standard deviation", async () => {
    const SEARCHES = 800;
    let right = 0;
    let below = 0;
    let replications = 0;
    for (let i = 0; i < SEARCHES; i++) {
      const threshold = 5 + (i % 60);
      const { n, asked } = await answer(
        { mean: falling(threshold), noise: 0.1, seed: `search-${i}` },
        { ...RULE, rounds: roundsUpTo(32) },
      );
      if (n === threshold) right += 1;
      if (n < threshold) below += 1;
      replications += asked;
    }
    // Were it 95 % exactly, four standard errors over 800 searches would be 3.1 %: it is well above.
    expect(right / SEARCHES).toBeGreaterThanOrEqual(0.95);
    expect(below / SEARCHES).toBeLessThanOrEqual(0.025);
    // Eight sizes of 32 replications would be 256.
    expect(replications / SEARCHES).toBeLessThan(80);
  });

  it("calls a size that misses by nothing good enough in at most 5 % of tests, and an undecided one never", async () => {
    const TESTS = 1500;
    let wrong = 0;
    for (let i = 0; i < TESTS; i++) {
      const { model } = toyModel({ mean: () => 1 + 1e-9, noise: 0.3, seed: `edge-${i}` });
      if (await new Trials(model, RULE).meets([1])) wrong += 1;
    }
    expect(wrong / TESTS).toBeLessThanOrEqual(0.05);
    // Were nothing ever called good, the rule would not be one of confidence.
    expect(wrong / TESTS).toBeGreaterThan(0.005);
  });

  it("finds a larger size where noise is larger, never a smaller one", async () => {
    const quiet = await answer({ mean: falling(30), noise: 0, seed: "same" });
    expect(quiet.n).toBe(30);
    for (const noise of [0.4, 1.5]) {
      const { n } = await answer({ mean: falling(30), noise, seed: "same" });
      expect(n).toBeGreaterThanOrEqual(30);
      expect(n).toBeLessThan(30 + 20 * noise);
    }
  });
});

describe("more that does worse", () => {
  it("is named when a larger size was tried and missed", async () => {
    // Twenty to thirty do, forty and more do not, a hundred and more do again.
    const { model } = toyModel({
      mean: ([n]) => ((n! >= 20 && n! < 40) || n! >= 70 ? 0 : 2),
      noise: 0.1,
    });
    const trials = new Trials(model, RULE);
    const knobs = [knob({ from: 25 })];
    const [found] = await searchLeast(knobs, (values) => trials.meets(values));
    expect(found).toEqual([20]);
    for (const values of pointsAbove(knobs, found!)) await trials.meets(values);
    expect(exceptionsOf(trials.list)).toEqual([
      "40 misses refused <= 1 (normal) although 25 meets everything",
    ]);
  });

  it("is not found where there is none", async () => {
    const { model } = toyModel({ mean: ([n]) => (n! >= 20 ? 0 : 2), noise: 0.1 });
    const trials = new Trials(model, RULE);
    const [found] = await searchLeast([knob()], (values) => trials.meets(values));
    for (const values of pointsAbove([knob()], found!)) await trials.meets(values);
    expect(exceptionsOf(trials.list)).toEqual([]);
  });
});
