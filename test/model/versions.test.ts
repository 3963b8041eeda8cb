/** What conversations see of versions: rollouts in order, canaries, pins, and what is counted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { World } from "../../src/model/index.js";
import { VersionPlan } from "../../src/model/versionPlan.js";
import type { Drift, Rollout, Scenario } from "../../src/scenario/scenario.js";
import { fixed, type Parts, requestClass, SECOND, site } from "./buildScenario.js";
import { drifting, mainDown, roomy, run, total } from "./driftScenario.js";

const talk = { turns: fixed(5), think: fixed(3 * SECOND), maxContextTokens: 1000 };
const PINNED: Partial<Drift> = { pinning: { onLost: "move" } };
const PINNED_HARD: Partial<Drift> = { pinning: { onLost: "refuse" } };

function rollout(over: Partial<Rollout> = {}): Rollout {
  return {
    version: "2",
    startUs: 20 * SECOND,
    endpointIndices: [0, 1],
    gapUs: 20 * SECOND,
    rampUs: 0,
    ...over,
  };
}

/** Conversations of five turns with two endpoints of one region's choice. */
function talking(drift: Partial<Drift>, over: Partial<Parts> = {}): Scenario {
  return drifting(drift, {
    classes: [requestClass("chat", { session: talk })],
    sites: [site("s", "DE", 4)],
    ...over,
  });
}

const counted = (scenario: Scenario) => run(scenario).recording.versions!;

/** Endpoints of two versions that share the load. */
const MIXED: Partial<Parts> = { endpoints: [roomy("main", 0), roomy("other", 0, { version: "2" })] };

/** The same, with calls spread over both. */
function mixed(drift: Partial<Drift>, over: Partial<Parts> = {}): Scenario {
  const scenario = talking(drift, { ...MIXED, ...over });
  const { deployment } = scenario;
  const strategy = "power-of-two";
  return { ...scenario, deployment: { ...deployment, routing: { ...deployment.routing, strategy } } };
}

describe("a plan of versions", () => {
  it("gives each endpoint the new version in its turn", () => {
    const plan = new VersionPlan(talking({ rollouts: [rollout()] }));
    expect(plan.names).toEqual(["1", "2"]);
    const at = (e: number, second: number): string => plan.names[plan.at(e, second * SECOND, 0.5, -1)]!;
    expect([0, 19.9, 20, 39.9, 40].map((second) => at(0, second) + at(1, second))).toEqual([
      "11",
      "11",
      "21",
      "21",
      "22",
    ]);
    expect([10, 30, 50].map((second) => [0, 1].map((v) => plan.offering(v, second * SECOND)))).toEqual([
      [3, 0],
      [2, 1],
      [0, 3],
    ]);
  });

  it("never has more than two versions at once where each rollout ends before the next, nor a share outside its ramp", () => {
    const steps = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 9 }), ramp: fc.integer({ min: 0, max: 9 }) }),
      { minLength: 1, maxLength: 4 },
    );
    const property = fc.property(
      steps,
      fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 30 }),
      (list, times) => {
        let startUs = 0;
        const rollouts = list.map(({ gap, ramp }, i): Rollout => {
          const one = {
            version: `v${i}`,
            startUs,
            endpointIndices: [1, 0, 2],
            gapUs: gap * SECOND,
            rampUs: ramp * SECOND,
          };
          startUs += 2 * one.gapUs + one.rampUs;
          return one;
        });
        const endpoints = ["a", "b", "c"].map((id) => roomy(id, 0));
        const plan = new VersionPlan(talking({ rollouts }, { endpoints }));
        for (const second of times.sort((a, b) => a - b)) {
          const offers = plan.names.map((_, v) => plan.offering(v, second * SECOND));
          expect(offers.filter((mask) => mask !== 0).length).toBeLessThanOrEqual(2);
          for (const e of [0, 1, 2])
            for (const u of [0, 0.5, 0.999])
              expect(offers[plan.at(e, second * SECOND, u, -1)]! & (1 << e)).not.toBe(0);
        }
      },
    );
    fc.assert(property, { seed: 7, numRuns: 200 });
  });

  it("gives a canary's calls the new version in a share that grows evenly, and those who ask for one the one they ask for", () => {
    const plan = new VersionPlan(talking({ rollouts: [rollout({ rampUs: 10 * SECOND })] }));
    const luck = Array.from({ length: 1000 }, (_, i) => (i + 0.5) / 1000);
    for (const [second, share] of [
      [20, 0],
      [22.5, 0.25],
      [27, 0.7],
      [30, 1],
    ] as const) {
      const got = luck.filter((u) => plan.at(0, second * SECOND, u, -1) === 1).length / 1000;
      expect(got).toBeCloseTo(share, 3);
    }
    expect(
      luck.every((u) => plan.at(0, 25 * SECOND, u, 0) === 0 && plan.at(0, 25 * SECOND, u, 1) === 1),
    ).toBe(true);
  });
});

