/** Overload at one endpoint against published figures and closed forms. */
import { describe, expect, it } from "vitest";
import type { CallerConfig } from "../../src/policy/index.js";
import type { Result } from "../../src/result/index.js";
import type { Limits, Scenario, Serving } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  requestClass,
  retrying,
  SECOND,
  server,
  site,
  UNMETERED,
} from "./buildScenario.js";
import { asking, endOf, latencies } from "./lawsScenario.js";
import { expectTruth, type Interval, replicate } from "./theoryInterval.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";

const NEVER = Number.POSITIVE_INFINITY;

/** An account of so many requests a second, of which gateways know nothing: an endpoint that turns the rest away for free. */
function account(perS: number): { readonly quotas: Scenario["deployment"]["quotas"] } {
  const limits: Limits = {
    ...UNMETERED,
    requestsPerMin: perS * 60,
    requestBurst: Math.max(1, perS / 20),
    tokensPerMin: NEVER,
    tokenBurst: NEVER,
  };
  return { quotas: [{ id: "capacity", endpointIndices: [0], perTenant: false, limits }] };
}

/** Retries after a random time of up to two seconds, whatever the answer asks for. */
function after(retries: number): CallerConfig {
  return retrying(retries, {
    backoff: { kind: "full-jitter", baseMs: 2000, capMs: 2000 },
    retryAfter: { obey: false, capMs: 0 },
  });
}

/** Work that is done at once: only the account limits. */
const INSTANT: Serving = server(fixed(1), 1e6);

function selfConsistent(over: number, attempts: number): Record<"attempts" | "goodput", Interval> {
  const capacityPerS = 100;
  const [warmupS, measuredS] = [15, 60];
  const scenario = buildScenario({
    seed: "theory",
    durationS: warmupS + measuredS,
    endpoints: [endpoint("e", 0, INSTANT)],
    sites: [site("users", "US", over * capacityPerS)],
    client: { caller: after(attempts - 1) },
    deployment: account(capacityPerS),
  });
  // Attempts and answers are counted by the second in which they happen.
  const perS = (column: readonly number[]): number =>
    column.slice(warmupS, warmupS + measuredS).reduce((sum, n) => sum + n, 0) / measuredS;
  return replicate(
    () => scenario,
    ({ series }: Result) => ({
      attempts: perS(series.attempts) / perS(series.byOrigin.US!.offered),
      goodput: perS(series.byOrigin.US!.served) / capacityPerS,
    }),
  );
}

