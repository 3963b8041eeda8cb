import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fault } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, server, site } from "../model/buildScenario.js";
import { asking, during, endOf } from "../model/lawsScenario.js";
import { EU, fault, Notes, refuse, resultOf, SECOND, serve, US } from "./recorded.js";

function sum(values: readonly number[]): number {
  return values.reduce((total, n) => total + n, 0);
}

describe("phases", () => {
  const surge = (id: string, fromS: number, toS: number): Fault =>
    during(fromS, toS, { kind: "demand-surge", target: { kind: "all" }, factor: 1 }, id);
  const worldWith = (faults: readonly Fault[]): ReturnType<typeof buildScenario> =>
    buildScenario({
      durationS: 100,
      endpoints: [endpoint("e", 0, server(fixed(0), 1))],
      sites: [site("s", "DE", 0)],
      faults,
    });

  /** Asks at the given seconds, in order, and reads the phase each was counted in. */
  function phaseOfEach(faults: readonly Fault[], timesS: readonly number[]): string[] {
    const scenario = worldWith(faults);
    return timesS.map((atS) => {
      const { offered, labels } = endOf(asking(scenario, [{ atS }])).recording;
      return labels.phases[offered.indexOf(1)]!;
    });
  }

  it("begin with the fault and end with it: a request at the very end is after", () => {
    expect(phaseOfEach([surge("a", 10, 20)], [0, 9, 10, 19, 20, 99, 100])).toEqual([
      "before",
      "before",
      "during",
      "during",
      "after",
      "after",
      "after",
    ]);
  });

  it("join faults that overlap or touch, and name those that do not", () => {
    expect(phaseOfEach([surge("b", 20, 30), surge("a", 10, 20)], [9, 15, 20, 29, 30])).toEqual([
      "before",
      "during",
      "during",
      "during",
      "after",
    ]);
    expect(
      phaseOfEach([surge("b", 40, 50), surge("a", 10, 20), surge("c", 12, 15)], [9, 12, 20, 39, 40, 50]),
    ).toEqual(["before", "during a+c", "after a+c", "after a+c", "during b", "after b"]);
  });

  it("lose their names when there are more than four spells", () => {
    const many = [1, 2, 3, 4, 5].map((n) => surge(`f${n}`, 10 * n, 10 * n + 5));
    expect(phaseOfEach(many, [5, 12, 17, 52, 57])).toEqual(["before", "during", "after", "during", "after"]);
  });

  it("a request belongs to the phase it began in, however late it is answered", () => {
    const notes = new Notes({
      durationS: 60,
      phases: ["before", "during", "after"],
      edges: [
        { startS: 10, phase: 1 },
        { startS: 20, phase: 2 },
      ],
    });
    serve(notes, EU, 9, 5000);
    notes.offered(US, 0, 19);
    notes.refused(US, 0, "queue_full", 19, 40);
    const result = resultOf(notes.recording);
    expect(result.servedBy.EU).toEqual({
      before: { eu: 1, us: 0 },
      during: { eu: 0, us: 0 },
      after: { eu: 0, us: 0 },
    });
    expect(result.refusedBy.phase).toEqual({ before: {}, during: { queue_full: 1 }, after: {} });
    expect(result.latency.e2eMs.by.phase.before!.count).toBe(1);
  });
});

