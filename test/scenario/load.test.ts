import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatIssues, loadScenario, type Scenario } from "../../src/scenario/index.js";

/** The example of the manual: a person should be able to write one like it without reading further. */
const EXAMPLE = `schema: regionsim/1
name: EU/US support assistant
question: Do EU users ever leave the EU, and what do they see when their region dies?
seed: eu-us
duration: 40m

deployment:
  regions:
    us: { at: "aws:us-east-1" }            # country, coordinates and latencies come from the catalogue
    eu: { at: "aws:eu-central-1" }
  entry: { kind: geo-dns, ttl: 60s, check: { interval: 10s, timeout: 4s, fall: 3, rise: 2 } }
  gateways:
    us: { region: us, concurrency: 2000, queue: 500 }
    eu: { region: eu, concurrency: 2000, queue: 500 }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      version: "2026-05"
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 900 }
      limits: { requestsPerMin: 60000, tokensPerMin: 40000000 }
      data: { processing: [US], logs: [US], abuse-monitoring: [US] }
    eu-model: { like: us-model, region: eu, data: { processing: [DE], logs: [DE], abuse-monitoring: [DE] } }
  residency:
    - id: eu-stays
      when: { origin: EU }
      require: { processing: EU, logs: EU, abuse-monitoring: EU }
      onEmpty: refuse
  routing: { strategy: nearest, health: { interval: 5s, timeout: 2s, fall: 3, rise: 2 } }
  retry: { attempts: 2, budget: { ratio: 0.1 } }

workload:
  classes:
    chat: { share: 1, inputTokens: { p50: 900, p99: 6500 }, outputTokens: { p50: 130, p99: 700 } }
  sites:
    - { from: DE, users: 60000, perUserPerHour: 4 }
    - { from: US-NY, users: 90000, perUserPerHour: 4 }
  client: { timeout: 30s, retry: { attempts: 2, backoff: { kind: full-jitter, base: 200ms, cap: 5s } } }

faults:
  - { at: 10m, for: 8m, kind: region-down, region: eu, manner: black-hole }
  - { at: 25m, for: 8m, kind: region-down, region: us, manner: refuse }

objectives:
  - "residency.violations == 0"
  - "refused{origin=US} <= 0.5%"
`;

function load(text: string): Scenario {
  const read = (): string => {
    throw new Error("no side files");
  };
  const result = loadScenario({ file: "scenarios/example.yaml", text, read });
  if (!result.ok) throw new Error(formatIssues(result.issues, { format: "text" }));
  return result.scenario;
}

test("the example loads, with indices, µs and countries in place of names, units and zones", () => {
  const scenario = load(EXAMPLE);
  expect(scenario.durationUs).toBe(2_400_000_000);
  expect(scenario.deployment.endpoints.map((endpoint) => endpoint.regionIndex)).toEqual([0, 1]);
  expect(scenario.deployment.endpoints[1]?.data.logs).toEqual({
    countries: ["DE"],
    source: "example.yaml:23",
  });
  expect(scenario.deployment.endpoints[1]?.serving).toEqual(scenario.deployment.endpoints[0]?.serving);
  expect(scenario.deployment.residency[0]?.require.processing).toHaveLength(27);
  expect(scenario.deployment.residency[0]?.when.origin).toHaveLength(27);
  expect(scenario.deployment.residency[0]?.source).toBe("example.yaml:25");
  expect(scenario.deployment.caller.retry).toMatchObject({
    retries: 1,
    budget: { kind: "ratio", ratio: 0.1 },
  });
  expect(scenario.workload.sites.map((site) => site.origin)).toEqual(["EU", "US"]);
  expect(scenario.workload.client.caller.retry.backoff).toEqual({
    kind: "full-jitter",
    baseMs: 200,
    capMs: 5000,
  });
  expect(scenario.faults).toMatchObject([
    {
      id: "fault-1",
      target: { kind: "region", index: 1 },
      manner: "black-hole",
      startUs: 600_000_000,
      endUs: 1_080_000_000,
    },
    { id: "fault-2", target: { kind: "region", index: 0 }, manner: "refuse", startUs: 1_500_000_000 },
  ]);
  expect(scenario.objectives).toEqual([
    {
      text: "residency.violations == 0",
      metric: "residency.violations",
      selectors: {},
      operator: "==",
      target: 0,
      unit: "count",
      source: "example.yaml:45",
    },
    {
      text: "refused{origin=US} <= 0.5%",
      metric: "refused",
      selectors: { origin: "US" },
      operator: "<=",
      target: 0.005,
      unit: "ratio",
      source: "example.yaml:46",
    },
  ]);
  expect(scenario.warnings).toEqual([]);
});

test("loading twice gives the same scenario and the same hash", () => {
  expect(load(EXAMPLE)).toEqual(load(EXAMPLE));
});

test("the shipped example loads too", () => {
  expect(
    load(readFileSync(new URL("../../scenarios/eu-us.yaml", import.meta.url), "utf8")).name.length,
  ).toBeGreaterThan(0);
});
