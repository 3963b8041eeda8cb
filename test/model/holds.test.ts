/** Requests that a gateway holds back, and models that answer for others. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import * as core from "../../src/model/core.js";
import { World } from "../../src/model/index.js";
import type { ResidencyRule } from "../../src/policy/index.js";
import { readObjective } from "../../src/scenario/objective.js";
import type { Endpoint, Gateway, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  fixed,
  gateway,
  region,
  requestClass,
  retrying,
  SECOND,
  site,
  UNMETERED,
} from "./buildScenario.js";
import { anyScenario } from "./lawsArbitrary.js";
import { asking, during, endOf, latencies } from "./lawsScenario.js";
import { type GuardedParts, guarded, INSTANT, refusing, total } from "./upstreamScenario.js";

/** One request a second, one at once. */
const ONE_A_SECOND: Partial<Endpoint> = {
  limits: {
    ...UNMETERED,
    requestsPerMin: 60,
    tokensPerMin: Number.POSITIVE_INFINITY,
    requestBurst: 1,
    tokenBurst: Number.POSITIVE_INFINITY,
  },
};

describe("a gateway that waits for limits", () => {
  const limited = (waitForLimitsMs: number, over: GuardedParts = {}): Scenario =>
    guarded([endpoint("e", 0, INSTANT, ONE_A_SECOND)], { routing: { waitForLimitsMs }, ...over });

  it("serves at the very instant the limit allows it, first come first served", () => {
    const scenario = asking(limited(10_000), [{ atS: 1 }, { atS: 1.25 }, { atS: 1.5 }]);
    const { recording, refused, held } = endOf(scenario, 100);
    expect(refused).toEqual({});
    // 0, 0.75 and 1.5 s of waiting, and a hundredth of a second of service each.
    expect(latencies(recording).mean).toBeCloseTo((2.25 / 3 + 0.01) * SECOND, -2);
    expect(recording.heldBack).toBe(2);
    expect(held.records).toBe(0);
  });

  it("refuses what would have to wait longer, with the limit and the time it ends", () => {
    const scenario = asking(limited(700), [{ atS: 1 }, { atS: 1.2 }, { atS: 1.5 }]);
    const { recording, refused } = endOf(scenario, 100);
    expect(refused).toEqual({ rate_limit_rpm: 1 });
    expect(recording.heldBack).toBe(1);
  });

  it("waits as a queue with one server of a second does: M/D/1", () => {
    const ratio = 0.5;
    const means = Array.from({ length: 12 }, (_, i) => {
      const scenario = limited(1e9, { seed: `md1-${i}`, durationS: 2000, sites: [site("s", "US", ratio)] });
      return latencies(endOf(scenario, 2100).recording).mean / SECOND - 0.01;
    });
    const mean = total(means) / means.length;
    const variance = total(means.map((x) => (x - mean) ** 2)) / (means.length - 1);
    const halfWidth = 4 * Math.sqrt(variance / means.length);
    const expected = ratio / (2 * (1 - ratio));
    expect(halfWidth, "interval too wide to mean anything").toBeLessThan(0.25 * expected);
    expect(Math.abs(mean - expected), `${mean} ± ${halfWidth}`).toBeLessThanOrEqual(halfWidth);
  });

  it("keeps the places of those it holds, so that others are turned away", () => {
    const scenario = asking(limited(60_000, { gateway: { concurrency: 2 } }), [
      { atS: 1 },
      { atS: 1.1 },
      { atS: 1.2 },
      { atS: 1.3 },
    ]);
    expect(endOf(scenario, 100).refused).toEqual({ concurrency_full: 1 });
  });

  it("holds nobody past what it is told of the user's patience", () => {
    const client = { timeout: fixed(0.5 * SECOND) };
    const asked = [{ atS: 1 }, { atS: 1.2 }, { atS: 1.6 }];
    const told = endOf(
      asking(limited(9000, { client, routing: { waitForLimitsMs: 9000, propagatesDeadlines: true } }), asked),
      100,
    );
    expect(told.refused).toEqual({ rate_limit_rpm: 1 });
    const untold = endOf(asking(limited(9000, { client }), asked), 100);
    expect(untold.refused).toEqual({ deadline_in_queue: 1 });
    expect([untold.held.records, ...untold.held.gatewayInFlight, untold.held.timers]).toEqual([0, 0, 0]);
  });

  it("notes a user's second try as a hold of its own", () => {
    const client = { timeout: fixed(0.5 * SECOND), caller: retrying(1) };
    const { recording } = endOf(asking(limited(9000, { client }), [{ atS: 1 }, { atS: 1.1 }]), 100);
    // 1.1 s: held until 2 s, given up at 1.6 s, and again held until then.
    expect([recording.clientRetries, recording.heldBack]).toEqual([1, 2]);
  });

  it("notes a try that follows a refusal as a hold of its own", () => {
    const caller = retrying(1, {
      backoff: { kind: "exponential", baseMs: 500, capMs: 500 },
      retryAfter: { obey: false, capMs: 0 },
    });
    const asked = [{ atS: 1 }, { atS: 1.4 }, { atS: 1.5 }];
    const { recording, refused } = endOf(asking(limited(700, { client: { caller } }), asked), 100);
    // Two wait for 2 s; the second of them would then have to wait for too long, comes again at 2.5 s and waits for 3 s.
    expect([refused, recording.clientRetries, recording.heldBack]).toEqual([{}, 1, 3]);
  });

  it("frees the place of one whose user has gone at once", () => {
    const client = { timeout: fixed(0.3 * SECOND) };
    const over = { client, gateway: { concurrency: 1 } };
    const { refused, recording } = endOf(
      asking(limited(9000, over), [{ atS: 1 }, { atS: 1.1 }, { atS: 1.5 }]),
      100,
    );
    expect([refused, recording.heldBack]).toEqual([{ deadline_in_queue: 2 }, 2]);
  });

  it("pays for a held try once, when it begins", () => {
    const caller = retrying(1, { budget: { kind: "ratio", ratio: 1 } });
    const scenario = limited(10_000, { caller, sites: [site("s", "US", 0.9)], durationS: 200 });
    const { recording, held } = endOf(scenario, 1000);
    expect(recording.heldBack).toBeGreaterThan(50);
    expect(total(recording.calls)).toBe(total(recording.offered) + recording.gatewayRetries);
    expect(held.records).toBe(0);
  });
});

