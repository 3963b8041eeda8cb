/** Drills and evacuations: what they move and when, what they find, and that they cost nobody anything they need not. */
import { describe, expect, it } from "vitest";
import type { Drill, Fault, Scenario, Standby } from "../../src/scenario/scenario.js";
import { fixed, requestClass, SECOND, server, site } from "./buildScenario.js";
import {
  type DriftEnd,
  drifting,
  drill,
  evacuation,
  mainDown,
  roomy,
  run,
  standby,
  total,
} from "./driftScenario.js";

/** Sure to fail unless it has just been tested. */
const ROTTEN = { untested: { kind: "fixed", days: 10 }, rot: { kind: "linear", perDay: 0.1 } } as const;

function drilling(over: Partial<Drill>, of: Partial<Standby> = {}, faults: readonly Fault[] = []): Scenario {
  return drifting(
    { standbys: [standby(of)], drills: [drill(over)] },
    { durationS: 80, faults, sites: [site("s", "DE", 40)] },
  );
}

const calls = ({ recording }: DriftEnd, region: number, from: number, to: number): number =>
  recording.callsByHome[region * 2]!.slice(from, to).reduce((a, b) => a + b, 0);

const outcomes = ({ recording }: DriftEnd): string[] =>
  recording.operations!.records.filter(({ kind }) => kind === "drill").map(({ outcome }) => outcome);

describe("a drill", () => {
  it("moves traffic over evenly once the standby is ready, holds it there and moves it back, and refuses nobody", () => {
    const end = run(drilling({}));
    expect(total(end.refused)).toBe(0);
    expect(outcomes(end)).toEqual(["passed"]);
    // Ready at 13 s; over until 23 s, there until 33 s, back until 43 s.
    expect(calls(end, 1, 0, 13)).toBe(0);
    expect(calls(end, 0, 24, 33)).toBe(0);
    expect(calls(end, 1, 44, 80)).toBe(0);
    // Half of 400 on either ramp; four standard deviations of so many.
    expect(Math.abs(calls(end, 1, 13, 23) - 200)).toBeLessThan(80);
    expect(Math.abs(calls(end, 1, 33, 43) - 200)).toBeLessThan(80);
    // Three quarters are still there in the first half of the way back: 150 of 200.
    expect(Math.abs(calls(end, 1, 33, 38) - 150)).toBeLessThan(60);
    const [record] = end.recording.operations!.records;
    expect([record!.startUs, record!.endUs]).toEqual([10 * SECOND, 43 * SECOND]);
  });

  it("finds a rotten standby before anybody is sent there, and has it mended", () => {
    const end = run(drilling({}, ROTTEN));
    expect(outcomes(end)).toEqual(["found expired-key"]);
    expect(total(end.refused)).toBe(0);
    expect(end.calls[1]).toBe(0);
  });

  it("that drains first finds the same, and users pay until it has", () => {
    const end = run(drilling({ order: "drain-first", rampUs: 0 }, ROTTEN));
    expect(outcomes(end)).toEqual(["found expired-key"]);
    expect(Object.keys(end.refused)).toEqual(["cold_start"]);
    // Three seconds of promotion at 40 a second.
    expect(Math.abs(total(end.refused) - 120)).toBeLessThan(45);
    expect(end.recording.operations!.records[0]!.refused).toBe(total(end.refused));
  });

  it("spares users what an untested standby costs them in the loss that follows", () => {
    const faults = [mainDown(45, 75)];
    const refused = (drills: readonly Drill[]): number =>
      total(run(drifting({ standbys: [standby(ROTTEN)], drills }, { durationS: 80, faults })).refused);
    const rampUs = 2 * SECOND;
    const [held, never] = [refused([drill({ rampUs, holdUs: 2 * SECOND })]), refused([])];
    // Mended 20 s after it was found: sound at 45 s, so that 6 s of waiting stand against 29.
    expect(held).toBeLessThan(0.35 * never);
  });

  it("is held again every so often, and not while the last one or an outage goes on", () => {
    const often = run(drilling({ everyUs: 20 * SECOND, rampUs: 8 * SECOND, holdUs: 8 * SECOND }));
    const skipped = "skipped: the last one goes on";
    expect(outcomes(often)).toEqual(["passed", skipped, "passed", skipped]);
    const down = run(
      drilling({ firstUs: 15 * SECOND }, { trigger: { kind: "belief", holdUs: 60 * SECOND, quorum: 0.5 } }, [
        mainDown(10, 30),
      ]),
    );
    expect(outcomes(down)).toEqual(["skipped: something was down already"]);
  });

  it("ends when the standby is lost, and nobody stays behind", () => {
    const target = { kind: "endpoint", index: 1 } as const;
    const end = run(drilling({ holdUs: 40 * SECOND }, {}, [{ ...mainDown(30, 80), target } as Fault]));
    expect(outcomes(end)).toEqual(["aborted: the standby was lost"]);
    expect(calls(end, 0, 33, 80)).toBeGreaterThan(1500);
    expect(Object.keys(end.refused)).toEqual(["connection_refused"]);
  });

  it("becomes a failover when what it drains is lost in earnest: the standby stays", () => {
    const end = run(drilling({ holdUs: 60 * SECOND }, {}, [mainDown(30, 80)]));
    expect(outcomes(end)).toEqual(["aborted: what it drained was lost in earnest"]);
    expect(total(end.refused)).toBe(0);
    expect(calls(end, 1, 35, 80)).toBeGreaterThan(1500);
    expect(end.recording.standbys[0]).toMatchObject({ keptUs: [31 * SECOND], waitingSinceUs: -1 });
  });

  it("moves its classes one after another", () => {
    const classes = [requestClass("chat"), requestClass("batch", { model: "b" })];
    const endpoints = [
      roomy("main", 0),
      roomy("other", 1, { tier: 1 }),
      roomy("main-b", 0, { model: "b" }),
      roomy("other-b", 1, { model: "b", tier: 1 }),
    ];
    const drills = [
      drill({
        endpointIndices: [0, 2],
        standbyIndices: [],
        firstUs: 0,
        rampUs: 20 * SECOND,
        stepOfClass: [1, 0],
      }),
    ];
    const end = run(drifting({ drills }, { classes, endpoints, durationS: 10 }));
    // In the first half of the ramp the batch class goes, and nothing of the chat class.
    expect(end.calls[1]).toBe(0);
    expect(end.calls[3]).toBeGreaterThan(20);
  });
});

