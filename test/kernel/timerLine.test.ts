import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerLine } from "../../src/kernel/index.js";

test("timer line agrees with a searched list after every operation, with many equal times", () => {
  const operation = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("append" as const), step: fc.integer({ min: 0, max: 2 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("cancel" as const), step: fc.nat(40) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pop" as const), step: fc.constant(0) }) },
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 400 }), (operations) => {
      const line = new TimerLine(2);
      let shadow: { id: number; timeUs: number }[] = [];
      let nextId = 0;
      let timeUs = 0;
      for (const { kind, step } of operations) {
        if (kind === "append") {
          timeUs += step;
          expect(line.accepts(timeUs)).toBe(true);
          line.append(nextId, timeUs);
          shadow.push({ id: nextId, timeUs });
          nextId += 1;
        } else if (kind === "cancel") {
          const known = shadow.some((timer) => timer.id === step);
          expect(line.has(step)).toBe(known);
          expect(line.cancel(step)).toBe(known);
          shadow = shadow.filter((timer) => timer.id !== step);
        } else if (shadow.length > 0) {
          expect(line.pop()).toBe(shadow.shift()!.id);
        }
        expect(line.size).toBe(shadow.length);
        expect(line.nextTimeUs()).toBe(shadow[0]?.timeUs ?? Number.POSITIVE_INFINITY);
      }
    }),
    { seed: 20, numRuns: 300 },
  );
});

test("timer line refuses a time before its last and takes any once it is empty", () => {
  const line = new TimerLine();
  line.append(7, 10);
  expect(line.accepts(9)).toBe(false);
  expect(line.accepts(10)).toBe(true);
  line.cancel(7);
  expect(line.accepts(0)).toBe(true);
  expect(() => line.pop()).toThrow("bug: pop from an empty TimerLine");
});

test("an id can be set again after it fired", () => {
  const line = new TimerLine();
  line.append(1, 5);
  expect(line.pop()).toBe(1);
  line.append(1, 6);
  expect(line.nextTimeUs()).toBe(6);
});
