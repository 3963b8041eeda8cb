import fc from "fast-check";
import { expect, test } from "vitest";
import { EventQueue, PHASE_UNIT } from "../../src/kernel/index.js";
import { Inputs } from "../math/inputs.js";
import { isBefore, ListQueue, type Pending } from "./listQueue.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

// Seen to fail here when planted: any one of the heap's three tie comparisons left out, and a bucket emptied without
// closing it to later events.

/** A queue and the list it must agree with, driven together. */
class Pair {
  readonly queue = new EventQueue(1);
  readonly model = new ListQueue();
  sequence = 0;
  nowUs = 0;

  push(delayUs: number, phase: number, id: number): void {
    const entry = { timeUs: this.nowUs + delayUs, order: this.nextOrder(phase), id };
    this.queue.push(entry.timeUs, entry.order, entry.id);
    this.model.list.push(entry);
  }

  pop(): void {
    const first = this.model.first();
    if (first === undefined) return;
    this.nowUs = first.timeUs;
    if (this.queue.pop() !== first.id) throw new Error(`popped another id than ${first.id}`);
    this.model.remove(first);
  }

  replace(delayUs: number, phase: number): void {
    const first = this.model.first();
    if (first === undefined) return;
    this.nowUs = first.timeUs;
    first.timeUs += delayUs;
    first.order = this.nextOrder(phase);
    this.queue.replaceTop(first.timeUs, first.order);
  }

  expectSameHead(): void {
    const first = this.model.first();
    expect(this.queue.size).toBe(this.model.list.length);
    expect(this.queue.nextTimeUs()).toBe(first?.timeUs ?? Infinity);
    if (first !== undefined)
      expect([this.queue.nextOrder(), this.queue.nextId()]).toEqual([first.order, first.id]);
  }

  private nextOrder(phase: number): number {
    this.sequence += 1;
    return phase * PHASE_UNIT + this.sequence;
  }
}

const operation = fc.record({
  kind: fc.constantFrom("push", "push", "pop", "replace"),
  delayUs: fc.integer({ min: 0, max: 3 }),
  phase: fc.integer({ min: 0, max: 1 }),
  id: fc.integer({ min: 0, max: 5 }),
});

test(
  "event queue agrees with a searched list after every operation when few distinct times make ties frequent",
  () => {
    const property = fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
      const pair = new Pair();
      for (const { kind, delayUs, phase, id } of operations) {
        if (kind === "push") pair.push(delayUs, phase, id);
        else if (kind === "pop") pair.pop();
        else pair.replace(delayUs, phase);
        pair.expectSameHead();
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  },
  PATIENCE_MS,
);

test("event queue keeps insertion order among equal times of one phase, and phase before insertion", () => {
  const queue = new EventQueue();
  const events = [5, 3, 9, 1].map((id, i) => ({ id, order: (i % 2) * PHASE_UNIT + i }));
  for (const { id, order } of events) queue.push(7, order, id);
  expect([queue.pop(), queue.pop(), queue.pop(), queue.pop()]).toEqual([5, 9, 3, 1]);
});

/** How far ahead events are put, by name: the shapes that strain buckets in different ways. */
const DELAYS: Record<string, (inputs: Inputs) => number> = {
  "few distinct times": (inputs) => Math.floor(inputs.between(0, 50)),
  "one time only": () => 0,
  uniform: (inputs) => Math.floor(inputs.between(0, 1e6)),
  exponential: (inputs) => Math.floor(-1e6 * Math.log(inputs.between(1e-12, 1))),
  "near and very far": (inputs) => (inputs.word() & 1 ? 3.6e12 : 0) + Math.floor(inputs.between(0, 2000)),
  "heavy tail": (inputs) => Math.floor(10 / inputs.between(1e-9, 1)),
};

/**
 * Drives the queue and a textbook heap of objects side by side through a rise to `peak` pending, `steady` rounds and
 * a fall to nothing, and fails at the first pop on which they disagree.
 */
function expectHeapOrder(delayUs: (inputs: Inputs) => number, peak: number, steady: number): void {
  const inputs = new Inputs(peak);
  const queue = new EventQueue();
  const heap = new ObjectHeap();
  let sequence = 0;
  let nowUs = 0;
  const nextOrder = (): number => {
    sequence += 1;
    return (inputs.word() & 1) * PHASE_UNIT + sequence;
  };
  const push = (): void => {
    const event = { timeUs: nowUs + delayUs(inputs), order: nextOrder(), id: sequence };
    queue.push(event.timeUs, event.order, event.id);
    heap.push(event);
  };
  const pop = (): void => {
    const want = heap.pop();
    nowUs = queue.nextTimeUs();
    const order = queue.nextOrder();
    const id = queue.pop();
    if (nowUs !== want.timeUs || order !== want.order || id !== want.id) {
      expect.fail(`popped ${id} at ${nowUs} (${order}), not ${want.id} at ${want.timeUs} (${want.order})`);
    }
  };
  const replace = (): void => {
    const first = heap.pop();
    nowUs = first.timeUs;
    const moved = { timeUs: nowUs + delayUs(inputs), order: nextOrder(), id: first.id };
    queue.replaceTop(moved.timeUs, moved.order);
    heap.push(moved);
  };
  while (queue.size < peak) {
    push();
    if ((inputs.word() & 7) === 0) pop();
  }
  for (let i = 0; i < steady; i += 1) {
    if ((inputs.word() & 1) === 0) replace();
    else {
      pop();
      push();
    }
  }
  expect(queue.size).toBe(heap.entries.length);
  while (queue.size > 0) pop();
  expect(heap.entries.length).toBe(0);
  expect(queue.nextTimeUs()).toBe(Infinity);
}

/** A binary heap as every textbook has it: slow, plain, one object an event. */
class ObjectHeap {
  readonly entries: Pending[] = [];

  push(event: Pending): void {
    const { entries } = this;
    let at = entries.length;
    entries.push(event);
    for (let up = (at - 1) >> 1; at > 0 && isBefore(event, entries[up]!); up = (at - 1) >> 1) {
      entries[at] = entries[up]!;
      entries[up] = event;
      at = up;
    }
  }

  pop(): Pending {
    const { entries } = this;
    const first = entries[0]!;
    const last = entries.pop()!;
    if (entries.length === 0) return first;
    entries[0] = last;
    for (let at = 0; ; ) {
      let best = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < entries.length && isBefore(entries[child]!, entries[best]!)) best = child;
      }
      if (best === at) return first;
      [entries[at], entries[best]] = [entries[best]!, entries[at]!];
      at = best;
    }
  }
}

