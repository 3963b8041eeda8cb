/** Laws that hold whatever a gateway does to protect itself and others, over random scenarios. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { auditLedger } from "../../src/model/auditor.js";
import * as core from "../../src/model/core.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import { REFUSAL_CAUSES } from "../../src/policy/index.js";
import { anyGuardedScenario } from "./upstreamArbitrary.js";

/** `SWARM=5000` looks longer. */
const RUNS = { seed: 20260802, numRuns: Number(process.env.SWARM ?? 180) };
const DRAIN_S = 3000;
/** States of records that outlive every request. */
const STANDING = new Set([core.PROBE_SEND, core.PROBE_AT_TARGET, core.PROBE_RESULT, core.SHARED_SERVICE]);

const sum = (values: Iterable<number>): number => [...values].reduce((total, n) => total + n, 0);

function requestsIn(held: Held): number {
  return held.records - sum([...STANDING].map((state) => held.byState[state]!));
}

function nothingLeft(held: Held): void {
  const left = [...held.byState].flatMap((count, state) =>
    count > 0 && !STANDING.has(state) ? [`${count} in state ${state}`] : [],
  );
  expect(left).toEqual([]);
  expect(sum(held.byState), "records without a state").toBe(held.records);
  expect(held.timers, "timers").toBe(0);
  const { gatewayInFlight, gatewayWaiting, busy, frozen, waiting, believed, guarded } = held;
  for (const [name, column] of Object.entries({
    gatewayInFlight,
    gatewayWaiting,
    busy,
    frozen,
    waiting,
    believed,
    guarded,
  }))
    expect({ [name]: column }).toEqual({ [name]: column.map(() => 0) });
}

describe("a world of guarded gateways", () => {
  it("lets go of everything, accounts for every request, and breaks no rule of residency", () => {
    const reached = new Map<string, number>();
    const note = (what: string, n: number): void => void reached.set(what, (reached.get(what) ?? 0) + n);
    fc.assert(
      fc.property(anyGuardedScenario, (scenario) => {
        const world = new World(scenario);
        for (let s = 0; s <= DRAIN_S && requestsIn(world.held) > 0; s += 20)
          world.runUntil(scenario.durationUs + s * 1e6);
        nothingLeft(world.held);
        const { recording } = world.finish();
        const served = sum(recording.servedByOrigin.map((column) => sum(column)));
        expect(served + sum(recording.refused)).toBe(sum(recording.offered));
        const { hedges, hedgesWon, sdkRetries, budgetDenied, gatewayRetries } = recording;
        expect(hedgesWon).toBeLessThanOrEqual(hedges);
        expect(auditLedger(scenario, recording.ledger).violations).toBe(0);
        for (const [name, n] of Object.entries({
          hedges,
          hedgesWon,
          sdkRetries,
          budgetDenied,
          gatewayRetries,
        }))
          note(name, n);
        recording.failedAttempts.forEach((n, cause) => {
          note(REFUSAL_CAUSES[cause]!, n);
        });
      }),
      RUNS,
    );
    // A law that holds because nothing happens says little.
    for (const what of [
      "hedges",
      "hedgesWon",
      "sdkRetries",
      "budgetDenied",
      "gatewayRetries",
      "circuit_open",
      "local_throttle",
      "load_shed",
      "concurrency_full",
    ])
      expect(reached.get(what) ?? 0, what).toBeGreaterThan(30);
  });

  it("holds at every moment no more places and calls than there are records for, and says the same bytes twice", () => {
    fc.assert(
      fc.property(anyGuardedScenario, (scenario) => {
        const world = new World(scenario);
        for (let t = 0; t <= scenario.durationUs; t += 1e6) {
          world.runUntil(t);
          const { held } = world;
          const { concurrency } = { concurrency: scenario.deployment.gateways.map((g) => g.concurrency) };
          held.gatewayInFlight.forEach((n, g) => {
            expect(n).toBeGreaterThanOrEqual(0);
            expect(n).toBeLessThanOrEqual(concurrency[g]!);
          });
          expect(sum(held.gatewayWaiting)).toBe(held.byState[core.IN_GATEWAY_QUEUE]);
          expect(sum(held.believed)).toBeLessThanOrEqual(requestsIn(held));
          if (sum(held.guarded) > 0) expect(held.guarded).toEqual(held.believed);
        }
        const once = JSON.stringify(runScenario(scenario));
        expect(JSON.stringify(runScenario(scenario))).toBe(once);
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 3) },
    );
  });
});
