import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Recording } from "../../src/metrics/index.js";
import type { Result } from "../../src/result/index.js";
import { EU, fault, Notes, refuse, resultOf, SECOND, serve, US } from "./recorded.js";

const EU_ONLY = Int32Array.of(1, 1, 3, 3);

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

/** `perS` calls a second at each endpoint from each moment on. */
function capacities(
  ...epochs: readonly (readonly [atS: number, eu: number, us: number])[]
): Recording["capacities"] {
  return epochs.map(([atS, eu, us]) => ({ timeUs: atS * SECOND, perS: Float64Array.of(eu, us) }));
}

/** Every second `eu` EU users and `us` US users ask; `answered` of each are served, the others refused. */
function asked(notes: Notes, seconds: readonly number[], eu: number, us: number, answered = 0): void {
  for (const atS of seconds)
    for (const [site, count] of [
      [EU, eu],
      [US, us],
    ] as const)
      for (let n = 0; n < count; n++)
        if (n < answered) serve(notes, site, atS, 10);
        else refuse(notes, site, atS, "queue_full");
}

function optimumOf(recording: Recording, over: Partial<Recording> = {}): Result["optimum"] {
  return resultOf({ ...recording, ...over }).optimum;
}

describe("the legal optimum", () => {
  it("holds a refusal unavoidable only as far as no lawful endpoint had room", () => {
    const notes = new Notes({ durationS: 100 });
    asked(notes, range(0, 100), 6, 3, 2);
    // 4 a second at home: two of six EU users can go to the US, whose own three leave one place of four.
    const anywhere = optimumOf(notes.recording, { capacities: capacities([0, 4, 4]) });
    expect(anywhere).toMatchObject({ offered: 900, refusedUnavoidable: 100, refusedByPolicy: 400 });
    // EU users may not leave: two a second are lost, and the US has room for all of its own.
    const labels = { ...notes.recording.labels, lawful: EU_ONLY };
    const bound = optimumOf(notes.recording, { labels, capacities: capacities([0, 4, 4]) });
    expect(bound).toMatchObject({ refusedUnavoidable: 200, refusedByPolicy: 300, couldServe: 700 });
    expect(bound.byOrigin).toMatchObject({
      EU: { refusedUnavoidable: 200, refusedByPolicy: 200 },
      US: { refusedUnavoidable: 0, refusedByPolicy: 100 },
    });
  });

  it("never holds more refusals unavoidable than there were", () => {
    const notes = new Notes({ durationS: 100 });
    asked(notes, range(0, 100), 6, 0, 6);
    expect(optimumOf(notes.recording, { capacities: capacities([0, 1, 1]) })).toMatchObject({
      refusedUnavoidable: 0,
      refusedByPolicy: 0,
      couldServe: 600,
    });
  });

  it("counts endpoints with the capacity of the time, also when it changes within ten seconds", () => {
    const notes = new Notes({ durationS: 60 });
    asked(notes, range(0, 60), 4, 0);
    const labels = { ...notes.recording.labels, lawful: EU_ONLY };
    // Nothing from 13 to 33, then 5 a second: of the ten seconds from 10 on three have 8 each, of those from 30 on seven 5.
    const found = optimumOf(notes.recording, {
      labels,
      capacities: capacities([0, 8, 0], [13, 0, 0], [33, 5, 0]),
    });
    expect(found.refusedUnavoidable).toBe(40 - 24 + 40 + 5);
    expect(found.tightest).toEqual({ headroom: 0, startS: 20 });
    expect(found.perWindow.couldServe).toEqual([40, 24, 0, 35, 40, 40]);
  });

  it("excuses no refusal with room that was missing minutes before, when requests waited and were served", () => {
    const notes = new Notes({ durationS: 300 });
    asked(notes, range(0, 10), 4, 0, 4);
    asked(notes, range(200, 210), 4, 0);
    const found = optimumOf(notes.recording, { capacities: capacities([0, 0, 0], [10, 100, 100]) });
    expect(found).toMatchObject({ refusedUnavoidable: 0, refusedByPolicy: 40 });
    const soon = new Notes({ durationS: 300 });
    asked(soon, range(0, 10), 4, 0, 4);
    asked(soon, range(50, 60), 4, 0);
    expect(
      optimumOf(soon.recording, { capacities: capacities([0, 0, 0], [10, 100, 100]) }).refusedUnavoidable,
    ).toBe(40);
  });

  it("shares what there is by how much each origin asks when none may have more", () => {
    const notes = new Notes({ durationS: 50 });
    asked(notes, range(0, 50), 9, 3);
    const { byOrigin } = optimumOf(notes.recording, { capacities: capacities([0, 4, 4]) });
    expect([byOrigin.EU!.refusedUnavoidable, byOrigin.US!.refusedUnavoidable]).toEqual([150, 50]);
  });

  it("finds nothing unavoidable where nothing bounds an endpoint", () => {
    const notes = new Notes({ durationS: 50 });
    asked(notes, range(0, 50), 9, 3);
    const found = optimumOf(notes.recording, { capacities: capacities([0, Number.POSITIVE_INFINITY, 0]) });
    expect(found).toMatchObject({ refusedUnavoidable: 0, refusedByPolicy: 600, tightest: null });
  });

  it("holds nobody served whose lawful gateways are down or none, for as long as they are, whatever room endpoints have", () => {
    const notes = new Notes({ durationS: 60, faults: [fault("eu-down", 20, 35)] });
    asked(notes, range(0, 60), 4, 2);
    const found = (lawfulGateways: Int32Array): Result => {
      const labels = { ...notes.recording.labels, lawfulGateways };
      return resultOf({ ...notes.recording, labels, capacities: capacities([0, 100, 100]) });
    };
    // EU users come through the EU only: all of the ten seconds from 20 on, and half of those from 30 on.
    const bound = found(EU_ONLY);
    expect(bound.optimum.byOrigin).toMatchObject({
      EU: { refusedUnavoidable: 60, refusedByPolicy: 180 },
      US: { refusedUnavoidable: 0, refusedByPolicy: 120 },
    });
    expect(bound.optimum.tightest).toEqual({ headroom: 0, startS: 20 });
    expect(bound.optimum.perWindow.couldServe).toEqual([60, 60, 20, 40, 60, 60]);
    expect(bound.residency.price).toMatchObject({ lostToRules: 60, headroom: 0 });
    expect(found(Int32Array.of(0, 0, 3, 3)).optimum.byOrigin.EU!.refusedByPolicy).toBe(0);
    expect(found(Int32Array.of(3, 3, 3, 3))).toMatchObject({
      optimum: { refusedUnavoidable: 0 },
      residency: { price: null },
    });
  });

  it("blames the rules for a part of the refusals it holds unavoidable, rounded alike", () => {
    const notes = new Notes({ durationS: 30 });
    asked(notes, range(0, 30), 5, 0, 3);
    // The rules leave EU users 7.3 calls of the 50 of ten seconds; only two of five requests were refused, though.
    const labels = { ...notes.recording.labels, lawful: EU_ONLY };
    const given = { ...notes.recording, labels, capacities: capacities([0, 0.73, 100]) };
    const { optimum, residency } = resultOf(given);
    expect([optimum.refusedUnavoidable, residency.price!.lostToRules]).toEqual([60, 60]);
  });

  it("splits refusals into no more and no less than the excess of the worst set of users, in total", () => {
    const second = fc.record({ eu: fc.nat(6), us: fc.nat(6), capEu: fc.nat(6), capUs: fc.nat(6) });
    fc.assert(
      fc.property(fc.array(second, { minLength: 1, maxLength: 4 }), fc.boolean(), (tens, isBound) => {
        const notes = new Notes({ durationS: tens.length * 10 });
        tens.forEach(({ eu, us }, i) => {
          asked(notes, range(i * 10, i * 10 + 10), eu, us);
        });
        const labels = isBound ? { ...notes.recording.labels, lawful: EU_ONLY } : notes.recording.labels;
        const found = optimumOf(notes.recording, {
          labels,
          capacities: capacities(...tens.map(({ capEu, capUs }, i) => [i * 10, capEu, capUs] as const)),
        });
        const least = tens.reduce((sum, { eu, us, capEu, capUs }) => {
          const both = eu + us - capEu - capUs;
          const alone = isBound ? [eu - capEu, us - capEu - capUs] : [];
          return sum + 10 * Math.max(0, both, ...alone);
        }, 0);
        expect(found.refusedUnavoidable + found.refusedByPolicy).toBe(found.offered);
        // Each origin's bound is rounded to whole requests.
        expect(Math.abs(found.refusedUnavoidable - least)).toBeLessThanOrEqual(1);
      }),
      { seed: 51, numRuns: 150 },
    );
  });
});

