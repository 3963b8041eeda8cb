/** Lines before endpoints: their order, who is dropped, who is shed, and what refusals cost. */
import { describe, expect, it } from "vitest";
import { PLAIN_QUEUE, type QueueConfig } from "../../src/policy/index.js";
import type { Endpoint, Scenario, Serving } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  fixed,
  gateway,
  requestClass,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { asking, endOf, latencies } from "./lawsScenario.js";
import { replicas } from "./replicaScenario.js";

const ONE_AT_A_TIME: Serving = server(fixed(SECOND), 1, 100);
/** Three classes, of priority 0, 1 and 2. */
const CLASSES = [0, 1, 2].map((priority) => requestClass(`p${priority}`, { priority }));

function lined(queue: Partial<QueueConfig>, over: Partial<Endpoint> = {}, timeoutS = 1000): Scenario {
  const scenario = buildScenario({
    durationS: 60,
    endpoints: [endpoint("e", 0, ONE_AT_A_TIME, { queue: { ...PLAIN_QUEUE, ...queue }, ...over })],
    sites: [site("s", "US", 0)],
    classes: CLASSES,
    client: { timeout: fixed(timeoutS * SECOND) },
  });
  const { deployment } = scenario;
  const routing = { ...deployment.routing, propagatesDeadlines: true };
  return { ...scenario, deployment: { ...deployment, routing } };
}

/** Seconds it took each class's only request. */
function took(scenario: Scenario, order: readonly number[], firstAtS = 1): number[] {
  const calls = order.map((of, n) => ({ atS: firstAtS + n / 1000, of }));
  const { recording } = endOf(asking(scenario, calls));
  return [0, 1, 2].map((of) => Math.round(latencies(recording, of).max / SECOND));
}

describe("the line of an endpoint", () => {
  it("goes by its order: oldest, newest, or most urgent first", () => {
    // The first of three begins at once; the other two wait.
    expect(took(lined({ order: "fifo" }), [2, 1, 0])).toEqual([3, 2, 1]);
    expect(took(lined({ order: "lifo" }), [2, 1, 0])).toEqual([2, 3, 1]);
    expect(took(lined({ order: "priority" }), [2, 1, 0])).toEqual([2, 3, 1]);
    expect(took(lined({ order: "priority" }), [0, 2, 1])).toEqual([1, 2, 3]);
    // The line has not been empty for 100 ms when the turn of the second comes.
    expect(took(lined({ order: "adaptive-lifo" }), [2, 1, 0])).toEqual([2, 3, 1]);
  });

  it("leaves the order to a server that has a discipline of its own", () => {
    const serving = server(fixed(SECOND), 1, 100, "lifo");
    expect(took(lined({ order: "priority" }, { serving }), [2, 0, 1])).toEqual([3, 2, 1]);
    const urgent = server(fixed(SECOND), 1, 100, "priority");
    expect(took(lined({ order: "lifo" }, { serving: urgent }), [2, 0, 1])).toEqual([2, 3, 1]);
  });

  it("drops those whose users have gone, where deadlines are passed on, and says when", () => {
    const calls = [1, 1.1, 1.2, 1.3].map((atS) => ({ atS }));
    const dropping = lined({ dropExpired: true }, {}, 1.5);
    const { recording, served } = endOf(asking(dropping, calls));
    // The second ends at 3, too late for it and for those behind it: it was begun in time, they were not.
    expect(served).toBe(1);
    expect([recording.started[0], recording.wasted[0]]).toEqual([2, 1]);
    const { deployment } = dropping;
    const silent = {
      ...dropping,
      deployment: { ...deployment, routing: { ...deployment.routing, propagatesDeadlines: false } },
    };
    expect(endOf(asking(silent, calls)).recording.started[0]).toBe(4);
  });

  it("drops at the head while waits have been above CoDel's target for an interval", () => {
    const codel = { targetMs: 500, intervalMs: 2000 };
    const calls = Array.from({ length: 12 }, (_, n) => ({ atS: 1 + n / 1000 }));
    const plain = endOf(asking(lined({}), calls));
    expect([plain.served, plain.refused]).toEqual([12, {}]);
    const { served, refused } = endOf(asking(lined({ codel }), calls));
    // Above the target from 2 on, so from 4 on: one drop there, the next ones 2 s / √n later each.
    expect(refused.load_shed).toBeGreaterThanOrEqual(3);
    expect(served + refused.load_shed!).toBe(12);
  });

  it("lets nobody who is let in by a drop take the slot that those in line wait for", () => {
    // When the first ends at 3, the second is dropped; its place at the gateway goes to the fourth, which comes at once.
    const serving = server(fixed(2 * SECOND), 1, 10);
    const scenario = lined({}, { serving, abandoned: "drop-at-dequeue" }, 1.5);
    const deployment = {
      ...scenario.deployment,
      gateways: [gateway("g", 0, { concurrency: 3, queueLimit: 10 })],
      routing: { ...scenario.deployment.routing, propagatesDeadlines: false },
    };
    const calls = [1, 1.2, 1.8, 1.9].map((atS) => ({ atS }));
    const { recording } = endOf(asking({ ...scenario, deployment }, calls));
    // The third begins after its 1.2 s, and the fourth finds the slot taken until nobody waits for it.
    expect([recording.started[0], recording.waitUs[0]! / SECOND]).toEqual([2, 1.2]);
  });
});

