import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fairFlow } from "../../src/result/fairFlow.js";

interface Instance {
  readonly demands: readonly number[];
  readonly masks: readonly number[];
  readonly capacities: readonly number[];
}

/** Few small whole numbers, so that ties, zeros and exact fits are common. */
const instance: fc.Arbitrary<Instance> = fc
  .record({ groups: fc.integer({ min: 1, max: 5 }), endpoints: fc.integer({ min: 1, max: 5 }) })
  .chain(({ groups, endpoints }) =>
    fc.record({
      demands: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: groups, maxLength: groups }),
      masks: fc.array(fc.nat((1 << endpoints) - 1), { minLength: groups, maxLength: groups }),
      capacities: fc.array(fc.integer({ min: 0, max: 10 }), { minLength: endpoints, maxLength: endpoints }),
    }),
  );

function capacityOf(mask: number, capacities: readonly number[]): number {
  return capacities.reduce((sum, capacity, e) => sum + (((mask >> e) & 1) === 1 ? capacity : 0), 0);
}

/** Every set of demands tried: its demand, and the capacity any of them may use. */
function cuts({ demands, masks, capacities }: Instance): { asked: number; usable: number; set: number }[] {
  return Array.from({ length: 1 << demands.length }, (_, set) => {
    const inside = demands.map((_, g) => ((set >> g) & 1) === 1);
    const asked = demands.reduce((sum, demand, g) => sum + (inside[g] ? demand : 0), 0);
    const mask = masks.reduce((union, m, g) => (inside[g] ? union | m : union), 0);
    return { asked, usable: capacityOf(mask, capacities), set };
  });
}

function solve({ demands, masks, capacities }: Instance): ReturnType<typeof fairFlow> {
  return fairFlow(Float64Array.from(demands), masks, capacities);
}

function carried({ demands }: Instance, shares: Float64Array): number {
  return demands.reduce((sum, demand, g) => sum + demand * shares[g]!, 0);
}

describe("the fair flow", () => {
  it("leaves exactly the largest excess of any set of demands over what the set may use", () => {
    fc.assert(
      fc.property(instance, (given) => {
        const { shares } = solve(given);
        const worst = Math.max(...cuts(given).map(({ asked, usable }) => asked - usable));
        const asked = given.demands.reduce((sum, demand) => sum + demand, 0);
        expect(asked - carried(given, shares)).toBeCloseTo(worst, 9);
      }),
      { seed: 41, numRuns: 2000 },
    );
  });

  it("carries no set of demands beyond what the set may use", () => {
    fc.assert(
      fc.property(instance, (given) => {
        const { shares } = solve(given);
        for (const { usable, set } of cuts(given)) {
          const served = given.demands.map((demand, g) => (((set >> g) & 1) === 1 ? demand * shares[g]! : 0));
          expect(served.reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(usable + 1e-9);
        }
      }),
      { seed: 42, numRuns: 1000 },
    );
  });

  it("has as headroom the smallest ratio of usable capacity to demand", () => {
    fc.assert(
      fc.property(instance, (given) => {
        const ratios = cuts(given).flatMap(({ asked, usable }) => (asked === 0 ? [] : [usable / asked]));
        const least = ratios.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...ratios);
        const { headroom } = solve(given);
        if (least === Number.POSITIVE_INFINITY) expect(headroom).toBe(least);
        else expect(headroom).toBeCloseTo(least, 9);
      }),
      { seed: 43, numRuns: 1000 },
    );
  });

  it("gives nobody more while somebody who could use it has a smaller share", () => {
    fc.assert(
      fc.property(instance, (given) => {
        const { demands, masks } = given;
        const { shares } = solve(given);
        const sets = cuts(given);
        demands.forEach((demand, g) => {
          if (demand === 0 || shares[g]! >= 1) return;
          // A set that is full, that g is in, and in which nobody has a larger share than g: g cannot have more.
          const isHeld = sets.some(({ usable, set }) => {
            if (((set >> g) & 1) === 0) return false;
            const members = demands.map((_, i) => i).filter((i) => ((set >> i) & 1) === 1);
            const sum = members.reduce((total, i) => total + demands[i]! * shares[i]!, 0);
            return (
              Math.abs(sum - usable) < 1e-9 &&
              members.every((i) => demands[i] === 0 || shares[i]! <= shares[g]! + 1e-9)
            );
          });
          expect(isHeld, `demand ${g} of ${JSON.stringify({ demands, masks })}: ${[...shares]}`).toBe(true);
        });
      }),
      { seed: 44, numRuns: 500 },
    );
  });

  it("does not depend on the order of the demands or of the endpoints", () => {
    fc.assert(
      fc.property(instance, (given) => {
        const { shares } = solve(given);
        const backwards = solve({
          demands: [...given.demands].reverse(),
          masks: [...given.masks].reverse(),
          capacities: given.capacities,
        });
        [...backwards.shares].reverse().forEach((share, g) => {
          expect(share).toBeCloseTo(shares[g]!, 9);
        });
      }),
      { seed: 45, numRuns: 500 },
    );
  });

  it("carries everything where nothing bounds it, and nothing where nothing is lawful", () => {
    const { shares, headroom } = fairFlow(Float64Array.of(5, 7), [1, 0], [Number.POSITIVE_INFINITY]);
    expect([...shares]).toEqual([1, 0]);
    expect(headroom).toBe(0);
    expect(fairFlow(Float64Array.of(5), [1], [Number.POSITIVE_INFINITY]).headroom).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(fairFlow(Float64Array.of(0), [0], [1]).headroom).toBe(Number.POSITIVE_INFINITY);
  });

  it("finds the refusals of the published example in which EU users may not leave", () => {
    // us-e, us-w, eu-w, eu-c; US users may go anywhere, EU users only to the last two.
    const refused = (capacities: readonly number[], us = 0b1111): number => {
      const demands = Float64Array.of(120, 100);
      const { shares } = fairFlow(demands, [us, 0b1100], capacities);
      return demands.reduce((sum, demand, g) => sum + demand * (1 - shares[g]!), 0);
    };
    expect(refused([100, 100, 80, 80])).toBeCloseTo(0);
    expect(refused([100, 100, 80, 0])).toBeCloseTo(20);
    expect(refused([0, 100, 80, 80])).toBeCloseTo(0);
    expect(refused([0, 100, 80, 80], 0b0011)).toBeCloseTo(20);
    // 220 asked of 180 in all: more than the EU's own excess of 20.
    expect(refused([0, 100, 0, 80])).toBeCloseTo(40);
    expect(refused([0, 0, 80, 80])).toBeCloseTo(60);
  });
});
