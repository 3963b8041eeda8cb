/** Theorems 1 and 2 of Huang et al. (OSDI 2022), each over four hundred random systems. Nothing in them is luck but the choice. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/scenario/scenario.js";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { asTrace, brownout, lateShare, outage, storm } from "./theoryStorm.js";

const CASES = { seed: 2022, numRuns: 400 } as const;
const AT_S = 12;
const CAPACITY = 12;

/** Even demand of `perSecond`, and `surged` from `fromS` to `toS`. */
function stepped(
  perSecond: number,
  surged: number,
  [fromS, toS, lengthS]: readonly [number, number, number],
): Float64Array {
  const times: number[] = [];
  for (let at = 0; at < lengthS; at += 1 / (at >= fromS && at < toS ? surged : perSecond))
    times.push(Math.floor(at * 1e6));
  return Float64Array.from(times);
}

withOverloadChecks((checks) => {
  describe("Theorem 1", () => {
    const { expected } = checkCalled(checks, "M-OSDI22-T1");
    it("M-OSDI22-T1: triggers that leave room for the load never leave it down", () => {
      let retried = 0;
      const system = fc.record({
        load: fc.double({ min: 0.2, max: 0.9, noNaN: true }),
        /** Of the slack; the two together stay below all of it. */
        ofLoad: fc.double({ min: 0, max: 0.95, noNaN: true }),
        ofCapacity: fc.double({ min: 0, max: 1, noNaN: true }),
        retries: fc.integer({ min: 0, max: 5 }),
        patienceS: fc.double({ min: 0.5, max: 5, noNaN: true }),
        forS: fc.integer({ min: 1, max: 30 }),
      });
      fc.assert(
        fc.property(system, ({ load, ofLoad, ofCapacity, retries, patienceS, forS }) => {
          const perSecond = load * CAPACITY;
          const slack = CAPACITY - perSecond;
          const loadTrigger = ofLoad * slack;
          const capacityTrigger = (0.95 - ofLoad) * ofCapacity * slack;
          const lengthS = AT_S + forS + 75;
          const faults: readonly Fault[] =
            capacityTrigger > 0.001 * CAPACITY ? [brownout(AT_S, forS, 1 - capacityTrigger / CAPACITY)] : [];
          const scenario = storm({ perSecond, capacityPerS: CAPACITY, patienceS, retries, lengthS, faults });
          const times = stepped(perSecond, perSecond + loadTrigger, [AT_S, AT_S + forS, lengthS]);
          const result = runScenario(asTrace(scenario, times, new Int32Array(times.length)));
          retried += result.attempts.clientRetries;
          expect(result.cascade.metastable).toBe(expected.metastableCount !== 0);
          expect(lateShare(result, 30)).toBeGreaterThan(0.9);
        }),
        CASES,
      );
      // The slack is never used up, so nobody waits long enough to ask again.
      expect(retried).toBe(0);
    });

    it("says nothing once the triggers exceed the slack: such a system can stay down", () => {
      const result = runScenario(
        storm({
          perSecond: 0.8 * CAPACITY,
          capacityPerS: CAPACITY,
          patienceS: 3,
          retries: 4,
          lengthS: 150,
          faults: [brownout(AT_S, 20, 0.3)],
        }),
      );
      expect(result.cascade.boundary!.overloadPossible).toBe(true);
      expect(result.cascade.metastable).toBe(true);
    });
  });

  describe("Theorem 2", () => {
    const { expected } = checkCalled(checks, "M-OSDI22-T2");
    it("M-OSDI22-T2: a load that fits with all its retries always comes back", () => {
      let tipped = 0;
      const system = fc.record({
        retries: fc.integer({ min: 0, max: 4 }),
        /** Of the share that is stable, as in the example of the check: below 1 / (1 + R). */
        ofStable: fc.double({ min: 0.2, max: 0.85, noNaN: true }),
        patienceS: fc.double({ min: 0.5, max: 4, noNaN: true }),
        forS: fc.integer({ min: 1, max: 30 }),
        whole: fc.boolean(),
      });
      fc.assert(
        fc.property(system, ({ retries, ofStable, patienceS, forS, whole }) => {
          const perSecond = (ofStable * CAPACITY) / (1 + retries);
          // All tries of the fault and of one patience after it, worked off at what the load with its retries leaves.
          const boundS =
            (perSecond * (1 + retries) * (forS + (1 + retries) * patienceS)) / (CAPACITY * (1 - ofStable));
          const lengthS = Math.ceil(AT_S + forS + boundS + 75);
          const fault = whole ? outage(AT_S, forS) : brownout(AT_S, forS, 0.05);
          const result = runScenario(
            storm({ perSecond, capacityPerS: CAPACITY, patienceS, retries, lengthS, faults: [fault] }),
          );
          tipped += result.attempts.clientTimeouts > 0 ? 1 : 0;
          // Ten seconds of the slowest demand are eight requests; the last of them may still be on its way.
          expect(lateShare(result, 60)).toBeGreaterThan(0.97);
          expect(result.cascade.boundary!.alwaysRecovers).toBe(true);
        }),
        CASES,
      );
      expect(expected.metastableCount).toBe(0);
      // A law that holds because nothing happens says little.
      expect(tipped).toBeGreaterThan(200);
    });

    it("M-OSDI22-T2: above the example's share the same outage can stay", () => {
      const example = expected.boundaryExample as unknown as Readonly<Record<string, number>>;
      for (const [retries, share] of [
        [4, example.stableBelowFraction!],
        [1, example["R=1"]!],
        [2, example["R=2"]!],
      ] as const) {
        expect(share).toBeCloseTo(1 / (1 + retries), 3);
        const result = runScenario(
          storm({
            perSecond: 1.1 * share * CAPACITY,
            capacityPerS: CAPACITY,
            patienceS: 1,
            retries,
            lengthS: 200,
            faults: [outage(AT_S, 30)],
          }),
        );
        expect(result.cascade.boundary!.alwaysRecovers).toBe(false);
        expect(lateShare(result, 60), `${retries} retries`).toBeLessThan(0.5);
      }
    });
  });
});
