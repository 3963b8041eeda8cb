/** Belief by a window of results, against the dumbest count of them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePolicy, createState, HealthTracker, onProbe, PolicyError } from "../../src/policy/index.js";
import { config, target } from "./helpers.js";

describe("HealthTracker with a window", () => {
  it("believes up while enough of the last results were successes, as counting them says", () => {
    const sizes = fc.integer({ min: 1, max: 31 }).chain((size) =>
      fc.record({
        size: fc.constant(size),
        required: fc.integer({ min: 1, max: size }),
        results: fc.array(fc.tuple(fc.nat(1), fc.boolean()), { maxLength: 120 }),
      }),
    );
    fc.assert(
      fc.property(sizes, ({ size, required, results }) => {
        const tracker = new HealthTracker(2, 1, 1, { size, required });
        const seen = [0, 1].map(() => new Array<boolean>(size).fill(true));
        for (const [i, ok] of results) {
          const was = tracker.isUp(i);
          seen[i]!.push(ok);
          const changed = tracker.report(i, ok);
          const up = seen[i]!.slice(-size).filter((one) => one).length >= required;
          expect(tracker.isUp(i)).toBe(up);
          expect(changed).toBe(up !== was);
        }
      }),
      { seed: 20260505, numRuns: 300 },
    );
  });

  it("takes two of four for down at the third failure, and for up again at the second success", () => {
    const tracker = new HealthTracker(1, 9, 9, { size: 4, required: 2 });
    const beliefs = [false, false, false, true, false, true, true].map((ok) => {
      tracker.report(0, ok);
      return tracker.isUp(0);
    });
    expect(beliefs).toEqual([true, true, false, false, false, true, true]);
  });

  it("refuses a window that nothing could fill or meet", () => {
    for (const window of [
      { size: 4, required: 5 },
      { size: 4, required: 0 },
      { size: 32, required: 2 },
      { size: 2.5, required: 1 },
    ]) {
      expect(() => new HealthTracker(1, 1, 1, window)).toThrow(RangeError);
      const health = { fall: 1, rise: 1, window };
      expect(() => compilePolicy(config([target("a", "DE")], { health }))).toThrow(PolicyError);
    }
  });

  it("is what a gateway's state believes by where the configuration has one", () => {
    const health = { fall: 1, rise: 1, window: { size: 3, required: 2 } };
    const policy = compilePolicy(config([target("a", "DE")], { health }));
    const state = createState(policy);
    expect([false, false].map((ok) => onProbe(policy, state, 0, ok))).toEqual([false, true]);
    expect(state.up).toBe(0);
  });
});
