import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  expired,
  LinePolicy,
  PLAIN_QUEUE,
  QUEUE_ORDERS,
  type QueueConfig,
  type QueueOrder,
  sheds,
  shedThreshold,
  takesNewest,
} from "../../src/policy/index.js";
import { lineContract } from "./queueContract.js";
import { type Call, runHouse } from "./queueLine.js";

const ORDERS = Object.keys(QUEUE_ORDERS) as QueueOrder[];
for (const order of ORDERS) {
  lineContract(order, { ...PLAIN_QUEUE, order });
  lineContract(`${order} with everything`, {
    order,
    dropExpired: true,
    codel: { targetMs: 5, intervalMs: 20 },
    shed: { step: 0.2, floor: 0.3 },
  });
}

describe("the order of a line", () => {
  it("is adaptive at the very end of the interval, and by the line's last being empty", () => {
    expect([99, 100, 101].map((busyMs) => takesNewest("adaptive-lifo", busyMs, 100))).toEqual([
      false,
      true,
      true,
    ]);
    const policy = new LinePolicy({ ...PLAIN_QUEUE, order: "adaptive-lifo" });
    policy.joins(0, 1000);
    policy.joins(1, 1090);
    expect([policy.takesNewest(1099), policy.takesNewest(1100)]).toEqual([false, true]);
    policy.joins(0, 1100);
    expect(policy.takesNewest(1199)).toBe(false);
  });

  it("takes the interval of adaptive-lifo from CoDel where there is one", () => {
    const codel = { targetMs: 5, intervalMs: 30 };
    const policy = new LinePolicy({ ...PLAIN_QUEUE, order: "adaptive-lifo", codel });
    policy.joins(0, 0);
    expect([policy.takesNewest(29), policy.takesNewest(30)]).toEqual([false, true]);
  });

  it("levels by priority alone when asked to", () => {
    for (const order of ORDERS) {
      const policy = new LinePolicy({ ...PLAIN_QUEUE, order });
      expect([0, 3, 7].map((priority) => policy.levelOf(priority))).toEqual(
        order === "priority" ? [0, 3, 7] : [0, 0, 0],
      );
    }
  });

  /** Twice what one slot can do, from callers who leave after 100 ms: the share of the second half's time that was of use. */
  function usefulShare(config: QueueConfig): number {
    const calls = Array.from({ length: 4000 }, (_, id): Call => {
      return { id, atMs: 5 * id, priority: 0, workMs: 10, patienceMs: 100 };
    });
    const inTime = runHouse(config, calls, { slots: 1, room: Number.POSITIVE_INFINITY }).filter(
      ({ call, fate, atMs }) =>
        fate === "served" && atMs >= 10_000 && atMs < 20_000 && atMs + call.workMs <= call.atMs + 100,
    );
    return (inTime.length * 10) / 10_000;
  }

  it("decides between no use and full use of a slot under twice its load", () => {
    expect(usefulShare(PLAIN_QUEUE)).toBe(0);
    expect(usefulShare({ ...PLAIN_QUEUE, order: "lifo" })).toBe(1);
    expect(usefulShare({ ...PLAIN_QUEUE, order: "adaptive-lifo" })).toBe(1);
    // Dropping the expired is not enough where work is not short beside the deadline: the line settles where
    // each starts 5 ms before its deadline, and needs 10.
    expect(usefulShare({ ...PLAIN_QUEUE, dropExpired: true })).toBe(0);
    expect(usefulShare({ ...PLAIN_QUEUE, dropExpired: true, order: "adaptive-lifo" })).toBe(1);
  });
});

describe("a deadline", () => {
  it("has passed at its own moment, and never for those who have none", () => {
    expect([expired(100, 99), expired(100, 100), expired(100, 101)]).toEqual([false, true, true]);
    expect(expired(Number.POSITIVE_INFINITY, Number.MAX_VALUE)).toBe(false);
  });
});

describe("load shedding", () => {
  const shed = { step: 0.1, floor: 0.5 };

  it("gives the most urgent the whole house, each less urgent a step less, and all at least the floor", () => {
    expect(shedThreshold(shed, 0)).toBe(1);
    expect([1, 2, 5, 6, 60].map((priority) => shedThreshold(shed, priority))).toEqual([
      0.9, 0.8, 0.5, 0.5, 0.5,
    ]);
    expect(shedThreshold(null, 60)).toBe(1);
  });

  it("begins at the threshold itself, in tenths as people write them", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 100 }), (tenths, scale) => {
        const config = { step: tenths / 10, floor: 0.01 };
        const places = 10 * scale;
        const first = (10 - tenths) * scale;
        expect(sheds(config, 1, first / places)).toBe(true);
        expect(sheds(config, 1, (first - 1) / places)).toBe(false);
      }),
      { seed: 20260504 },
    );
  });

  it("turns the less urgent away first as the house fills", () => {
    const policy = new LinePolicy({ ...PLAIN_QUEUE, shed });
    const turnedAway = (taken: number) =>
      [0, 1, 2, 9].filter((priority) => policy.sheds(priority, taken, 100));
    expect([0, 49, 50, 79, 80, 90, 100].map(turnedAway)).toEqual([
      [],
      [],
      [9],
      [9],
      [2, 9],
      [1, 2, 9],
      [1, 2, 9],
    ]);
  });

  it("turns nobody away from an empty house, though the threshold is nought", () => {
    const policy = new LinePolicy({ ...PLAIN_QUEUE, shed: { step: 1, floor: 0 } });
    expect([policy.sheds(1, 0, 10), policy.sheds(1, 0, 0), policy.sheds(1, 1, 10)]).toEqual([
      false,
      false,
      true,
    ]);
  });
});
