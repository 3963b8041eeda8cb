/** Whatever operators do while whatever fails: nothing is lost, nothing unlawful is called, and nobody is refused for a preference. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { World } from "../../src/model/index.js";
import type { Drift, Fault, Scenario } from "../../src/scenario/scenario.js";
import { fixed, gateway, region, requestClass, SECOND, site } from "./buildScenario.js";
import { drifting, drill, evacuation, NEVER, roomy, run, standby, total } from "./driftScenario.js";

const DURATION_S = 60;
const seconds = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max }).map((s) => s * SECOND);

const standbyOf = fc
  .record({
    hold: seconds(4),
    takes: seconds(6),
    repair: seconds(10),
    days: fc.integer({ min: 0, max: 20 }),
    back: fc.option(fc.record({ holdUs: seconds(5), rampUs: seconds(10) })),
    warmShare: fc.constantFrom(0.2, 1),
  })
  .map(({ hold, takes, repair, days, back, warmShare }) =>
    standby({
      trigger: { kind: "belief", holdUs: hold, quorum: 0.5 },
      stages: [{ name: "p", takesUs: takes }],
      repairUs: repair,
      untested: { kind: "drilled", everyDays: days },
      rot: { kind: "linear", perDay: 0.1 },
      failback: back,
      warmShare,
      fillUs: 5 * SECOND,
    }),
  );

const drillOf = fc
  .record({
    firstUs: seconds(50),
    everyUs: fc.constantFrom(NEVER, 15 * SECOND),
    rampUs: seconds(8),
    holdUs: seconds(8),
    order: fc.constantFrom("promote-first" as const, "drain-first" as const),
  })
  .map((over) => drill({ ...over, stepOfClass: [0, 1] }));

const evacuationOf = fc
  .record({
    startUs: seconds(30),
    takes: seconds(8),
    returns: fc.boolean(),
    first: fc.constantFrom("wait" as const, "promote" as const),
  })
  .map(({ startUs, takes, returns, first }) =>
    evacuation({
      startUs,
      stages: [
        { name: "first", takesUs: takes, does: first },
        { name: "drain", takesUs: takes, does: "drain-endpoints" },
      ],
      stepOfClass: [1, 0],
      returnUs: returns ? startUs + 2 * takes + 4 * SECOND : NEVER,
    }),
  );

const rolloutOf = fc
  .record({ startUs: seconds(40), gapUs: seconds(10), rampUs: seconds(10) })
  .map((times) => ({ ...times, version: "2", endpointIndices: [1, 0, 2] }));

const faultOf: fc.Arbitrary<Fault> = fc
  .record({
    at: fc.integer({ min: 0, max: 50 }),
    lasts: fc.integer({ min: 1, max: 25 }),
    index: fc.integer({ min: 0, max: 2 }),
    silent: fc.boolean(),
    whole: fc.boolean(),
  })
  .map(({ at, lasts, index, silent, whole }): Fault => {
    const span = { id: `f${at}`, startUs: at * SECOND, endUs: (at + lasts) * SECOND };
    const manner = silent ? ("black-hole" as const) : ("refuse" as const);
    return whole
      ? { ...span, kind: "region-down", target: { kind: "region", index: index % 2 }, manner }
      : { ...span, kind: "endpoint-down", target: { kind: "endpoint", index }, manner };
  });

const driftOf: fc.Arbitrary<Drift> = fc.record({
  rollouts: fc.array(rolloutOf, { maxLength: 2 }),
  pinning: fc.option(fc.record({ onLost: fc.constantFrom("move" as const, "refuse" as const) })),
  standbys: fc.array(standbyOf, { minLength: 1, maxLength: 1 }),
  drills: fc.array(drillOf, { maxLength: 1 }),
  evacuations: fc.array(evacuationOf, { maxLength: 1 }),
});

/** Two classes, one of which may be served in the first region only, by the first endpoint or the third. */
function scenarioOf(drift: Drift, faults: readonly Fault[]): Scenario {
  const session = { turns: fixed(4), think: fixed(2 * SECOND), maxContextTokens: 500 };
  const scenario = drifting(drift, {
    durationS: DURATION_S,
    gateways: [gateway("a", 0), gateway("b", 1)],
    regions: [region("a", "DE"), region("b", "IE")],
    sites: [site("s", "DE", 3), site("t", "IE", 3)],
    classes: [requestClass("chat", { session }), requestClass("secret", { session })],
    endpoints: [
      roomy("main", 0, { data: { processing: ["DE"] } }),
      roomy("other", 1, { data: { processing: ["IE"] } }),
      roomy("third", 0, { data: { processing: ["DE"] }, tier: 2 }),
    ],
    accessRttMs: [10, 30, 30, 10],
    backboneRttMs: [0, 20, 20, 0],
    client: { timeout: fixed(5 * SECOND) },
    faults,
  });
  const rule = {
    id: "stay",
    when: { dataClass: ["secret"] },
    require: { processing: ["DE"] },
    onEmpty: "refuse" as const,
  };
  return { ...scenario, deployment: { ...scenario.deployment, residency: [rule] } };
}

