import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { recordingLabels } from "../../src/model/labels.js";
import type { Result } from "../../src/result/index.js";
import { buildScenario, endpoint, fixed, requestClass, site } from "../model/buildScenario.js";
import { runShipped } from "../scenarios/shipped.js";
import { EU, fault, Notes, refuse, resultOf, serve, US } from "./recorded.js";

const DURATION_S = 400;

/** A run in which the US region turns a call away in each of the given seconds. */
function fullIn(seconds: readonly number[], durationS: number = DURATION_S): Notes {
  const notes = new Notes({ durationS, faults: [fault("eu-down", 100, 200)] });
  for (const atS of seconds) notes.capacityFailure(US, atS);
  return notes;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

function overloadedS(notes: Notes): number {
  return resultOf(notes.recording).regions[US]!.overloadedS;
}

/** Of the beginnings of `seconds` the one with most empty seconds less full ones, the shortest of equals. */
function thinBeginning(seconds: readonly number[], full: ReadonlySet<number>): number {
  const excess = (length: number): number =>
    seconds.slice(0, length).reduce((sum, s) => sum + (full.has(s) ? -1 : 1), 0);
  const lengths = range(0, Math.min(60, seconds.length) + 1);
  return lengths.reduce((best, length) => (excess(length) > excess(best) ? length : best), 0);
}

/** Every minute tried one by one, the seconds it covers marked, thin ends cut off the runs of marks. */
function slowOverloadedS(full: ReadonlySet<number>, durationS: number): number {
  const covered = new Set<number>();
  for (let start = -60; start < durationS; start++) {
    const inside = range(start, start + 60).filter((w) => full.has(w));
    if (inside.length < 30) continue;
    for (let w = Math.max(0, start); w <= inside.at(-1)!; w++) covered.add(w);
  }
  let sum = 0;
  for (let w = 0; w < durationS; w++) {
    if (!covered.has(w) || covered.has(w - 1)) continue;
    let end = w;
    while (covered.has(end)) end++;
    const fulls = range(w, end).filter((each) => full.has(each));
    let seconds = range(fulls[0]!, fulls.at(-1)! + 1);
    for (const _ of ["beginning", "end"]) {
      const cut = seconds.slice(thinBeginning(seconds, full));
      if (cut.filter((s) => full.has(s)).length >= 30) seconds = cut;
      seconds = [...seconds].reverse();
    }
    sum += seconds.length;
  }
  return sum;
}

describe("overload", () => {
  it("is half of a minute, in one piece or in several: half counts, less does not", () => {
    expect(overloadedS(fullIn(range(100, 130)))).toBe(30);
    expect(overloadedS(fullIn(range(100, 129)))).toBe(0);
    const inTurns = (fullS: number): number[] => range(100, 220).filter((s) => s % 20 < fullS);
    expect(overloadedS(fullIn(inTurns(10)))).toBe(110);
    expect(overloadedS(fullIn(inTurns(9)))).toBe(0);
  });

  it("begins and ends where it is dense: stray full seconds before and after are not part of it", () => {
    const strayed = fullIn([80, ...range(101, 161), 185]);
    expect(overloadedS(strayed)).toBe(60);
  });

  it("is what trying every minute finds, wherever the full seconds lie", () => {
    const piece = fc.record({ from: fc.nat(380), length: fc.integer({ min: 1, max: 45 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const full = new Set(
          pieces.flatMap(({ from, length }) => range(from, Math.min(DURATION_S, from + length))),
        );
        expect(overloadedS(fullIn([...full]))).toBe(slowOverloadedS(full, DURATION_S));
      }),
      { seed: 71, numRuns: 100 },
    );
  });

  it("in turns is an edge from the region that fell to the one its users filled", () => {
    const notes = fullIn(range(110, 200).filter((s) => s % 20 < 12));
    for (const atS of range(0, 100)) for (let n = 0; n < 4; n++) notes.call(US, US, atS);
    for (const atS of range(100, 200)) for (let n = 0; n < 8; n++) notes.call(US, n % 2 === 0 ? EU : US, atS);
    const { edges, depth } = resultOf(notes.recording).cascade;
    expect(edges).toEqual([
      { from: "eu", to: "us", startS: 120, endS: 192, divertedShare: 1, pushedPerS: 4, usualPerS: 4 },
    ]);
    expect(depth).toBe(1);
  });

  it("is pushed by whoever came in its first minute, not by those who came long after", () => {
    const notes = new Notes({ durationS: 400, faults: [fault("eu-down", 100, 390)] });
    for (const atS of range(110, 390)) notes.capacityFailure(US, atS);
    for (const atS of range(0, 110)) notes.call(US, US, atS);
    for (const atS of range(110, 170)) for (let n = 0; n < 9; n++) notes.call(US, US, atS);
    for (const atS of range(170, 390)) for (let n = 0; n < 9; n++) notes.call(US, EU, atS);
    expect(resultOf(notes.recording).cascade.edges).toEqual([]);
  });
});

/** 20 requests a second: `before(block)` of each ten seconds are served until 200 s, `after` of them from 300 s on. */
function recovering(before: (block: number) => number, after: number): Result["cascade"] {
  const notes = new Notes({ durationS: 480, faults: [fault("eu-down", 200, 230)] });
  for (let n = 0; n < 480 * 20; n++) {
    const atS = n / 20;
    const share = atS < 200 ? before(Math.floor(atS / 10)) : after;
    // Spread evenly: the n-th is served when the share of those before it steps over a whole number.
    if (Math.floor((n + 1) * share) > Math.floor(n * share)) serve(notes, EU, atS, 1);
    else refuse(notes, EU, atS, "queue_full");
  }
  return resultOf(notes.recording).cascade;
}

describe("metastable", () => {
  const steady = (block: number): number => (block % 2 === 0 ? 1 : 0.98);
  const wild = (block: number): number => (block % 2 === 0 ? 1 : 0.5);

  it.each([
    ["57 % after a steady 99 %", steady, 0.57, true],
    ["88 %, far outside what was usual", steady, 0.88, true],
    ["92 %: outside, but little is lost", steady, 0.92, false],
    ["60 % where every other block had 50 % before", wild, 0.6, false],
    ["less than half, however wild it was before", wild, 0.35, true],
    ["as before", steady, 0.99, false],
  ] as const)("%s is judged rightly", (_what, before, after, expected) => {
    const { metastable, goodputAfterOverBefore } = recovering(before, after);
    expect(metastable, `goodput ${goodputAfterOverBefore}`).toBe(expected);
  });

  it("is not said of a run without a fault, nor of one that ends before a minute and ten seconds are over", () => {
    expect(resultOf(new Notes({ durationS: 100 }).recording).cascade.goodputAfterOverBefore).toBeNull();
    const short = new Notes({ durationS: 165, faults: [fault("eu-down", 90, 100)] });
    for (const atS of range(0, 100)) serve(short, EU, atS, 1);
    for (const atS of range(100, 165)) refuse(short, EU, atS, "queue_full");
    expect(resultOf(short.recording).cascade).toMatchObject({
      goodputAfterOverBefore: null,
      metastable: false,
    });
  });
});

describe("margins", () => {
  it("count retries once: the load is of first tries before the first fault", () => {
    const notes = new Notes({ durationS: 300, capacityPerS: 50, faults: [fault("eu-down", 100, 200)] });
    for (const atS of range(0, 300)) for (let n = 0; n < 10; n++) serve(notes, US, atS, 1);
    for (const atS of range(120, 180)) for (let n = 0; n < 90; n++) notes.call(US, US, atS);
    // One retry per request in the model of this room: 50 / (2 · 10).
    expect(resultOf(notes.recording).cascade.margins[US]).toMatchObject({
      capacityPerS: 50,
      peakLoadPerS: 100,
      usualPeakPerS: 10,
      retrySafeMargin: 2.5,
    });
  });

  it("take the largest ten seconds of the whole run when there is no fault, less what were retries", () => {
    const notes = new Notes({ durationS: 100, capacityPerS: 60 });
    for (const atS of range(0, 100)) for (let n = 0; n < 10; n++) serve(notes, US, atS, 1);
    for (const atS of range(40, 60)) for (let n = 0; n < 20; n++) notes.call(US, US, atS);
    const margin = resultOf(notes.recording).cascade.margins[US]!;
    expect(margin.peakLoadPerS).toBe(30);
    // At the edges of the storm the ten seconds around a window see only part of it.
    expect(margin.usualPeakPerS).toBeGreaterThanOrEqual(10);
    expect(margin.usualPeakPerS).toBeLessThan(14);
  });

  it("know that a full provider endpoint answers more slowly", () => {
    const capacityOf = (slowdownAtFull: number): number =>
      recordingLabels(
        buildScenario({
          durationS: 10,
          classes: [requestClass("chat", { outputTokens: fixed(100) })],
          endpoints: [
            endpoint("e", 0, {
              kind: "provider",
              ttft: fixed(500_000),
              perTokenUs: fixed(10_000),
              concurrency: 30,
              queueLimit: 0,
              slowdownAtFull,
            }),
          ],
          sites: [site("s", "DE", 1)],
        }),
      ).endpoints[0]!.capacityPerS;
    // 0.5 s and a hundred tokens of 10 ms: 30 places finish 20 a second, a quarter longer 16.
    expect(capacityOf(0)).toBeCloseTo(20, 9);
    expect(capacityOf(0.25)).toBeCloseTo(16, 9);
  });
});

describe("served away", () => {
  it("is told by each user's own home, of which an origin may have several", () => {
    const notes = new Notes({ durationS: 60 });
    // EU users chat at home in eu, and code in us, the only place with that model.
    notes.recording.homeRegion.set([0, 1, 1, -1]);
    serve(notes, EU, 1, 100, 0, 0);
    serve(notes, EU, 2, 100, 1, 1);
    serve(notes, EU, 3, 100, 1, 0);
    serve(notes, EU, 4, 100, 0, 1);
    serve(notes, US, 5, 100, 1, 0);
    serve(notes, US, 6, 100, 1, 1);
    expect(resultOf(notes.recording).servedAway).toEqual({ EU: { before: 2 }, US: { before: 0 } });
  });
});

describe("three regions whose health checks flap", () => {
  let flapping: Result;
  beforeAll(() => {
    flapping = runShipped("cascade", ["deployment.routing.health.interval=5s"]);
  });

  it("collapse, and are said to", () => {
    expect(flapping.requests.refused / flapping.requests.offered).toBeGreaterThan(0.3);
    expect(flapping.cascade.goodputAfterOverBefore!).toBeGreaterThan(0.5);
    expect(flapping.cascade.metastable).toBe(true);
    expect(flapping.cascade.edges.map(({ from, to }) => `${from} > ${to}`)).toContain("virginia > ohio");
    for (const { overloadedS: s } of flapping.regions) expect(s).toBeGreaterThan(300);
    expect(flapping.objectives[0]).toMatchObject({ name: "cascade == none", pass: false });
  });

  it("leave a trail of 512 to 1024 states, however many events there were", () => {
    const { states, stride } = flapping.trail;
    expect(states.length).toBeGreaterThanOrEqual(512);
    expect(states.length).toBeLessThanOrEqual(1024);
    expect(Math.floor(flapping.events / stride)).toBe(states.length);
  });
});
