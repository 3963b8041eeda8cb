/** Selection of the best: right as often as promised, with common luck and without, however it is asked for. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KnRule, TakeValues } from "../../../src/experiment/statistics/select.js";
import { statistics } from "./bundled.js";
import { normals } from "./noise.js";

const { knSelect, ocbaFractions, ocbaSelect } = statistics;

const RULE: KnRule = { best: "highest", alpha: 0.05, delta: 0.5, n0: 10, most: 100_000 };

/** Systems with these means and sd 1, `shared` of the variance being luck they have in common. */
function world(means: readonly number[], shared: number, normal: () => number): TakeValues {
  const common: number[] = [];
  return (asked) =>
    asked.map(({ system, index }) => {
      while (common.length <= index) common.push(normal());
      return means[system]! + Math.sqrt(shared) * common[index]! + Math.sqrt(1 - shared) * normal();
    });
}

/** Share of right choices, and values taken, over many selections among 5 systems of which the last is best by delta. */
async function tried(
  shared: number,
  best: "highest" | "lowest",
  selections = 2000,
): Promise<{ right: number; taken: number }> {
  const normal = normals(`kn${shared}${best}`);
  const last = best === "highest" ? RULE.delta : -RULE.delta;
  let [right, taken] = [0, 0];
  for (let k = 0; k < selections; k += 1) {
    const found = await knSelect(5, world([0, 0, 0, 0, last], shared, normal), { ...RULE, best });
    expect(found.guaranteed).toBe(true);
    if (found.best === 4) right += 1;
    taken += found.taken;
  }
  return { right: right / selections, taken: taken / selections };
}

describe("a selection by KN", () => {
  it.each([
    [0, "highest"],
    [0, "lowest"],
    [0.6, "highest"],
  ] as const)(
    "is right in at least 95 % where the best is hardest to tell, common luck %f, %s",
    async (shared, best) => {
      const { right } = await tried(shared, best);
      expect(right).toBeGreaterThanOrEqual(0.95);
    },
    20_000,
  );

  it("needs less with common luck", async () => {
    const [apart, common] = [await tried(0, "highest", 200), await tried(0.6, "highest", 200)];
    expect(common.taken).toBeLessThan(0.6 * apart.taken);
  });

  it("is the same however many replications are asked for at a time", async () => {
    const property = fc.asyncProperty(
      fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 2, max: 200 }),
      fc.nat(),
      async (means, ahead, most, seed) => {
        // Values by system and index alone, as a replication's are.
        let rounds = 0;
        const take: TakeValues = (asked) => {
          rounds += 1;
          return asked.map(({ system, index }) => {
            const bits = Math.imul(seed + 1, 2654435761) ^ Math.imul(index * 8 + system + 1, 40503);
            return means[system]! + ((Math.imul(bits ^ (bits >>> 15), 2246822519) >>> 8) / 2 ** 24) * 2;
          });
        };
        const one = await knSelect(means.length, take, { ...RULE, most });
        rounds = 0;
        const many = await knSelect(means.length, take, { ...RULE, most, ahead });
        const first = Math.min(RULE.n0, most);
        expect(rounds).toBe(1 + Math.ceil((Math.max(...many.counts) - first) / ahead));
        expect({ ...many, taken: 0 }).toEqual({ ...one, taken: 0 });
        expect(many.taken).toBeGreaterThanOrEqual(one.taken);
        expect(many.taken).toBeLessThanOrEqual(one.taken + means.length * (ahead - 1));
        expect(Math.max(...many.counts)).toBeLessThanOrEqual(most);
        const top = Math.max(...one.remaining.map((i) => one.means[i]!));
        expect(one.means[one.best]).toBe(top);
      },
    );
    await fc.assert(property, { seed: 5, numRuns: 200 });
  });

  it("goes to the earlier of equal systems, and drops whoever is worse without spread", async () => {
    const constant =
      (means: readonly number[]): TakeValues =>
      (asked) =>
        asked.map(({ system }) => means[system]!);
    expect((await knSelect(3, constant([1, 2, 2]), RULE)).best).toBe(1);
    expect((await knSelect(3, constant([1, 2, 2]), RULE)).remaining).toEqual([1, 2]);
    expect((await knSelect(3, constant([2, 1, 2]), { ...RULE, best: "lowest" })).remaining).toEqual([1]);
    expect((await knSelect(1, constant([7]), RULE)).counts).toEqual([10]);
  });

  it("that was given up says that it promises nothing", async () => {
    const found = await knSelect(2, world([0, 0.01], 0, normals("given up")), {
      ...RULE,
      delta: 0.001,
      most: 50,
    });
    expect(found.guaranteed).toBe(false);
    expect(found.remaining).toEqual([0, 1]);
    expect(found.counts).toEqual([50, 50]);
  });
});

describe("a budget shared out by OCBA", () => {
  it("sums to one, gives the close ones more, and nothing to what has no spread", () => {
    const property = fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 3 })), {
        minLength: 1,
        maxLength: 7,
      }),
      (systems) => {
        const [means, sds] = [systems.map(([mean]) => mean), systems.map(([, sd]) => sd)];
        const fractions = ocbaFractions(means, sds, "max");
        expect(Math.abs(fractions.reduce((sum, f) => sum + f, 0) - 1)).toBeLessThan(1e-12);
        const mirrored = ocbaFractions(
          means.map((mean) => -mean),
          sds,
          "min",
        );
        expect(mirrored).toEqual(fractions);
      },
    );
    fc.assert(property, { seed: 6, numRuns: 1000 });
    const [, near, far, still] = ocbaFractions([0, 1, 2, 1], [1, 1, 1, 0], "min");
    expect(near! / far!).toBeCloseTo(4, 10);
    expect(still).toBe(0);
  });

  it("goes to systems that look equal to the best, and to all alike where nothing varies", () => {
    expect(ocbaFractions([0, 0, 5], [1, 1, 1], "min")).toEqual([0.5, 0.5, 0]);
    expect(ocbaFractions([0, 1], [0, 0], "min")).toEqual([0.5, 0.5]);
  });

  it("is spent to the last replication, and is right more often than equal shares", async () => {
    const means = [0, 0, 0, 0, 0, 0, 0.3, 0.6];
    const normal = normals("ocba");
    const spend = async (step: number): Promise<number> => {
      let right = 0;
      for (let k = 0; k < 1000; k += 1) {
        const found = await ocbaSelect(means.length, world(means, 0, normal), {
          best: "max",
          n0: step === 0 ? 25 : 8,
          total: 200,
          step,
        });
        expect(found.counts.reduce((sum, n) => sum + n, 0)).toBe(200);
        expect(found.chance).toBeLessThanOrEqual(1);
        if (found.best === 7) right += 1;
      }
      return right / 1000;
    };
    const [equal, shared] = [await spend(0), await spend(15)];
    // Three standard errors of the difference of two shares of 1000.
    expect(shared).toBeGreaterThan(equal + 0.05);
  });
});
