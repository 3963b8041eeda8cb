/** Who is charged with what: first impacts, the auditor's view of gateways, routes after a thaw, frozen work. */
import { expect, test } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import type { Fault } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  check,
  endpoint,
  exponential,
  fixed,
  gateway,
  region,
  requestClass,
  SECOND,
  server,
  site,
} from "./buildScenario.js";

const REGIONS = [region("eu", "DE"), region("us", "US")];

function span(id: string, fromS: number, toS: number): { id: string; startUs: number; endUs: number } {
  return { id, startUs: fromS * SECOND, endUs: toS * SECOND };
}

test("a gateway that names its log country still answers for reading prompts where it stands", () => {
  const fault: Fault = {
    ...span("eu-down", 60, 240),
    kind: "region-down",
    target: { kind: "region", index: 0 },
    manner: "black-hole",
  };
  const result = runScenario(
    buildScenario({
      durationS: 300,
      regions: REGIONS,
      gateways: [gateway("gw-eu", 0), gateway("gw-us", 1, { data: { logs: ["DE"] } })],
      endpoints: [endpoint("m", 0, server(fixed(10_000), 50), { data: { processing: ["DE"] } })],
      sites: [site("DE", "DE", 5, "EU")],
      client: { timeout: fixed(2 * SECOND) },
      accessRttMs: [10, 90],
      backboneRttMs: [0, 80, 80, 0],
      deployment: {
        entry: { kind: "anycast", convergenceUs: 0, check: check(5, 2, 2, 2), scope: "global" },
        residency: [
          { id: "eu-stays", when: { origin: ["DE"] }, require: { processing: ["DE"] }, onEmpty: "refuse" },
        ],
      },
      faults: [fault],
    }),
  );
  expect(result.residency.violations).toBeGreaterThan(500);
  const abroad = result.residency.rows.filter((row) => !row.lawful);
  expect(abroad.map((row) => [row.at, row.channel, row.country])).toEqual([["gw-us", "processing", "US"]]);
});

test("a class the law lets go elsewhere is not counted as refused by the law when its name server answers for all", () => {
  const result = runScenario(
    buildScenario({
      durationS: 300,
      regions: REGIONS,
      endpoints: [
        endpoint("a", 0, server(fixed(10_000), 50), { data: { processing: ["DE"] } }),
        endpoint("b", 1, server(fixed(10_000), 50), { data: { processing: ["US"] } }),
      ],
      classes: [requestClass("chat"), requestClass("health")],
      sites: [site("DE", "DE", 20, "EU")],
      client: { timeout: fixed(2 * SECOND) },
      accessRttMs: [10, 90],
      backboneRttMs: [0, 80, 80, 0],
      deployment: {
        entry: { kind: "anycast", convergenceUs: 0, check: check(5, 2, 2, 2), scope: "lawful" },
        residency: [
          {
            id: "health-stays",
            when: { origin: ["DE"], dataClass: ["health"] },
            require: { processing: ["DE"] },
            onEmpty: "refuse",
          },
        ],
      },
      faults: [
        {
          ...span("down", 60, 240),
          kind: "region-down",
          target: { kind: "region", index: 0 },
          manner: "black-hole",
        },
      ],
    }),
  );
  expect(result.refusedBy.class.health!.residency_no_legal_region).toBeGreaterThan(1000);
  expect(result.refusedBy.class.chat!.no_healthy_region).toBeGreaterThan(1000);
  expect(result.refusedBy.class.chat!.residency_no_legal_region).toBeUndefined();
  expect(result.residency.violations).toBe(0);
});

test("a fault that hurt nobody is not charged with what a later one did", () => {
  const result = runScenario(
    buildScenario({
      durationS: 300,
      endpoints: [endpoint("m", 0, server(fixed(10_000), 50))],
      sites: [site("s", "US", 5)],
      faults: [
        { ...span("cut", 120, 150), kind: "quota-cut", target: { kind: "all" }, factor: 0.5 },
        {
          ...span("down", 180, 240),
          kind: "region-down",
          target: { kind: "region", index: 0 },
          manner: "refuse",
        },
      ],
    }),
  );
  expect(result.faults[0]!.firstImpactS).toBeNull();
  expect(result.faults[1]!.firstImpactS).toBeGreaterThanOrEqual(180);
  expect(result.faults[1]!.firstImpactS).toBeLessThan(185);
});