describe("conversations without pins", () => {
  it("see two versions exactly when a rollout comes between two of their answers", () => {
    const versions = counted(talking({ rollouts: [rollout({ startUs: 30 * SECOND, gapUs: 0 })] }));
    // Five turns 3.1 s apart: those begun in the 12.4 s before the rollout see both. Four a second, five deviations.
    expect(Math.abs(versions.skewed - 4 * 12.4)).toBeLessThan(35);
    expect([...versions.skewedBy]).toEqual([versions.skewed, 0, 0]);
    expect(versions.switches).toBe(versions.skewed);
  });

  it("see as many as the router spreads them over", () => {
    const versions = counted(mixed({}));
    // Of five turns each on either of two endpoints all are alike with probability 1/16.
    expect(versions.skewed / versions.sessions).toBeGreaterThan(0.7);
    expect(versions.skewedBy[2]).toBe(versions.skewed);
  });

  it("see another version by failover when theirs goes down", () => {
    const endpoints = [roomy("main", 0), roomy("other", 1, { version: "2", tier: 1 })];
    const versions = counted(talking({}, { endpoints, faults: [mainDown(30, 40)] }));
    expect(versions.skewedBy[1]).toBeGreaterThan(10);
    expect(versions.skewedBy[0]).toBe(0);
  });

  it("are counted without changing anything that happens", () => {
    const same = mixed({}, { endpoints: [roomy("main", 0), roomy("other", 0)] });
    const bare = { ...same, deployment: { ...same.deployment, drift: null } };
    const differing = mixed({});
    const counting = { ...differing, deployment: { ...differing.deployment, drift: null } };
    expect(run(bare).recording.versions).toBeNull();
    expect(run(counting).recording.versions).not.toBeNull();
    expect(run(counting).digest).toBe(run(bare).digest);
  });
});

