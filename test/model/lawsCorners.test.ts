/** Where two things happen to one call: each of these can be worked out by hand. */
import { describe, expect, it } from "vitest";
import { World } from "../../src/model/index.js";
import type {} from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  region,
  requestClass,
  retrying,
  SECOND,
  server,
  site,
  UNMETERED,
} from "./buildScenario.js";
import { asking, busyS, during, endOf, latencies, region0, region1 } from "./lawsScenario.js";

const once = retrying(1);
const tenSeconds = fixed(10 * SECOND);
const urgentAndNot = [requestClass("urgent"), requestClass("patient", { priority: 1 })];
const endpoint0 = { kind: "endpoint", index: 0 };
const halfLost = { kind: "capacity-loss", target: endpoint0, fraction: 0.5, preempt: true };
const twoRegions = [region("a", "DE"), region("b", "US")];
const direct = {
  strategy: "nearest",
  health: null,
  failOpen: false,
  upstreamTimeoutUs: Number.POSITIVE_INFINITY,
  propagatesDeadlines: false,
} as const;

describe("events of one instant", () => {
  it("a route that moves at once is not lost behind the probe that moved it", () => {
    const scenario = buildScenario({
      durationS: 20,
      regions: twoRegions,
      endpoints: [endpoint("e", 1, server(fixed(0), 9))],
      sites: [site("s", "DE", 1)],
      accessRttMs: [0, 10],
      deployment: {
        entry: { kind: "anycast", convergenceUs: 0, check: check(1, 0.5, 1, 1), scope: "lawful" },
      },
      faults: [during(5, 10, { kind: "region-down", target: region0, manner: "refuse" })],
    });
    const { beliefs } = endOf(scenario).recording;
    expect(beliefs.map(({ target, up }) => `${target} ${up ? "up" : "down"}`)).toEqual(["0 down", "0 up"]);
  });

  it("shared work that takes no time is done at once", () => {
    const scenario = buildScenario({
      durationS: 20,
      endpoints: [endpoint("e", 0, server(fixed(0), 1, 0, "processor-sharing"))],
      sites: [site("s", "DE", 0)],
    });
    expect(endOf(asking(scenario, [{ atS: 1 }, { atS: 1 }, { atS: 2 }])).served).toBe(3);
  });

  it("time never runs backwards when an answer would come after the prober gave up", () => {
    const scenario = buildScenario({
      durationS: 30,
      regions: twoRegions,
      endpoints: [endpoint("e", 1, server(fixed(0), 9))],
      sites: [site("s", "DE", 1)],
      deployment: { routing: { ...direct, health: check(1, 0.5, 2, 2) } },
      faults: [during(5, 20, { kind: "latency", between: [region0, region1], addUs: 4 * SECOND })],
    });
    const world = new World(scenario);
    let lastUs = 0;
    for (let untilUs = 0; untilUs <= scenario.durationUs; untilUs += 50_000) {
      world.runUntil(untilUs);
      expect(world.nowUs).toBeGreaterThanOrEqual(lastUs);
      lastUs = world.nowUs;
    }
  });
});

