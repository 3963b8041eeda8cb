import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerHeap } from "../../src/kernel/index.js";
import { Inputs } from "../math/inputs.js";
import { ListQueue } from "./listQueue.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

const operation = fc.record({
  kind: fc.constantFrom("set", "set", "cancel", "pop", "rename"),
  timeUs: fc.integer({ min: 0, max: 4 }),
  /** Few ids, so that timers are often moved; orders of either sign of change, so that moves go both ways. */
  id: fc.integer({ min: 0, max: 40 }),
  isLate: fc.boolean(),
  /** Beyond all others at times, so that a rename makes room for a new id. */
  to: fc.constantFrom(0, 1, 7, 40, 900),
});

test(
  "timer heap agrees with a searched list after every operation when few distinct times make ties frequent",
  () => {
    const property = fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
      const timers = new TimerHeap(1);
      const model = new ListQueue();
      operations.forEach(({ kind, timeUs, id, isLate, to }, i) => {
        const known = model.find(id);
        if (kind === "set") {
          const order = isLate ? 1000 + i : 1000 - i;
          timers.set(id, timeUs, order);
          if (known === undefined) model.list.push({ timeUs, order, id });
          else Object.assign(known, { timeUs, order });
        } else if (kind === "cancel") {
          expect(timers.cancel(id)).toBe(known !== undefined);
          if (known !== undefined) model.remove(known);
        } else if (kind === "rename") {
          if (model.find(to) !== undefined) {
            if (known !== undefined) expect(() => timers.rename(id, to)).toThrow(/^bug: /);
            return;
          }
          expect(timers.rename(id, to)).toBe(known !== undefined);
          if (known !== undefined) Object.assign(known, { id: to });
        } else if (timers.size > 0) {
          const first = model.first()!;
          expect(timers.pop()).toBe(first.id);
          model.remove(first);
        }
        const first = model.first();
        expect(timers.size).toBe(model.list.length);
        expect(timers.has(id)).toBe(model.find(id) !== undefined);
        expect(timers.nextTimeUs()).toBe(first?.timeUs ?? Infinity);
        if (first !== undefined)
          expect([timers.nextOrder(), timers.nextId()]).toEqual([first.order, first.id]);
      });
    });
    fc.assert(property, { seed: 2, numRuns: 300 });
  },
  PATIENCE_MS,
);

test(
  "timer heap pops 100 000 timers in order after half were moved and a third cancelled",
  () => {
    const inputs = new Inputs(7);
    const timers = new TimerHeap();
    const pending = new Map<number, [timeUs: number, order: number]>();
    let order = 0;
    const set = (id: number): void => {
      const timeUs = Math.floor(inputs.between(0, 20000));
      order += 1;
      timers.set(id, timeUs, order);
      pending.set(id, [timeUs, order]);
    };
    for (let id = 0; id < 100000; id += 1) set(id);
    for (let id = 0; id < 100000; id += 2) set(id);
    for (let id = 0; id < 100000; id += 3) {
      expect(timers.cancel(id)).toBe(true);
      pending.delete(id);
    }
    const want = [...pending].sort(([, a], [, b]) => a[0] - b[0] || a[1] - b[1]).map(([id]) => id);
    const wrong = want.findIndex((id) => timers.pop() !== id);
    expect([wrong, timers.size]).toEqual([-1, 0]);
  },
  PATIENCE_MS,
);

test("timer heap gives back memory when most timers are gone, and keeps the rest in order", () => {
  const timers = new TimerHeap();
  for (let id = 0; id < 100000; id += 1) timers.set(id, id % 1000, id);
  const full = bytesOf(timers);
  for (let id = 100; id < 100000; id += 1) timers.cancel(id);
  // What stays in full is four bytes for each of the ids ever used.
  expect(bytesOf(timers)).toBeLessThan(131072 * 4 + 30 * 1024);
  expect(full).toBeGreaterThan(100000 * 20);
  expect(Array.from({ length: 100 }, () => timers.pop())).toEqual(Array.from({ length: 100 }, (_, id) => id));
});

/** Bytes of the typed arrays an object owns. */
function bytesOf(owner: object): number {
  let bytes = 0;
  for (const value of Object.values(owner)) if (ArrayBuffer.isView(value)) bytes += value.byteLength;
  return bytes;
}

test("timer heap knows nothing of ids it has not seen", () => {
  const timers = new TimerHeap();
  expect([timers.has(1_000_000), timers.cancel(1_000_000), timers.size]).toEqual([false, false, 0]);
});

test("timer heap refuses times that are not finite, and popping nothing", () => {
  const timers = new TimerHeap();
  expect(() => timers.pop()).toThrow("bug: pop from an empty TimerHeap");
  for (const timeUs of [Infinity, -Infinity, NaN]) {
    expect(() => timers.set(0, timeUs, 0)).toThrow(`bug: timer time must be finite, got ${timeUs}`);
  }
});
