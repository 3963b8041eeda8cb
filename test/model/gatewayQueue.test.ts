/** Who waits at a gateway, who goes next, who is turned away or dropped. */
import { describe, expect, it } from "vitest";
import type { QueueConfig } from "../../src/policy/index.js";
import { PLAIN_QUEUE } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { endpoint, fixed, requestClass, SECOND, server, site } from "./buildScenario.js";
import { asking, endOf, latencies } from "./lawsScenario.js";
import { guarded, total } from "./upstreamScenario.js";

const CLASSES = ["c0", "c1", "c2"].map((id, priority) => requestClass(id, { priority }));

interface Line {
  readonly queue?: Partial<QueueConfig>;
  readonly places?: number;
  readonly concurrency?: number;
  readonly timeoutS?: number;
  readonly propagatesDeadlines?: boolean;
}

/** Calls of a second, one at a time, and a line before the gateway's place. */
function lined(over: Line): Scenario {
  return guarded([endpoint("e", 0, server(fixed(SECOND), 100))], {
    classes: CLASSES,
    gateway: {
      concurrency: over.concurrency ?? 1,
      queueLimit: over.places ?? 100,
      queue: { ...PLAIN_QUEUE, ...over.queue },
    },
    client: { timeout: fixed((over.timeoutS ?? Number.POSITIVE_INFINITY) * SECOND) },
    routing: { propagatesDeadlines: over.propagatesDeadlines ?? false },
  });
}

/** Seconds each of some requests took, in the order in which they came; their classes tell them apart. */
function tookS(over: Line, atS: readonly number[], of = [0, 1, 2]): readonly number[] {
  const { recording } = endOf(
    asking(
      lined(over),
      atS.map((s, i) => ({ atS: s, of: of[i]! })),
    ),
  );
  return of.map((classIndex) => latencies(recording, classIndex).max / SECOND);
}

describe("a gateway's line", () => {
  it("serves first those who came first, last, or are most urgent, as it is told", () => {
    const came = [0, 0.1, 0.2];
    expect(tookS({}, came)).toEqual([1, 1.9, 2.8]);
    expect(tookS({ queue: { order: "lifo" } }, came)).toEqual([1, 2.9, 1.8]);
    // The least urgent came first and is at work; then the most urgent goes before the middle one.
    expect(tookS({ queue: { order: "priority" } }, [0, 0.1, 0.2], [2, 1, 0])).toEqual([1, 2.9, 1.8]);
    expect(tookS({ queue: { order: "priority" } }, [0, 0.1, 0.2], [2, 0, 1])).toEqual([1, 1.9, 2.8]);
  });

  it("turns to the newest once it has not been empty for the interval of 100 ms", () => {
    expect(tookS({ queue: { order: "adaptive-lifo" } }, [0, 0.1, 0.2])).toEqual([1, 2.9, 1.8]);
    expect(tookS({ queue: { order: "adaptive-lifo" } }, [0, 0.92, 0.95])).toEqual([1, 1.08, 2.05]);
  });

  it("of no places refuses whoever finds the place taken, by another name than one that is full", () => {
    const refused = (places: number): object =>
      endOf(asking(lined({ places }), [{ atS: 0 }, { atS: 0.1 }, { atS: 0.2 }])).refused;
    expect(refused(0)).toEqual({ concurrency_full: 2 });
    expect(refused(1)).toEqual({ queue_full: 1 });
    expect(refused(2)).toEqual({});
  });

  it("lets nobody wait for somebody who has gone", () => {
    const { refused, served, held } = endOf(
      asking(lined({ timeoutS: 1.5 }), [{ atS: 0 }, { atS: 0.1 }, { atS: 0.55 }]),
    );
    // The second is answered at 2 s, 0.4 s too late; the third's turn would come at 2 s, 0.05 s before it leaves.
    expect([served, refused]).toEqual([1, { deadline_in_service: 2 }]);
    expect(held.records).toBe(0);
  });

  it("sheds the least urgent first as its places fill, and the most urgent never", () => {
    const scenario = asking(
      lined({ places: 9, queue: { shed: { step: 0.25, floor: 0.1 } } }),
      // Of ten places, thresholds 10, 7.5 and 5.
      Array.from({ length: 30 }, (_, i) => ({ atS: 0.001 * i, of: 2 - (i % 3) })),
    );
    const { recording } = endOf(scenario);
    const causes = recording.labels.causes;
    const shed = [0, 1, 2].map((c) => {
      const cells = recording.refused.subarray(c * causes.length, (c + 1) * causes.length);
      return [cells[causes.indexOf("load_shed")], cells[causes.indexOf("queue_full")]];
    });
    // Rounds of least, middle, most urgent. Taken before each: 0 1 2 | 3 4 5 | 6× 6 7 | 8× 8× 8 | 9× 9× 9 | full.
    expect(shed).toEqual([
      [0, 5],
      [7, 0],
      [8, 0],
    ]);
    expect(total(recording.capacityFailures[0]!)).toBe(20);
  });

  it("with controlled delay keeps the waits near the target where they would grow without end", () => {
    const waits = (codel: QueueConfig["codel"]): { readonly p50S: number; readonly served: number } => {
      const scenario = guarded([endpoint("e", 0, server(fixed(SECOND / 100), 1))], {
        sites: [site("s", "US", 120)],
        durationS: 120,
        gateway: { concurrency: 1, queueLimit: 1e6, queue: { ...PLAIN_QUEUE, codel } },
      });
      const { recording, served } = endOf(scenario);
      return { p50S: latencies(recording).quantile(0.5) / SECOND, served };
    };
    const [plain, controlled] = [waits(null), waits({ targetMs: 50, intervalMs: 500 })];
    expect(plain.p50S).toBeGreaterThan(5);
    expect(controlled.p50S).toBeLessThan(0.5);
    // It works on without pause: the same hundred a second are served.
    expect(controlled.served).toBeGreaterThan(0.98 * plain.served);
  });

  it("with controlled delay drops nobody while the waits stay below the target", () => {
    // Four at once every 0.1 s, 10 ms each: they wait 10, 20 and 30 ms.
    const bursts = Array.from({ length: 400 }, (_, i) => ({ atS: 10 + Math.floor(i / 4) / 10 }));
    const dropped = (targetMs: number): number => {
      const scenario = guarded([endpoint("e", 0, server(fixed(SECOND / 100), 1))], {
        gateway: {
          concurrency: 1,
          queueLimit: 100,
          queue: { ...PLAIN_QUEUE, codel: { targetMs, intervalMs: 5 } },
        },
      });
      return endOf(asking(scenario, bursts)).refused.load_shed ?? 0;
    };
    expect(dropped(35)).toBe(0);
    expect(dropped(5)).toBeGreaterThan(50);
  });

  it("drops at its turn whoever has no time left, where it is told of deadlines", () => {
    // Both are at the same instant: the place becomes free, and the user's patience ends a moment after.
    const atDeadline = (propagatesDeadlines: boolean): number =>
      endOf(asking(lined({ timeoutS: 1, propagatesDeadlines }), [{ atS: 0 }, { atS: 0 }])).recording
        .calls[0]!;
    expect([atDeadline(false), atDeadline(true)]).toEqual([2, 1]);
  });
});
