/** How often standbys fail: the curves against their closed forms, the draws against the curves, drilled against undrilled. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Agenda } from "../../src/model/agenda.js";
import { Core } from "../../src/model/core.js";
import { Drains } from "../../src/model/drains.js";
import { Environment } from "../../src/model/environment.js";
import { Luck } from "../../src/model/luck.js";
import { OperationMeters } from "../../src/model/operationMeters.js";
import { endpointPolicyConfig } from "../../src/model/policies.js";
import { rotChance } from "../../src/model/rot.js";
import { Standbys } from "../../src/model/standbys.js";
import { compilePolicy, createState } from "../../src/policy/index.js";
import type { Rot, Scenario, Standby } from "../../src/scenario/scenario.js";
import { site } from "./buildScenario.js";
import { drifting, mainDown, run, standby, total } from "./driftScenario.js";

const CURVES: readonly Rot[] = [
  { kind: "none" },
  { kind: "exponential", halfLifeDays: 90 },
  { kind: "weibull", scaleDays: 100, shape: 2.5 },
  { kind: "linear", perDay: 0.004 },
];

/** The same laws once more, as a textbook has them. */
function closedForm(rot: Rot, days: number): number {
  switch (rot.kind) {
    case "none":
      return 0;
    case "exponential":
      return 1 - 2 ** (-days / rot.halfLifeDays);
    case "weibull":
      return 1 - Math.exp(-((days / rot.scaleDays) ** rot.shape));
    case "linear":
      return Math.min(1, rot.perDay * days);
  }
}

describe("a curve of rot", () => {
  it.each(CURVES.map((rot) => [rot.kind, rot] as const))("%s is its closed form at every age", (_, rot) => {
    for (const days of [0, 0.001, 1, 30, 90, 250, 365, 3650])
      expect(rotChance(rot, days)).toBeCloseTo(closedForm(rot, days), 12);
  });

  it("never falls with age, and is a chance", () => {
    const age = fc.double({ min: 0, max: 4000, noNaN: true });
    const property = fc.property(fc.constantFrom(...CURVES), age, age, (rot, a, b) => {
      const [young, old] = [rotChance(rot, Math.min(a, b)), rotChance(rot, Math.max(a, b))];
      expect(young).toBeGreaterThanOrEqual(0);
      expect(old).toBeLessThanOrEqual(1);
      expect(old).toBeGreaterThanOrEqual(young);
    });
    fc.assert(property, { seed: 4, numRuns: 500 });
  });
});

/** Promotes a standby at once with many seeds and no world around it; what was wrong each time, or null. */
function promoteAlone(scenario: Scenario, replications: number): readonly (string | null)[] {
  const core = new Core();
  const agenda = new Agenda(core);
  const shared = {
    scenario,
    core,
    agenda,
    environment: new Environment(scenario),
    drains: new Drains(core, new Luck(scenario, 0)),
    meters: new OperationMeters(scenario, core),
    states: [createState(compilePolicy(endpointPolicyConfig(scenario)))],
    resized: () => {},
  };
  return Array.from({ length: replications }, (_, replication) => {
    const standbys = new Standbys({ ...shared, replication });
    standbys.promote(0, "manual");
    agenda.edge();
    return standbys.counts[0]!.promotions[0]!.failure;
  });
}

const REPLICATIONS = 2000;

/** Failures of each cause over the replications. */
function failures(over: Partial<Standby>): ReadonlyMap<string, number> {
  const scenario = drifting({
    standbys: [standby({ stages: [{ name: "at once", takesUs: 0 }], ...over })],
  });
  const counts = new Map<string, number>();
  for (const failure of promoteAlone(scenario, REPLICATIONS))
    if (failure !== null) counts.set(failure, (counts.get(failure) ?? 0) + 1);
  return counts;
}

/** Four standard errors of a share over the replications: 4.5 % at most. */
function expectShare(count: number, share: number): void {
  const halfWidth = 4 * Math.sqrt((share * (1 - share)) / REPLICATIONS);
  expect(halfWidth).toBeLessThanOrEqual(0.045);
  expect(Math.abs(count / REPLICATIONS - share)).toBeLessThanOrEqual(halfWidth);
}

describe("the share of promotions that fail", () => {
  const sum = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((a, b) => a + b, 0);

  it.each(CURVES.map((rot) => [rot.kind, rot] as const))("is the curve's at 120 days: %s", (_, rot) => {
    expectShare(sum(failures({ rot, untested: { kind: "fixed", days: 120 } })), closedForm(rot, 120));
  });

  it("is the curve's mean over the time between drills, where only their period is known", () => {
    const rot: Rot = { kind: "exponential", halfLifeDays: 30 };
    const everyDays = 60;
    const mean = 1 - ((1 - 2 ** (-everyDays / 30)) * 30) / (everyDays * Math.LN2);
    expectShare(sum(failures({ rot, untested: { kind: "drilled", everyDays } })), mean);
  });

  it("is divided among the causes as the scenario divides it", () => {
    const causes = [
      { cause: "expired-key", share: 0.5 },
      { cause: "missing-version", share: 0.3 },
      { cause: "stale-config", share: 0.2 },
    ];
    // Half of them fail: what decides whether must not decide of what.
    const rot: Rot = { kind: "linear", perDay: 0.1 };
    const counts = failures({ rot, untested: { kind: "fixed", days: 5 }, failures: causes });
    for (const { cause, share } of causes) expectShare(counts.get(cause) ?? 0, share / 2);
    expectShare(sum(counts), 0.5);
  });
});

describe("a standby that is drilled", () => {
  const SEEDS = 30;
  const PER_SECOND = 4;
  const rot: Rot = { kind: "exponential", halfLifeDays: 90 };
  const refusedOf = (untested: Standby["untested"]): readonly number[] =>
    Array.from({ length: SEEDS }, (_, replication) => {
      const scenario = drifting(
        { standbys: [standby({ rot, untested })] },
        { durationS: 40, faults: [mainDown(5, 40)], sites: [site("s", "DE", PER_SECOND)] },
      );
      return total(run(scenario, replication).refused);
    });

  it("costs users no more with any seed than one that nobody has tested for 120 days, and less over many", () => {
    const drilled = refusedOf({ kind: "drilled", everyDays: 7 });
    const undrilled = refusedOf({ kind: "fixed", days: 120 });
    const saved = undrilled.map((refused, i) => refused - drilled[i]!);
    // The same draw decides in both, so no seed can turn the comparison round.
    expect(Math.min(...saved)).toBeGreaterThanOrEqual(0);
    const mean = saved.reduce((a, b) => a + b, 0) / SEEDS;
    const variance = saved.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (SEEDS - 1);
    const halfWidth = 3.6 * Math.sqrt(variance / SEEDS);
    expect(halfWidth).toBeLessThan(mean);
    // 20 s of repair and 3 s of another promotion, for the share that fails only untested.
    const share = closedForm(rot, 120) - (1 - ((1 - 2 ** (-7 / 90)) * 90) / (7 * Math.LN2));
    expect(Math.abs(mean - share * 23 * PER_SECOND)).toBeLessThan(halfWidth);
  });
});
