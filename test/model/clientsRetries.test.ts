/** Published results of retries, out of scenarios: users' programs, their tries, and an endpoint that fails or is full. */
import { describe, expect, it } from "vitest";
import type { CallerConfig } from "../../src/policy/index.js";
import type { Result } from "../../src/result/index.js";
import type { Fault, Scenario, Trace } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  retrying,
  SECOND,
  server,
  site,
  UNMETERED,
} from "./buildScenario.js";
import { failing, nearAndFar } from "./clientsScenario.js";
import { during, endOf } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { type Interval, replicate } from "./theoryInterval.js";
import { checkCalled, type OverloadCheck, withOverloadChecks } from "./theoryReference.js";
import { total } from "./upstreamScenario.js";

const INSTANT = server(fixed(0), 1e9);

/** Programs that ask so often a second together, of an endpoint that fails with a probability. */
function fleet(
  failure: number,
  caller: CallerConfig,
  { instances = 100, perSecond = 1000, seconds = 60 } = {},
): Scenario {
  const target = { kind: "endpoint", index: 0 } as const;
  const fault: Fault = during(0, seconds, { kind: "error-rate", target, probability: failure });
  return buildScenario({
    seed: "retries",
    durationS: seconds,
    endpoints: [endpoint("e", 0, INSTANT)],
    sites: [site("s", "US", perSecond)],
    client: { caller, instances },
    faults: [fault],
  });
}

function loadAndSuccess(result: Result): { readonly load: number; readonly success: number } {
  const { offered, served } = result.requests;
  return { load: result.attempts.client / offered, success: served / offered };
}

/** What each family of checks has programs do. A tried request has a hundred tries at most, which no bucket pays for. */
const CALLERS: Readonly<Record<string, (parameters: Readonly<Record<string, number>>) => CallerConfig>> = {
  "R-FIXED3": ({ retries }) => retrying(retries!),
  "R-BUCKET10": ({ size, fill }) =>
    retrying(99, {
      budget: {
        kind: "token-bucket",
        size: size!,
        deposit: fill!,
        depositOn: "start",
        fires: "more-than-one",
      },
    }),
  "R-BREAKER10": ({ threshold }) => retrying(3, { budget: { kind: "failure-rate", threshold: threshold! } }),
};

type Tolerant = OverloadCheck & { readonly tolerance: { readonly value: number } };

function expectWithin(name: string, found: Interval, truth: number, tolerance: number): void {
  const text = `${name}: ${found.mean} ± ${found.halfWidth}, published ${truth}`;
  expect(found.halfWidth, `${text}: too wide to mean anything`).toBeLessThan(tolerance);
  expect(Math.abs(found.mean - truth), text).toBeLessThan(tolerance);
}