describe("conversations with pins", () => {
  it("never see two versions while theirs is up, however calls are spread", () => {
    for (const pins of [PINNED, PINNED_HARD]) {
      const versions = counted(mixed(pins));
      expect(versions.sessions).toBeGreaterThan(100);
      expect([versions.skewed, versions.pinMoved, versions.pinRefused]).toEqual([0, 0, 0]);
      expect(Math.min(...versions.served.map((column) => column.reduce((a, b) => a + b, 0)))).toBeGreaterThan(
        100,
      );
    }
  });

  it("stay with theirs through a rollout as long as any endpoint has it", () => {
    const versions = counted(talking({ ...PINNED, rollouts: [rollout({ endpointIndices: [0] })] }));
    expect([versions.skewed, versions.switches]).toEqual([0, 0]);
    expect(versions.served[0]!.slice(21, 30).reduce((a, b) => a + b, 0)).toBeGreaterThan(50);
  });

  it("move once when theirs has nowhere left, and stay where they moved", () => {
    const { recording, refused } = run(mixed(PINNED, { faults: [mainDown(20, 26)] }));
    const versions = recording.versions!;
    expect(versions.skewedBy[1]).toBe(versions.skewed);
    expect(versions.skewed).toBeGreaterThan(5);
    expect(versions.switches).toBe(versions.skewed);
    expect(Object.keys(refused)).toEqual(["connection_refused"]);
  });

  it("are refused instead where the scenario says so, for want of a healthy endpoint and not for the law", () => {
    const { recording, refused } = run(mixed(PINNED_HARD, { faults: [mainDown(20, 26)] }));
    expect(recording.versions!.switches).toBe(0);
    expect(Object.keys(refused).sort()).toEqual(["connection_refused", "no_healthy_region"]);
    expect(recording.versions!.pinRefused).toBe(refused.no_healthy_region);
  });

  it("are refused for want of an endpoint when nobody has theirs any more, or move where they may", () => {
    const rollouts = [rollout({ gapUs: 0 })];
    const hard = run(talking({ ...PINNED_HARD, rollouts }));
    expect(Object.keys(hard.refused)).toEqual(["no_healthy_region"]);
    expect(hard.recording.versions!.switches).toBe(0);
    const soft = run(talking({ ...PINNED, rollouts }));
    expect(total(soft.refused)).toBe(0);
    expect([...soft.recording.versions!.skewedBy]).toEqual([soft.recording.versions!.skewed, 0, 0]);
  });

  it("never go where the law forbids, pinned or moved", () => {
    const rule = { id: "stay", when: {}, require: { processing: ["DE"] }, onEmpty: "refuse" as const };
    const endpoints = [
      roomy("main", 0, { data: { processing: ["DE"] } }),
      roomy("other", 0, { version: "2", data: { processing: ["IE"] } }),
    ];
    const base = mixed(PINNED, { endpoints, faults: [mainDown(20, 26)] });
    const end = run({ ...base, deployment: { ...base.deployment, residency: [rule] } });
    expect(end.calls[1]).toBe(0);
    expect(total(end.refused)).toBeGreaterThan(0);
  });
});

describe("users of two regions", () => {
  it("are told apart while a rollout has reached one of them only", () => {
    const sites = [site("s", "DE", 4), site("t", "IE", 4)];
    const over = {
      sites,
      classes: [requestClass("chat")],
      gateways: undefined,
      endpoints: [roomy("main", 0), roomy("other", 1)],
      accessRttMs: [1, 50, 50, 1],
      backboneRttMs: [0, 50, 50, 0],
    } as unknown as Partial<Parts>;
    const one = talking(
      { rollouts: [rollout({ startUs: 20 * SECOND, gapUs: 20 * SECOND })] },
      { ...over, gateways: [] },
    );
    const gateways = [0, 1].map((r) => ({
      ...talking({}).deployment.gateways[0]!,
      id: `gw${r}`,
      regionIndex: r,
    }));
    const versions = counted({ ...one, deployment: { ...one.deployment, gateways } });
    // Eight a second for 20 s; those of the other site a moment longer.
    expect(Math.abs(versions.betweenRegions - 160)).toBeLessThan(65);
    expect(
      counted({
        ...one,
        deployment: {
          ...one.deployment,
          gateways,
          drift: { ...one.deployment.drift!, rollouts: [rollout({ gapUs: 0 })] },
        },
      }).betweenRegions,
    ).toBeLessThan(5);
  });
});

describe("conversations", () => {
  it("are forgotten when they are over", () => {
    const scenario = talking({ rollouts: [rollout()] }, { durationS: 200 });
    const world = new World(scenario);
    world.runUntil(scenario.durationUs);
    // Four a second, each alive for the 12 s of its five turns and thoughts: 48, with a standard deviation of 7.
    expect(world.held.versioned).toBeGreaterThan(48 - 5 * 7);
    expect(world.held.versioned).toBeLessThan(48 + 5 * 7);
  });
});
