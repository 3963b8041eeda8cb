/** Laws that hold whatever users' programs do to protect themselves and others, over random scenarios. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import { auditLedger } from "../../src/model/auditor.js";
import * as core from "../../src/model/core.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import { REFUSAL_CAUSES } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { anyClientScenario } from "./clientsArbitrary.js";
import { total } from "./upstreamScenario.js";

/** `SWARM=5000` looks longer. */
const RUNS = { seed: 20260803, numRuns: Number(process.env.SWARM ?? 150) };
const DRAIN_S = 3000;
/** States of records that outlive every request. */
const STANDING = new Set([core.PROBE_SEND, core.PROBE_AT_TARGET, core.PROBE_RESULT, core.SHARED_SERVICE]);
/** What the worlds must have seen between them. */
const REACHED = [
  "hedges",
  "hedgesWon",
  "budgetDenied",
  "clientRetries",
  "clientTimeouts",
  "circuit_open",
  "local_throttle",
  "concurrency_full",
  "connection_refused",
  "region_blackhole",
  "users hedged alone",
  "turns after the first",
];

function requestsIn(held: Held): number {
  return held.records - total([...STANDING].map((state) => held.byState[state]!));
}

function nothingLeft(held: Held): void {
  const left = [...held.byState].flatMap((count, state) =>
    count > 0 && !STANDING.has(state) ? [`${count} in state ${state}`] : [],
  );
  expect(left).toEqual([]);
  expect(total(held.byState), "records without a state").toBe(held.records);
  expect(held.timers, "timers").toBe(0);
  const { gatewayInFlight, gatewayWaiting, busy, frozen, waiting, believed, guarded, guardedByUsers } = held;
  const columns = {
    gatewayInFlight,
    gatewayWaiting,
    busy,
    frozen,
    waiting,
    believed,
    guarded,
    guardedByUsers,
  };
  for (const [name, column] of Object.entries(columns))
    expect({ [name]: column }).toEqual({ [name]: column.map(() => 0) });
}

const isUserHedging = ({ deployment, workload }: Scenario): boolean =>
  deployment.caller.hedge === null && workload.client.caller.hedge !== null;

describe("a world of guarded users who converse", () => {
  it("lets go of everything, accounts for every request, and breaks no rule of residency", () => {
    const reached = new Map<string, number>();
    const note = (what: string, n: number): void => void reached.set(what, (reached.get(what) ?? 0) + n);
    fc.assert(
      fc.property(anyClientScenario, (scenario) => {
        const world = new World(scenario);
        for (let s = 0; s <= DRAIN_S && requestsIn(world.held) > 0; s += 20)
          world.runUntil(scenario.durationUs + s * 1e6);
        nothingLeft(world.held);
        const { recording } = world.finish();
        const served = total(recording.servedByOrigin.map((column) => total(column)));
        expect(served + total(recording.refused)).toBe(total(recording.offered));
        const { hedges, hedgesWon, budgetDenied, clientRetries, clientTimeouts } = recording;
        expect(hedgesWon).toBeLessThanOrEqual(hedges);
        expect(auditLedger(scenario, recording.ledger).violations).toBe(0);
        for (const [name, n] of Object.entries({
          hedges,
          hedgesWon,
          budgetDenied,
          clientRetries,
          clientTimeouts,
        }))
          note(name, n);
        if (isUserHedging(scenario)) note("users hedged alone", hedges);
        recording.failedAttempts.forEach((n, cause) => {
          note(REFUSAL_CAUSES[cause]!, n);
        });
        if (scenario.workload.sites.every((site) => site.closed !== null))
          note("turns after the first", total(recording.offered));
      }),
      RUNS,
    );
    // A law that holds because nothing happens says little.
    for (const what of REACHED) expect(reached.get(what) ?? 0, what).toBeGreaterThan(30);
  });

  it("holds at every moment no more calls than there are records for, and says the same bytes twice", () => {
    fc.assert(
      fc.property(anyClientScenario, (scenario) => {
        const world = new World(scenario);
        const { caller } = scenario.workload.client;
        for (let t = 0; t <= scenario.durationUs; t += 1e6) {
          world.runUntil(t);
          const { held } = world;
          expect(total(held.guardedByUsers)).toBeLessThanOrEqual(requestsIn(held));
          for (const n of held.guardedByUsers) {
            expect(n).toBeGreaterThanOrEqual(0);
            if (caller.limit.kind === "fixed")
              expect(n).toBeLessThanOrEqual(caller.limit.limit * scenario.deployment.gateways.length);
          }
        }
        const once = JSON.stringify(runScenario(scenario));
        expect(JSON.stringify(runScenario(scenario))).toBe(once);
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 3) },
    );
  });
});
