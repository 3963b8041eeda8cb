import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { EventDigest, firstDifference, Sha256, sha256Hex } from "../../src/kernel/index.js";
import { Inputs } from "../math/inputs.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

test("sha256 equals node's for every length from 0 to 300 bytes, given whole and in pieces", () => {
  const inputs = new Inputs(21);
  for (let length = 0; length <= 300; length += 1) {
    const bytes = Uint8Array.from({ length }, () => inputs.word());
    const want = createHash("sha256").update(bytes).digest("hex");
    const cut = Math.floor(inputs.between(0, length + 1));
    expect(new Sha256().update(bytes).hex(), `${length} bytes`).toBe(want);
    expect(new Sha256().update(bytes.subarray(0, cut)).update(bytes.subarray(cut)).hex()).toBe(want);
  }
});

test("sha256 of text hashes its UTF-8 bytes, and of a megabyte equals node's", () => {
  for (const text of ["", "abc", "Zürich → 東京 \u{1f600}", "a".repeat(1 << 20)]) {
    expect(sha256Hex(text)).toBe(createHash("sha256").update(text, "utf8").digest("hex"));
  }
});

test("sha256 gives its digest again but takes no bytes after it", () => {
  const hash = new Sha256().update(Uint8Array.of(1));
  expect(hash.hex()).toBe(hash.hex());
  expect(() => hash.update(Uint8Array.of(2))).toThrow("bug: Sha256.update after hex");
});

type Event = [timeUs: number, a: number, b: number];

function eventsOf(count: number): Event[] {
  const inputs = new Inputs(22);
  return Array.from({ length: count }, (_, i) => [i * 1000 + (inputs.word() & 1023), inputs.word() & 7, i]);
}

function digestOf(events: readonly Event[], maxTrail?: number): EventDigest {
  const digest = new EventDigest(maxTrail);
  for (const event of events) digest.add(...event);
  return digest;
}

const trailOf = (digest: EventDigest): { stride: number; trail: readonly string[] } => ({
  stride: digest.stride,
  trail: digest.trail(),
});

test("the digest is the same for the same events and counters, and recorded", () => {
  const events = eventsOf(1000);
  const first = digestOf(events).finish([1, 2.5]);
  expect(digestOf(events).finish(Float64Array.of(1, 2.5))).toBe(first);
  expect(first).toBe("1c8129edc022315ced5d47000de95f577378bec7fe9918da54b17c159559ec05");
});

test(
  "the digest changes with any field of any one event, with their order, their number and any counter",
  () => {
    const events = eventsOf(200);
    const seen = new Set([digestOf(events).finish([7])]);
    let variantCount = 1;
    const expectNew = (variant: readonly Event[], counters: number[]): void => {
      seen.add(digestOf(variant).finish(counters));
      variantCount += 1;
      expect(seen.size).toBe(variantCount);
    };
    for (let i = 0; i < events.length; i += 1) {
      const [timeUs, a, b] = events[i]!;
      for (const changed of [
        [timeUs + 1, a, b],
        [timeUs, a + 1, b],
        [timeUs, a, b + 1],
        [timeUs + 2 ** 32, a, b],
        [timeUs, a ^ (1 << 31), b],
      ]) {
        expectNew(events.with(i, changed as Event), [7]);
      }
      if (i > 0) expectNew(events.with(i, events[i - 1]!).with(i - 1, events[i]!), [7]);
    }
    expectNew(events.slice(0, -1), [7]);
    expectNew(events, [8]);
    expectNew(events, [7, 0]);
    expectNew(events, []);
  },
  PATIENCE_MS,
);

test(
  "the trail holds the state after every stride events, and never more entries than allowed",
  () => {
    const events = eventsOf(400);
    for (const maxTrail of [2, 3, 8, 64, 4096]) {
      const digest = new EventDigest(maxTrail);
      events.forEach((event, i) => {
        digest.add(...event);
        expect(digest.events).toBe(i + 1);
        expect(digest.trail().length).toBeLessThanOrEqual(maxTrail);
        expect(digest.trail().length).toBe(Math.floor((i + 1) / digest.stride));
      });
      const everyState = digestOf(events).trail();
      const { stride, trail } = trailOf(digest);
      expect(trail).toEqual(everyState.filter((_, i) => (i + 1) % stride === 0));
    }
  },
  PATIENCE_MS,
);

test(
  "the first difference is found to within one stride, whichever event it is",
  () => {
    const events = eventsOf(250);
    for (const maxTrail of [8, 4096]) {
      const before = trailOf(digestOf(events, maxTrail));
      const coveredEvents = before.stride * before.trail.length;
      for (let i = 0; i < coveredEvents; i += 1) {
        const [timeUs, a, b] = events[i]!;
        const after = trailOf(digestOf(events.with(i, [timeUs, a, b ^ 1]), maxTrail));
        const fromEvent = i - (i % before.stride);
        expect(firstDifference(before, after)).toEqual({ fromEvent, toEvent: fromEvent + before.stride });
      }
      expect(firstDifference(before, before)).toBeNull();
    }
  },
  PATIENCE_MS,
);

test("the first difference is found between trails of different strides and of different lengths", () => {
  const events = eventsOf(1000);
  const changed = events.with(300, [0, 0, 0]);
  const fine = trailOf(digestOf(changed, 4096));
  const coarse = trailOf(digestOf(events, 16));
  expect(coarse.stride).toBe(64);
  expect(firstDifference(fine, coarse)).toEqual({ fromEvent: 256, toEvent: 320 });
  expect(firstDifference(coarse, fine)).toEqual({ fromEvent: 256, toEvent: 320 });
  const short = trailOf(digestOf(events.slice(0, 700), 4096));
  expect(firstDifference(trailOf(digestOf(events, 4096)), short)).toEqual({ fromEvent: 700, toEvent: 701 });
});

test("the digest refuses a trail too short to halve", () => {
  expect(() => new EventDigest(1)).toThrow("bug: maxTrail must be an integer >= 2, got 1");
});
