/** Overload: what abandoned work costs, when a system stays down by itself, when one region pushes over another. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import type { Result } from "../../src/result/index.js";
import type { AbandonedMode } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  region,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { during, type Ending, endOf } from "./lawsScenario.js";

const MODES: readonly AbandonedMode[] = ["execute", "cancel", "drop-at-dequeue"];
const PATIENCE_S = 1.5;

/** Two slots of a second each, asked for four seconds of work every second by users who wait a second and a half. */
function overloaded(abandoned: AbandonedMode, accessRttMs = 0): Ending {
  return endOf(
    buildScenario({
      durationS: 200,
      endpoints: [endpoint("e", 0, server(fixed(SECOND), 2), { abandoned })],
      sites: [site("s", "DE", 4)],
      client: { timeout: fixed(PATIENCE_S * SECOND) },
      accessRttMs: [accessRttMs],
    }),
  );
}

describe("abandoned work", () => {
  const [execute, cancel, drop] = MODES.map((mode) => overloaded(mode)) as [Ending, Ending, Ending];
  const wasted = ({ recording }: Ending): number => recording.wasted[0]!;
  const meanWaitS = ({ recording }: Ending): number => recording.waitUs[0]! / recording.started[0]! / SECOND;

  it("executed, it fills the slots with work for nobody", () => {
    expect(wasted(execute)).toBeGreaterThan(0.8 * (wasted(execute) + execute.served));
    expect(meanWaitS(execute)).toBeGreaterThan(10 * PATIENCE_S);
    expect(execute.held.waiting[0]).toBeGreaterThan(300);
  });

  it("cancelled without delay, no work is finished for nobody and nobody gone still waits", () => {
    expect(wasted(cancel)).toBe(0);
    expect(meanWaitS(cancel)).toBeLessThan(PATIENCE_S);
    expect(cancel.held.records).toBeLessThanOrEqual(4 * PATIENCE_S * 3 + 1);
    expect(cancel.served).toBeGreaterThan(5 * execute.served);
  });

  it("dropped at dequeue, no work begins for nobody, but begun work is finished", () => {
    expect(meanWaitS(drop)).toBeLessThan(PATIENCE_S);
    expect(wasted(drop)).toBeGreaterThan(0);
    expect(drop.served).toBeGreaterThan(5 * execute.served);
    expect(cancel.served).toBeGreaterThan(drop.served);
  });

  it("cancelled over a distance, work goes on until the word arrives", () => {
    const far = overloaded("cancel", 400);
    expect(wasted(far)).toBeGreaterThan(0);
    expect(far.served).toBeLessThan(cancel.served);
  });

  it("gives the same number of users the same fate whatever they leave behind", () => {
    for (const { recording, served, refused } of [execute, cancel, drop]) {
      expect(recording.offered[0]).toBe(execute.recording.offered[0]);
      const ended = served + Object.values(refused).reduce((sum, n) => sum + n, 0);
      expect(recording.offered[0]! - ended).toBeLessThanOrEqual(4 * PATIENCE_S * 3);
    }
  });
});

/** A fifth of 300 requests a second at most, one retry, patience of a second; ten seconds without any capacity. */
function struck(
  perSecond: number,
  abandoned: AbandonedMode,
  over: { readonly queue?: number; readonly lifo?: boolean } = {},
): Result {
  const queue = over.queue ?? Number.MAX_SAFE_INTEGER;
  return runScenario(
    buildScenario({
      durationS: 400,
      endpoints: [
        endpoint("e", 0, server(fixed(SECOND / 10), 6, queue, over.lifo === true ? "lifo" : "fifo"), {
          abandoned,
        }),
      ],
      sites: [site("s", "DE", perSecond / 5)],
      client: { timeout: fixed(SECOND), caller: retrying(1) },
      faults: [
        during(60, 70, { kind: "capacity-loss", target: { kind: "all" }, fraction: 1, preempt: false }),
      ],
    }),
  );
}

