/** Sticky choices by a Maglev table: who owns how much, and who moves when somebody goes. */
import { describe, expect, it } from "vitest";
import { STRATEGIES } from "../../src/policy/strategies/index.js";
import { isPrime, maglevTable } from "../../src/policy/strategies/maglev.js";
import { luck } from "./helpers.js";
import { allOf, drawOf, fleetOf, pickerOf, targetsOf } from "./strategyWorlds.js";

const SIZE = 65_537;
const KEYS = 20_000;
const ids = (count: number) => targetsOf(new Array<number>(count).fill(1), (i) => ({ id: `eu-${i}` }));

/** Slots of each target. */
function slotsOf(table: Uint8Array, count: number): number[] {
  const slots = new Array<number>(count).fill(0);
  for (const owner of table) slots[owner]! += 1;
  return slots;
}

describe("a Maglev table", () => {
  it("gives equal targets the same number of slots, one more or less", () => {
    for (const count of [1, 2, 3, 7, 31]) {
      const slots = slotsOf(maglevTable(SIZE, ids(count)), count);
      expect(Math.max(...slots) - Math.min(...slots)).toBeLessThanOrEqual(1);
    }
  });

  it("gives weights their share of the slots to a hundredth of a point, and weight 0 none", () => {
    const weights = [5, 3, 1, 0, 0.5];
    const slots = slotsOf(maglevTable(SIZE, targetsOf(weights)), 5);
    slots.forEach((count, t) => {
      expect(Math.abs(count / SIZE - weights[t]! / 9.5)).toBeLessThan(0.0001);
    });
    expect(slots[3]).toBe(0);
  });

  it("is shared evenly where all weights are 0", () => {
    const slots = slotsOf(maglevTable(101, targetsOf([0, 0])), 2);
    expect(slots.reduce((a, b) => a + b)).toBe(101);
    expect(Math.abs(slots[0]! - slots[1]!)).toBe(1);
  });

  it("moves less than 2 % of the slots that need not move when one of twelve targets leaves the configuration", () => {
    const before = maglevTable(SIZE, ids(12));
    for (const gone of [0, 5, 11]) {
      const left = ids(12).filter((_, t) => t !== gone);
      const after = maglevTable(SIZE, left);
      let moved = 0;
      before.forEach((owner, slot) => {
        if (owner !== gone && left[after[slot]!]!.id !== `eu-${owner}`) moved += 1;
      });
      expect(moved).toBeGreaterThan(0);
      expect(moved / SIZE).toBeLessThan(0.02);
    }
  });

  it("is refused in a size that no permutation could fill", () => {
    expect(() => maglevTable(65_536, ids(3))).toThrow("tableSize must be a prime, got 65536");
    expect([2, 3, 65_537, 5_000_011].map(isPrime)).toEqual([true, true, true, true]);
    expect([0, 1, 4, 65_535, 2.5, Number.NaN].map(isPrime)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("maglev", () => {
  const weights = [4, 2, 1, 1];
  const targets = targetsOf(weights, (i) => ({ id: `eu-${i}` }));
  const picker = pickerOf("maglev", targets);
  const fleet = fleetOf({ weight: weights, inFlight: [0, 0, 0, 0] });
  const uniform = luck(20260504);
  const ask = (stickyKey: number, mask: number): number =>
    picker.pick(fleet, mask, drawOf({ stickyKey, u: uniform(), v: uniform() }), allOf(mask));

  it("answers a key by the key alone, and the next key elsewhere as often as weight says", () => {
    const counts = [0, 0, 0, 0];
    for (let key = 0; key < KEYS; key++) {
      const chosen = ask(key, 15);
      expect(ask(key, 15)).toBe(chosen);
      counts[chosen]! += 1;
    }
    counts.forEach((count, t) => {
      const share = weights[t]! / 8;
      const halfWidth = 4 * Math.sqrt((share * (1 - share)) / KEYS);
      expect(halfWidth).toBeLessThan(0.015);
      expect(Math.abs(count / KEYS - share), `${counts}`).toBeLessThan(halfWidth);
    });
  });

  it("moves no key whose target is still there, and spreads the others over the rest by weight", () => {
    const to = [0, 0, 0, 0];
    for (let key = 0; key < KEYS; key++) {
      const before = ask(key, 15);
      const after = ask(key, 14);
      if (before !== 0) expect(after).toBe(before);
      else to[after]! += 1;
    }
    const moved = to.reduce((a, b) => a + b);
    [0, 0.5, 0.25, 0.25].forEach((share, t) => {
      const halfWidth = 4 * Math.sqrt((share * (1 - share)) / moved);
      expect(halfWidth).toBeLessThan(0.025);
      expect(Math.abs(to[t]! / moved - share), `${to}`).toBeLessThanOrEqual(halfWidth);
    });
  });

  it("shares requests without a key by luck, as weight says", () => {
    const counts = [0, 0, 0, 0];
    for (let n = 0; n < KEYS; n++) counts[ask(-1, 15)]! += 1;
    counts.forEach((count, t) => {
      const share = weights[t]! / 8;
      expect(Math.abs(count / KEYS - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / KEYS));
    });
  });

  it("keeps large keys apart, and ends its walk where the only candidates own next to nothing", () => {
    const seen = new Set(Array.from({ length: 64 }, (_, n) => ask(2 ** 32 * n, 15)));
    expect(seen.size).toBe(4);
    const rare = targetsOf([1e6, 1, 1]);
    const sparse = pickerOf(STRATEGIES.maglev.defaults, rare);
    const rareFleet = fleetOf({ weight: [1e6, 1, 1] });
    for (let stickyKey = 0; stickyKey < 100; stickyKey++)
      expect([1, 2]).toContain(sparse.pick(rareFleet, 6, drawOf({ stickyKey }), allOf(6)));
  });
});
