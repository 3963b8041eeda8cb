import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue, PHASE_UNIT } from "../../src/kernel/eventQueue.js";
import { TimerHeap } from "../../src/kernel/timerHeap.js";
import { Stream } from "../../src/kernel/streams.js";

interface Pending {
  timeUs: number;
  order: number;
  id: number;
}

/** The dumbest correct queue: a list searched from end to end. */
class ListQueue {
  readonly list: Pending[] = [];

  first(): Pending | undefined {
    let best = this.list[0];
    for (const p of this.list) {
      if (best !== undefined && (p.timeUs < best.timeUs || (p.timeUs === best.timeUs && p.order < best.order))) best = p;
    }
    return best;
  }

  remove(p: Pending): void {
    this.list.splice(this.list.indexOf(p), 1);
  }
}

const operation = fc.record({
  kind: fc.constantFrom("push", "push", "pop", "replace"),
  delayUs: fc.integer({ min: 0, max: 3 }),
  phase: fc.integer({ min: 0, max: 1 }),
  id: fc.integer({ min: 0, max: 5 }),
});

test("event queue pops in the order of a searched list when few distinct times make ties frequent", () => {
  const property = fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
    const queue = new EventQueue(1);
    const model = new ListQueue();
    let sequence = 0;
    let nowUs = 0;
    for (const { kind, delayUs, phase, id } of operations) {
      const first = model.first();
      const order = phase * PHASE_UNIT + sequence;
      sequence += 1;
      if (kind === "push" || first === undefined) {
        queue.push(nowUs + delayUs, order, id);
        model.list.push({ timeUs: nowUs + delayUs, order, id });
      } else if (kind === "pop") {
        nowUs = first.timeUs;
        expect(queue.nextOrder()).toBe(first.order);
        expect(queue.pop()).toBe(first.id);
        model.remove(first);
      } else {
        queue.replaceTop(first.timeUs + delayUs, order);
        first.timeUs += delayUs;
        first.order = order;
      }
      const head = model.first();
      expect(queue.size).toBe(model.list.length);
      expect(queue.nextTimeUs()).toBe(head?.timeUs ?? Infinity);
      if (head !== undefined) expect([queue.nextOrder(), queue.nextId()]).toEqual([head.order, head.id]);
    }
  });
  fc.assert(property, { seed: 1, numRuns: 300 });
});