for (const [shape, delayUs] of Object.entries(DELAYS)) {
  test(
    `event queue pops as a textbook heap does with delays ${shape}, at 100, 3 000 and 20 000 pending`,
    () => {
      for (const peak of [100, 3000, 20000]) expectHeapOrder(delayUs, peak, 10000);
    },
    PATIENCE_MS,
  );
}

test(
  "event queue pops as a textbook heap does at 100 000 pending with ties",
  () => {
    expectHeapOrder((inputs) => Math.floor(inputs.between(0, 5000)) * 1000, 100000, 30000);
  },
  PATIENCE_MS,
);

test(
  "event queue at 1 000 000 pending pops every id once and never goes back in (time, insertion)",
  () => {
    // Pushes come at or after the present and are numbered upwards, so any pop out of order shows as a step back.
    const inputs = new Inputs(9);
    const queue = new EventQueue();
    const count = 1100000;
    const isPopped = new Uint8Array(count);
    let pushed = 0;
    let last = { timeUs: 0, order: -1 };
    const push = (): void => {
      queue.push(last.timeUs + Math.floor(inputs.between(0, 1000)) * 1000, pushed, pushed);
      pushed += 1;
    };
    while (pushed < 1000000) push();
    while (queue.size > 0) {
      const next = { timeUs: queue.nextTimeUs(), order: queue.nextOrder() };
      const isForward = next.timeUs > last.timeUs || (next.timeUs === last.timeUs && next.order > last.order);
      if (!isForward) expect.fail(`${JSON.stringify(next)} came after ${JSON.stringify(last)}`);
      last = next;
      isPopped[queue.pop()]! += 1;
      if (pushed < count) push();
    }
    expect(isPopped.every((times) => times === 1)).toBe(true);
  },
  PATIENCE_MS,
);

test(
  "event queue stays in order when the load grows a hundredfold after its buckets were laid out",
  () => {
    const queue = new EventQueue();
    const inputs = new Inputs(5);
    let order = 0;
    let nowUs = 0;
    for (const peak of [3000, 300000, 3000, 10]) {
      for (; queue.size < peak; order += 1) queue.push(nowUs + Math.floor(inputs.between(0, 1e6)), order, 0);
      while (queue.size > peak) {
        const timeUs = queue.nextTimeUs();
        if (timeUs < nowUs) expect.fail(`time went back from ${nowUs} to ${timeUs}`);
        nowUs = timeUs;
        queue.pop();
      }
    }
    expect(queue.size).toBe(10);
  },
  PATIENCE_MS,
);

test("event queue refuses times that are not finite, and taking from nothing", () => {
  const queue = new EventQueue();
  expect(() => queue.pop()).toThrow("bug: pop from an empty EventQueue");
  expect(() => queue.replaceTop(1, 1)).toThrow("bug: replaceTop of an empty EventQueue");
  for (const timeUs of [Infinity, -Infinity, NaN]) {
    expect(() => queue.push(timeUs, 0, 0)).toThrow(`bug: event time must be finite, got ${timeUs}`);
  }
});

test("event queue is empty after clear and as good as new", () => {
  for (const count of [10, 5000]) {
    const queue = new EventQueue();
    for (let i = 0; i < count; i += 1) queue.push(i * 13, i, i);
    queue.clear();
    expect([queue.size, queue.nextTimeUs()]).toEqual([0, Infinity]);
    queue.push(5, 1, 50);
    queue.push(4, 2, 40);
    expect([queue.pop(), queue.pop(), queue.size]).toEqual([40, 50, 0]);
  }
});