withOverloadChecks((checks) => {
  describe("an endpoint that turns away what is too much, at once and for free", () => {
    // Of limits that gateways know, `clientsRetries.test.ts` has all of them.
    it.each(["R-SELFCONS-x1.5-N3", "R-SELFCONS-x2-N5"])(
      "%s: retries that come back at random make as many attempts as are consistent with the refusals they meet",
      (id) => {
        const { parameters, expected } = checkCalled(checks, id);
        const found = selfConsistent(parameters.offeredOverCapacity!, parameters.maxAttempts!);
        const attempts = expected.attemptsPerRequest!;
        expect(found.attempts.halfWidth).toBeLessThan(0.02 * attempts);
        expect(Math.abs(found.attempts.mean - attempts) / attempts).toBeLessThan(0.02);
        // Retries are not all made yet of those who asked last, and some of the served asked before: 1 % at most.
        expectTruth("goodput", found.goodput, expected.goodputOverCapacity!, 0.02, 0.01);
      },
    );
  });

  describe("R-SRE-10100: the naive retries of the SRE book", () => {
    const { parameters } = checkCalled(checks, "R-SRE-10100");
    const share = parameters.offered! / parameters.capacity!;

    /** Calls as many in every second, at equal distances. */
    function even(
      [capacityPerS, requestBurst]: readonly [number, number],
      durationS: number,
      caller: CallerConfig,
    ): Scenario {
      const perS = capacityPerS * share;
      const scenario = buildScenario({
        durationS,
        endpoints: [endpoint("e", 0, INSTANT)],
        sites: [site("users", "US", 0)],
        client: { caller },
        deployment: {
          quotas: account(capacityPerS).quotas.map((one) => ({
            ...one,
            limits: { ...one.limits, requestBurst },
          })),
        },
      });
      const calls = Array.from({ length: Math.floor(perS * durationS) }, (_, n) => ({ atS: n / perS }));
      return asking(scenario, calls);
    }

    it("grow by a hundred a second for the first three", () => {
      const caller = retrying(parameters.maxAttempts! - 1, {
        backoff: {
          kind: "exponential",
          baseMs: parameters.retryIntervalMs!,
          capMs: parameters.retryIntervalMs!,
        },
        retryAfter: { obey: false, capMs: 0 },
      });
      const { recording } = endOf(even([parameters.capacity!, 2], 4, caller));
      const retries = [1, 2, 3].map((s) => recording.clientAttempts[s]! - recording.offeredByOrigin[0]![s]!);
      for (const [i, found] of retries.entries())
        expect(Math.abs(found - (i + 1) * 100), `${retries}`).toBeLessThanOrEqual(1);
    });
  });

  describe("R-SRE-QUEUE: a full line of ten times the threads", () => {
    it("makes the last one let in wait for 1.1 seconds", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-QUEUE");
      const threads = 10;
      const places = threads * parameters.queueOverThreads!;
      const scenario = buildScenario({
        durationS: 10,
        endpoints: [endpoint("e", 0, server(fixed(parameters.serviceMs! * 1000), threads, places))],
        sites: [site("users", "US", 0)],
      });
      const calls = Array.from({ length: threads + places + 1 }, () => ({ atS: 1 }));
      const { recording, refused } = endOf(asking(scenario, calls));
      expect(refused).toEqual({ queue_full: 1 });
      expect(Math.abs(latencies(recording).max / 1000 - expected.latencyMsWhenFull!)).toBeLessThan(1);
    });
  });

  describe("R-SRE-BIMODAL: one request in twenty hangs until its deadline", () => {
    it("holds so many threads of one of ten servers that a fifth of its requests finds one", () => {
      const { parameters, expected } = checkCalled(checks, "R-SRE-BIMODAL");
      const stepUs = parameters.normalMs! * 1000;
      // Of a provider an answer of n tokens takes n steps.
      const serving: Serving = {
        kind: "provider",
        ttft: fixed(0),
        perTokenUs: fixed(stepUs),
        concurrency: parameters.threadsPerServer!,
        queueLimit: 0,
        slowdownAtFull: 0,
      };
      // Calls that hang come free together and begin together for some deadlines after the start.
      const [warmupS, measuredS] = [6, 5].map((deadlines) => deadlines * parameters.deadlineS!) as [
        number,
        number,
      ];
      const scenario = buildScenario({
        seed: "theory",
        durationS: warmupS + measuredS,
        warmupS,
        endpoints: [endpoint("e", 0, serving)],
        sites: [site("users", "US", parameters.qps! / parameters.servers!)],
        classes: [
          requestClass("quick", { share: 1 - parameters.hangFraction!, outputTokens: fixed(1) }),
          requestClass("hangs", {
            share: parameters.hangFraction!,
            outputTokens: fixed((parameters.deadlineS! * SECOND) / stepUs),
          }),
        ],
      });
      const { admitted } = replicate(
        () => scenario,
        ({ requests }) => ({ admitted: 1 - requests.refused / requests.offered }),
      );
      const share = expected.servedFraction!;
      console.log("BIM", admitted.halfWidth, admitted.mean - share);
      expect(admitted.halfWidth).toBeLessThan(0.01);
      expect(Math.abs(admitted.mean - share), `${admitted.mean} ± ${admitted.halfWidth}`).toBeLessThan(0.01);
    });
  });
});

describe("slots that refusals cost time", () => {
  const [slots, serviceS, arrivalsPerS] = [4, 0.1, 80];

  /** Calls completed a second by slots that always have somebody waiting. */
  function goodput(rejectS: number): Interval {
    const [warmupS, measuredS] = [20, 120];
    const scenario = buildScenario({
      seed: "theory",
      durationS: warmupS + measuredS,
      warmupS,
      endpoints: [
        endpoint("e", 0, server(exponential(serviceS * SECOND), slots, 40), {
          rejectCostUs: rejectS * SECOND,
        }),
      ],
      sites: [site("users", "US", arrivalsPerS)],
    });
    return replicate(
      () => scenario,
      ({ series }) => {
        const served = series.byOrigin.US!.served.slice(warmupS, warmupS + measuredS);
        return { perS: served.reduce((sum, n) => sum + n, 0) / measuredS };
      },
    ).perS;
  }

  it.each([0, 0.01, 0.03])("complete what c − (λ − g)·r = g / µ leaves, at %s s each", (rejectS) => {
    const truth = (slots - arrivalsPerS * rejectS) / (serviceS - rejectS);
    expectTruth("goodput", goodput(rejectS), truth, 0.03);
  });

  it("complete nothing any more when refusing takes all their time", () => {
    const { mean } = goodput(0.06);
    expect(mean).toBeLessThan(0.05 * (slots / serviceS));
  });
});
