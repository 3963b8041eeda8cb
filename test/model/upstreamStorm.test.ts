/**
 * The storm of HotOS'21: 280 requests a second against 300 of capacity, patience of a second, one retry, ten
 * seconds without capacity. As published (`M-HOTOS21`): it stays down for good, and each single measure below
 * brings it back, or does not.
 */
import { describe, expect, it } from "vitest";
import type { CallerConfig, QueueConfig } from "../../src/policy/index.js";
import { PLAIN_CALLER, PLAIN_QUEUE } from "../../src/policy/index.js";
import type { Result } from "../../src/result/index.js";
import type { AbandonedMode, Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, gateway, retrying, SECOND, server, site } from "./buildScenario.js";
import { during } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { total } from "./upstreamScenario.js";

const ENDLESS = Number.MAX_SAFE_INTEGER;
const LENGTH_S = 400;
const BACK_S = 70;

interface Measures {
  readonly perSecond?: number;
  readonly retries?: number;
  readonly lifo?: boolean;
  readonly abandoned?: AbandonedMode;
  /** Places in the endpoint's line. */
  readonly places?: number;
  /** Who is who in the endpoint's line; deadlines are passed on to it. */
  readonly queue?: Partial<QueueConfig>;
  /** A gateway that calls one at a time, so that the line is its own. */
  readonly line?: { readonly places?: number; readonly queue?: Partial<QueueConfig> };
  /** The user waits for ever; a gateway with this caller gives up after a second. */
  readonly caller?: CallerConfig;
  /** As users come, not every 1 / 280 of a second. */
  readonly random?: boolean;
}

function storm(measures: Measures): Result {
  const { line, caller } = measures;
  const perSecond = measures.perSecond ?? 280;
  const queue = { ...PLAIN_QUEUE, ...line?.queue };
  const serving = server(
    fixed(SECOND / 300),
    1,
    measures.places ?? ENDLESS,
    measures.lifo === true ? "lifo" : "fifo",
  );
  const scenario = buildScenario({
    durationS: LENGTH_S,
    gateways: [
      gateway(
        "g",
        0,
        line === undefined ? {} : { concurrency: 1, queueLimit: line.places ?? ENDLESS, queue },
      ),
    ],
    endpoints: [
      endpoint("e", 0, serving, {
        abandoned: measures.abandoned ?? "execute",
        queue: { ...PLAIN_QUEUE, ...measures.queue },
      }),
    ],
    sites: [site("s", "US", perSecond)],
    client:
      caller === undefined
        ? { timeout: fixed(SECOND), caller: retrying(measures.retries ?? 1) }
        : { timeout: fixed(Number.POSITIVE_INFINITY) },
    deployment: {
      caller: caller ?? PLAIN_CALLER,
      routing: {
        strategy: "nearest",
        health: null,
        failOpen: false,
        upstreamTimeoutUs: caller === undefined ? Number.POSITIVE_INFINITY : SECOND,
        propagatesDeadlines: measures.queue !== undefined,
      },
    },
    faults: [
      during(60, BACK_S, { kind: "capacity-loss", target: { kind: "all" }, fraction: 1, preempt: false }),
    ],
  });
  return runScenario(measures.random === true ? scenario : evenly(scenario, perSecond));
}

/** The same demand, every request the same time after the one before. */
function evenly(scenario: Scenario, perSecond: number): Scenario {
  const count = perSecond * LENGTH_S;
  const trace = {
    file: "",
    arrivalUs: Float64Array.from({ length: count }, (_, i) => Math.floor((i * SECOND) / perSecond)),
    inputTokens: new Int32Array(count).fill(10),
    outputTokens: new Int32Array(count).fill(10),
    siteIndex: new Int32Array(count),
    classIndex: new Int32Array(count),
    session: null,
  };
  return { ...scenario, workload: { ...scenario.workload, trace } };
}

/** Per second, from 340 s to 400 s. */
function late(result: Result, column: readonly number[]): number {
  const { startS } = result.series;
  return total(column.filter((_, i) => startS[i]! >= 340 && startS[i]! < LENGTH_S)) / (LENGTH_S - 340);
}

const goodput = (result: Result): number => late(result, result.series.byOrigin.US!.served);