describe("published retries of programs that ask an endpoint that fails by chance", () => {
  withOverloadChecks((checks) => {
    for (const [family, callerOf] of Object.entries(CALLERS)) {
      const cases = checks.filter(({ id }) => id.startsWith(`${family}-`)) as unknown as readonly Tolerant[];
      it.each(cases.map((check) => [check.id, check] as const))(
        "%s",
        (_, { parameters, expected, tolerance, id }) => {
          const failure = parameters.failure ?? Number(id.slice(id.indexOf("-p") + 2));
          // Only what remembers depends on how long it runs, and on how often each program asks: ten times a second.
          const plain = { seconds: failure < 0.5 ? 8 : failure < 0.75 ? 30 : 60 };
          const fewer = { instances: 25, perSecond: 250 };
          const scenario = fleet(failure, callerOf(parameters), family === "R-FIXED3" ? plain : fewer);
          const { load, success } = replicate(() => scenario, loadAndSuccess);
          expectWithin("load", load, expected.load!, tolerance.value);
          expectWithin("success", success, expected.success!, tolerance.value);
        },
      );
    }

    it("differ when one program stands for a hundred, whose buckets together hold a hundred times as much", () => {
      const { parameters } = checkCalled(checks, "R-BUCKET10-p0.5");
      const caller = CALLERS["R-BUCKET10"]!(parameters);
      const [many, one] = [100, 1].map(
        (instances) => runScenario(fleet(0.5, caller, { instances })).attempts.clientRetries,
      );
      // What was saved up at the start: five times a hundred less five.
      expect(Math.abs(many! - one! - 495)).toBeLessThan(200);
    });

    it("R-GRPC-A6: retries until the fifth failure in a row, and again once successes have filled the bucket above half", () => {
      const { parameters, expected } = checkCalled(checks, "R-GRPC-A6");
      const { maxTokens, tokenRatio } = parameters as Readonly<Record<string, number>>;
      const budget = { kind: "grpc-throttle", maxTokens: maxTokens!, tokenRatio: tokenRatio! } as const;
      const allowed = expected.retriesAllowedUntilConsecutiveFailures!;
      /** Tries of a request at 100 s, after one that failed at 1 s and so many answered in between. */
      const triesAfter = (successes: number): number => {
        const atS = [1, ...Array.from({ length: successes }, (_, i) => 10 + i), 100];
        const parts = { serviceMs: [10], caller: retrying(50, { budget }), atS, durationS: 200 };
        const faults = [failing(0, 0, 5), failing(0, 90, 200)];
        const { recording } = endOf(nearAndFar({ ...parts, faults }));
        expect(recording.clientAttempts[1]).toBe(allowed);
        return recording.clientAttempts[100]!;
      };
      // Five tokens are left after five failures; a failure takes one and a success gives a tenth.
      expect(triesAfter(0)).toBe(1);
      expect(triesAfter(10)).toBe(1);
      expect(triesAfter(11)).toBe(2);
      expect(triesAfter(30)).toBe(3);
    });
  });
});

/** An endpoint that accepts so many a second and refuses the rest at once. */
function accepting(perSecond: number, requestBurst: number): ReturnType<typeof endpoint> {
  const limits = {
    requestsPerMin: perSecond * 60,
    tokensPerMin: 1e15,
    requestBurst,
    tokenBurst: 1e15,
    ...UNMETERED,
  };
  return endpoint("e", 0, INSTANT, { limits });
}

/** Waits as random as they can be: all that matters is that a retry does not meet the bucket that refused it. */
const SCATTERED = { kind: "full-jitter", baseMs: 20_000, capMs: 20_000 } as const;

