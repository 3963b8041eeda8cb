/**
 * When probes notice a death, against the renewal argument: a fixed-rate prober whose phase is uniform marks a silent
 * target down between (k−1)·I + τ and k·I + τ after its death, uniformly.
 */
import { describe, expect, it } from "vitest";
import type { Entry, HealthCheck, Manner, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, check, endpoint, fixed, gateway, region, server, site } from "./buildScenario.js";
import { runScenario } from "./theoryEngine.js";
import {
  expectTruth,
  interval,
  KS_AT_1_PERCENT,
  ksStatistic,
  meanOf,
  REPLICATIONS,
  uniformCdf,
} from "./theoryInterval.js";
import type { OverloadCheck } from "./theoryReference.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";

/** Gateways voted on in one run: as many as a policy takes. */
const TARGETS = 31;
/** Every gateway probes every endpoint at a phase of its own: 16² in each of 20 runs are 5,120 random phases. */
const WATCHED = 16;
const DOWN_AT_S = 100;

interface Outage {
  readonly health: HealthCheck;
  /** How it dies; `slow` lives on, but its answers take one and a half timeouts. */
  readonly manner: Manner | "slow";
  readonly rttMs: number;
}

type Side = { readonly kind: "region"; readonly index: number };

/** Gateways in one region watch endpoints in another, which dies; nobody asks anything. */
function outage({ health, manner, rttMs }: Outage): Scenario {
  const lastsS = (health.fall * (health.intervalUs + health.timeoutUs)) / 1e6 + health.intervalUs / 1e6;
  const span = { id: "death", startUs: DOWN_AT_S * 1e6, endUs: (DOWN_AT_S + lastsS + 1) * 1e6 };
  const [watching, watched] = [0, 1].map((index) => ({ kind: "region", index }) as const) as [Side, Side];
  return buildScenario({
    durationS: DOWN_AT_S + lastsS,
    regions: [region("watching", "US"), region("watched", "US")],
    gateways: Array.from({ length: WATCHED }, (_, g) => gateway(`gateway-${g}`, 0)),
    endpoints: Array.from({ length: WATCHED }, (_, e) => endpoint(`endpoint-${e}`, 1, server(fixed(1), 1))),
    sites: [site("nobody", "US", 0)],
    deployment: {
      routing: {
        strategy: "nearest",
        health,
        failOpen: false,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    backboneRttMs: [0, rttMs, rttMs, 0],
    faults: [
      manner === "slow"
        ? { ...span, kind: "latency", between: [watching, watched], addUs: 0.75 * health.timeoutUs }
        : { ...span, kind: "region-down", target: watched, manner },
    ],
  });
}

/** Seconds from death to belief of all watches in each of 20 replications. */
function detections(what: Outage): number[][] {
  return Array.from({ length: REPLICATIONS }, (_, replication) => {
    const { lanes } = runScenario(outage(what), { replication });
    const found = lanes.filter((lane) => lane.observer !== "truth").map((lane) => lane.startS - DOWN_AT_S);
    expect(found).toHaveLength(WATCHED * WATCHED);
    return found;
  });
}

function expectUniform(samples: readonly (readonly number[])[], fromS: number, toS: number): void {
  const all = samples.flat();
  const mean = meanOf(all);
  const microsecond = 1e-6;
  expect(Math.min(...all)).toBeGreaterThanOrEqual(fromS - microsecond);
  expect(Math.max(...all)).toBeLessThanOrEqual(toS + microsecond);
  expect(ksStatistic(all, uniformCdf(fromS, toS))).toBeLessThan(KS_AT_1_PERCENT);
  expect(Math.abs(mean / ((fromS + toS) / 2) - 1), `mean ${mean}`).toBeLessThan(0.01);
  expectTruth("mean detection", interval(samples.map(meanOf)), (fromS + toS) / 2, 0.01);
}

function timesOf({ parameters }: OverloadCheck): {
  readonly every: number;
  readonly patience: number;
  readonly fall: number;
} {
  return { every: parameters.intervalS!, patience: parameters.timeoutS!, fall: parameters.threshold! };
}

/** Chance that at least `least` of `count` independent ones, each likely by `share`, have happened. */
function atLeast(least: number, count: number, share: number): number {
  let sum = 0;
  let ways = 1;
  for (let n = 0; n <= count; n++) {
    if (n >= least) sum += ways * share ** n * (1 - share) ** (count - n);
    ways *= (count - n) / (n + 1);
  }
  return sum;
}

/** 31 gateways of one region, each watched from outside by 16 checkers that vote. */
function votedOutage(health: HealthCheck, quorum: number, checkers: number): Scenario {
  const lastsS = (health.fall + 1) * (health.intervalUs / 1e6) + health.timeoutUs / 1e6;
  const endS = DOWN_AT_S + lastsS;
  const entry: Entry = {
    kind: "geo-dns",
    ttlUs: 1e6,
    tailShare: 0,
    tailFactor: 1,
    resolversPerSite: 1,
    check: health,
    checkers,
    quorum,
  };
  return buildScenario({
    durationS: endS + (health.rise + 1) * (health.intervalUs / 1e6),
    gateways: Array.from({ length: TARGETS }, (_, g) => gateway(`gateway-${g}`, 0)),
    endpoints: [endpoint("endpoint", 0, server(fixed(1), 1))],
    sites: [site("nobody", "US", 0)],
    deployment: { entry },
    faults: [
      {
        id: "death",
        startUs: DOWN_AT_S * 1e6,
        endUs: endS * 1e6,
        kind: "region-down",
        target: { kind: "region", index: 0 },
        manner: "black-hole",
      },
    ],
  });
}

function vote(intervalS: number, quorum: number, checkers: number): void {
  const [timeoutS, fall, rise] = [4, 3, 2];
  const health = check(intervalS, timeoutS, fall, rise);
  const lanes = Array.from({ length: REPLICATIONS }, (_, replication) =>
    runScenario(votedOutage(health, quorum, checkers), { replication }).lanes.filter(
      (lane) => lane.observer === "entry",
    ),
  );
  const recoveredAtS = DOWN_AT_S + (fall + 1) * intervalS + timeoutS;
  const [down, up] = [
    lanes.flat().map((lane) => lane.startS - DOWN_AT_S),
    lanes.flat().map((lane) => lane.endS - recoveredAtS),
  ];
  expect(down).toHaveLength(TARGETS * REPLICATIONS);
  // Healthy needs 3 votes of 16, so the 14th checker to notice decides; the 3rd to see it answer again brings it back.
  const [needed, downBy] = [3, checkers - 3 + 1];
  const phase = (seconds: number, probes: number): number =>
    Math.min(1, Math.max(0, seconds / intervalS - (probes - 1)));
  expect(ksStatistic(down, (s) => atLeast(downBy, checkers, phase(s - timeoutS, fall)))).toBeLessThan(
    KS_AT_1_PERCENT,
  );
  expect(ksStatistic(up, (s) => atLeast(needed, checkers, phase(s, rise)))).toBeLessThan(KS_AT_1_PERCENT);
  const meanDownS = timeoutS + (fall - 1 + downBy / (checkers + 1)) * intervalS;
  expectTruth(
    "mean detection",
    interval(lanes.map((run) => meanOf(run.map((lane) => lane.startS - DOWN_AT_S)))),
    meanDownS,
    0.02,
  );
}

/**
 * Few watches and long runs for false alarms: a watch starts afresh, which is worth some 0.2 % of an alarm to each.
 */
const FLAKY = 10;

/** Endpoints that answer 5xx to a share of the probes, and nothing else wrong. */
function flaky(probability: number, fall: number, probes: number): Scenario {
  return buildScenario({
    durationS: probes,
    gateways: Array.from({ length: FLAKY }, (_, g) => gateway(`gateway-${g}`, 0)),
    endpoints: Array.from({ length: FLAKY }, (_, e) => endpoint(`endpoint-${e}`, 0, server(fixed(1), 1))),
    sites: [site("nobody", "US", 0)],
    deployment: {
      routing: {
        strategy: "nearest",
        health: check(1, 0.5, fall, 1),
        failOpen: true,
        upstreamTimeoutUs: Number.POSITIVE_INFINITY,
        propagatesDeadlines: false,
      },
    },
    faults: [
      {
        id: "flaky",
        startUs: 0,
        endUs: (probes + 1) * 1e6,
        kind: "error-rate",
        target: { kind: "all" },
        probability,
      },
    ],
  });
}

/**
 * Probes sent to targets believed up, per false alarm, and how many alarms that rests on. One probe a second, so
 * seconds are probes.
 */
function probesPerAlarm(
  { parameters }: OverloadCheck,
  probes: number,
): { readonly mean: number; readonly alarms: number } {
  const [p, fall] = [parameters.p!, parameters.threshold!];
  const lanes = Array.from(
    { length: REPLICATIONS },
    (_, replication) => runScenario(flaky(p, fall, probes), { replication }).lanes,
  ).flat();
  const alarms = lanes.filter((lane) => lane.observer !== "truth");
  const downS = alarms.reduce((sum, lane) => sum + (lane.endS - lane.startS), 0);
  return { mean: (FLAKY * FLAKY * probes * REPLICATIONS - downS) / alarms.length, alarms: alarms.length };
}

withOverloadChecks((checks) => {
  const called = (id: string): OverloadCheck => checkCalled(checks, id);

  describe("detection of a silent death", () => {
    const ids = ["D-DETECT-30-10-3", "D-DETECT-5-2-2"];

    it.each(ids)("%s: fixed-rate probes mark it down uniformly within one interval", (id) => {
      const { every, patience, fall } = timesOf(called(id));
      const samples = detections({ health: check(every, patience, fall, 1), manner: "black-hole", rttMs: 0 });
      const { min, max, sd, mean } = called(id).expected;
      expectUniform(samples, min!, max!);
      expect((min! + max!) / 2).toBe(mean);
      // The standard deviation of a uniform sample of this size is itself known within 0.7 %.
      const all = samples.flat();
      const found = Math.sqrt(meanOf(all.map((s) => (s - meanOf(samples.map(meanOf))) ** 2)));
      expect(Math.abs(found / sd! - 1)).toBeLessThan(0.02);
    });

    it.each(ids)("%s: probes re-armed by the answer wait the timeout out every time", (id) => {
      const { every, patience, fall } = timesOf(called(id));
      const health: HealthCheck = { ...check(every, patience, fall, 1), schedule: "re-armed" };
      const from = (fall - 1) * every + fall * patience;
      expectUniform(detections({ health, manner: "black-hole", rttMs: 0 }), from, from + every);
    });

    it.each(ids)("%s: an answer that comes after the timeout is no answer", (id) => {
      const { every, patience, fall } = timesOf(called(id));
      const samples = detections({ health: check(every, patience, fall, 1), manner: "slow", rttMs: 0 });
      expectUniform(samples, (fall - 1) * every + patience, fall * every + patience);
    });

    it.each(ids)("%s: a refused connection is noticed without waiting for the timeout", (id) => {
      const { every, patience, fall } = timesOf(called(id));
      const samples = detections({ health: check(every, patience, fall, 1), manner: "refuse", rttMs: 200 });
      // The first probe that fails reaches the target after its death; the news travels back half a round trip.
      expectUniform(samples, (fall - 1) * every + 0.1, fall * every + 0.1);
    });
  });

  describe("voting checkers", () => {
    it.each([10, 30])(
      "D-R53: with %i s between probes a gateway is down while at most 18 % of 16 checkers vouch for it",
      (intervalS) => {
        const { parameters, expected } = called("D-R53");
        vote(intervalS, expected.healthyIffReportsGt!, parameters.checkers!);
      },
    );
  });

  describe("false alarms", () => {
    // Alarms are rare and forget the past, so the gaps between them are nearly exponential: n of them give their mean
    // within 3.29/√n, 99.9 % two-sided.
    it.each([
      ["D-FALSEALARM-0.1-3", 1000, 1500],
      ["D-FALSEALARM-0.05-3", 3000, 650],
    ] as const)(
      "%s: a share of probes lost marks a healthy target down as often as runs of failures occur",
      (id, probes, least) => {
        const { mean, alarms } = probesPerAlarm(called(id), probes);
        const truth = called(id).expected.meanProbes!;
        expect(alarms).toBeGreaterThan(least);
        expect(
          Math.abs(mean / truth - 1),
          `${mean} over ${alarms} alarms, closed form ${truth}`,
        ).toBeLessThan(3.29 / Math.sqrt(alarms));
        expect(Math.abs(mean / truth - 1), `${mean}`).toBeLessThan(0.08);
      },
    );
  });
});