describe("shedding at an endpoint", () => {
  const shed = { step: 0.4, floor: 0.1 };

  /** Whether a class is let in when so many of ten places are taken. */
  function letIn(taken: number, of: number, over: Partial<Endpoint> = {}): boolean {
    const scenario = lined({ shed }, { serving: server(fixed(40 * SECOND), 4, 6), ...over });
    const before = Array.from({ length: taken }, () => ({ atS: 1, of: 0 }));
    const { refused } = endOf(asking(scenario, [...before, { atS: 2, of }]));
    return refused.load_shed === undefined;
  }

  it("turns the least urgent away first, at the share of its places that is theirs", () => {
    // Thresholds 1, 0.6 and 0.2 of ten places.
    expect([1, 2, 5, 6, 9].map((taken) => letIn(taken, 2))).toEqual([true, false, false, false, false]);
    expect([1, 2, 5, 6, 9].map((taken) => letIn(taken, 1))).toEqual([true, true, true, false, false]);
    expect([1, 2, 5, 6, 9].map((taken) => letIn(taken, 0))).toEqual([true, true, true, true, true]);
  });

  it("counts sequences of replicas and the places before them", () => {
    const serving = replicas({ replicas: 2, maxSequences: 2, queueLimit: 6 });
    const long = { classes: CLASSES.map((c) => ({ ...c, maxOutputTokens: 300 })) };
    const letInGroup = (taken: number, of: number): boolean => {
      const scenario = lined({ shed }, { serving });
      const before = Array.from({ length: taken }, () => ({ atS: 1, of: 0, out: 300 }));
      const workload = { ...scenario.workload, ...long };
      const { refused } = endOf(asking({ ...scenario, workload }, [...before, { atS: 2, of }]));
      return refused.load_shed === undefined;
    };
    expect([1, 2].map((taken) => letInGroup(taken, 2))).toEqual([true, false]);
    expect([5, 6].map((taken) => letInGroup(taken, 1))).toEqual([true, false]);
  });

  it("sheds nobody for work that is frozen, nor while nothing is taken", () => {
    expect(letIn(0, 2)).toBe(true);
  });
});

