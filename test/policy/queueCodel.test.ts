import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAUSE_LOAD_SHED, CAUSE_NONE, CoDel, LinePolicy, PLAIN_QUEUE } from "../../src/policy/index.js";
import { luck } from "./helpers.js";
import { type Call, type End, runHouse } from "./queueLine.js";

/** RFC 8289's pseudocode over a queue of arrival times, a whole dequeue at a time; "bytes" are calls. */
class RfcQueue {
  readonly items: number[] = [];
  readonly dropped: number[] = [];
  firstAbove = 0;
  dropNext = 0;
  count = 0;
  lastCount = 0;
  dropping = false;
  readonly target: number;
  readonly interval: number;

  constructor(target: number, interval: number) {
    this.target = target;
    this.interval = interval;
  }

  controlLaw(t: number): number {
    return t + this.interval / Math.sqrt(this.count);
  }

  doDequeue(now: number): { at: number | undefined; okToDrop: boolean } {
    const at = this.items.shift();
    if (at === undefined) {
      this.firstAbove = 0;
      return { at, okToDrop: false };
    }
    if (now - at < this.target || this.items.length === 0) this.firstAbove = 0;
    else if (this.firstAbove === 0) this.firstAbove = now + this.interval;
    else if (now >= this.firstAbove) return { at, okToDrop: true };
    return { at, okToDrop: false };
  }

  dequeue(now: number): number | undefined {
    let r = this.doDequeue(now);
    if (this.dropping) {
      if (!r.okToDrop) this.dropping = false;
      while (this.dropping && now >= this.dropNext) {
        this.dropped.push(r.at!);
        this.count += 1;
        r = this.doDequeue(now);
        if (!r.okToDrop) this.dropping = false;
        else this.dropNext = this.controlLaw(this.dropNext);
      }
    } else if (r.okToDrop) {
      this.dropped.push(r.at!);
      r = this.doDequeue(now);
      this.dropping = true;
      const delta = this.count - this.lastCount;
      this.count = delta > 1 && now - this.dropNext < 16 * this.interval ? delta : 1;
      this.dropNext = this.controlLaw(now);
      this.lastCount = this.count;
    }
    return r.at;
  }
}

/** The same line with the policy asked one by one. */
class AskedQueue {
  readonly items: number[] = [];
  readonly dropped: number[] = [];
  readonly codel: CoDel;

  constructor(target: number, interval: number) {
    this.codel = new CoDel(target, interval);
  }

  join(now: number): void {
    if (this.items.length === 0) this.codel.emptied();
    this.items.push(now);
  }

  dequeue(now: number): number | undefined {
    for (let at = this.items.shift(); at !== undefined; at = this.items.shift()) {
      if (!this.codel.shouldDrop(now - at, now, this.items.length === 0)) return at;
      this.dropped.push(at);
    }
    return undefined;
  }
}