describe("slots and lines", () => {
  it("a shared endpoint takes as many as it has slots and places, and turns the rest away", () => {
    const scenario = buildScenario({
      durationS: 60,
      endpoints: [endpoint("e", 0, server(fixed(SECOND), 1, 2, "processor-sharing"))],
      sites: [site("s", "DE", 0)],
    });
    const six = asking(
      scenario,
      Array.from({ length: 6 }, () => ({ atS: 1 })),
    );
    const { served, refused, recording } = endOf(six);
    expect({ served, refused }).toEqual({ served: 3, refused: { queue_full: 3 } });
    expect(latencies(recording).max).toBe(3 * SECOND);
  });

  it("work frozen in a lost slot does not take a slot that still works", () => {
    const scenario = buildScenario({
      durationS: 100,
      endpoints: [endpoint("e", 0, server(tenSeconds, 2))],
      sites: [site("s", "DE", 0)],
      faults: [during(1, 61, halfLost)],
    });
    const { recording } = endOf(asking(scenario, [{ atS: 0 }, { atS: 0 }, { atS: 5 }]));
    const times = latencies(recording);
    expect({ sum: times.sum, max: times.max }).toEqual({ sum: (10 + 70 + 15) * SECOND, max: 70 * SECOND });
  });

  it("an urgent call interrupts work that runs, never work that is frozen, and never more than the slots left", () => {
    const scenario = buildScenario({
      durationS: 100,
      classes: urgentAndNot,
      endpoints: [endpoint("e", 0, server(tenSeconds, 2, 9, "preemptive-priority"))],
      sites: [site("s", "DE", 0)],
      faults: [during(1, 21, halfLost)],
    });
    const asked = [
      { atS: 0, of: 1 },
      { atS: 0, of: 1 },
      { atS: 2, of: 0 },
      { atS: 3, of: 0 },
    ];
    const { recording, held } = endOf(asking(scenario, asked));
    // The frozen one: 0-1, 21-30. The interrupted one: 0-2, 22-30. The urgent ones: 2-12 and 12-22.
    expect(latencies(recording, 1).sum).toBe(60 * SECOND);
    expect(latencies(recording, 0).sum).toBe((10 + 19) * SECOND);
    expect(held.frozen).toEqual([0]);
  });

  it("an urgent call waits while the slots that work are fewer than the calls that run", () => {
    const scenario = buildScenario({
      durationS: 100,
      classes: urgentAndNot,
      endpoints: [endpoint("e", 0, server(tenSeconds, 2, 9, "preemptive-priority"))],
      sites: [site("s", "DE", 0)],
      faults: [during(1, 61, { ...halfLost, fraction: 1, preempt: false })],
    });
    const { recording } = endOf(
      asking(scenario, [
        { atS: 0, of: 1 },
        { atS: 0, of: 1 },
        { atS: 2, of: 0 },
      ]),
    );
    expect(latencies(recording, 1).max).toBe(10 * SECOND);
    expect(latencies(recording, 0).max).toBe(69 * SECOND);
  });

  it("interrupted work that its endpoint's death sends elsewhere begins anew there", () => {
    const scenario = buildScenario({
      durationS: 100,
      classes: urgentAndNot,
      endpoints: [
        endpoint("e0", 0, server(tenSeconds, 1, 9, "preemptive-priority")),
        endpoint("e1", 0, server(tenSeconds, 1, 9)),
      ],
      sites: [site("s", "DE", 0)],
      deployment: { caller: once },
      faults: [during(2, 90, { kind: "endpoint-down", target: endpoint0, manner: "refuse" })],
    });
    const { recording } = endOf(
      asking(scenario, [
        { atS: 0, of: 1 },
        { atS: 1, of: 0 },
      ]),
    );
    expect(latencies(recording, 0).max).toBe(11 * SECOND);
    expect(latencies(recording, 1).max).toBe(22 * SECOND);
  });
});

