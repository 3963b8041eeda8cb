/** Each part of the model against the dumbest correct one, over random operations with many ties. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as at from "../../src/model/attempts.js";
import { Attempts } from "../../src/model/attempts.js";
import { SharedServer } from "../../src/model/sharedServer.js";
import { WaitingLine } from "../../src/model/waitingLine.js";

describe("waitingLine", () => {
  const operation = fc.record({
    what: fc.constantFrom("push", "push", "pushFront", "shift", "remove"),
    level: fc.nat(2),
    which: fc.nat(1000),
  });

  it.each([false, true])("does what an array of arrays does, last come first served: %s", (lifo) => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120 }), (operations) => {
        const attempts = new Attempts(4);
        const line = new WaitingLine(attempts, lifo);
        const levels: number[][] = [[], [], []];
        for (const { what, level, which } of operations) {
          const waiting = levels.flatMap((slots, l) => slots.map((slot) => ({ slot, l })));
          if (what === "push" || what === "pushFront") {
            const slot = attempts.alloc();
            line[what](slot, level);
            if (what === "pushFront" || lifo) levels[level]!.unshift(slot);
            else levels[level]!.push(slot);
          } else if (what === "shift") {
            const first = waiting[0];
            expect(line.shift()).toBe(first?.slot ?? -1);
            if (first !== undefined) levels[first.l]!.shift();
          } else if (waiting.length > 0) {
            const { slot, l } = waiting[which % waiting.length]!;
            line.remove(slot, l);
            levels[l]!.splice(levels[l]!.indexOf(slot), 1);
          }
          expect(line.length).toBe(levels.flat().length);
        }
        for (const slot of levels.flat()) expect(line.shift()).toBe(slot);
        expect(line.shift()).toBe(-1);
      }),
      { seed: 21, numRuns: 300 },
    );
  });
});

/** Every job keeps its own account of what is left; finishers leave at whole µs, in the order they came. */
class DumbShared {
  slots: number;
  nowUs = 0;
  readonly jobs: { readonly slot: number; leftUs: number }[] = [];
  constructor(slots: number) {
    this.slots = slots;
  }
  get rate(): number {
    return this.jobs.length === 0 ? 0 : Math.min(1, this.slots / this.jobs.length);
  }
  get nextUs(): number {
    const least = Math.min(...this.jobs.map((job) => job.leftUs));
    return this.rate === 0
      ? Number.POSITIVE_INFINITY
      : this.nowUs + Math.max(0, Math.ceil(least / this.rate - 1e-6));
  }
  advance(untilUs: number): number[] {
    const { rate } = this;
    for (const job of this.jobs) job.leftUs -= (untilUs - this.nowUs) * rate;
    this.nowUs = untilUs;
    const finished = this.jobs
      .filter((job) => job.leftUs <= 1e-3)
      .sort((a, b) => (Math.abs(a.leftUs - b.leftUs) < 1e-6 ? a.slot - b.slot : a.leftUs - b.leftUs));
    for (const job of finished) this.jobs.splice(this.jobs.indexOf(job), 1);
    return finished.map((job) => job.slot);
  }
}