test("a fault on all endpoints is every region's own, and capacity lost is felt when calls are turned away", () => {
  const result = runScenario(
    buildScenario({
      durationS: 300,
      regions: REGIONS,
      endpoints: [
        endpoint("a", 0, server(fixed(SECOND), 10, 0)),
        endpoint("b", 1, server(fixed(SECOND), 10, 0)),
      ],
      sites: [site("DE", "DE", 5, "EU"), site("US", "US", 5)],
      accessRttMs: [10, 90, 90, 10],
      backboneRttMs: [0, 80, 80, 0],
      faults: [
        {
          ...span("loss", 100, 200),
          kind: "capacity-loss",
          target: { kind: "all" },
          fraction: 0.8,
          preempt: false,
        },
      ],
    }),
  );
  expect(result.lanes.filter((lane) => lane.observer === "truth").map((lane) => lane.region)).toEqual([
    "eu",
    "us",
  ]);
  expect(result.faults[0]!.firstImpactS).toBeGreaterThanOrEqual(100);
  expect(result.faults[0]!.firstImpactS).toBeLessThan(110);
  expect(result.cascade.edges).toEqual([]);
});

test("after a freeze routes move at their own pace, not at once", () => {
  const result = runScenario(
    buildScenario({
      durationS: 300,
      regions: REGIONS,
      endpoints: [endpoint("a", 0, server(fixed(10_000), 50)), endpoint("b", 1, server(fixed(10_000), 50))],
      sites: [site("s", "US", 5)],
      client: { timeout: fixed(2 * SECOND) },
      accessRttMs: [10, 90],
      backboneRttMs: [0, 80, 80, 0],
      deployment: {
        entry: { kind: "anycast", convergenceUs: 60 * SECOND, check: check(5, 2, 2, 2), scope: "lawful" },
      },
      faults: [
        {
          ...span("down", 90, 290),
          kind: "region-down",
          target: { kind: "region", index: 0 },
          manner: "refuse",
        },
        { ...span("frozen", 110, 111), kind: "entry-frozen" },
      ],
    }),
  );
  const moved = result.lanes.find((lane) => lane.observer === "entry");
  // Two failed probes five seconds apart, then a minute of convergence from the verdict at the earliest.
  expect(moved!.startS).toBeGreaterThanOrEqual(155);
  expect(moved!.startS).toBeLessThanOrEqual(172);
});

test("work frozen before its first token still owes all of it: with no time per token both times stay equal", () => {
  const result = runScenario(
    buildScenario({
      durationS: 120,
      endpoints: [
        endpoint("m", 0, {
          kind: "provider",
          ttft: exponential(SECOND),
          perTokenUs: fixed(0),
          concurrency: 100,
          queueLimit: 1000,
          slowdownAtFull: 0,
        }),
      ],
      sites: [site("s", "US", 20)],
      faults: [
        {
          ...span("loss", 40, 60),
          kind: "capacity-loss",
          target: { kind: "all" },
          fraction: 1,
          preempt: true,
        },
      ],
    }),
  );
  expect(result.requests.served).toBeGreaterThan(1000);
  expect(result.latency.ttftMs.mean).toBe(result.latency.e2eMs.mean);
});

test("an outage does not change what later probes draw", () => {
  const scenario = (faults: readonly Fault[]) =>
    buildScenario({
      durationS: 900,
      regions: REGIONS,
      endpoints: [endpoint("a", 0, server(fixed(10_000), 50)), endpoint("b", 1, server(fixed(10_000), 50))],
      sites: [site("s", "US", 1)],
      accessRttMs: [10, 90],
      backboneRttMs: [0, 80, 80, 0],
      deployment: {
        routing: {
          strategy: "nearest",
          health: check(5, 2, 2, 2),
          failOpen: false,
          upstreamTimeoutUs: Number.POSITIVE_INFINITY,
          propagatesDeadlines: false,
        },
      },
      faults: [
        { ...span("errors", 400, 880), kind: "error-rate", target: { kind: "all" }, probability: 0.4 },
        ...faults,
      ],
    });
  const late = (faults: readonly Fault[]) =>
    runScenario(scenario(faults)).lanes.filter((lane) => lane.observer !== "truth" && lane.startS > 400);
  const outage: Fault = {
    ...span("blip", 60, 68),
    kind: "endpoint-down",
    target: { kind: "endpoint", index: 0 },
    manner: "black-hole",
  };
  expect(late([]).length).toBeGreaterThan(10);
  expect(late([outage])).toEqual(late([]));
});
