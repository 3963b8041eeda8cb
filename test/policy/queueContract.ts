/** What every line policy must keep, whatever is configured. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinePolicy, type QueueConfig } from "../../src/policy/index.js";
import { type Call, type End, runHouse } from "./queueLine.js";

// Few distinct times and priorities, so that ties are common.
const callsArb = fc
  .array(
    fc.record({
      gapMs: fc.constantFrom(0, 0, 1, 2, 10),
      priority: fc.integer({ min: 0, max: 3 }),
      workMs: fc.constantFrom(1, 5, 5, 20),
      patienceMs: fc.constantFrom(0, 10, 50, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 80, size: "max" },
  )
  .map((rows): readonly Call[] => {
    let atMs = 0;
    return rows.map(({ gapMs, ...row }, id) => {
      atMs += gapMs;
      return { id, atMs, ...row };
    });
  });
const houseArb = fc.record({ slots: fc.integer({ min: 1, max: 3 }), room: fc.integer({ min: 0, max: 30 }) });
const runs = { seed: 20260503, numRuns: 150 };

/** Asserts the contract of a line policy for one configuration. */
export function lineContract(name: string, config: QueueConfig): void {
  describe(`${name} keeps the contract of a line policy`, () => {
    const everyEnd = (
      check: (ends: readonly End[], house: { slots: number; room: number }) => void,
    ): void => {
      fc.assert(
        fc.property(callsArb, houseArb, (calls, house) => {
          const ends = runHouse(config, calls, house);
          expect(ends.map(({ call }) => call.id).sort((a, b) => a - b)).toEqual(calls.map(({ id }) => id));
          check(ends, house);
        }),
        runs,
      );
    };

    it("ends every call exactly once, at or after it came", () => {
      everyEnd((ends) => {
        for (const { call, atMs } of ends) expect(atMs).toBeGreaterThanOrEqual(call.atMs);
      });
    });

    it("drops nobody who is the last of the line, and sheds nobody while no place is taken", () => {
      everyEnd((ends) => {
        for (const { fate, waiting, busy } of ends) {
          if (fate === "dropped") expect(waiting).toBeGreaterThan(0);
          if (fate === "shed") expect(waiting + busy).toBeGreaterThan(0);
        }
      });
    });

    it("does only what is configured", () => {
      everyEnd((ends) => {
        const fates = new Set(ends.map(({ fate }) => fate));
        if (!config.dropExpired) expect(fates).not.toContain("expired");
        if (config.codel === null) expect(fates).not.toContain("dropped");
        if (config.shed === null) expect(fates).not.toContain("shed");
        const does = config.order !== "fifo" || config.dropExpired || config.codel || config.shed;
        expect(new LinePolicy(config).plain).toBe(!does);
      });
    });

    it("drops as expired those whose deadline has come, and serves nobody from the line at or after it", () => {
      if (!config.dropExpired) return;
      everyEnd((ends) => {
        for (const { call, fate, atMs } of ends) {
          const late = atMs >= call.atMs + call.patienceMs;
          if (fate === "expired") expect(late).toBe(true);
          if (fate === "served" && atMs > call.atMs) expect(late).toBe(false);
        }
      });
    });

    it("takes equals from one end, those of one moment in the order they came or its reverse", () => {
      everyEnd((ends) => {
        // Of two ends of one line, the one taken earlier must have stood nearer to the end that is taken from.
        const taken = ends.filter(({ call, atMs }) => atMs > call.atMs);
        for (let i = 1; i < taken.length; i++) {
          const [one, two] = [taken[i - 1]!, taken[i]!];
          if (two.call.atMs >= one.atMs) continue; // It was not in the line yet.
          const urgency = config.order === "priority" ? one.call.priority - two.call.priority : 0;
          const inOrder = one.call.id < two.call.id;
          if (urgency !== 0) expect(urgency).toBeLessThan(0);
          else if (config.order === "lifo") expect(inOrder).toBe(false);
          else if (config.order !== "adaptive-lifo") expect(inOrder).toBe(true);
        }
      });
    });

    it("sheds nobody where someone less urgent would be taken in", () => {
      const policy = new LinePolicy(config);
      fc.assert(
        fc.property(
          fc.nat(9),
          fc.nat(9),
          fc.nat(40),
          fc.integer({ min: 1, max: 40 }),
          (a, b, taken, places) => {
            const [urgent, patient] = [Math.min(a, b), Math.max(a, b)];
            if (policy.sheds(urgent, taken, places)) expect(policy.sheds(patient, taken, places)).toBe(true);
            if (policy.sheds(a, taken, places)) expect(policy.sheds(a, taken + 1, places)).toBe(true);
          },
        ),
        runs,
      );
    });

    it("gives the same ends to the same calls", () => {
      fc.assert(
        fc.property(callsArb, houseArb, (calls, house) => {
          expect(runHouse(config, calls, house)).toEqual(runHouse(config, calls, house));
        }),
        { ...runs, numRuns: 50 },
      );
    });
  });
}
