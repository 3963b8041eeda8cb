/** Active and passive: when a standby takes traffic, what users are told until then, and how traffic goes back. */
import { describe, expect, it } from "vitest";
import type { Fault, Standby } from "../../src/scenario/scenario.js";
import { fixed, gateway, region, requestClass, SECOND, server, site } from "./buildScenario.js";
import {
  type DriftEnd,
  drifting,
  evacuation,
  mainDown,
  NEVER,
  roomy,
  run,
  standby,
  total,
} from "./driftScenario.js";

const lost = (
  over: Partial<Standby> = {},
  faults: readonly Fault[] = [mainDown(10, 30)],
  durationS = 60,
): DriftEnd => run(drifting({ standbys: [standby(over)] }, { durationS, faults }));

/** Seconds in which any request was refused. */
function refusedSeconds({ recording }: DriftEnd): number[] {
  return [...recording.refusedByOrigin[0]!].flatMap((n, second) => (n > 0 ? [second] : []));
}

describe("a standby", () => {
  it("takes no call while what it stands in for is well, not even from a strategy that would spread them", () => {
    const endpoints = [roomy("main", 0), roomy("other", 1)];
    const end = run(drifting({ standbys: [standby()] }, { endpoints, durationS: 30 }));
    expect(end.calls[1]).toBe(0);
    expect(total(end.refused)).toBe(0);
    expect(end.recording.operations!.records).toEqual([]);
  });

  it("serves from when its promotion is done: probes, hold and stages after the loss", () => {
    const end = lost();
    const [promotion] = end.recording.standbys[0]!.promotions;
    // Probes every second, the second failure at 11 s; 2 s of hold and 3 s of promotion.
    expect(promotion).toMatchObject({ why: "loss", startUs: 13 * SECOND, endUs: 16 * SECOND, failure: null });
    expect(refusedSeconds(end)).toEqual([10, 11, 12, 13, 14, 15]);
    expect(end.calls[1]).toBeGreaterThan(0);
  });

  it("is told apart in refusals: nothing healthy until its promotion begins, a cold start until it is done", () => {
    const { refused } = lost();
    expect(Object.keys(refused).sort()).toEqual(["cold_start", "connection_refused", "no_healthy_region"]);
    // Two seconds and three at 20 a second: five standard deviations.
    expect(Math.abs(refused.no_healthy_region! - 40)).toBeLessThan(32);
    expect(Math.abs(refused.cold_start! - 60)).toBeLessThan(39);
  });

  it("is left alone by a loss shorter than its hold", () => {
    const end = lost({ trigger: { kind: "belief", holdUs: 30 * SECOND, quorum: 0.5 } }, [mainDown(10, 20)]);
    expect(end.calls[1]).toBe(0);
    expect(end.recording.operations!.records[0]).toMatchObject({
      kind: "promotion",
      outcome: "not needed any more",
    });
  });

  it("that fails is mended and tried again, and found as if just tested", () => {
    const rotten = { untested: { kind: "fixed", days: 10 }, rot: { kind: "linear", perDay: 0.1 } } as const;
    const end = lost(rotten, [mainDown(10, 55)]);
    expect(end.recording.standbys[0]!.promotions).toMatchObject([
      { failure: "expired-key", startUs: 13 * SECOND, endUs: 16 * SECOND },
      { failure: null, startUs: 36 * SECOND, endUs: 39 * SECOND, neededUs: 11 * SECOND },
    ]);
    expect(refusedSeconds(end).at(-1)).toBe(38);
  });

  it("whose promotion fails after the loss is over is not tried again: nobody needs it any more", () => {
    const over = { rot: { kind: "linear", perDay: 1 }, untested: { kind: "fixed", days: 1 } } as const;
    // Needed at 11 s, tried from 13 to 16 s; the active is seen to be back at about 14 s.
    const end = lost(over, [mainDown(10, 12.5)]);
    expect(end.recording.standbys[0]).toMatchObject({
      promotions: [{ failure: "expired-key", endUs: 16 * SECOND }],
      waitingSinceUs: -1,
    });
    expect(end.recording.operations!.records).toMatchObject([
      { kind: "promotion", endUs: 16 * SECOND, outcome: "not needed any more" },
    ]);
    expect(end.calls[1]).toBe(0);
  });

  it("cannot be promoted while it is down itself, nor while its control plane is", () => {
    const target = { kind: "endpoint", index: 1 } as const;
    const down = { ...mainDown(0, 20), id: "both", target } as Fault;
    const frozen: Fault = {
      id: "frozen",
      kind: "control-plane-down",
      startUs: 0,
      endUs: 20 * SECOND,
      target,
    };
    for (const [fault, failure] of [
      [down, "unreachable"],
      [frozen, "control-plane-down"],
    ] as const) {
      const end = lost({}, [mainDown(10, 55), fault]);
      expect(end.recording.standbys[0]!.promotions.map((tried) => tried.failure)).toEqual([failure, null]);
    }
  });

  it("needs more than its quorum of the gateways that are up", () => {
    const regions = [region("a", "DE"), region("b", "IE"), region("c", "FR")];
    const gateways = regions.map((each, i) => gateway(`gw-${each.id}`, i));
    const cut: Fault = {
      id: "cut",
      kind: "partition",
      startUs: 10 * SECOND,
      endUs: 50 * SECOND,
      between: [
        { kind: "region", index: 2 },
        { kind: "region", index: 0 },
      ],
    };
    const promoted = (quorum: number): number => {
      const trigger = { kind: "belief", holdUs: SECOND, quorum } as const;
      const scenario = drifting({ standbys: [standby({ trigger })] }, { regions, gateways, faults: [cut] });
      return run(scenario).recording.standbys[0]!.promotions.length;
    };
    expect(promoted(0.3)).toBe(1);
    expect(promoted(1 / 3)).toBe(0);
  });

  it("that is promoted by hand serves from then on whatever anybody believes", () => {
    const end = lost({ trigger: { kind: "manual", atUs: 5 * SECOND }, failback: null }, []);
    const second = [...end.recording.callsByHome[1 * 2 + 0]!];
    expect(second.slice(0, 8).reduce((a, b) => a + b, 0)).toBe(0);
    expect(second.slice(8, 60).every((n) => n > 0)).toBe(true);
    expect(total(end.refused)).toBe(0);
  });

  it("has only its warm places when it is promoted, and the others as they come", () => {
    const endpoints = [roomy("main", 0), { ...roomy("other", 1), serving: server(fixed(SECOND), 40, 0) }];
    const over = { warmShare: 0.25, fillUs: 20 * SECOND, failback: null };
    const scenario = drifting({ standbys: [standby(over)] }, { endpoints, faults: [mainDown(10, 60)] });
    const { recording } = run(scenario);
    const slotsAt = (second: number): number => {
      const known = recording.capacities.filter(({ timeUs }) => timeUs <= second * SECOND);
      return Math.round(known[known.length - 1]!.perS[1]!);
    };
    expect([5, 17, 18, 26, 36, 40].map(slotsAt)).toEqual([10, 10, 13, 25, 40, 40]);
  });
});

