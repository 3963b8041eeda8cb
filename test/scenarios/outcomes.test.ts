/**
 * What each shipped scenario claims in its comments, held to its result: the committed one for the file as it is
 * (another test runs that again, byte for byte), a run of its own for each change the comments propose.
 */
import { beforeAll, describe, expect, it } from "vitest";
import type { Result } from "../../src/result/index.js";
import { EXIT_CODES, goldenResult, loadShipped, runShipped, shippedNames, sumOf } from "./shipped.js";

const SECOND_ENDPOINT = [
  "deployment.endpoints.eu-second.like=eu-model",
  "deployment.endpoints.eu-second.region=paris",
];

function refusedShare(result: Result): number {
  return result.requests.refused / result.requests.offered;
}

function refusedOf(result: Result, className: string): number {
  const { offered, refused } = result.requestsBy.class[className]!;
  return refused / offered;
}

describe("every shipped scenario", () => {
  it.each(shippedNames())("%s warns of nothing but its preset's limits, and asks a question", (name) => {
    const scenario = loadShipped(name);
    expect(scenario.warnings.filter((warning) => !/preset \S+ was measured/.test(warning))).toEqual([]);
    expect(scenario.question).toMatch(/\?$/);
    expect(scenario.objectives.length).toBeGreaterThan(0);
  });
});

describe("two EU regions", () => {
  let active: Result;
  let passive: Result;
  beforeAll(() => {
    active = goldenResult("active-active");
    passive = goldenResult("active-passive");
  });

  it("see the same users ask at the same moments, whichever way they are run", () => {
    expect(passive.requests.offered).toBe(active.requests.offered);
    for (const [origin, columns] of Object.entries(active.series.byOrigin))
      expect(passive.series.byOrigin[origin]!.offered).toEqual(columns.offered);
  });

  it("suffer the same faults", () => {
    const spans = (result: Result): unknown =>
      result.faults.map(({ id, startS, endS }) => ({ id, startS, endS }));
    expect(spans(passive)).toEqual(spans(active));
  });

  it("use Stockholm on an ordinary day when both are active, and not when it stands by", () => {
    const before = (result: Result): number => result.servedBy.EU!.before!.stockholm!;
    expect(before(active)).toBeGreaterThan(0.4 * (before(active) + active.servedBy.EU!.before!.frankfurt!));
    // Some of those who had just asked when Frankfurt died were saved by Stockholm.
    expect(before(passive)).toBeLessThan(0.01 * before(active));
  });

  it("cost the half near the standby a trip to Frankfurt every day", () => {
    const p50 = (result: Result): number => result.latency.ttftMs.by.phase.before!.p50;
    expect(p50(passive)).toBeGreaterThan(p50(active));
  });

  it("leave users of the standby hanging for the router's patience when the active region dies", () => {
    const p95 = (result: Result): number => result.latency.ttftMs.by.phase["during frankfurt-outage"]!.p95;
    const patienceMs = loadShipped("active-passive").deployment.routing.upstreamTimeoutUs / 1000;
    expect(p95(passive)).toBeGreaterThan(patienceMs);
    expect(p95(active)).toBeLessThan(patienceMs / 3);
  });

  it("differ by nothing when the standby dies", () => {
    const phase = "during stockholm-outage";
    const refused = (result: Result): number =>
      sumOf(result.refusedBy.phase[phase]! as Record<string, number>);
    expect(Math.abs(refused(passive) - refused(active))).toBeLessThan(0.05 * refused(active));
  });

  it("are paid for alike, whether the second one serves or waits", () => {
    expect(active.cost!.total).toBeGreaterThan(0);
    expect(passive.cost!.total).toBe(active.cost!.total);
    // Four replicas of four H100 in each region, at the price of the catalogue.
    const perHour = active.cost!.total / (active.scenario.durationS / 3600);
    expect(perHour).toBeCloseTo(2 * 4 * 4 * 4.02, 9);
  });

  it("have a standby that is hot, and one in nine to fail", () => {
    const [standby] = passive.standbys;
    expect(active.standbys).toEqual([]);
    expect(standby!.daysUntested).toBe(30);
    expect(1 / standby!.chance).toBeCloseTo(9.2, 1);
    // Promoted the moment the gateways believe it, and with this seed it serves.
    expect(standby!.promotions).toHaveLength(1);
    expect(standby!.promotions[0]).toMatchObject({ failure: null, neededS: standby!.promotions[0]!.endS });
    expect(standby!.promotions[0]!.neededS).toBe(passive.faults[0]!.gatewayDetectedS);
  });

  it("keep every EU user in the EU either way", () => {
    for (const result of [active, passive]) {
      expect(result.residency.violations).toBe(0);
      expect(new Set(result.residency.rows.map((row) => row.country))).toEqual(new Set(["DE", "SE"]));
    }
  });
});

