/** Laws that hold whatever endpoints do about limits and overload, over random scenarios. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../src/experiment/index.js";
import * as core from "../../src/model/core.js";
import type { Held } from "../../src/model/index.js";
import { World } from "../../src/model/index.js";
import { REFUSAL_CAUSES } from "../../src/policy/index.js";
import type { Limits, Scenario } from "../../src/scenario/scenario.js";
import { anyEndpointScenario, canRefuse, MAX_ANSWER, PROMPT } from "./endpointArbitrary.js";

/** `SWARM=5000` looks longer. */
const RUNS = { seed: 20260803, numRuns: Number(process.env.SWARM ?? 120) };
const DRAIN_S = 3000;
const STEP_US = 40_000;
/** States of records that outlive every request. */
const STANDING = new Set([
  core.PROBE_SEND,
  core.PROBE_AT_TARGET,
  core.PROBE_RESULT,
  core.SHARED_SERVICE,
  core.RESTART,
]);

const sum = (values: Iterable<number>): number => [...values].reduce((total, n) => total + n, 0);

function requestsIn(held: Held): number {
  return held.records - sum([...STANDING].map((state) => held.byState[state]!));
}

/** What meters must have set aside for the calls that endpoints hold: by endpoint, then by quota, tenants together. */
function expectedSetAside(scenario: Scenario, held: Held): number[] {
  const { endpoints, quotas } = scenario.deployment;
  const calls = endpoints.map((_, e) => held.busy[e]! + held.waiting[e]!);
  const tokens = (n: number, { outputBurndown }: Limits): number =>
    n * (PROMPT + MAX_ANSWER * outputBurndown);
  return [
    ...endpoints.map(({ limits }, e) => (canRefuse(limits) ? tokens(calls[e]!, limits) : 0)),
    ...quotas.map(({ limits, endpointIndices }) =>
      tokens(sum(endpointIndices.map((e) => calls[e]!)), limits),
    ),
  ];
}

/** As it is, meters of the tenants of a quota taken together. */
function foundSetAside(scenario: Scenario, held: Held): number[] {
  const { endpoints, quotas } = scenario.deployment;
  const found = held.tokensSetAside.slice(0, endpoints.length);
  let at = endpoints.length;
  for (const { perTenant } of quotas) {
    const tenants = perTenant ? scenario.workload.classes.length : 1;
    found.push(sum(held.tokensSetAside.slice(at, at + tenants)));
    at += tenants;
  }
  return found;
}

describe("a world of limited, ordered and mortal endpoints", () => {
  it("has set aside at every moment what the calls it holds have reserved, and nothing else", () => {
    let held = 0;
    fc.assert(
      fc.property(anyEndpointScenario, (scenario) => {
        const world = new World(scenario);
        for (let t = 0; t <= scenario.durationUs; t += STEP_US) {
          world.runUntil(t);
          const found = foundSetAside(scenario, world.held);
          expect(found).toEqual(expectedSetAside(scenario, world.held));
          held += sum(found);
        }
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 2) },
    );
    expect(held).toBeGreaterThan(100_000);
  });

  it("lets go of everything and accounts for every request", () => {
    const reached = new Map<string, number>();
    const note = (what: string, n: number): void => void reached.set(what, (reached.get(what) ?? 0) + n);
    fc.assert(
      fc.property(anyEndpointScenario, (scenario) => {
        const world = new World(scenario);
        for (let s = 0; s <= DRAIN_S && requestsIn(world.held) > 0; s += 20)
          world.runUntil(scenario.durationUs + s * 1e6);
        const { held } = world;
        expect(requestsIn(held), "requests left").toBe(0);
        for (const key of [
          "gatewayInFlight",
          "gatewayWaiting",
          "busy",
          "frozen",
          "waiting",
          "believed",
          "guarded",
          "tokensSetAside",
        ] as const)
          expect({ [key]: held[key] }).toEqual({ [key]: held[key].map(() => 0) });
        expect(held.timers).toBe(0);
        const { recording } = world.finish();
        const served = sum(recording.servedByOrigin.map((column) => sum(column)));
        expect(served + sum(recording.refused)).toBe(sum(recording.offered));
        note("crashes", recording.crashes.length);
        recording.failedAttempts.forEach((n, cause) => {
          note(REFUSAL_CAUSES[cause]!, n);
        });
      }),
      RUNS,
    );
    // A law that holds because nothing happens says little.
    for (const what of [
      "crashes",
      "load_shed",
      "rate_limit_rpm",
      "rate_limit_tpm",
      "deadline_in_queue",
      "connection_refused",
      "queue_full",
    ])
      expect(reached.get(what) ?? 0, what).toBeGreaterThan(30);
  });

  it("says the same bytes twice", () => {
    fc.assert(
      fc.property(anyEndpointScenario, (scenario) => {
        expect(JSON.stringify(runScenario(scenario))).toBe(JSON.stringify(runScenario(scenario)));
      }),
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 5) },
    );
  });
});
