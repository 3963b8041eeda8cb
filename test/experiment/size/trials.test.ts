import { describe, expect, it } from "vitest";
import { chooseFinalist } from "../../../src/experiment/size/choice.js";
import { decide } from "../../../src/experiment/size/decide.js";
import { settle } from "../../../src/experiment/size/search.js";
import { Trials } from "../../../src/experiment/size/trials.js";
import { roundsUpTo } from "../../../src/experiment/size/types.js";
import { CALM, knob, REFUSED, toyModel } from "./toy.js";

const RULE = { rounds: roundsUpTo(16), confidence: 0.95 };
const numbers = (...values: readonly number[]) => values.map((value) => ({ pass: value <= 1, value }));

describe("a decision", () => {
  it("on a number takes an interval on one side of the target", () => {
    expect(decide(REFUSED, numbers(0.1, 0.2, 0.15, 0.1), 0.95)).toEqual({ decision: "holds", value: 0.1375 });
    expect(decide(REFUSED, numbers(0.5, 1.6, 0.4, 1.2), 0.95).decision).toBe("undecided");
    expect(decide(REFUSED, numbers(1.5, 1.6, 1.4, 1.5), 0.95).decision).toBe("misses");
    expect(decide(REFUSED, numbers(0.9), 0.95).decision).toBe("holds");
    expect(decide(REFUSED, numbers(1, 1), 0.95).decision).toBe("holds");
    expect(decide({ ...REFUSED, operator: "<" }, numbers(1, 1), 0.95).decision).toBe("misses");
    expect(decide({ ...REFUSED, operator: ">=" }, numbers(1.5, 1.6, 1.4, 1.5), 0.95).decision).toBe("holds");
  });

  it("on a word takes every replication, and a word in place of a number is a miss", () => {
    const calm = { pass: true, value: "none" };
    const storm = { pass: false, value: "metastable" };
    expect(decide(CALM, [calm, calm], 0.95)).toEqual({ decision: "holds", value: "none" });
    expect(decide(CALM, [calm, storm, calm], 0.95)).toEqual({ decision: "misses", value: "metastable" });
    const never = { pass: false, value: "never" };
    expect(decide(REFUSED, [...numbers(0, 0, 0), never], 0.95)).toEqual({
      decision: "misses",
      value: "never",
    });
  });
});

describe("trials", () => {
  it("never run a size twice, and end with the first loss that misses", async () => {
    const { model, asked } = toyModel({
      losses: ["normal", "without a", "without b"],
      mean: ([n], loss) => (loss === 1 && n! < 20 ? 3 : 0),
      noise: 0,
    });
    const trials = new Trials(model, RULE);
    expect(await trials.meets([10])).toBe(false);
    // Two of the hardest, then two of the next, which misses: the normal state is not run at all.
    expect(asked()).toBe(4);
    expect(trials.list).toEqual([
      {
        values: [10],
        replications: 4,
        verdict: "misses",
        because: { loss: "without a", objective: "refused <= 1", value: 3 },
      },
    ]);
    expect(await trials.meets([10])).toBe(false);
    expect(await trials.meets([12])).toBe(false);
    // That loss is now the first to be tried.
    expect(asked()).toBe(6);
    expect(await trials.meets([20])).toBe(true);
    expect(asked()).toBe(6 + 3 * 4);
    expect(await trials.confirm([20])).toBe(true);
    expect(asked()).toBe(6 + 3 * 16);
  });

  it("let no rare failure through: what few replications miss the confirmation finds", async () => {
    let passed = 0;
    for (let i = 0; i < 200; i++) {
      const { model } = toyModel({ mean: () => 0, noise: 0, storm: () => 0.2, seed: `storm-${i}` });
      const trials = new Trials(model, RULE);
      if (await trials.confirm([1])) passed += 1;
    }
    // One minus Wilson's lower bound of 16 of 16 is 19.4 %: 0.8^16 = 2.8 % of 200 are 5.6, and 14 are four deviations more.
    expect(passed).toBeLessThanOrEqual(15);
    const { model } = toyModel({ mean: () => 0, noise: 0, storm: () => 0 });
    expect(await new Trials(model, RULE).confirm([1])).toBe(true);
  });

  it("no longer ask for what is set aside", async () => {
    const { model } = toyModel({ losses: ["normal", "without a"], mean: (_, loss) => loss * 2, noise: 0 });
    const trials = new Trials(model, RULE);
    const misses = await trials.misses([50]);
    expect(misses).toMatchObject([{ loss: 1, target: 0, decided: { value: 2 } }]);
    expect(trials.list).toMatchObject([{ values: [50], verdict: "misses", because: { value: 2 } }]);
    expect(await trials.meets([50])).toBe(false);
    trials.setAside(1, 0);
    expect(trials.isAsked(0, 1)).toBe(false);
    expect(await trials.meets([50])).toBe(true);
  });

  it("take a size that cannot be for one that misses, and say why", async () => {
    const { model } = toyModel({ mean: () => 0, noise: 0 });
    const picky = {
      ...model,
      observe: async (values: readonly number[], requests: Parameters<typeof model.observe>[1]) =>
        values[0]! < 3 ? "must be at least 3" : model.observe(values, requests),
    };
    const trials = new Trials(picky, RULE);
    expect(await trials.meets([2])).toBe(false);
    expect(trials.list[0]!.because).toMatchObject({ value: "must be at least 3" });
    expect(await trials.meets([3])).toBe(true);
  });
});

describe("the last steps", () => {
  it("go down from a size as long as one step less does", async () => {
    const asked: string[] = [];
    const found = await settle([knob(), knob({ unitCost: 2 })], [10, 10], async ([a, b]) => {
      asked.push(`${a} ${b}`);
      return a! + b! >= 17 && b! >= 8;
    });
    // The dearer one first.
    expect(found).toEqual([9, 8]);
    expect(asked).toEqual(["10 9", "10 8", "10 7", "9 8", "9 7", "8 8"]);
  });

  it("choose among sizes of nearly equal cost the one that is further from its targets, by more than noise", async () => {
    const near = toyModel({ mean: ([n]) => (n === 20 ? 0.9 : 0.3), noise: 0.02 });
    const trials = new Trials(near.model, RULE);
    for (const values of [[20], [21]]) await trials.confirm(values);
    expect(await chooseFinalist(near.model, trials, [[20], [21]], 0.05)).toBe(1);
    const same = toyModel({ mean: () => 0.5, noise: 0.02 });
    const others = new Trials(same.model, RULE);
    for (const values of [[20], [21]]) await others.confirm(values);
    expect(await chooseFinalist(same.model, others, [[20], [21]], 0.05)).toBe(0);
  });
});