const RUNS = 20;

describe("operators and faults in any order", () => {
  it("lose no request and no record, call nothing unlawful, and end what they begin after they began it", () => {
    const property = fc.property(driftOf, fc.array(faultOf, { maxLength: 3 }), (drift, faults) => {
      const scenario = scenarioOf(drift, faults);
      const world = new World(scenario);
      world.runUntil(scenario.durationUs + 60 * SECOND);
      const { held } = world;
      const { recording } = world.finish();
      const offered = recording.offered.reduce((sum, n) => sum + n, 0);
      const refused = recording.refused.reduce((sum, n) => sum + n, 0);
      const served = recording.versions?.served.reduce(
        (sum, column) => sum + column.reduce((a, b) => a + b, 0),
        0,
      );
      if (served !== undefined) expect(offered).toBe(served + refused);
      expect(held.gatewayInFlight).toEqual([0, 0]);
      for (const { startUs, endUs } of recording.operations!.records)
        if (endUs >= 0) expect(endUs).toBeGreaterThanOrEqual(startUs);
      for (const entry of recording.ledger)
        if (entry.classIndex === 1 && entry.placeKind === "endpoint") expect(entry.place).not.toBe(1);
    });
    fc.assert(property, { seed: 11, numRuns: RUNS });
  });

  it("refuse nobody whom an endpoint could serve that nobody has drained and nothing has struck", () => {
    const property = fc.property(driftOf, (drift) => {
      const spared = { ...drift, pinning: drift.pinning === null ? null : ({ onLost: "move" } as const) };
      // Nothing fails, and the third endpoint stands outside what is drilled; an evacuation would take it along.
      const { refused } = run(scenarioOf({ ...spared, evacuations: [] }, []));
      expect(total(refused)).toBe(0);
    });
    fc.assert(property, { seed: 12, numRuns: RUNS });
  });
});

describe("an evacuation of the entry", () => {
  const drained = (
    over: Partial<Parameters<typeof evacuation>[0]> = {},
    faults: readonly Fault[] = [],
  ): readonly number[] => {
    const scenario = scenarioOf(
      {
        ...drifting({}).deployment.drift!,
        evacuations: [
          evacuation({
            stages: [{ name: "dns", takesUs: 5 * SECOND, does: "drain-entry" }],
            stepOfClass: [0, 0],
            ...over,
          }),
        ],
      },
      faults,
    );
    const entry = {
      kind: "geo-dns",
      ttlUs: 4 * SECOND,
      tailShare: 0,
      tailFactor: 1,
      resolversPerSite: 10,
      check: null,
      checkers: 1,
      quorum: 0.5,
    } as const;
    const { recording } = run({ ...scenario, deployment: { ...scenario.deployment, entry } });
    return [...recording.sentToRegion[0]!];
  };
  const sum = (column: readonly number[], from: number, to: number): number =>
    column.slice(from, to).reduce((a, b) => a + b, 0);

  it("empties its gateways as cached answers expire, and fills them again when it comes back", () => {
    const sent = drained({ returnUs: 30 * SECOND });
    expect(sum(sent, 5, 10)).toBeGreaterThan(10);
    expect(sum(sent, 15, 30)).toBe(0);
    expect(sum(sent, 35, 60)).toBeGreaterThan(50);
  });

  it("moves everybody at once where routes do, when they have moved", () => {
    const scenario = scenarioOf(
      {
        ...drifting({}).deployment.drift!,
        evacuations: [
          evacuation({
            stages: [{ name: "bgp", takesUs: SECOND, does: "drain-entry" }],
            stepOfClass: [0, 0],
          }),
        ],
      },
      [],
    );
    const entry = { kind: "anycast", convergenceUs: 8 * SECOND, check: null, scope: "lawful" } as const;
    const { recording } = run({ ...scenario, deployment: { ...scenario.deployment, entry } });
    const sent = [...recording.sentToRegion[0]!];
    expect(sum(sent, 10, 18)).toBeGreaterThan(10);
    expect(sum(sent, 18, 60)).toBe(0);
  });

  it("waits while entry answers are frozen", () => {
    const frozen: Fault = { id: "frozen", kind: "entry-frozen", startUs: 5 * SECOND, endUs: 25 * SECOND };
    const sent = drained({}, [frozen]);
    expect(sum(sent, 15, 25)).toBeGreaterThan(20);
    expect(sum(sent, 30, 60)).toBe(0);
  });
});
