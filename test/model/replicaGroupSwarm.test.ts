/** Laws of groups of replicas, over random worlds in which faults, cancellations and autoscaling meet. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import * as core from "../../src/model/core.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import type { Autoscale, Endpoint, Fault, RequestClass, Scenario } from "../../src/scenario/scenario.js";
import { SECOND } from "./buildScenario.js";
import { anyScenario, LENGTH_S } from "./lawsArbitrary.js";
import { type Replicas, replicas } from "./replicaScenario.js";

/** `SWARM=5000` looks longer; another seed looks elsewhere. */
const RUNS = { seed: 20260731, numRuns: Number(process.env.SWARM ?? 100) };
/** How often a world is looked at while requests come: a few dozen events lie between two looks. */
const LOOKS = 150;
const DRAIN_S = 3000;
const STANDING = new Set([
  core.PROBE_SEND,
  core.PROBE_AT_TARGET,
  core.PROBE_RESULT,
  core.SHARED_SERVICE,
  core.REPLICA_STEP,
  core.GROUP_CLOCK,
  core.RESTART,
]);

const autoscale: fc.Arbitrary<Autoscale> = fc.record({
  on: fc.constantFrom("queue" as const, "utilisation" as const),
  target: fc.constantFrom(0.3, 0.7, 2),
  min: fc.constantFrom(0, 1),
  max: fc.constantFrom(2, 5),
  intervalUs: fc.constantFrom(0.5 * SECOND, 3 * SECOND),
  provisionUs: fc.constantFrom(0, 2 * SECOND),
  scaleInAfterUs: fc.constantFrom(0, 4 * SECOND),
});

const group: fc.Arbitrary<Replicas> = fc
  .record({
    replicas: fc.integer({ min: 1, max: 4 }),
    maxSequences: fc.constantFrom(1, 4, 32),
    maxBatchedTokens: fc.constantFrom(8, 64, 512),
    kvTokens: fc.constantFrom(300, 1600, 8000),
    kvBlockTokens: fc.constantFrom(1, 16),
    queueLimit: fc.constantFrom(0, 3, 40),
    overheadUs: fc.constantFrom(0, 2000, 300_000),
    coldStartUs: fc.constantFrom(0, 500_000, 4 * SECOND),
    warmPool: fc.constantFrom(0, 0, 2),
    startsPerMin: fc.constantFrom(Number.POSITIVE_INFINITY, 4, 20),
    autoscale: fc.option(autoscale, { nil: null }),
    prefixCache: fc.option(
      fc.record({ capacityTokens: fc.constantFrom(64, 4000), blockTokens: fc.constantFrom(4, 16) }),
      { nil: null },
    ),
    baseUs: fc.constantFrom(2000, 30_000),
  })
  .map(({ baseUs, ...over }) =>
    replicas({
      ...over,
      stepTime: { baseUs, prefillUsPerToken: 37, decodeUsPerSequence: 1100, kvUsPerToken: 1.5 },
    }),
  );

const control: fc.Arbitrary<Fault> = fc
  .record({ fromS: fc.integer({ min: 0, max: 20 }), lengthS: fc.integer({ min: 1, max: 15 }) })
  .map(({ fromS, lengthS }) => ({
    id: "control",
    kind: "control-plane-down" as const,
    target: { kind: "all" as const },
    startUs: fromS * SECOND,
    endUs: Math.min(LENGTH_S, fromS + lengthS) * SECOND,
  }));

function talking(classes: readonly RequestClass[]): RequestClass[] {
  return classes.map((c, i) =>
    i > 0
      ? { ...c, sharedPrefixTokens: 20 }
      : {
          ...c,
          // More than the smallest memories hold: such calls are refused.
          session: {
            turns: { kind: "deterministic", value: 3 },
            think: { kind: "exponential", mean: 800_000 },
            maxContextTokens: 700,
          },
        },
  );
}

/** Worlds of the other swarm in which most endpoints are groups, and some users talk for a while. */
const anyGroups: fc.Arbitrary<Scenario> = fc
  .tuple(
    anyScenario,
    fc.array(fc.option(group, { nil: null, freq: 4 }), { minLength: 5, maxLength: 5 }),
    fc.option(control, { nil: null }),
    fc.boolean(),
  )
  .map(([scenario, groups, frozen, talks]): Scenario => {
    const endpoints = scenario.deployment.endpoints.map(
      (endpoint, e): Endpoint => ({ ...endpoint, serving: groups[e] ?? endpoint.serving }),
    );
    const classes = talks ? talking(scenario.workload.classes) : scenario.workload.classes;
    return {
      ...scenario,
      deployment: { ...scenario.deployment, endpoints },
      workload: { ...scenario.workload, classes },
      faults: frozen === null ? scenario.faults : [...scenario.faults, frozen],
    };
  });

