/** Error budgets, burn rates and the classification of incidents: the published definitions, and runs of the engine. */
import { describe, expect, it } from "vitest";
import { simulateScenario } from "../../src/experiment/run.js";
import { Stream, streamKey } from "../../src/kernel/index.js";
import { errorBudgetSentences } from "../../src/report/errorBudget.js";
import { BURN_ALERTS, budgetMinutes, burnRateOf, firedS, type Outcomes } from "../../src/result/burnRates.js";
import {
  classifyIncident,
  type IncidentFacts,
  incidentFacts,
  UNKNOWN_INCIDENT,
} from "../../src/result/dora.js";
import {
  budgetingMethods,
  errorBudgets,
  outcomesOf,
  seriesAvailability,
} from "../../src/result/errorBudget.js";
import type { Result } from "../../src/result/index.js";
import { called, type PublishedCheck, withChecks } from "../experiment/statistics/reference.js";
import { buildScenario, endpoint, fixed, server, site } from "../model/buildScenario.js";
import { during } from "../model/lawsScenario.js";
import { sampleResult } from "../report/sampleResult.js";

type Test = (checks: readonly PublishedCheck[], id: string) => void;

const TESTED: Readonly<Record<string, Test>> = {
  "A-BUDGET-0.99": budget,
  "A-BUDGET-0.999": budget,
  "A-BUDGET-0.9995": budget,
  "A-BUDGET-0.9999": budget,
  "A-BURN": burnRates,
  "A-BURN-TTD": timesToDetect,
  "A-METHODS": methods,
  "A-SERIES": dependencies,
  "A-DORA": incidents,
};

function budget(checks: readonly PublishedCheck[], id: string): void {
  const { given, expected } = called<{ slo: number; days: number }, { minutes: number }>(checks, id);
  expect(Math.abs(budgetMinutes(given.slo, given.days) - expected.minutes)).toBeLessThan(1e-9);
}

function burnRates(checks: readonly PublishedCheck[], id: string): void {
  const { expected } = called<unknown, { burnRates: number[]; shortWindows: string[] }>(checks, id);
  expect(BURN_ALERTS.map(burnRateOf)).toEqual(expected.burnRates);
  const short = BURN_ALERTS.map(({ shortS }) => (shortS < 3600 ? `${shortS / 60}m` : `${shortS / 3600}h`));
  expect(short).toEqual(expected.shortWindows);
  expect(BURN_ALERTS.map(({ longS }) => longS / 3600)).toEqual([1, 6, 24, 72]);
}

/** Constant traffic in windows of 10 s, of which a share fails from `fromS` on until `toS`. */
function outage(lengthS: number, fromS: number, toS: number, errorRatio: number): Outcomes {
  const edgesS = Array.from({ length: lengthS / 10 + 1 }, (_, i) => i * 10);
  const bad = edgesS.slice(1).map((endS) => (endS > fromS && endS <= toS ? 1000 * errorRatio : 0));
  return { edgesS, good: bad.map((failed) => 1000 - failed), bad };
}

function timesToDetect(checks: readonly PublishedCheck[], id: string): void {
  const { given, expected } = called<{ slo: number; errorRatios: number[] }, { minutes: number[] }>(
    checks,
    id,
  );
  given.errorRatios.forEach((ratio, i) => {
    // Two hours before it, or none at all: what went before the first edge counts as well.
    for (const startS of [7200, 0]) {
      const atS = firedS(outage(14_400, startS, 14_400, ratio), given.slo, BURN_ALERTS[0]!)!;
      expect(Math.abs((atS - startS) / 60 / expected.minutes[i]! - 1), `errors ${ratio}`).toBeLessThan(1e-4);
    }
  });
}

function methods(checks: readonly PublishedCheck[], id: string): void {
  const { given, expected } = called<
    { days: number; outageMin: number; errorRatio: number; timeSliceTarget: number },
    { occurrences: number; timeslices: number; ratioTimeslices: number }
  >(checks, id);
  const lengthS = given.days * 86_400;
  const found = budgetingMethods(
    outage(lengthS, 3600, 3600 + given.outageMin * 60, given.errorRatio),
    60,
    given.timeSliceTarget,
  );
  for (const name of ["occurrences", "timeslices", "ratioTimeslices"] as const)
    expect(Math.abs(found[name] - expected[name]), name).toBeLessThan(1e-8);
}