describe("the work of a refusal", () => {
  const rejectCostUs = 0.25 * SECOND;
  const full = (over: Partial<Endpoint> = {}): Scenario =>
    buildScenario({
      durationS: 60,
      endpoints: [endpoint("e", 0, server(fixed(SECOND), 1, 1), { rejectCostUs, ...over })],
      sites: [site("s", "US", 0)],
    });
  /** Seconds the last of them took, when all but it come at 1. */
  const last = (scenario: Scenario, together: number, atS: number): number => {
    const calls = [...Array.from({ length: together }, () => ({ atS: 1 })), { atS }];
    return latencies(endOf(asking(scenario, calls)).recording).max / SECOND;
  };

  it("is done before the next call that begins, by its slot", () => {
    // One in service, one in line, three turned away: 0.75 s stand before the second's own second.
    expect(last(full(), 5, 50)).toBe(2.75);
    expect(last(full({ rejectCostUs: 0 }), 5, 50)).toBe(2);
  });

  it("is done by slots that have nothing else to do, without delay for anybody", () => {
    const free = full({ serving: server(fixed(SECOND), 1, 0) });
    // Four turned away at 1: the slot is busy until 2, and works them off until 3.
    expect(last(free, 5, 3)).toBe(1);
    expect(last(free, 5, 2.5)).toBe(1.5);
    expect(last(free, 5, 2)).toBe(2);
  });

  it("delays nobody who is turned away, and nothing that is under way", () => {
    const scenario = full({ serving: server(fixed(SECOND), 1, 0) });
    expect(latencies(endOf(asking(scenario, [{ atS: 1 }, { atS: 1.5 }])).recording).max).toBe(SECOND);
  });

  it("comes with limits that refuse as well, and twice as much where the endpoint is twice as slow", () => {
    const limits = { ...full().deployment.endpoints[0]!.limits, requestsPerMin: 1, requestBurst: 2 };
    const limited = { ...full({ limits, serving: server(fixed(SECOND), 1, 5) }) };
    const slow = {
      ...limited,
      faults: [
        {
          id: "slow",
          kind: "slow" as const,
          target: { kind: "all" as const },
          factor: 2,
          startUs: 0,
          endUs: 60 * SECOND,
        },
      ],
    };
    const account = (scenario: Scenario): Scenario => ({
      ...scenario,
      deployment: {
        ...scenario.deployment,
        endpoints: scenario.deployment.endpoints.map((e) => ({
          ...e,
          limits: full().deployment.endpoints[0]!.limits,
        })),
        quotas: [{ id: "q", endpointIndices: [0], perTenant: false, limits }],
      },
    });
    // The third is refused; the second pays for it after the first.
    const refused = [{ atS: 1 }, { atS: 1 }, { atS: 1 }];
    expect(latencies(endOf(asking(account(limited), refused)).recording).max).toBe(2.25 * SECOND);
    expect(latencies(endOf(asking(account(slow), refused)).recording).max).toBe(4.5 * SECOND);
  });

  it("is forgotten when the endpoint dies", () => {
    const dead = {
      ...full(),
      faults: [
        {
          id: "down",
          kind: "endpoint-down" as const,
          target: { kind: "endpoint" as const, index: 0 },
          manner: "refuse" as const,
          startUs: 1.2 * SECOND,
          endUs: 1.3 * SECOND,
        },
      ],
    };
    expect(last(dead, 400, 2)).toBe(1);
  });

  it("is done by the slots that calls share, too", () => {
    const shared = full({ serving: server(fixed(SECOND), 1, 1, "processor-sharing") });
    // Two share until 3; one is turned away at 1 and one comes at 3 with a quarter second before its own.
    expect(last(shared, 3, 3)).toBe(2);
    const { recording } = endOf(asking(shared, [{ atS: 1 }, { atS: 1 }, { atS: 1 }, { atS: 3 }]));
    expect(latencies(recording).count).toBe(3);
  });
});

describe("retries that a refusal sets off at once", () => {
  it("end, although each is refused in the same instant", () => {
    const scenario = lined({ shed: { step: 1, floor: 0.01 } }, { serving: server(fixed(SECOND), 1, 5) });
    const { deployment } = scenario;
    const again = { ...scenario, deployment: { ...deployment, caller: retrying(50) } };
    const { refused, recording } = endOf(asking(again, [{ atS: 1 }, { atS: 1.5, of: 2 }]));
    expect(refused).toEqual({ load_shed: 1 });
    expect(recording.gatewayRetries).toBe(50);
  });
});