describe("series", () => {
  const event = fc.record({
    at: fc.nat(1000),
    origin: fc.constantFrom(EU, US),
    served: fc.boolean(),
    tookMs: fc.integer({ min: 0, max: 3000 }),
  });

  it.each([
    [7, 1],
    [240, 1],
    [241, 2],
    [1000, 5],
  ])(
    "over %i s has points of %i s, and each holds what fell in it, the last also what fell on the end",
    (durationS, pointS) => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 60 }), (events) => {
          const notes = new Notes({ durationS });
          const points = Math.ceil(durationS / pointS);
          const pointOf = (atS: number): number => Math.min(points - 1, Math.floor(atS / pointS));
          const expected = [0, 1].map(() => ({
            offered: new Array<number>(points).fill(0),
            served: new Array<number>(points).fill(0),
            refused: new Array<number>(points).fill(0),
          }));
          for (const { at, origin, served, tookMs } of events) {
            const atS = (at / 1000) * durationS;
            if (served) serve(notes, origin, atS, tookMs);
            else refuse(notes, origin, atS, "queue_full");
            const endS = served ? Math.min(durationS, atS + tookMs / 1000) : atS;
            const mine = expected[origin]!;
            mine.offered[pointOf(atS)]! += 1;
            mine[served ? "served" : "refused"][pointOf(endS)]! += 1;
          }
          const { series } = resultOf(notes.recording);
          expect(series.windowS).toBe(pointS);
          expect(series.startS).toEqual(Array.from({ length: points }, (_, p) => p * pointS));
          for (const [o, name] of ["EU", "US"].entries())
            expect(series.byOrigin[name]).toMatchObject(expected[o]!);
          expect(sum(series.attempts)).toBe(events.length);
        }),
        { seed: 31, numRuns: 60 },
      );
    },
  );

  it("has no latency where nothing was served, and calls of others' users beside all calls", () => {
    const notes = new Notes({ durationS: 4 });
    serve(notes, EU, 1, 100, US);
    serve(notes, US, 2, 200);
    const { byOrigin, byRegion } = resultOf(notes.recording).series;
    expect(byOrigin.EU!.e2eP50Ms.map((ms) => ms === null)).toEqual([true, false, true, true]);
    expect(byRegion.us).toMatchObject({ calls: [0, 1, 1, 0], divertedCalls: [0, 1, 0, 0] });
    expect(byRegion.eu).toMatchObject({ calls: [0, 0, 0, 0], divertedCalls: [0, 0, 0, 0] });
  });

  it("counts a request that comes and is served at the very end of the run", () => {
    const scenario = buildScenario({
      durationS: 9,
      endpoints: [endpoint("e", 0, server(fixed(0), 1))],
      sites: [site("s", "DE", 0)],
    });
    const { recording } = endOf(asking(scenario, [{ atS: 3 }, { atS: 9 }]));
    const { series, requests } = resultOf(recording);
    expect(requests).toMatchObject({ offered: 2, served: 2 });
    expect([sum(series.byOrigin.DE!.offered), sum(series.byOrigin.DE!.served)]).toEqual([2, 2]);
    expect(sum(series.byRegion.r!.calls)).toBe(2);
  });

  it("gives busy share and queue of a region from its endpoints' slots", () => {
    const notes = new Notes({ durationS: 4, slots: 10 });
    notes.recording.busy[EU]!.change(4, 1 * SECOND);
    notes.recording.busy[EU]!.change(-4, 2.5 * SECOND);
    notes.waiting(EU, 7, 2.2);
    notes.waiting(EU, 3, 2.3);
    const result = resultOf(notes.recording);
    expect(result.series.byRegion.eu!.utilisation).toEqual([0, 0.4, 0.2, 0]);
    expect(result.series.byRegion.eu!.queue).toEqual([0, 0, 7, 0]);
    expect(result.regions[0]).toMatchObject({
      utilisation: expect.closeTo(0.15, 9),
      peakUtilisation: 0.4,
      peakQueue: 7,
    });
    expect(result.endpoints[0]!.utilisation).toBeCloseTo(0.15, 9);
  });
});

describe("lanes", () => {
  it("show what was true and who believed what, and close what was still believed at the end", () => {
    const notes = new Notes({
      durationS: 100,
      faults: [fault("f", 10, 40), fault("g", 50, 60, { kind: "slow", regions: [0, 1] })],
    });
    notes.belief(12, "entry", "gateway", 0, false);
    notes.belief(13, "gw-us", "endpoint", 0, false);
    notes.belief(14, "gw-us", "endpoint", 1, false);
    notes.belief(44, "entry", "gateway", 0, true);
    notes.belief(45, "gw-us", "endpoint", 0, true);
    const { lanes } = resultOf(notes.recording);
    expect(
      lanes.map(
        ({ region, observer, state, startS, endS }) => `${region} ${observer} ${state} ${startS}-${endS}`,
      ),
    ).toEqual([
      "eu truth down 10-40",
      "eu truth slow 50-60",
      "us truth slow 50-60",
      "eu entry down 12-44",
      "eu gw-us down 13-45",
      "us gw-us down 14-100",
    ]);
  });
});

describe("counts", () => {
  it("refuse to make a result in which more was served than offered", () => {
    const notes = new Notes({ durationS: 10 });
    notes.served(EU, 0, 0, 1, 1);
    expect(() => resultOf(notes.recording)).toThrow(/bug: 1 served and 0 refused of 0 offered/);
  });

  it("agree by origin, class and home region, and give minutes their share", () => {
    const notes = new Notes({ durationS: 180 });
    for (let n = 0; n < 99; n++) serve(notes, EU, 1 + n / 2, 10);
    refuse(notes, US, 3, "load_shed", 1);
    serve(notes, US, 130, 10);
    refuse(notes, EU, 131, "queue_full");
    notes.offered(US, 1, 179);
    const { requests, requestsBy, availability, refused } = resultOf(notes.recording);
    expect(requests).toEqual({ offered: 103, served: 100, refused: 2, inFlight: 1 });
    expect(requestsBy.class).toEqual({
      chat: { offered: 101, served: 100, refused: 1, inFlight: 0 },
      code: { offered: 2, served: 0, refused: 1, inFlight: 1 },
    });
    expect(requestsBy.origin.EU).toEqual(requestsBy.homeRegion.eu);
    expect(refused).toEqual({ queue_full: 1, load_shed: 1 });
    // The second minute saw nothing finish and is not judged; the first is good at exactly 99 %.
    expect(availability).toEqual({
      requestRatio: 100 / 102,
      goodMinutes: 0.5,
      worstMinute: 0.5,
      byOrigin: { EU: 99 / 100, US: 1 / 2 },
    });
  });
});