describe("metastability", () => {
  it("at 280 of 300 a second one retry keeps the system down long after a ten-second fault", () => {
    const { cascade, availability, faults } = struck(280, "execute");
    expect(cascade.metastable).toBe(true);
    expect(cascade.goodputAfterOverBefore).toBeLessThan(0.05);
    expect(cascade.margins[0]!.capacityPerS).toBeCloseTo(60, 9);
    expect(cascade.margins[0]!.retrySafeMargin).toBeLessThan(1);
    expect(availability.worstMinute).toBeLessThan(0.05);
    expect(faults[0]!.restoredS).toBeNull();
  });

  it("at 140 of 300 a second it comes back by itself: twice 140 still fits", () => {
    const { cascade, faults } = struck(140, "execute");
    expect(cascade.metastable).toBe(false);
    expect(cascade.goodputAfterOverBefore).toBeGreaterThan(0.99);
    expect(faults[0]!.restoredS).toBeGreaterThan(70);
    expect(faults[0]!.restoredS).toBeLessThan(300);
  });

  it("dropping the dead at the front of a long line does not help: the living have no patience left for the work", () => {
    expect(struck(280, "drop-at-dequeue").cascade.metastable).toBe(true);
  });

  it.each([
    ["a line of twenty", { queue: 20 }],
    ["last come first served, dropping the dead", { lifo: true }],
  ])("at 280 a second it comes back with %s", (_, over) => {
    const { cascade, faults } = struck(280, "lifo" in over ? "drop-at-dequeue" : "execute", over);
    expect(cascade.metastable).toBe(false);
    expect(faults[0]!.restoredS).toBeLessThan(100);
  });
});

/** Two regions of which one loses its endpoint for a minute; each is asked 80 times a second by its own users. */
function survivor(slots: number): Result {
  return runScenario(
    buildScenario({
      durationS: 240,
      regions: [region("a", "DE"), region("b", "US")],
      endpoints: ["e0", "e1"].map((id, r) => endpoint(id, r, server(fixed(SECOND / 10), slots, 20))),
      sites: [site("s0", "DE", 80), site("s1", "US", 80)],
      accessRttMs: [0, 80, 80, 0],
      backboneRttMs: [0, 80, 80, 0],
      client: { timeout: fixed(2 * SECOND) },
      deployment: {
        routing: {
          strategy: "nearest",
          health: check(1, 0.5, 2, 2),
          failOpen: false,
          upstreamTimeoutUs: SECOND,
          propagatesDeadlines: false,
        },
      },
      faults: [
        during(100, 160, { kind: "endpoint-down", target: { kind: "endpoint", index: 0 }, manner: "refuse" }),
      ],
    }),
  );
}

describe("cascades", () => {
  it("a survivor with room for 100 of 160 a second is pushed over by the region that fell", () => {
    const { cascade, regions } = survivor(10);
    expect(cascade.edges.map(({ from, to }) => `${from} > ${to}`)).toEqual(["a > b"]);
    const [edge] = cascade.edges;
    expect(edge!.startS).toBeGreaterThanOrEqual(101);
    expect(edge!.startS).toBeLessThanOrEqual(105);
    expect(Math.abs(edge!.endS - 161)).toBeLessThanOrEqual(4);
    expect(edge!.divertedShare).toBeGreaterThan(0.9);
    expect(cascade).toMatchObject({ depth: 1, metastable: false });
    expect(regions[1]!.overloadedS).toBeCloseTo(edge!.endS - edge!.startS, 9);
    expect(cascade.margins[1]!.naiveLimit).toBe(0.5);
  });

  it("a survivor with headroom is not: no edge, nobody refused but before the fault was seen", () => {
    const { cascade, regions, refusedBy } = survivor(25);
    expect(cascade).toMatchObject({ edges: [], depth: 0, metastable: false });
    expect(regions.map(({ overloadedS }) => overloadedS)).toEqual([0, 0]);
    expect(regions[1]!.divertedCalls).toBeGreaterThan(50 * 80);
    expect(Object.keys(refusedBy.origin.DE!)).toEqual(["connection_refused"]);
    expect(refusedBy.origin.US).toEqual({});
  });
});