const EU_RULE: ResidencyRule = {
  id: "eu",
  when: { origin: ["DE"] },
  require: { processing: ["DE"], queue: ["DE"] },
  onEmpty: "queue",
};

/** A German user, a German and an American endpoint; the German one is known to be down from 20 s to 40 s. */
function ruled(over: {
  readonly rule?: Partial<ResidencyRule>;
  readonly gateway?: Partial<Gateway>;
  readonly timeoutS?: number;
  readonly parts?: Partial<Parameters<typeof buildScenario>[0]>;
}): Scenario {
  const where = (country: string): Partial<Endpoint> => ({
    data: { processing: [country], queue: "none" },
  });
  return buildScenario({
    durationS: 60,
    regions: [region("de", "DE"), region("us", "US")],
    gateways: [gateway("g", 0, { data: { processing: ["DE"], queue: ["DE"] }, ...over.gateway })],
    endpoints: [endpoint("de", 0, INSTANT, where("DE")), endpoint("us", 1, INSTANT, where("US"))],
    sites: [site("s", "DE", 10)],
    client: { timeout: fixed((over.timeoutS ?? 300) * SECOND) },
    faults: [refusing(0, 20, 40)],
    deployment: {
      residency: [{ ...EU_RULE, ...over.rule }],
      routing: {
        strategy: { kind: "nearest" },
        health: { ...check(1, 0.5, 1, 1), firstUs: 0 },
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    ...over.parts,
  });
}

describe("a rule that says to hold what nothing lawful can take", () => {
  it("keeps requests at their gateway until something lawful is back, and notes each once as a write", () => {
    const { recording, refused, held } = endOf(ruled({}), 200);
    const waited = total(recording.offered) * (20 / 60);
    expect(refused).toEqual({});
    expect(recording.heldBack).toBeGreaterThan(0.7 * waited);
    expect(recording.heldBack).toBeLessThan(1.3 * waited);
    const writes = recording.ledger.filter(({ purpose }) => purpose === "queue");
    expect(writes.map((row) => [row.placeKind, row.place, row.writes])).toEqual([
      ["gateway", 0, recording.heldBack],
    ]);
    expect(total(recording.calls.subarray(1))).toBe(0);
    expect(held.records - held.byState[core.PROBE_SEND]!).toBe(0);
  });

  it("refuses them where it says to refuse", () => {
    const { recording, refused } = endOf(ruled({ rule: { onEmpty: "refuse" } }), 200);
    expect(recording.heldBack).toBe(0);
    expect(refused.residency_no_legal_region).toBeGreaterThan(100);
  });

  it("refuses them at a gateway that may not hold them, or that holds nothing", () => {
    for (const queue of ["none", ["US"], { countries: ["DE"], keptDays: 2 }] as const) {
      const scenario = ruled({
        gateway: { data: { processing: ["DE"], queue } },
        rule: { maxKeptDays: { queue: 1 } },
      });
      const { recording, refused } = endOf(scenario, 200);
      expect(recording.heldBack).toBe(0);
      expect(refused.residency_no_legal_region).toBeGreaterThan(100);
    }
  });

  it("holds nobody longer than the user has patience, and leaves nothing behind", () => {
    const { refused, held } = endOf(ruled({ timeoutS: 5 }), 200);
    expect(refused.deadline_in_queue).toBeGreaterThan(80);
    expect([
      ...held.gatewayInFlight,
      held.records - held.byState[core.PROBE_SEND]!,
      ...held.believed,
    ]).toEqual([0, 0, 0]);
  });

  it("loses those it holds when the gateway's region dies", () => {
    const dies = during(30, 35, {
      kind: "region-down",
      target: { kind: "region", index: 0 },
      manner: "refuse",
    });
    const scenario = ruled({ parts: { faults: [refusing(0, 20, 40), dies], warmupS: 0 } });
    const { recording, refused, held } = endOf(scenario, 200);
    expect(refused.connection_refused).toBeGreaterThan(100);
    expect(total(recording.offered)).toBe(latencies(recording).count + total(Object.values(refused)));
    expect([...held.gatewayInFlight, held.records - held.byState[core.PROBE_SEND]!]).toEqual([0, 0]);
  });
});

describe("models that answer for others", () => {
  const models = (over: GuardedParts = {}): Scenario =>
    guarded(
      [endpoint("big", 0, INSTANT, { model: "big" }), endpoint("mini", 0, INSTANT, { model: "mini" })],
      {
        classes: [requestClass("chat", { model: "big" }), requestClass("small", { model: "mini" })],
        caller: retrying(1),
        faults: [refusing(0, 20, 40)],
        ...over,
        routing: { fallbacks: { big: ["mini"] }, ...over.routing },
      },
    );

  it("answer only while the model itself cannot, and are counted by class and model", () => {
    const scenario = models();
    const { fallbacks, endpoints, requestsBy, requests } = runScenario(scenario);
    expect(requests.refused).toBe(0);
    expect(fallbacks.byClass).toEqual({ chat: { mini: fallbacks.answered } });
    const others = requestsBy.class.small!.served;
    expect(endpoints[1]!.completed).toBe(fallbacks.answered + others);
    expect(fallbacks.answered / requestsBy.class.chat!.served).toBeCloseTo(1 / 3, 1);
  });

  it("are none where none is configured: the request is refused", () => {
    const { fallbacks, requests, refused } = runScenario(models({ routing: { fallbacks: {} } }));
    expect(fallbacks).toEqual({ answered: 0, byClass: {} });
    expect(refused).toEqual({ connection_refused: requests.refused });
  });

  it("can be held to an objective, of all served requests or of a class", () => {
    const scenario = models();
    const names = { origin: null, class: ["chat", "small"], region: [], endpoint: [] };
    const texts = [
      "fallback <= 1%",
      "fallback{class=small} <= 0%",
      "fallback{class=chat} >= 25%",
      "fallback > 100",
    ];
    const objectives = texts.map((text) => {
      const reading = readObjective(text, names);
      if (!reading.ok) throw new Error(reading.rule);
      return reading.objective;
    });
    const result = runScenario({ ...scenario, objectives });
    expect(result.objectives.map(({ pass }) => pass)).toEqual([false, true, true, true]);
    expect(result.objectives[0]!.value).toBeCloseTo(result.fallbacks.answered / result.requests.served, 12);
  });
});

describe("every run with holds and fallbacks", () => {
  it("accounts for every request and leaves nothing held", () => {
    let heldBack = 0;
    fc.assert(
      fc.property(anyScenario, fc.constantFrom(0, 400, 20_000), (scenario, waitForLimitsMs) => {
        const changed = loosened(scenario, waitForLimitsMs);
        const world = new World(changed);
        world.runUntil(changed.durationUs + 300 * SECOND);
        const { held } = world;
        expect([...held.gatewayInFlight, ...held.gatewayWaiting].every((n) => n === 0)).toBe(true);
        expect(held.byState[core.HELD]).toBe(0);
        expect(total(held.believed)).toBe(0);
        const { recording } = world.finish();
        expect(total(recording.offered)).toBe(latencies(recording).count + total(recording.refused));
        heldBack += recording.heldBack;
      }),
      { seed: 20260511, numRuns: 15 },
    );
    expect(heldBack).toBeGreaterThan(100);
  });
});

/** The scenario with rules that hold, limits that are waited for, and users who do not wait for ever. */
function loosened(scenario: Scenario, waitForLimitsMs: number): Scenario {
  const { deployment, workload } = scenario;
  return {
    ...scenario,
    workload: { ...workload, client: { ...workload.client, timeout: fixed(20 * SECOND) } },
    deployment: {
      ...deployment,
      residency: deployment.residency.map((rule) => ({ ...rule, onEmpty: "queue" as const })),
      routing: { ...deployment.routing, waitForLimitsMs, holdPollUs: 700_000 },
    },
  };
}
