/** What every strategy must keep; each strategy's test begins with it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bitCount, type Draw, type Fleet, type Strategy } from "../../src/policy/index.js";

const COUNT = 31;
const luckArb = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const fleetArb = fc.record({
  // Few distinct values, so that ties are common.
  inFlight: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: COUNT, maxLength: COUNT }),
  weight: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: COUNT, maxLength: COUNT }),
});
const drawArb = fc.record({
  u: luckArb,
  v: luckArb,
  rttMs: fc.array(fc.constantFrom(10, 20, Number.NaN, Number.POSITIVE_INFINITY), { maxLength: COUNT }),
});
const maskArb = fc.integer({ min: 1, max: 0x7fffffff });
const runs = { seed: 20260501, numRuns: 2000 };

/** Asserts the contract of `Strategy` for one implementation. */
export function strategyContract(name: StrategyName): void {
  const strategy = strategyOf(strategyConfig(name)!);
  const picker = fresh(name);

  describe(`${name} keeps the contract of a strategy`, () => {
    it("is registered under its own name", () => {
      expect(strategy.name).toBe(name);
    });

    it("never leaves the candidates, whatever the fleet and the luck", () => {
      fc.assert(
        fc.property(fleetArb, maskArb, drawArb, (fleet, mask, draw) => {
          const chosen = picker.pick(fleet, mask, draw);
          expect(chosen).toBeGreaterThanOrEqual(0);
          expect(mask & (1 << chosen)).not.toBe(0);
        }),
        runs,
      );
    });

    it("answers -1 when there is no candidate", () => {
      fc.assert(
        fc.property(fleetArb, drawArb, (fleet, draw) => picker.pick(fleet, 0, draw) === -1),
        runs,
      );
    });

    it("takes a lone candidate whatever its load, weight and distance", () => {
      fc.assert(
        fc.property(fleetArb, fc.integer({ min: 0, max: COUNT - 1 }), drawArb, (fleet, only, draw) => {
          expect(picker.pick(fleet, 1 << only, draw)).toBe(only);
        }),
        runs,
      );
    });

    it("gives the same answer to the same question, and changes none of its arguments", () => {
      fc.assert(
        fc.property(fleetArb, maskArb, drawArb, (fleet, mask, draw) => {
          const before = JSON.stringify({ fleet, draw });
          const first = picker.pick(fleet, mask, draw);
          picker.pick(fleet, 0x7fffffff, { ...draw, u: 0.5, v: 0.5 });
          expect(picker.pick(fleet, mask, draw)).toBe(first);
          expect(JSON.stringify({ fleet, draw })).toBe(before);
        }),
        runs,
      );
    });

    it("reads nothing of the question but the two draws and the round trips", () => {
      const seen = new Set<PropertyKey>();
      const draw: Draw = { u: 0.3, v: 0.6, rttMs: [3, 1, 2] };
      const spy = new Proxy(draw, {
        get(object, key) {
          seen.add(key);
          return object[key as keyof Draw];
        },
      });
      const fleet: Fleet = { inFlight: [1, 2, 3], weight: [1, 1, 1] };
      picker.pick(fleet, 7, spy);
      for (const key of seen) expect(["u", "v", "rttMs"]).toContain(key);
    });

    it("gives an unlucky draw just below 1 to a candidate too", () => {
      const u = 1 - 2 ** -53;
      fc.assert(
        fc.property(fleetArb, maskArb, (fleet, mask) => {
          const chosen = picker.pick(fleet, mask, { u, v: u, rttMs: [] });
          expect(bitCount(mask & (1 << chosen))).toBe(1);
        }),
        runs,
      );
    });
  });
}