describe("sharedServer", () => {
  const operation = fc.record({
    afterUs: fc.constantFrom(0, 0, 1, 10, 60),
    what: fc.constantFrom("add", "add", "add", "remove", "resize"),
    sizeUs: fc.constantFrom(0, 12, 24, 24, 60, 120),
    slots: fc.integer({ min: 0, max: 3 }),
    which: fc.nat(1000),
  });

  it("finishes the same jobs by the same times as a server that walks from job to job", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (operations) => {
        const fast = new SharedServer(2);
        const dumb = new DumbShared(2);
        let nowUs = 0;
        let next = 0;
        for (const { afterUs, what, sizeUs, slots, which } of operations) {
          const untilUs = nowUs + afterUs;
          for (;;) {
            expect(fast.nextUs(nowUs)).toBe(dumb.nextUs);
            nowUs = Math.min(untilUs, dumb.nextUs);
            const finished: number[] = [];
            for (let slot = fast.takeFinished(nowUs); slot >= 0; slot = fast.takeFinished(nowUs))
              finished.push(slot);
            expect(finished.sort((a, b) => a - b)).toEqual(dumb.advance(nowUs).sort((a, b) => a - b));
            if (nowUs === untilUs) break;
          }
          const victim = dumb.jobs[which % Math.max(1, dumb.jobs.length)];
          if (what === "add") {
            fast.add(next, sizeUs, nowUs);
            dumb.jobs.push({ slot: next++, leftUs: sizeUs });
          } else if (what === "resize") {
            fast.setSlots(slots, nowUs);
            dumb.slots = slots;
          } else if (victim !== undefined) {
            fast.remove(victim.slot, nowUs);
            dumb.jobs.splice(dumb.jobs.indexOf(victim), 1);
          }
          expect(fast.count).toBe(dumb.jobs.length);
        }
      }),
      { seed: 22, numRuns: 400 },
    );
  });

  it("lets the earlier of jobs that end together go first", () => {
    const size = fc.constantFrom(10, 20, 30);
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 12 }), (sizesUs) => {
        const shared = new SharedServer(100);
        sizesUs.forEach((sizeUs, slot) => {
          shared.add(slot, sizeUs, 0);
        });
        const order: number[] = [];
        for (const nowUs of [10, 20, 30]) {
          for (let slot = shared.takeFinished(nowUs); slot >= 0; slot = shared.takeFinished(nowUs))
            order.push(slot);
        }
        const expected = sizesUs
          .map((sizeUs, slot) => ({ sizeUs, slot }))
          .sort((a, b) => a.sizeUs - b.sizeUs);
        expect(order).toEqual(expected.map(({ slot }) => slot));
      }),
      { seed: 23, numRuns: 200 },
    );
  });
});

describe("attempts", () => {
  const operation = fc.record({
    what: fc.constantFrom("alloc", "alloc", "fork", "free"),
    which: fc.nat(1000),
  });

  it("hands out every record once, keeps what is written in it, and counts them, as a set does", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
        const attempts = new Attempts(1);
        const written = new Map<number, number>();
        let peak = 0;
        operations.forEach(({ what, which }, mark) => {
          const slots = [...written.keys()];
          const chosen = slots[which % Math.max(1, slots.length)];
          if (what === "alloc") {
            const slot = attempts.alloc();
            expect(written.has(slot), `${slot} is in use`).toBe(false);
            written.set(slot, mark);
            attempts.f64[slot * at.F64 + at.F_START_US] = mark;
            attempts.u8[slot * at.U8 + at.B_STATE] = 9;
            attempts.u16[slot * at.U16 + at.H_SITE] = mark;
            attempts.set(slot, at.ORPHAN);
          } else if (chosen !== undefined && what === "free") {
            attempts.free(chosen);
            written.delete(chosen);
          } else if (chosen !== undefined) {
            const copy = attempts.fork(chosen);
            expect(written.has(copy), `${copy} is in use`).toBe(false);
            written.set(copy, written.get(chosen)!);
            expect(attempts.has(copy, at.ORPHAN)).toBe(false);
            expect(attempts.f64[copy * at.F64 + at.F_ORDER]).toBe(-1);
            expect(attempts.u8[copy * at.U8 + at.B_STATE], "a copy is nowhere yet").toBe(0);
            attempts.u8[copy * at.U8 + at.B_STATE] = 9;
          }
          peak = Math.max(peak, written.size);
          expect({ live: attempts.live, peak: attempts.peak }).toEqual({ live: written.size, peak });
        });
        for (const [slot, mark] of written) {
          expect(slot).toBeLessThan(attempts.count);
          expect(attempts.f64[slot * at.F64 + at.F_START_US]).toBe(mark);
          expect(attempts.u16[slot * at.U16 + at.H_SITE]).toBe(mark);
        }
        const inUse = Array.from({ length: attempts.count }, (_, slot) => slot).filter(
          (slot) => attempts.u8[slot * at.U8 + at.B_STATE] !== 0,
        );
        expect(inUse).toEqual([...written.keys()].sort((a, b) => a - b));
      }),
      { seed: 26, numRuns: 300 },
    );
  });

  it("sets and clears one flag without touching the others", () => {
    const attempts = new Attempts();
    const slot = attempts.alloc();
    const flags = [at.ORPHAN, at.HOLDS_GATEWAY, at.DETACHED, at.FROZEN];
    for (const flag of flags) attempts.set(slot, flag);
    attempts.clear(slot, at.DETACHED);
    expect(flags.filter((flag) => attempts.has(slot, flag))).toEqual([
      at.ORPHAN,
      at.HOLDS_GATEWAY,
      at.FROZEN,
    ]);
  });
});