/** Share of time in which any of `parts` independent dependencies is down, each up and down for exponential times. */
function downShare(parts: number, upS: number, downS: number, cycles: number): number {
  const luck = new Stream(streamKey("dependencies", 0, "markov", ""));
  const draw = (meanS: number): number => -Math.log(1 - luck.next()) * meanS;
  const up = Array.from({ length: parts }, () => true);
  const nextS = up.map(() => draw(upS));
  let [nowS, lostS] = [0, 0];
  for (let event = 0; event < cycles * 2 * parts; event += 1) {
    const first = nextS.indexOf(Math.min(...nextS));
    if (up.includes(false)) lostS += nextS[first]! - nowS;
    nowS = nextS[first]!;
    up[first] = !up[first];
    nextS[first] = nowS + draw(up[first] ? upS : downS);
  }
  return lostS / nowS;
}

function dependencies(checks: readonly PublishedCheck[], id: string): void {
  const { given, expected } = called<
    { a: number; n: number },
    { availability: number; minutesPerYear: number }
  >(checks, id);
  const found = seriesAvailability(Array.from({ length: given.n }, () => given.a));
  expect(Math.abs(found - expected.availability)).toBeLessThan(1e-9);
  expect(Math.abs(budgetMinutes(found, 365.25) - expected.minutesPerYear)).toBeLessThan(1e-3);
  // 100 000 outages of each: their sum is known to half a percent, one standard error.
  const simulated = downShare(given.n, 9999, 1, 100_000);
  expect(Math.abs(simulated / (1 - found) - 1)).toBeLessThan(0.02);
}

const NONE: IncidentFacts = {
  criticalService: true,
  maliciousAccess: false,
  clientShare: 0,
  clients: 0,
  counterpartShare: 0,
  transactionShare: 0,
  durationHours: 0,
  criticalDowntimeHours: 0,
  memberStates: 1,
  costEuros: 0,
};

/** The names of the reference → ours, and what a unit of theirs is. */
const FACTS: Readonly<Record<string, readonly [fact: keyof IncidentFacts, unit: number]>> = {
  clientsPct: ["clientShare", 0.01],
  clients: ["clients", 1],
  transactionsPct: ["transactionShare", 0.01],
  counterpartsPct: ["counterpartShare", 0.01],
  downtimeH_critical: ["criticalDowntimeHours", 1],
  durationH: ["durationHours", 1],
};

function incidents(checks: readonly PublishedCheck[], id: string): void {
  const { given } = called<{ cases: Record<string, number>[] }, unknown>(checks, id);
  const criteria = given.cases.map((one) => {
    const [name, value] = Object.entries(one)[0]!;
    const [fact, unit] = FACTS[name]!;
    const found = classifyIncident({ ...NONE, [fact]: value * unit });
    expect(
      found.met.map((met) => met.fact),
      name,
    ).toEqual([fact]);
    expect(found.major, `${name} alone`).toBe(false);
    // At the threshold itself nothing is met yet.
    expect(classifyIncident({ ...NONE, [fact]: found.met[0]!.threshold }).met).toEqual([]);
    expect(classifyIncident({ ...NONE, [fact]: value * unit, costEuros: 100_001 }).major).toBe(true);
    return found.met[0]!.criterion;
  });
  expect(new Set(criteria)).toEqual(new Set(["clients", "duration"]));
}

describe("availability", () => {
  withChecks("availability", (checks) => {
    it("has a test for every published check", () => {
      expect(checks.map(({ id }) => id).sort()).toEqual(Object.keys(TESTED).sort());
    });

    it.each(Object.entries(TESTED))("is as published in %s", (id, test) => test(checks, id));
  });
});