describe("the boundary of overload", () => {
  it("needs triggers as large as the slack, and passes by itself where retries fit", () => {
    const notes = new Notes({ durationS: 120, faults: [fault("eu-down", 60, 80)] });
    asked(notes, range(0, 120), 4, 4, 4);
    const boundaryOf = (slackless: number): Result["cascade"]["boundary"] =>
      resultOf({
        ...notes.recording,
        capacities: capacities([0, slackless, slackless], [60, 0, slackless], [80, slackless, slackless]),
      }).cascade.boundary;
    expect(boundaryOf(7)).toMatchObject({
      usualLoadPerS: 8,
      usualCapacityPerS: 14,
      loadTriggerPerS: 0,
      capacityTriggerPerS: 7,
      overloadPossible: true,
      // Two tries a request: 16 a second, more than 14.
      alwaysRecovers: false,
      deficitRequests: 20,
      deficitCapacityS: 20 / 14,
    });
    expect(boundaryOf(9)).toMatchObject({
      overloadPossible: false,
      alwaysRecovers: true,
      deficitRequests: 0,
    });
  });
});

describe("a region's margin", () => {
  it("says where users at home may be served nowhere else", () => {
    const notes = new Notes({ durationS: 20 });
    asked(notes, range(0, 20), 2, 2, 2);
    const confined = (lawful: Int32Array): readonly (true | undefined)[] => {
      const labels = { ...notes.recording.labels, lawful };
      const homes = { homeRegion: Int32Array.of(EU, EU, US, US) };
      return resultOf({ ...notes.recording, ...homes, labels }).cascade.margins.map((one) => one.confined);
    };
    expect(confined(EU_ONLY)).toEqual([true, undefined]);
    expect(confined(Int32Array.of(3, 3, 2, 2))).toEqual([undefined, true]);
  });
});