function staysDown(result: Result, goodputAtMost: number): void {
  expect(goodput(result)).toBeLessThanOrEqual(goodputAtMost);
  expect(result.faults[0]!.restoredS).toBeNull();
  expect(result.cascade.metastable).toBe(true);
}

function comesBack(result: Result, perSecond: number, withinS: number): void {
  // Counting noise of random arrivals over a minute: 280 · 60 is known to 130, four standard errors 2.2 a second.
  expect(Math.abs(goodput(result) - perSecond)).toBeLessThan(10);
  expect(result.faults[0]!.restoredS).toBeLessThanOrEqual(BACK_S + withinS);
}

describe("the storm at an endpoint", () => {
  it("stays: 560 tries a second and not one answered in time", () => {
    const result = storm({});
    staysDown(result, 0);
    expect(late(result, result.series.attempts)).toBeCloseTo(560, 1);
  });

  it("at 140 a second ends by itself after 118 seconds, as the closed form of M-RECOVER-140 says", () => {
    const result = storm({ perSecond: 140 });
    comesBack(result, 140, 122);
    // (2·140·10 − 140 − 300) / (300 − 2·140) = 118; the reference allows 3.
    expect(Math.abs(result.faults[0]!.restoredS! - BACK_S - 118)).toBeLessThanOrEqual(3);
  });

  it.each<readonly [string, Measures, number]>([
    // What is left from the outage is 2,800 calls, worked off at 20 a second.
    ["no retries", { retries: 0 }, 145],
    ["a server that takes the newest first", { lifo: true }, 5],
    ["a line that gives the newest first", { queue: { order: "lifo" } }, 5],
    ["a line that does while it is never empty", { queue: { order: "adaptive-lifo" } }, 5],
    ["a line no longer than patience times capacity", { places: 300 }, 5],
  ])("ends with %s", (_, measures, withinS) => {
    comesBack(storm(measures), 280, withinS);
  });

  it("does not end with a line twice as long", () => {
    staysDown(storm({ places: 600 }), 0);
  });

  /**
   * Published as a measure that helps. Those at the head then live, but by less than their service takes when all
   * come evenly; the line ends only where arrivals leave gaps. Measured: 35 of 280 against a return after 129 s.
   */
  it("with those dropped whose user has gone, ends where users come at random and not where they come evenly", () => {
    staysDown(storm({ abandoned: "drop-at-dequeue" }), 40);
    comesBack(storm({ abandoned: "drop-at-dequeue", random: true }), 280, 150);
    staysDown(storm({ queue: { dropExpired: true } }), 40);
    comesBack(storm({ queue: { dropExpired: true }, random: true }), 280, 150);
  });
});

describe("the storm at a gateway's own line, from which those who leave are gone at once", () => {
  it("stays: the head of the line has less patience left than its service takes", () => {
    staysDown(storm({ line: {} }), 40);
  });

  it.each<readonly [string, Measures, number]>([
    ["no retries", { retries: 0, line: {} }, 5],
    ["the newest served first", { line: { queue: { order: "lifo" } } }, 5],
    ["the newest first while it is never empty", { line: { queue: { order: "adaptive-lifo" } } }, 5],
    ["controlled delay", { line: { queue: { codel: { targetMs: 20, intervalMs: 100 } } } }, 10],
    ["a line no longer than patience times capacity", { line: { places: 299 } }, 5],
  ])("ends with %s", (_, measures, withinS) => {
    comesBack(storm(measures), 280, withinS);
  });

  it("does not end with a line twice as long", () => {
    staysDown(storm({ line: { places: 600 } }), 40);
  });
});

describe("the storm made by a gateway's retries", () => {
  it("stays as it is for one that knows no better", () => {
    staysDown(storm({ caller: retrying(1) }), 0);
  });

  it.each<readonly [string, Partial<CallerConfig>]>([
    ["a limit of 100 calls under way", { limit: { kind: "fixed", limit: 100 } }],
    [
      "a breaker",
      {
        breaker: {
          kind: "failure-rate",
          threshold: 0.5,
          windowMs: 5000,
          minCalls: 20,
          openMs: 5000,
          halfOpenCalls: 5,
        },
      },
    ],
    ["an adaptive throttle", { throttle: { kind: "adaptive", k: 2, windowMs: 10_000 } }],
  ])("ends with %s", (_, guard) => {
    comesBack(storm({ caller: { ...retrying(1), ...guard } }), 280, 150);
  });
});