describe("published retries of users who ask more than is accepted", () => {
  withOverloadChecks((checks) => {
    const cases = checks.filter(({ id }) => id.startsWith("R-SELFCONS-")) as unknown as readonly Tolerant[];

    it.each(cases.map((check) => [check.id, check] as const))(
      "%s",
      (_, { parameters, expected, tolerance }) => {
        const { offeredOverCapacity, maxAttempts } = parameters as Readonly<Record<string, number>>;
        const perSecond = 100;
        const scenario = buildScenario({
          seed: "self-consistent",
          durationS: 400,
          endpoints: [accepting(perSecond, 30)],
          sites: [site("s", "US", perSecond * offeredOverCapacity!)],
          client: {
            caller: retrying(maxAttempts! - 1, { backoff: SCATTERED, retryAfter: { obey: false, capMs: 0 } }),
          },
        });
        const { series } = runScenario(scenario);
        const late = (column: readonly number[]): number => between(series, column, 100, 400);
        const tries = late(series.attempts);
        const asked = late(series.byOrigin.US!.offered);
        const served = late(series.byOrigin.US!.served);
        const near = (found: number, truth: number): void =>
          expect(Math.abs(found / truth - 1), `${found}, published ${truth}`).toBeLessThan(tolerance.value);
        // 45,000 requests and more: four standard errors of their number are below 2 %.
        near(tries / asked, expected.attemptsPerRequest!);
        near(1 - served / tries, expected.rejectProbability!);
        near(served / (300 * perSecond), expected.goodputOverCapacity!);
      },
    );

    it("R-SRE-10100: a hundred more retries in each second than in the one before, until users give up", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-10100");
      const published = expected.retryQpsAtSecond as unknown as Readonly<Record<string, number>>;
      const seconds = Object.keys(published).map(Number);
      const expectRetries = (
        scenario: Scenario,
        at: readonly number[],
        tolerance: (qps: number) => number,
      ): void => {
        const { attempts, byOrigin } = runScenario(scenario).series;
        for (const s of at) {
          const found = attempts[s]! - byOrigin.US!.offered[s]!;
          const text = `second ${s}: ${found}, published ${published[s]}`;
          expect(Math.abs(found - published[s]!), text).toBeLessThanOrEqual(tolerance(published[s]!));
        }
      };
      const parts = parameters as Readonly<Record<"offered" | "capacity" | "maxAttempts", number>>;
      // At first only how many are refused matters, and evenly asked it is a hundred to one.
      const [early, later] = [seconds.filter((s) => s <= 3), seconds.filter((s) => s > 3)];
      expectRetries(naive({ ...parts, seconds: 5, scatter: 0 }), early, () => 1);
      expectRetries(naive({ ...parts, seconds: 102, scatter: 5 }), later, (qps) => 0.02 * qps);
    });

    it("R-SRE-10100: settles at what the closed form says, at a hundredth of the rates", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-10100");
      const { offered, capacity, maxAttempts } = parameters as Readonly<Record<string, number>>;
      const hundredth = { offered: offered! / 100, capacity: capacity! / 100, maxAttempts: maxAttempts! };
      const { series } = runScenario(naive({ ...hundredth, seconds: 3000, scatter: 50 }));
      const perSecond = between(series, series.attempts, 2000, 3000) / 1000;
      const published = expected.asymptoticAttemptsPerS! / 100;
      expect(Math.abs(perSecond / published - 1), `${perSecond}, published ${published}`).toBeLessThan(0.02);
    });
  });
});

/** What a column counts from one second to another, whole windows. */
function between(series: Result["series"], column: readonly number[], fromS: number, toS: number): number {
  return total(column.filter((_, i) => series.startS[i]! >= fromS && series.startS[i]! < toS));
}

interface NaiveParts {
  /** Requests asked and tries accepted, a second. */
  readonly offered: number;
  readonly capacity: number;
  readonly maxAttempts: number;
  readonly seconds: number;
  /** Mean time on the way each way, in times between two requests. */
  readonly scatter: number;
}

/**
 * The SRE book's naive client: every refused try is made again a second later. Users ask evenly, as the published
 * recursion has them, but reach the endpoint after a random time, so that a retry meets another moment of it.
 */
function naive(parts: NaiveParts): Scenario {
  const { offered, seconds } = parts;
  const BURST = 30;
  const every = (n: number): number => Math.floor((n * SECOND) / offered);
  const count = Math.floor(offered * seconds);
  // What may come at once is used up at the start, with the first of those who come evenly.
  const arrivalUs = Float64Array.from({ length: BURST - 1 + count }, (_, i) =>
    i < BURST - 1 ? 0 : every(i - BURST + 1),
  );
  const trace: Trace = {
    file: "",
    arrivalUs,
    inputTokens: new Int32Array(arrivalUs.length).fill(1),
    outputTokens: new Int32Array(arrivalUs.length).fill(1),
    siteIndex: new Int32Array(arrivalUs.length),
    classIndex: new Int32Array(arrivalUs.length),
    session: null,
  };
  const backoff = { kind: "exponential", baseMs: 1000, capMs: 1000 } as const;
  const scenario = buildScenario({
    durationS: seconds,
    endpoints: [accepting(parts.capacity, BURST)],
    sites: [site("s", "US", 1)],
    client: { caller: retrying(parts.maxAttempts - 1, { backoff, retryAfter: { obey: false, capMs: 0 } }) },
    accessJitter: parts.scatter > 0 ? exponential(parts.scatter * (SECOND / offered)) : fixed(0),
  });
  return { ...scenario, workload: { ...scenario.workload, trace } };
}