describe("recovery", () => {
  const one = (recording: Recording): Recording => ({
    ...recording,
    labels: { ...recording.labels, endpoints: recording.labels.endpoints.slice(0, 1) },
    capacities: [
      [0, 300],
      [100, 0],
      [110, 300],
    ].map(([atS, perS]) => ({ timeUs: atS! * SECOND, perS: Float64Array.of(perS!) })),
  });

  function closedForm(
    perS: number,
    retries: number,
    timeoutS: number | null,
    lineLimit = 1e9,
  ): string | number {
    const notes = new Notes({
      durationS: 200,
      faults: [fault("held", 100, 110, { kind: "capacity-loss", movesTraffic: false })],
    });
    // Counted as in flight: only how many asked matters.
    notes.recording.offeredByOrigin[EU]!.fill(perS, 0, 200);
    const { recovery } = resultOf(one(notes.recording), [], undefined, {
      cascade: {
        retries: { client: retries, gateway: 0, library: 0 },
        recovery: { retries, timeoutS, lineLimit, obstacle: null },
      },
    }).cascade;
    return recovery!.closedFormS ?? recovery!.closedForm;
  }

  it("has the published closed form with one retry", () => {
    // (2λD − λT − μT) / (μ − 2λ) with μ = 300, T = 1, D = 10.
    expect(closedForm(140, 1, 1)).toBeCloseTo(118, 9);
    expect(closedForm(145, 1, 1)).toBeCloseTo(245.5, 9);
    expect(closedForm(149, 1, 1)).toBeCloseTo(1265.5, 9);
  });

  it("is the drain of the line without patience, and less than it with patience and no retries", () => {
    expect(closedForm(280, 0, Number.POSITIVE_INFINITY)).toBeCloseTo(140, 9);
    expect(closedForm(280, 0, 1)).toBeCloseTo((2800 - 300) / 20, 9);
  });

  it("says why there is none", () => {
    expect(closedForm(151, 1, 1)).toMatch(/not below capacity/);
    expect(closedForm(40, 4, 3)).toMatch(/before the last retries/);
    expect(closedForm(140, 1, null)).toMatch(/differ in patience/);
    expect(closedForm(140, 1, 1, 100)).toMatch(/line ends at 100/);
  });
});