describe("the way back", () => {
  it("keeps everybody with the standby for its hold, moves them evenly over its ramp, and refuses nobody", () => {
    const failback = { holdUs: 10 * SECOND, rampUs: 40 * SECOND };
    const end = run(
      drifting(
        { standbys: [standby({ failback })] },
        { durationS: 100, faults: [mainDown(10, 30)], sites: [site("s", "DE", 100)] },
      ),
    );
    const main = [...end.recording.callsByHome[0]!];
    const sum = (from: number, to: number): number => main.slice(from, to).reduce((a, b) => a + b, 0);
    // Down until 30 s, believed up at 31 s; hold until 41 s, ramp until 81 s.
    expect(sum(16, 41)).toBe(0);
    expect(refusedSeconds(end).at(-1)).toBeLessThan(16);
    for (const [from, to, share] of [
      [41, 61, 0.25],
      [61, 81, 0.75],
      [82, 100, 1],
    ] as const) {
      const calls = 100 * (to - from);
      const halfWidth = 4 * Math.sqrt(calls);
      expect(halfWidth).toBeLessThan(0.1 * calls);
      expect(Math.abs(sum(from, to) - share * calls)).toBeLessThan(halfWidth);
    }
    expect(end.recording.operations!.records.at(-1)).toMatchObject({ kind: "failback", outcome: "done" });
  });

  it("refuses nobody on its ramp whose own gateway still finds the actives lost", () => {
    const gateways = [gateway("a", 0), gateway("b", 1)];
    const cut: Fault = {
      id: "cut",
      kind: "partition",
      startUs: 12 * SECOND,
      endUs: 60 * SECOND,
      between: [
        { kind: "region", index: 0 },
        { kind: "region", index: 1 },
      ],
    };
    const sites = [site("t", "IE", 40)];
    const failback = { holdUs: 5 * SECOND, rampUs: 30 * SECOND };
    const parts = { gateways, sites, accessRttMs: [30, 10], faults: [mainDown(10, 20), cut] };
    const end = run(drifting({ standbys: [standby({ failback })] }, { durationS: 50, ...parts }));
    // Gateway a believes it up at 21 s: half is no quorum, so traffic goes back from 26 s to 56 s.
    expect(end.recording.operations!.records.at(-1)).toMatchObject({
      kind: "failback",
      startUs: 26 * SECOND,
    });
    expect(refusedSeconds(end).filter((second) => second > 17)).toEqual([]);
  });

  it("is given up when what comes back is lost again", () => {
    const faults = [mainDown(10, 20), { ...mainDown(30, 45), id: "again" }];
    const end = run(drifting({ standbys: [standby()] }, { durationS: 44, faults }));
    const outcomes = end.recording.operations!.records.map(({ kind, outcome }) => `${kind}: ${outcome}`);
    expect(outcomes).toEqual(["promotion: promoted", "failback: given up"]);
    expect(end.recording.standbys[0]!.promotions).toHaveLength(1);
  });

  it("is no way back at all where there is no failback: traffic stays", () => {
    const end = lost({ failback: null });
    const main = [...end.recording.callsByHome[0]!];
    expect(main.slice(40, 60).reduce((a, b) => a + b, 0)).toBe(0);
  });

  it("refuses nobody whom the law keeps from the standby: they go back at once", () => {
    const classes = [requestClass("chat"), requestClass("secret")];
    const rule = {
      id: "stay",
      when: { dataClass: ["secret"] },
      require: { processing: ["DE"] },
      onEmpty: "refuse" as const,
    };
    const endpoints = [
      roomy("main", 0, { data: { processing: ["DE"] } }),
      roomy("other", 1, { data: { processing: ["IE"] } }),
    ];
    const base = drifting(
      { standbys: [standby({ failback: null })] },
      { classes, endpoints, faults: [mainDown(10, 30)] },
    );
    const end = run({ ...base, deployment: { ...base.deployment, residency: [rule] } });
    expect(refusedSeconds(end).at(-1)).toBe(30);
    const main = [...end.recording.callsByHome[0]!].slice(32, 60).reduce((a, b) => a + b, 0);
    // Half of 20 a second for 28 s.
    expect(Math.abs(main - 280)).toBeLessThan(70);
  });

  it("is not waited for where the standby is lost: the actives take what they can at once", () => {
    const target = { kind: "endpoint", index: 1 } as const;
    const second = { ...mainDown(35, 60), id: "second", target } as Fault;
    const end = lost({ failback: null }, [mainDown(10, 30), second]);
    expect(refusedSeconds(end).filter((at) => at > 37)).toEqual([]);
  });
});

