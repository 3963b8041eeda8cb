import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FaultTimeline, Result } from "../../src/result/index.js";
import { EU, fault, Notes, refuse, resultOf, SECOND, serve } from "./recorded.js";

const DURATION_S = 120;

/** A request each second: refused in the given seconds, served in the others. */
function refusedIn(seconds: readonly number[], faults: readonly ReturnType<typeof fault>[]): Result {
  const notes = new Notes({ durationS: DURATION_S, faults });
  for (let atS = 0; atS < DURATION_S; atS++) {
    if (seconds.includes(atS)) refuse(notes, EU, atS + 0.5, "queue_full");
    else serve(notes, EU, atS, 10);
  }
  return resultOf(notes.recording);
}

function told({ faults }: Result): (readonly [refused: number, restoredS: number | null])[] {
  return faults.map(({ refused, restoredS }) => [refused, restoredS] as const);
}

describe("fault timelines", () => {
  it("of faults that touch count each refusal once, and restore only what had time to be", () => {
    const both = [fault("a", 20, 30), fault("b", 30, 40)];
    expect(told(refusedIn([22, 25, 29, 31, 39, 42], both))).toEqual([
      [3, null],
      [3, 43],
    ]);
  });

  it("of faults that overlap give what follows the second's start to the second", () => {
    const both = [fault("a", 20, 60), fault("b", 30, 40)];
    expect(told(refusedIn([25, 35, 45, 57], both))).toEqual([
      [1, null],
      [2, 46],
    ]);
  });

  it("end a fault's count with its restoration: what is refused later is nobody's", () => {
    expect(told(refusedIn([25, 31, 80], [fault("a", 20, 30)]))).toEqual([[2, 32]]);
  });

  it("need ten seconds before the next fault to call service restored", () => {
    const next = (startS: number): FaultTimeline =>
      refusedIn([25], [fault("a", 20, 30), fault("b", startS, 100)]).faults[0]!;
    expect(next(39).restoredS).toBeNull();
    expect(next(40).restoredS).toBe(30);
  });

  it("give the refusals of faults that begin together to the first of them", () => {
    const result = refusedIn([25, 35], [fault("a", 20, 30), fault("b", 20, 40, { regions: [1] })]);
    expect(result.faults.map(({ refused }) => refused)).toEqual([2, 0]);
    expect(result.faults.map(({ restoredS }) => restoredS)).toEqual([36, 40]);
  });

  it("never count more refusals than there were, whatever the faults", () => {
    const spell = fc.record({ startMs: fc.nat(100_000), lengthMs: fc.integer({ min: 1, max: 40_000 }) });
    fc.assert(
      fc.property(
        fc.array(spell, { minLength: 1, maxLength: 6 }),
        fc.uniqueArray(fc.nat(DURATION_S - 1), { maxLength: 60 }),
        (spells, seconds) => {
          const faults = spells.map(({ startMs, lengthMs }, i) =>
            fault(`f${i}`, startMs / 1000, (startMs + lengthMs) / 1000),
          );
          const result = refusedIn(seconds, faults);
          const sum = result.faults.reduce((total, { refused }) => total + refused, 0);
          expect(sum).toBeLessThanOrEqual(result.requests.refused);
        },
      ),
      { seed: 72, numRuns: 200 },
    );
  });

  it("tell when the first gateway knew from when the answer that users get changed", () => {
    const notes = new Notes({ durationS: DURATION_S, faults: [fault("a", 20, 60), fault("b", 70, 90)] });
    notes.belief(10, "entry", "gateway", 0, false);
    notes.belief(15, "entry", "gateway", 0, true);
    notes.belief(25, "gw-us", "endpoint", 1, false);
    notes.belief(34.8, "gw-us", "endpoint", 0, false);
    notes.belief(36, "gw-eu", "endpoint", 0, false);
    notes.belief(41.7, "entry", "gateway", 0, false);
    notes.belief(75, "entry", "gateway", 0, false);
    const [first, second] = resultOf(notes.recording).faults;
    expect(first).toMatchObject({ detectedS: 34.8, gatewayDetectedS: 34.8, entryDetectedS: 41.7 });
    expect(second).toMatchObject({ detectedS: 75, gatewayDetectedS: null, entryDetectedS: 75 });
  });

  it("of one endpoint are not noticed by what is believed of its neighbours", () => {
    const struck = fault("a", 20, 60, { kind: "endpoint-down", regions: [0, 1], endpoint: 0 });
    const notes = new Notes({ durationS: DURATION_S, faults: [struck] });
    notes.belief(25, "entry", "gateway", 0, false);
    notes.belief(30, "gw-us", "endpoint", 1, false);
    notes.belief(41, "gw-us", "endpoint", 0, false);
    expect(resultOf(notes.recording).faults[0]).toMatchObject({ detectedS: 41, entryDetectedS: null });
  });

  it("know nothing of who noticed when nobody checks", () => {
    const notes = new Notes({ durationS: DURATION_S, faults: [fault("a", 20, 60)] });
    notes.recording.firstImpactUs[0] = 21 * SECOND;
    expect(resultOf(notes.recording).faults[0]).toMatchObject({
      firstImpactS: 21,
      detectedS: null,
      gatewayDetectedS: null,
      entryDetectedS: null,
    });
  });
});