describe("an alert on the burn rate", () => {
  it("needs its short window as well: what is over long enough fires nothing", () => {
    // 30 s without any service spend 0.83 % of an hour, and the hour's alert is at 1.44 %.
    for (const alert of BURN_ALERTS) expect(firedS(outage(14_400, 3600, 3630, 1), 0.999, alert)).toBeNull();
    // 40 s without service spend 1.11 % of an hour, and 1 % errors from then on soon the rest; but five minutes show 1 %.
    const burst = outage(14_400, 3600, 3640, 1);
    const after = outage(14_400, 3640, 7200, 0.01);
    const bad = burst.bad.map((failed, i) => failed + after.bad[i]!);
    const both = { ...burst, bad, good: bad.map((failed) => 1000 - failed) };
    expect(firedS(both, 0.999, BURN_ALERTS[0]!)).toBeNull();
    expect(firedS(both, 0.999, { ...BURN_ALERTS[0]!, shortS: 3600 })).toBeCloseTo(3640 + 1184, 0);
    // A fifth of it fails for 10 min: 5 % of the hour; the half hour's window of the second alert sees it too.
    expect(firedS(outage(14_400, 3600, 4200, 0.2), 0.999, BURN_ALERTS[0]!)).toBeCloseTo(3600 + 259.2, 2);
    // Spread over more than a long window the same failures fire nothing that is about fast ones.
    const slow = outage(100_000, 0, 100_000, 0.0029);
    expect(BURN_ALERTS.map((alert) => firedS(slow, 0.999, alert) !== null)).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });

  it("is silent in a run without failures, without traffic, and at a target nobody can miss", () => {
    const quiet = outage(3600, 0, 0, 0);
    expect(firedS(quiet, 1, BURN_ALERTS[0]!)).toBeNull();
    const empty = { ...quiet, good: quiet.good.map(() => 0) };
    expect(firedS(empty, 0.999, BURN_ALERTS[0]!)).toBeNull();
    expect(firedS(outage(3600, 0, 3600, 1), 0.9, BURN_ALERTS[0]!)).toBeNull();
    expect(firedS(outage(3600, 1800, 3600, 0.5), 1, BURN_ALERTS[0]!)).toBeCloseTo(1800, 2);
  });
});

/** 40 requests a second for 50 minutes; from minute 20 on a tenth of the answers is an error. */
function erroneous(): Result {
  const what = { kind: "error-rate", target: { kind: "all" }, probability: 0.1 };
  const scenario = buildScenario({
    durationS: 3000,
    endpoints: [endpoint("e", 0, server(fixed(1000), 100))],
    sites: [site("s", "DE", 40)],
    faults: [during(1200, 3000, what)],
  });
  return simulateScenario(scenario).result;
}

const result = erroneous();

describe("a run", () => {
  it("raises the hour's page when the closed form says", () => {
    const atS = firedS(outcomesOf(result, null), 0.999, BURN_ALERTS[0]!)!;
    // 14.4 · 0.1 % / 10 % of an hour; 518 s of 40 requests, a tenth of them failed: known to 2.2 %, here 3 times that.
    expect(Math.abs((atS - 1200) / 518.4 - 1)).toBeLessThan(0.066);
  });

  it("keeps in its series what it counts in all", () => {
    const { good, bad } = outcomesOf(result, null);
    const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
    expect([sum(good), sum(bad)]).toEqual([result.requests.served, result.requests.refused]);
    expect(budgetingMethods(outcomesOf(result, null), 60, 0.99).occurrences).toBe(
      result.availability.requestRatio,
    );
  });

  it("leaves its warm-up off", () => {
    const late = outcomesOf({ ...result, scenario: { ...result.scenario, warmupS: 1200 } }, null);
    const all = outcomesOf(result, null);
    const from = all.edgesS.findIndex((edgeS) => edgeS >= 1200);
    expect(from).toBeGreaterThan(0);
    expect(late).toEqual({
      edgesS: all.edgesS.slice(from),
      good: all.good.slice(from),
      bad: all.bad.slice(from),
    });
  });

  it("is an incident of its own length and share of the day's requests, and of nothing nobody knows", () => {
    const facts = incidentFacts(result);
    expect(facts).toMatchObject({ criticalService: null, clients: null, memberStates: null });
    expect(facts.durationHours).toBeCloseTo(0.5, 3);
    // A tenth of half an hour's requests, of a day's.
    expect(facts.transactionShare!).toBeCloseTo(0.1 / 48, 4);
    expect(classifyIncident(facts).major).toBeNull();
    expect(classifyIncident({ ...NONE, ...facts, criticalService: false }).major).toBe(false);
  });
});