describe("an evacuation that promotes first", () => {
  it("refuses nobody: the standby serves before anything is drained", () => {
    const stages = [
      { name: "promote", takesUs: 4 * SECOND, does: "promote" as const },
      { name: "drain", takesUs: 20 * SECOND, does: "drain-endpoints" as const },
    ];
    const scenario = drifting(
      { standbys: [standby()], evacuations: [evacuation({ stages, returnUs: NEVER })] },
      { durationS: 60 },
    );
    const end = run(scenario);
    expect(total(end.refused)).toBe(0);
    expect(end.recording.standbys[0]!.promotions).toMatchObject([{ why: "evacuation", failure: null }]);
    expect([...end.recording.callsByHome[0]!].slice(35).reduce((a, b) => a + b, 0)).toBe(0);
  });

  it("keeps what it has promoted until traffic comes back, however long people decide in between", () => {
    const stages = [
      { name: "promote", takesUs: 4 * SECOND, does: "promote" as const },
      { name: "decide", takesUs: 40 * SECOND, does: "wait" as const },
      { name: "drain", takesUs: 10 * SECOND, does: "drain-endpoints" as const },
    ];
    const leaving = evacuation({ stages, returnUs: 70 * SECOND, returnRampUs: 5 * SECOND });
    const end = run(drifting({ standbys: [standby()], evacuations: [leaving] }, { durationS: 100 }));
    expect(total(end.refused)).toBe(0);
    expect(end.recording.standbys[0]!.promotions).toHaveLength(1);
    // Back from 70 s: 5 s of hold and 10 s of ramp.
    const failbacks = end.recording.operations!.records.filter(({ kind }) => kind === "failback");
    expect(failbacks).toMatchObject([{ startUs: 75 * SECOND, endUs: 85 * SECOND, outcome: "done" }]);
  });

  it("keeps a standby of something that stays as well", () => {
    const stages = [
      { name: "promote", takesUs: 4 * SECOND, does: "promote" as const },
      { name: "drain", takesUs: 6 * SECOND, does: "drain-endpoints" as const },
    ];
    const endpoints = [roomy("main", 0), roomy("other", 1, { tier: 1 }), roomy("third", 1)];
    const both = standby({ activeIndices: [0, 2] });
    const end = run(
      drifting({ standbys: [both], evacuations: [evacuation({ stages })] }, { durationS: 90, endpoints }),
    );
    expect(end.recording.operations!.records.filter(({ kind }) => kind === "failback")).toEqual([]);
    expect(end.recording.standbys[0]!.promotions).toHaveLength(1);
  });
});