describe("an evacuation", () => {
  it("refuses nothing while others have room, stage by stage to the last call", () => {
    const end = run(drifting({ evacuations: [evacuation()] }, { sites: [site("s", "DE", 40)] }));
    expect(total(end.refused)).toBe(0);
    const stages = end.recording.operations!.records.map(({ stage, startUs, endUs }) => [
      stage,
      startUs / SECOND,
      endUs / SECOND,
    ]);
    expect(stages).toEqual([
      ["decide", 10, 15],
      ["drain", 15, 35],
      ["away", 35, -1 / SECOND],
    ]);
    expect(calls(end, 1, 0, 15)).toBe(0);
    expect(calls(end, 0, 36, 60)).toBe(0);
    // Half of 800 over the ramp.
    expect(Math.abs(calls(end, 1, 15, 35) - 400)).toBeLessThan(115);
  });

  it("refuses as evacuating what nobody else may take", () => {
    const endpoints = [roomy("main", 0)];
    const end = run(drifting({ evacuations: [evacuation()] }, { endpoints }));
    expect(Object.keys(end.refused)).toEqual(["evacuating"]);
    const inStages = end.recording.operations!.records.reduce((sum, { refused }) => sum + refused, 0);
    expect(inStages).toBe(total(end.refused));
  });

  it("comes back as planned", () => {
    const end = run(drifting({ evacuations: [evacuation({ returnUs: 40 * SECOND })] }));
    expect(calls(end, 0, 36, 40)).toBe(0);
    expect(calls(end, 1, 51, 60)).toBe(0);
    expect(total(end.refused)).toBe(0);
    expect(end.recording.operations!.records.at(-1)).toMatchObject({
      stage: "return",
      outcome: "done",
      endUs: 50 * SECOND,
    });
  });

  it("overloads others no more than what it sends them: the same users, with and without", () => {
    const endpoints = [
      roomy("main", 0),
      { ...roomy("other", 1, { tier: 1 }), serving: server(fixed(0.1 * SECOND), 1, 0) },
    ];
    const end = run(drifting({ evacuations: [evacuation()] }, { endpoints }));
    const { quietRefused } = end.recording.operations!;
    expect(quietRefused).toBe(0);
    expect(end.refused.concurrency_full).toBeGreaterThan(0);
  });
});
