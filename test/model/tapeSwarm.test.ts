/** What simulated gateways decide, decided again by production's router from nothing but their tapes: random scenarios. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TakeStep, untapedPart, World } from "../../src/model/index.js";
import { endpointPolicyConfig } from "../../src/model/policies.js";
import { createReplay, readStep, stepLine } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { anyGuardedScenario } from "./upstreamArbitrary.js";

/** `SWARM=3000` looks longer. */
const RUNS = { seed: 20261123, numRuns: Number(process.env.SWARM ?? 40) };

const withoutLibrary = (scenario: Scenario): Scenario => ({
  ...scenario,
  deployment: { ...scenario.deployment, sdkRetry: null },
});

function digestOf(scenario: Scenario, takeStep?: TakeStep): string {
  const world = new World(scenario, 0, {}, takeStep);
  world.runUntil(scenario.durationUs);
  return world.finish().digest;
}

describe("a tape of simulated gateways", () => {
  it("is decided the same by routers, line by line, and changes nothing of its run", () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(anyGuardedScenario, (guarded) => {
        const scenario = withoutLibrary(guarded);
        expect(untapedPart(scenario)).toBeNull();
        const { caller, gateways } = scenario.deployment;
        const replays = gateways.map(() => createReplay(endpointPolicyConfig(scenario), caller));
        const differences: unknown[] = [];
        const digest = digestOf(scenario, (g, step) => {
          const difference = replays[g]!.take(readStep(stepLine(step)));
          if (difference !== null && differences.length < 3) differences.push(difference);
          const what =
            step.step === "route"
              ? `${step.ask.hedge === true ? "hedge " : ""}${step.answer.kind}`
              : step.step;
          seen.set(what, (seen.get(what) ?? 0) + 1);
        });
        expect(differences).toEqual([]);
        expect(digest).toBe(digestOf(scenario));
      }),
      RUNS,
    );
    const expected = [
      "begin",
      "route",
      "refuse",
      "hedge route",
      "hedge refuse",
      "settle",
      "forgo",
      "retry",
      "probe",
    ];
    expect(expected.filter((what) => !seen.has(what))).toEqual([]);
  });
});

describe("a scenario whose gateways are more than routers", () => {
  const base = withoutLibrary(fc.sample(anyGuardedScenario, { seed: 1, numRuns: 1 })[0]!);
  const changed = (more: object): Scenario => ({ ...base, deployment: { ...base.deployment, ...more } });
  const drift = { pinning: null, standbys: [], drills: [], evacuations: [] };

  it.each<[more: object, part: RegExp]>([
    [{ sdkRetry: base.deployment.caller.retry }, /the gateway's library tries again/],
    [{ stores: [{}] }, /a store may refuse/],
    [{ routing: { ...base.deployment.routing, policy: { kind: "litellm" } } }, /another policy decides/],
    [{ drift: { ...drift, pinning: { onLost: "refuse" } } }, /conversations are pinned/],
    [{ drift: { ...drift, drills: [{}] } }, /operators move traffic/],
  ])("is said to be one: %j", (more, part) => {
    expect(untapedPart(changed(more))).toMatch(part);
  });

  it("is none where versions differ and nobody acts on it", () => {
    expect(untapedPart(changed({ drift }))).toBeNull();
  });
});