describe("one EU region", () => {
  let single: Result;
  let active: Result;
  beforeAll(() => {
    single = goldenResult("single-region");
    active = goldenResult("active-active");
  });

  it("sees the same users ask at the same moments, and the same outage of Frankfurt", () => {
    for (const [origin, columns] of Object.entries(active.series.byOrigin))
      expect(single.series.byOrigin[origin]!.offered).toEqual(columns.offered);
    const spans = (result: Result): unknown =>
      result.faults.slice(0, 1).map(({ id, kind, startS, endS }) => ({ id, kind, startS, endS }));
    expect(single.faults).toHaveLength(1);
    expect(spans(single)).toEqual(spans(active));
  });

  it("costs half, and refuses a fifth of everybody in this half hour", () => {
    expect(single.cost!.total).toBeCloseTo(active.cost!.total / 2, 9);
    expect(refusedShare(single)).toBeGreaterThan(6 / 32);
    expect(refusedShare(single)).toBeLessThan(0.21);
    expect(refusedShare(active)).toBeLessThan(0.01);
  });

  it("is large enough for all of them on an ordinary day", () => {
    // Who asked in the last seconds before the outage is caught by it; nobody is ever refused for want of room.
    expect(sumOf(single.refusedBy.phase.before ?? {})).toBeLessThan(0.01 * single.requests.offered);
    expect(single.refused).not.toHaveProperty("queue_full");
    expect(single.refused).not.toHaveProperty("concurrency_full");
    expect(single.servedBy.EU!.before!.frankfurt).toBeGreaterThan(0);
  });
});