describe("limits and retries", () => {
  const limits = {
    requestsPerMin: 6000,
    requestBurst: 100,
    tokensPerMin: Number.POSITIVE_INFINITY,
    tokenBurst: Number.POSITIVE_INFINITY,
    ...UNMETERED,
  };

  it("a quota cut to nothing is over when the cut is over", () => {
    const scenario = buildScenario({
      durationS: 40,
      endpoints: [endpoint("e", 0, server(fixed(0), 9), { limits })],
      sites: [site("s", "DE", 0)],
      client: { caller: retrying(1, { backoff: { kind: "exponential", baseMs: 1000, capMs: 1000 } }) },
      faults: [during(5, 15, { kind: "quota-cut", target: endpoint0, factor: 0 })],
    });
    const { served, refused, held } = endOf(
      asking(scenario, [{ atS: 1 }, { atS: 10 }, { atS: 20 }, { atS: 30 }]),
    );
    expect({ served, refused }).toEqual({ served: 3, refused: { rate_limit_rpm: 1 } });
    expect(held.records).toBe(0);
  });

  it("a client waits as long as the last answer asked, not an earlier one", () => {
    const scenario = buildScenario({
      durationS: 10,
      endpoints: [
        endpoint("e0", 0, server(fixed(0), 9), {
          limits: { ...limits, requestsPerMin: 60, requestBurst: 5 },
        }),
        endpoint("e1", 0, server(fixed(0), 9)),
      ],
      sites: [site("s", "DE", 0)],
      deployment: { caller: once },
      client: { caller: retrying(1, { backoff: { kind: "exponential", baseMs: 1000, capMs: 1000 } }) },
      faults: [
        during(0.5, 9, { kind: "quota-cut", target: endpoint0, factor: 0.01 }),
        during(
          0.5,
          9,
          { kind: "endpoint-down", target: { kind: "endpoint", index: 1 }, manner: "refuse" },
          "down",
        ),
      ],
    });
    // The second is told by e0 to come back after a minute and a half, then refused by e1, which says nothing.
    const { served, refused } = endOf(asking(scenario, [{ atS: 1 }, { atS: 2 }]));
    expect({ served, refused }).toEqual({ served: 1, refused: { connection_refused: 1 } });
  });
});

describe("users who have gone", () => {
  const far = {
    regions: twoRegions,
    sites: [site("s", "DE", 0)],
    accessRttMs: [0, 9000],
    backboneRttMs: [0, 2000, 2000, 0],
  };

  it("an endpoint that drops dead work does not begin it when it arrives to a free slot either", () => {
    const scenario = buildScenario({
      durationS: 60,
      ...far,
      endpoints: [endpoint("e", 1, server(tenSeconds, 1), { abandoned: "drop-at-dequeue" })],
      client: { timeout: fixed(SECOND / 2) },
    });
    const { recording, held } = endOf(asking(scenario, [{ atS: 1 }]));
    expect({ busy: busyS(recording), wasted: recording.wasted[0], records: held.records }).toEqual({
      busy: 0,
      wasted: 0,
      records: 0,
    });
  });

  it("an endpoint that cancels knows nothing before the word arrives, not even when it takes the call from its line", () => {
    const scenario = buildScenario({
      durationS: 60,
      regions: [region("a", "DE")],
      sites: [site("s", "DE", 0)],
      accessRttMs: [4000],
      endpoints: [endpoint("e", 0, server(tenSeconds, 1), { abandoned: "cancel" })],
      client: { timeout: fixed(20.5 * SECOND) },
    });
    // The first two reach the slot at 2 and 12; the second's user leaves at 20.5, too late for the word to matter.
    // The third's leaves at 21.5, it is taken from the line at 22, and stopped when the word comes at 23.5.
    const { recording, held } = endOf(asking(scenario, [{ atS: 0 }, { atS: 0 }, { atS: 1 }]));
    const counts = {
      busy: busyS(recording),
      wasted: recording.wasted[0],
      served: latencies(recording).count,
    };
    expect(counts).toEqual({ busy: 21.5, wasted: 1, served: 1 });
    expect(held.records).toBe(0);
  });

  it("a gateway that gives up tells the endpoint itself: the user's own distance plays no part", () => {
    const scenario = buildScenario({
      durationS: 60,
      regions: twoRegions,
      sites: [site("s", "DE", 0)],
      accessRttMs: [4000, 9000],
      backboneRttMs: [0, 1000, 1000, 0],
      endpoints: [endpoint("e", 1, server(tenSeconds, 1), { abandoned: "cancel" })],
      deployment: { routing: { ...direct, upstreamTimeoutUs: 2 * SECOND, propagatesDeadlines: false } },
    });
    // At the gateway at 2, at the endpoint at 2.5, given up at 4, known at 4.5.
    expect(busyS(endOf(asking(scenario, [{ atS: 0 }])).recording)).toBe(2);
  });
});