describe("CoDel", () => {
  it("drops whom the RFC's pseudocode drops, over bursts, pauses and changes of load", () => {
    let [droppedInAll, resumed] = [0, 0];
    // Long stretches at one pace, so that dropping begins, quickens, ends and begins again.
    const stretchArb = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(400));
    fc.assert(
      fc.property(
        fc.array(stretchArb, { maxLength: 12, size: "max" }),
        fc.constantFrom(0, 5, 20),
        fc.constantFrom(10, 50),
        (stretches, target, interval) => {
          const rfc = new RfcQueue(target, interval);
          const asked = new AskedQueue(target, interval);
          let now = 1;
          for (const [arriveEvery, serveEvery, length] of stretches) {
            for (const end = now + length; now < end; now++) {
              if (now % arriveEvery === 0) {
                asked.join(now);
                rfc.items.push(now);
              }
              if (now % serveEvery === 0) expect(asked.dequeue(now)).toBe(rfc.dequeue(now));
            }
          }
          expect(asked.dropped).toEqual(rfc.dropped);
          droppedInAll += rfc.dropped.length;
          if (rfc.lastCount > 1) resumed += 1;
        },
      ),
      { seed: 20260505, numRuns: 400 },
    );
    // Both the control law and its memory were at work, or nothing was compared.
    expect(droppedInAll).toBeGreaterThan(5_000);
    expect(resumed).toBeGreaterThan(20);
  });

  it("drops after a whole interval above the target, then at interval / √n, all at the very moment", () => {
    const codel = new CoDel(5, 100);
    const drops: number[] = [];
    for (let now = 0; now < 400; now++) if (codel.shouldDrop(50, now, false)) drops.push(now);
    // 100, +100/√1, +100/√2 = 270.7, +100/√3 = 328.4, +100/√4 = 378.4: each at the first millisecond after.
    expect(drops).toEqual([100, 200, 271, 329, 379]);
  });

  it("takes a wait equal to the target for above it, and one just below for the end of all dropping", () => {
    const at = new CoDel(5, 100);
    expect([at.shouldDrop(5, 0, false), at.shouldDrop(5, 100, false)]).toEqual([false, true]);
    const below = new CoDel(5, 100);
    expect([below.shouldDrop(4.999, 0, false), below.shouldDrop(4.999, 100, false)]).toEqual([false, false]);
    expect(at.dropping).toBe(true);
    expect(at.shouldDrop(4.999, 101, false)).toBe(false);
    expect(at.dropping).toBe(false);
    expect(at.shouldDrop(50, 150, false)).toBe(false);
    expect(at.shouldDrop(50, 249, false)).toBe(false);
    expect(at.shouldDrop(50, 250, false)).toBe(true);
  });

  it("never drops the last of a line, and starts anew after it", () => {
    const codel = new CoDel(5, 100);
    codel.shouldDrop(50, 0, false);
    expect(codel.shouldDrop(500, 100, true)).toBe(false);
    expect([codel.shouldDrop(50, 101, false), codel.shouldDrop(50, 200, false)]).toEqual([false, false]);
    expect(codel.shouldDrop(50, 201, false)).toBe(true);
  });

  it("starts anew when all who waited have left without a turn", () => {
    const policy = new LinePolicy({ ...PLAIN_QUEUE, codel: { targetMs: 5, intervalMs: 100 } });
    const asked = (nowMs: number) => policy.dropCause(50, Number.POSITIVE_INFINITY, 1, nowMs);
    policy.joins(0, 0);
    expect([asked(50), asked(149)]).toEqual([CAUSE_NONE, CAUSE_NONE]);
    policy.joins(0, 149);
    expect([asked(150), asked(249), asked(250)]).toEqual([CAUSE_NONE, CAUSE_NONE, CAUSE_LOAD_SHED]);
    policy.joins(0, 251);
    expect([asked(350), asked(449), asked(450)]).toEqual([CAUSE_NONE, CAUSE_NONE, CAUSE_LOAD_SHED]);
  });

  it("resumes at the frequency it had found within 16 intervals of the drop that was due, not of one never set", () => {
    for (const [beginMs, count] of [
      [187, 2],
      [188, 1],
    ] as const) {
      const codel = new CoDel(5, 10);
      expect([0, 10, 20, 20, 28].map((nowMs) => codel.shouldDrop(50, nowMs, false))).toEqual([
        false,
        true,
        true,
        false,
        true,
      ]);
      // That drop was due at 20 + 10/√2 = 27.07; a wait below the target follows, so the next was never set.
      codel.shouldDrop(0, 28, false);
      codel.shouldDrop(50, beginMs - 10, false);
      expect(codel.shouldDrop(50, beginMs, false)).toBe(true);
      expect(codel.count).toBe(count);
    }
  });

  /** Poisson calls of one millisecond at a load that is too much for the first half, and light in the second. */
  function twoHalves(load: number, codel: { targetMs: number; intervalMs: number } | null) {
    const uniform = luck(20260506);
    const calls: Call[] = [];
    const halfMs = 30_000;
    for (let at = 0; at < 2 * halfMs; ) {
      at -= Math.log(1 - uniform()) / (at < halfMs ? load : 0.5);
      calls.push({
        id: calls.length,
        atMs: Math.floor(at),
        priority: 0,
        workMs: 1,
        patienceMs: Number.POSITIVE_INFINITY,
      });
    }
    const ends = runHouse({ ...PLAIN_QUEUE, codel }, calls, { slots: 1, room: Number.POSITIVE_INFINITY });
    const between = (from: number, to: number): End[] => ends.filter(({ atMs }) => atMs >= from && atMs < to);
    const waits = between(halfMs / 2, halfMs)
      .filter(({ fate }) => fate === "served")
      .map(({ call, atMs }) => atMs - call.atMs)
      .sort((a, b) => a - b);
    return {
      medianWaitMs: waits[waits.length >> 1]!,
      droppedLate: between(1.5 * halfMs, 2 * halfMs).filter(({ fate }) => fate === "dropped").length,
    };
  }

  it("holds the wait of an overload that does not yield, and leaves a light load alone again", () => {
    const without = twoHalves(1.1, null);
    const withCodel = twoHalves(1.1, { targetMs: 5, intervalMs: 100 });
    expect(without.medianWaitMs).toBeGreaterThan(1500);
    expect(withCodel.medianWaitMs).toBeLessThan(100);
    expect(withCodel.droppedLate).toBe(0);
  });
});