function sum(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((total, n) => total + (n ?? 0), 0);
}

/** What must hold at every instant, whatever has happened. */
function consistent(scenario: Scenario, held: Held): void {
  const inEndpoints = held.byState[core.IN_ENDPOINT_QUEUE]! + held.byState[core.IN_SERVICE]!;
  let calls = 0;
  scenario.deployment.endpoints.forEach(({ serving }, e) => {
    if (serving.kind !== "replicas") {
      calls += held.busy[e]! + held.waiting[e]!;
      return;
    }
    calls += held.replicaCalls[e]!;
    const most = Math.max(serving.replicas, serving.autoscale?.max ?? 0) + serving.warmPool;
    const blocks = Math.floor(serving.kvTokens / serving.kvBlockTokens);
    // Drained replicas may still work beside those that took their place.
    expect(held.kvBlocks[e]).toBeLessThanOrEqual(2 * most * blocks);
    expect(held.kvBlocks[e]).toBeGreaterThanOrEqual(0);
    expect(held.busy[e]).toBeLessThanOrEqual(2 * most * serving.maxSequences);
    // Who is in a batch holds memory from the first step on, and only who is in one does.
    if (held.busy[e] === 0) expect(held.kvBlocks[e]).toBe(0);
  });
  expect(calls, "calls that endpoints hold").toBe(inEndpoints);
}

function requestsIn(held: Held): number {
  return held.records - sum([...STANDING].map((state) => held.byState[state]));
}

function nothingLeft(held: Held): void {
  const left = [...held.byState].flatMap((count, state) =>
    count > 0 && !STANDING.has(state) ? [`${count} in state ${state}`] : [],
  );
  expect(left).toEqual([]);
  expect(held.timers, "timers").toBe(0);
  for (const key of ["busy", "waiting", "kvBlocks", "replicaCalls", "believed", "gatewayInFlight"] as const)
    expect({ [key]: held[key] }).toEqual({ [key]: held[key].map(() => 0) });
}

describe("every world with groups of replicas", () => {
  it("holds as many calls as stand in its endpoints and no more memory than it has, at every look", () => {
    let most = 0;
    fc.assert(
      fc.property(anyGroups, (scenario) => {
        const world = new World(scenario);
        for (let look = 1; look <= LOOKS; look++) {
          world.runUntil((LENGTH_S * SECOND * look) / LOOKS);
          consistent(scenario, world.held);
          most = Math.max(most, ...world.held.replicaCalls);
        }
      }),
      RUNS,
    );
    expect(most).toBeGreaterThan(10);
  });

  it("lets go of everything once demand has stopped, and every token is accounted for", () => {
    const reached = { preemptions: 0, cached: 0, failover: 0, starts: 0, recomputed: 0, wasted: 0, cold: 0 };
    fc.assert(
      fc.property(anyGroups, (scenario) => {
        const world = new World(scenario);
        let s = 0;
        for (; s <= DRAIN_S && requestsIn(world.held) > 0; s += 20)
          world.runUntil(scenario.durationUs + s * SECOND);
        // What nobody waits for may still be in a batch until the next step.
        world.runUntil(scenario.durationUs + (s + 20) * SECOND);
        nothingLeft(world.held);
        const { recording } = world.finish();
        const served = sum(recording.servedByOrigin.map((column) => sum([...column])));
        expect(served + sum([...recording.refused])).toBe(sum([...recording.offered]));
        recording.replicas.forEach((counts, e) => {
          if (counts === null) return;
          expect(recording.tokensIn[e]).toBeLessThanOrEqual(counts.promptTokens);
          expect(counts.cachedTokens + counts.failoverTokens).toBeLessThanOrEqual(counts.promptTokens);
          expect(recording.tokensCached[e]).toBeLessThanOrEqual(
            counts.cachedTokens + counts.recomputedTokens,
          );
          expect(recording.busy[e]!.level).toBe(0);
          reached.preemptions += counts.preemptions;
          reached.cached += counts.cachedTokens;
          reached.failover += counts.failoverTokens;
          reached.starts += counts.starts;
          reached.recomputed += counts.recomputedTokens;
          reached.wasted += recording.wasted[e]!;
        });
        reached.cold += recording.failedAttempts[recording.labels.causes.indexOf("cold_start")]!;
      }),
      RUNS,
    );
    // A law that holds because nothing happens says little.
    for (const [what, n] of Object.entries(reached)) expect(n, what).toBeGreaterThan(10);
  });

  it("gives the same bytes twice, and none that JSON cannot carry", () => {
    fc.assert(
      fc.property(anyGroups, (scenario) => {
        const result = runScenario(scenario);
        const text = JSON.stringify(result);
        expect(JSON.parse(text)).toEqual(result);
        expect(JSON.stringify(runScenario(scenario))).toBe(text);
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 3) },
    );
  });
});