describe("the classification of an incident", () => {
  it("counts a criterion once, however many of its thresholds are passed", () => {
    expect(classifyIncident({ ...NONE, clientShare: 0.5, clients: 1e6, transactionShare: 1 }).major).toBe(
      false,
    );
    expect(classifyIncident({ ...NONE, clientShare: 0.5, memberStates: 2 }).major).toBe(true);
    expect(
      classifyIncident({ ...NONE, clientShare: 0.5, clients: 1e6, memberStates: null }).major,
    ).toBeNull();
  });

  it("is major with malicious access to a critical service, and open while what is unknown could decide", () => {
    expect(classifyIncident({ ...NONE, maliciousAccess: true }).major).toBe(true);
    expect(classifyIncident({ ...NONE, maliciousAccess: true, criticalService: false }).major).toBe(false);
    expect(classifyIncident({ ...NONE, maliciousAccess: null }).major).toBeNull();
    expect(classifyIncident({ ...NONE, clients: null }).major).toBe(false);
    expect(classifyIncident({ ...NONE, clients: null, durationHours: 30 }).major).toBeNull();
    expect(
      classifyIncident({ ...NONE, clients: 2e5, durationHours: 30, criticalService: null }).major,
    ).toBeNull();
    expect(classifyIncident(UNKNOWN_INCIDENT)).toEqual({ met: [], major: null });
  });
});

describe("sentences on error budgets", () => {
  const objective = (name: string, target: number | string): Result["objectives"][number] => ({
    name,
    pass: true,
    value: 1,
    target,
    unit: "ratio",
  });
  const told = (name: string, target: number | string): readonly string[] =>
    errorBudgetSentences({ ...result, objectives: [objective(name, target)] }).map((line) =>
      line.replaceAll("\u00a0", " "),
    );

  it("say what was spent and which alerts fired, in the order they did", () => {
    const [line] = told("availability >= 99.9%", 0.999);
    expect(line).toMatch(
      /^Error budget at 99\.9 %: if all of this happened once in 30 days and nothing else failed, its 3\.\d\d min of failures would spend 7\.\d % of the 43\.2 min allowed\. /,
    );
    expect(line).toMatch(/it would have raised a page at 28:\d\d \(1 h \/ 5 min, 14\.4×\)/);
  });

  it("are about the users an objective names, where the run keeps them apart", () => {
    expect(told("availability{origin=DE} >= 99.95 %", 0.9995)[0]).toContain(
      "at 99.95 % for DE users: if all of this happened once in 30 days",
    );
    expect(told("availability{from=DE}>99%", 0.99)[0]).toContain("at 99 % for DE users");
    for (const name of [
      "availability{origin=FR} >= 99 %",
      "availability{class=chat} >= 99 %",
      "availability.worstMinute >= 99 %",
      "availability <= 99 %",
      "refused <= 1 %",
    ])
      expect(told(name, 0.99), name).toEqual([]);
    expect(told("availability >= x", "nothing served")).toEqual([]);
  });

  it("know a budget of nothing, and no alert", () => {
    expect(told("availability >= 100 %", 1)[0]).toContain("at 100 %: none; this run's failures come to 3.");
    expect(told("availability >= 50 %", 0.5)[0]).toContain("No burn-rate alert would have fired.");
  });

  it("are none for a result without such an objective", () => {
    const result = sampleResult();
    expect(result.objectives.some(({ name }) => name.startsWith("availability"))).toBe(false);
    expect(errorBudgets(result)).toEqual([]);
  });
});