describe("crashes", () => {
  it("of a region that others pushed are falls, once for a whole loop of them", () => {
    const notes = new Notes({ durationS: 400, faults: [fault("eu-down", 100, 390)] });
    for (const atS of range(0, 390)) notes.call(US, US, atS);
    for (const atS of range(101, 106)) for (let n = 0; n < 9; n++) notes.call(US, EU, atS);
    const crash = (startS: number): Recording["crashes"][number] => ({
      endpoint: US,
      startUs: startS * SECOND,
      endUs: (startS + 20) * SECOND,
    });
    const { cascade } = resultOf({ ...notes.recording, crashes: [crash(106), crash(140), crash(190)] });
    expect(cascade.overloads).toEqual([{ region: "us", startS: 106, endS: 210, reason: "crash" }]);
    expect(cascade.edges).toHaveLength(1);
    // The onset is the seven seconds from the fault to the crash, not the minute before.
    expect(cascade.edges[0]).toMatchObject({
      from: "eu",
      to: "us",
      startS: 106,
      divertedShare: 1,
      usualPerS: 1,
    });
    expect(cascade.edges[0]!.pushedPerS).toBeCloseTo(45 / 7, 9);
    expect(cascade).toMatchObject({ depth: 1, size: 1 });
  });
});

describe("amplification", () => {
  it("is calls over requests, its worst where most calls came to few requests", () => {
    const notes = new Notes({ durationS: 100 });
    for (const atS of range(0, 100)) {
      for (let n = 0; n < 3; n++) notes.offered(EU, 0, atS);
      for (let n = 0; n < (atS >= 50 && atS < 60 ? 12 : 3); n++) notes.call(EU, EU, atS);
    }
    const { amplification } = resultOf(notes.recording).cascade;
    expect(amplification).toEqual({ mean: 390 / 300, worst: 4, worstAtS: 50 });
  });
});

describe("replicas", () => {
  const counts = {
    replicaUs: 250 * SECOND,
    peakReplicas: 4,
    starts: 1,
    preemptions: 2,
    promptTokens: 1000,
    cachedTokens: 250,
    failoverTokens: 40,
    recomputedTokens: 30,
    kvTokenUs: 100 * SECOND * 500,
    kvPeakTokens: 1500,
    seenLow: Float64Array.of(100, 10, 1),
    seenHigh: Float64Array.of(5000, 200, 64),
  };
  const preset = {
    id: "some-model",
    source: "a benchmark",
    heldOutMeanPercent: 3,
    heldOutWorstPercent: 9,
    hull: { inputTokens: [128, 2048], outputTokens: [10, 200], concurrency: [1, 64] },
  } as const;

  it("are told with their memory, and with every measure outside what the preset was fitted on", () => {
    const { recording } = new Notes({ durationS: 100 });
    const endpoints = recording.labels.endpoints.map((each, e) => ({
      ...each,
      kvTokens: e === EU ? 1000 : null,
    }));
    const given = { ...recording, labels: { ...recording.labels, endpoints }, replicas: [counts, null] };
    const result = resultOf(given, [], undefined, { presets: [preset, null], warnings: ["last"] });
    expect(result.replicas).toHaveLength(1);
    expect(result.replicas[0]).toMatchObject({
      endpoint: "eu-model",
      meanReplicas: 2.5,
      kvTokens: 1000,
      meanKvShare: 0.5,
      peakKvShare: 1.5,
      prefixHitRate: 0.25,
    });
    expect(result.replicas[0]!.outsideHull).toEqual(["prompts of 100 to 5000 tokens, measured 128 to 2048"]);
    const idle = { ...counts, seenLow: new Float64Array(3).fill(Infinity), seenHigh: new Float64Array(3) };
    expect(
      resultOf({ ...given, replicas: [idle, null] }, [], undefined, { presets: [preset] }).replicas[0]!
        .outsideHull,
    ).toEqual([]);
  });
});
