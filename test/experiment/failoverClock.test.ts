/** Failovers over many seeds: no clock takes longer than its configuration allows, and the bound is not idle. */
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import type { FaultClock, Result } from "../../src/result/index.js";
import { loadScenario, type Scenario } from "../../src/scenario/index.js";

/** Two regions; the one that is nearer to all users is down from 1:10 on, until the bound and its tail have passed. */
function scenarioOf(entry: string, health: string, fault: string, lastsMin = 12): Scenario {
  const serving = "serving: { kind: provider, ttft: 100ms, perToken: 1ms, concurrency: 500 }";
  const text = `schema: regionsim/1
name: clocks
duration: ${lastsMin + 2}m
deployment:
  regions: { eu: { at: "aws:eu-central-1" }, us: { at: "aws:us-east-1" } }
  endpoints:
    eu-a: { region: eu, model: m, ${serving} }
    us-a: { region: us, model: m, ${serving} }
  entry: ${entry}
  routing: { health: ${health} }
workload:
  sites: [{ from: DE, rate: 2rps }]
  classes: { chat: { model: m, inputTokens: 10, outputTokens: 10 } }
faults: [{ id: lost, ${fault}, at: 1m10s, for: ${lastsMin}m }]
`;
  const loaded = loadScenario({ file: "clocks.yaml", text, read: () => "" });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join("\n"));
  return loaded.scenario;
}

const BLACK_HOLE = "kind: region-down, target: eu, manner: black-hole";
const ENDPOINT = "kind: endpoint-down, target: eu-a, manner: black-hole";

/** The clocks of one run. */
const clocksOf = (scenario: Scenario, replication: number): Result["clock"] =>
  runScenario(scenario, { replication }).clock;

const rowOf = (rows: readonly FaultClock[], clock: FaultClock["clock"]): FaultClock =>
  rows.find((row) => row.clock === clock)!;

interface Setup {
  readonly name: string;
  readonly entry: string;
  readonly health: string;
  readonly fault: string;
  readonly clock: FaultClock["clock"];
  readonly movedS: number;
  /** The longest of the runs comes at least this near to the bound, else the bound says nothing. */
  readonly reachedShare: number;
}

const NO_TAIL = "tailShare: 0, resolversPerSite: 20";
const SETUPS: readonly Setup[] = [
  {
    name: "route53-fast",
    entry: `{ preset: route53-fast, ${NO_TAIL} }`,
    health: "{ fall: 3 }",
    fault: BLACK_HOLE,
    clock: "entry",
    movedS: 96,
    reachedShare: 0.8,
  },
  {
    name: "azure-traffic-manager",
    entry: `{ preset: azure-traffic-manager, ${NO_TAIL} }`,
    health: "{ fall: 3 }",
    fault: BLACK_HOLE,
    clock: "entry",
    movedS: 160,
    reachedShare: 0.8,
  },
  {
    name: "azure-front-door",
    entry: "{ preset: azure-front-door }",
    health: "{ fall: 3 }",
    fault: BLACK_HOLE,
    clock: "entry",
    movedS: 95,
    reachedShare: 0.8,
  },
  {
    name: "cloudflare",
    entry: `{ preset: cloudflare, ${NO_TAIL} }`,
    health: "{ fall: 3 }",
    fault: BLACK_HOLE,
    clock: "entry",
    movedS: 105,
    reachedShare: 0.7,
  },
  {
    name: "envoy-active",
    entry: "{ kind: direct }",
    health: "{ preset: envoy-active }",
    fault: ENDPOINT,
    clock: "gateways",
    movedS: 19,
    reachedShare: 0.7,
  },
];

const SEEDS = 8;

describe("a failover", () => {
  for (const setup of SETUPS) {
    it(`by ${setup.name} sends nothing to the dead place after ${setup.movedS} s, whatever the seed`, () => {
      const scenario = scenarioOf(setup.entry, setup.health, setup.fault, 4);
      let longestS = 0;
      for (let replication = 0; replication < SEEDS; replication++) {
        const row = rowOf(clocksOf(scenario, replication), setup.clock);
        expect(row.bounds).toMatchObject({ preset: setup.name, movedS: setup.movedS, tailS: setup.movedS });
        expect(row.isWithinBound).toBe(true);
        expect(row.misdirected).toBeGreaterThan(0);
        expect(row.detectedS!).toBeLessThanOrEqual(row.bounds!.detectS);
        expect(row.lastMisdirectedS!).toBeLessThanOrEqual(setup.movedS);
        longestS = Math.max(longestS, row.lastMisdirectedS!);
      }
      expect(longestS).toBeGreaterThan(setup.reachedShare * setup.movedS);
    });
  }

  it("takes longer than the answer's life only where answers are kept too long, and no longer than that", () => {
    const entry = "{ preset: route53-fast, ttl: 20s, tailShare: 20%, resolversPerSite: 20 }";
    const row = rowOf(clocksOf(scenarioOf(entry, "{ fall: 3 }", BLACK_HOLE, 5), 0), "entry");
    expect(row.bounds).toMatchObject({ movedS: 56, tailS: 236 });
    expect(row.lastMisdirectedS!).toBeGreaterThan(56);
    expect(row.lastMisdirectedS!).toBeLessThanOrEqual(236);
    expect(row.isWithinBound).toBe(true);
  });

  it("counts a failed probe only after its repeats, each as long as the timeout", () => {
    const check = "{ interval: 60s, timeout: 5s, fall: 1, retries: 2, first: 0s }";
    const rows = clocksOf(
      scenarioOf(`{ kind: anycast, convergence: 0s, check: ${check} }`, check, BLACK_HOLE, 2),
      0,
    );
    // The first probe that meets the fault at 70 s leaves at 120 s and fails three times.
    for (const { detectedS } of rows) expect(detectedS!).toBeCloseTo(65, 3);
  });

  it("waits for as many failures as a window allows, at the entry and at the gateways", () => {
    const check = "{ interval: 10s, timeout: 1s, window: { size: 6, required: 2 } }";
    const entry = `{ kind: anycast, convergence: 0s, check: ${check} }`;
    for (const row of clocksOf(scenarioOf(entry, check, BLACK_HOLE, 2), 0)) {
      expect(row.bounds).toMatchObject({ detectS: 51 });
      // The fifth failure in a row comes more than four intervals after the first.
      expect(row.detectedS!).toBeGreaterThan(40);
      expect(row.detectedS!).toBeLessThanOrEqual(51);
    }
  });

  it("is told to be beyond its bound where entry answers are frozen", () => {
    const fault = `${BLACK_HOLE}, at: 1m10s, for: 4m }, { id: ice, kind: entry-frozen`;
    const scenario = scenarioOf(`{ preset: route53-fast, ${NO_TAIL} }`, "{ fall: 3 }", fault, 4);
    const row = rowOf(clocksOf(scenario, 0), "entry");
    expect(row).toMatchObject({ fault: "lost", detectedS: null, isWithinBound: false });
    expect(row.lastMisdirectedS!).toBeGreaterThan(230);
  });

  it("has no bound where nothing would ever notice", () => {
    const rows = clocksOf(scenarioOf("{ kind: direct }", "none", BLACK_HOLE, 1), 0);
    expect(
      rows.map(({ clock, bounds, detectedS, isWithinBound }) => [clock, bounds, detectedS, isWithinBound]),
    ).toEqual([
      ["entry", null, null, null],
      ["gateways", null, null, null],
    ]);
    expect(rowOf(rows, "entry").misdirected).toBeGreaterThan(0);
  });
});