describe("three US regions", () => {
  let full: Result;
  let roomy: Result;
  beforeAll(() => {
    full = goldenResult("cascade");
    roomy = goldenResult("headroom");
  });

  it("differ in places alone", () => {
    const [a, b] = [loadShipped("cascade"), loadShipped("headroom")];
    expect(b.workload).toEqual(a.workload);
    expect(b.faults).toEqual(a.faults);
    const without = ({ endpoints, ...rest }: typeof a.deployment): unknown => ({
      ...rest,
      // Nor is it a difference in which file and line they are written.
      endpoints: endpoints.map(({ serving, source: _, ...other }) => ({
        ...other,
        serving: { ...serving, concurrency: 0 },
      })),
    });
    expect(without(b.deployment)).toEqual(without(a.deployment));
  });

  it("are two thirds and one third busy before anything happens", () => {
    const firstFaultS = full.faults[0]!.startS;
    const busy = (result: Result, region: string): number => {
      const { startS, byRegion } = result.series;
      const usual = byRegion[region]!.utilisation.filter(
        (_, i) => startS[i]! >= 60 && startS[i]! < firstFaultS,
      );
      return usual.reduce((sum, u) => sum + u, 0) / usual.length;
    };
    for (const region of ["virginia", "ohio", "oregon"]) {
      expect(busy(full, region)).toBeGreaterThan(0.55);
      expect(busy(full, region)).toBeLessThan(0.67);
      expect(busy(roomy, region)).toBeGreaterThan(0.28);
      expect(busy(roomy, region)).toBeLessThan(0.36);
    }
  });

  it("fall one after the other: Virginia pushes Ohio over, then Ohio pushes Oregon", () => {
    const [first, ...later] = [...full.cascade.edges].sort((a, b) => a.startS - b.startS);
    expect(first).toMatchObject({ from: "virginia", to: "ohio" });
    expect(first!.divertedShare).toBeGreaterThan(0.5);
    const next = later.find(({ from, to }) => from === "ohio" && to === "oregon")!;
    expect(next.startS).toBeGreaterThan(first!.startS);
    expect(next.startS).toBeLessThan(first!.endS);
    expect(full.cascade.depth).toBeGreaterThanOrEqual(2);
  });

  it("do not recover when Virginia returns, though nothing is broken any more", () => {
    expect(full.cascade.metastable).toBe(true);
    expect(full.faults[0]!.restoredS).toBeNull();
    expect(full.cascade.goodputAfterOverBefore!).toBeLessThan(0.5);
  });

  it("do recover when users have two seconds more patience", () => {
    const patient = runShipped("cascade", ["workload.client.timeout=10s"]);
    expect(patient.cascade.depth).toBeGreaterThanOrEqual(1);
    expect(patient.cascade.metastable).toBe(false);
    expect(patient.faults[0]!.restoredS).not.toBeNull();
  });

  it("stand with room to spare: the same outage stays one region's", () => {
    expect(roomy.cascade.edges).toEqual([]);
    expect(refusedShare(roomy)).toBeLessThan(0.02);
    expect(refusedShare(full)).toBeGreaterThan(20 * refusedShare(roomy));
  });
});

describe("the EU endpoint's bad day", () => {
  let result: Result;
  beforeAll(() => {
    result = goldenResult("eu-residency-outage");
  });

  it("begins, turns and ends when the incident did", () => {
    const clock = (s: number): string => {
      const minutes = 8 * 60 + s / 60;
      return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
    };
    expect(result.scenario.startUtc).toBe("08:00");
    expect(result.faults.map(({ startS, endS }) => [clock(startS), clock(endS)])).toEqual([
      ["09:00", "12:36"],
      ["12:36", "15:53"],
      ["15:53", "16:12"],
    ]);
  });

  it("refuses personal prompts for want of a lawful place, and answers public ones from abroad", () => {
    expect(refusedOf(result, "public")).toBe(0);
    expect(refusedOf(result, "personal")).toBeGreaterThan(0.5);
    const { residency_no_legal_region: lawless = 0, ...others } = result.refusedBy.class.personal!;
    expect(lawless).toBeGreaterThan(10 * sumOf(others as Record<string, number>));
  });

  it("sends no personal prompt abroad, and many public ones", () => {
    const abroad = result.residency.rows.filter((row) => row.country === "US" && row.writes > 0);
    expect(new Set(abroad.map((row) => row.dataClass))).toEqual(new Set(["public"]));
    expect(result.residency.violations).toBe(0);
  });

  it("hurts half as much when the router fails open inside the lawful set", () => {
    const open = runShipped("eu-residency-outage", ["deployment.routing.failOpen=true"]);
    expect(refusedOf(open, "personal")).toBeLessThan(0.6 * refusedOf(result, "personal"));
    expect(open.residency.violations).toBe(0);
  });

  it("would have met every objective with a second endpoint inside the EU", () => {
    const second = runShipped("eu-residency-outage", SECOND_ENDPOINT);
    expect(second.objectives.filter((objective) => !objective.pass)).toEqual([]);
  });
});

describe("objectives", () => {
  it.each(shippedNames())("of %s pass or fail as its exit code says", (name) => {
    // A failing one is the last of its file: what stands before it must hold even there.
    const { objectives } = goldenResult(name);
    const failed = objectives.filter((objective) => !objective.pass);
    expect(failed).toEqual(EXIT_CODES[name] === 4 ? objectives.slice(-1) : []);
  });
});
