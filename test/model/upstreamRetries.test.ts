/** Layers of retries at a gateway, their waits, and where they stop. */
import { describe, expect, it } from "vitest";
import type { RetryConfig } from "../../src/policy/index.js";
import type { Endpoint, Scenario } from "../../src/scenario/scenario.js";
import { endpoint, fixed, region, retrying, SECOND, server, site } from "./buildScenario.js";
import { asking, during, endOf, latencies } from "./lawsScenario.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { type GuardedParts, guarded, INSTANT, refusing, total } from "./upstreamScenario.js";

function sdk(retries: number, over: Partial<RetryConfig> = {}): RetryConfig {
  return retrying(retries, over).retry;
}

describe("layers of retries", () => {
  withOverloadChecks((checks) => {
    const { parameters, expected } = checkCalled(checks, "R-LAYERS");
    const cases = parameters.cases as unknown as readonly { layers: number; attempts: number }[];
    const bottom = expected.bottomAttempts as unknown as readonly number[];

    it("three of four tries each make 64 calls of one request", () => {
      const [first] = cases;
      expect([first!.layers, first!.attempts, bottom[0]]).toEqual([3, 4, 64]);
      const retries = first!.attempts - 1;
      const scenario = guarded(1, {
        durationS: 5,
        client: { caller: retrying(retries) },
        caller: retrying(retries),
        deployment: { sdkRetry: sdk(retries) },
        faults: [refusing(0, 0, 100)],
      });
      const { recording } = endOf(scenario, 100);
      const offered = total(recording.offered);
      expect(offered).toBeGreaterThan(400);
      expect(recording.calls[0]).toBe(bottom[0]! * offered);
      expect(recording.clientRetries).toBe(3 * offered);
      expect(recording.gatewayRetries).toBe(4 * 3 * offered);
      expect(recording.sdkRetries).toBe(16 * 3 * offered);
    });

    it("are three in this model, so the published five cannot be expressed", () => {
      expect(cases.map(({ layers }) => layers)).toEqual([3, 5]);
    });
  });

  it("with a budget at one of them make fewer calls, and the refused keep the cause of their failure", () => {
    const scenario = guarded(1, {
      client: { caller: retrying(3) },
      caller: retrying(3, { budget: { kind: "ratio", ratio: 0.1 } }),
      deployment: { sdkRetry: sdk(3) },
      faults: [refusing(0, 0, 100)],
    });
    const { recording, refused } = endOf(scenario, 100);
    const offered = total(recording.offered);
    const gatewayTries = 4 * offered;
    expect(recording.gatewayRetries).toBeLessThanOrEqual(0.1 * gatewayTries + 5);
    expect(recording.gatewayRetries).toBeGreaterThan(0.1 * gatewayTries - 5);
    expect(recording.calls[0]).toBe(4 * (gatewayTries + recording.gatewayRetries));
    // The burst at the start lets the first request use up its count instead.
    expect(recording.budgetDenied).toBe(gatewayTries - 1);
    expect(refused).toEqual({ connection_refused: offered });
  });

  it("give back what a retry under way holds when its user leaves", () => {
    const scenario = asking(
      guarded(1, {
        client: { timeout: fixed(SECOND / 2) },
        caller: retrying(1, {
          budget: { kind: "concurrent-share", share: 0, min: 1 },
          backoff: { kind: "exponential", baseMs: 10_000, capMs: 10_000 },
        }),
        faults: [refusing(0, 0, 100)],
      }),
      [{ atS: 0 }, { atS: 0.2 }, { atS: 1 }],
    );
    // The second finds the one retry taken; the third does not, the first having left.
    const { recording } = endOf(scenario);
    expect([recording.gatewayRetries, recording.budgetDenied]).toEqual([2, 1]);
  });

  it("wait each its own backoff, the library before the gateway", () => {
    const exponential = (baseMs: number): Partial<RetryConfig> => ({
      backoff: { kind: "exponential", baseMs, capMs: 10_000 },
    });
    const scenario = asking(
      guarded(1, {
        caller: retrying(1, exponential(1000)),
        deployment: { sdkRetry: sdk(2, exponential(100)) },
        // Calls at 0, 0.1, 0.3 | 1.3, 1.4, 1.6: only the last finds it up.
        faults: [refusing(0, 0, 1.5)],
      }),
      [{ atS: 0 }],
    );
    const { recording, served } = endOf(scenario);
    expect([served, recording.calls[0], recording.sdkRetries, recording.gatewayRetries]).toEqual([
      1, 6, 4, 1,
    ]);
    expect(latencies(recording).max).toBe(1.6 * SECOND + 10_000);
  });

  it("meet their own luck each: with errors in half of the calls an eighth fail three times", () => {
    const flaky = during(0, 100, { kind: "error-rate", target: { kind: "all" }, probability: 0.5 });
    const failed = (over: GuardedParts): number => {
      const { refused, recording } = endOf(guarded(1, { ...over, faults: [flaky] }));
      return (refused.server_error ?? 0) / total(recording.offered);
    };
    // 6,000 requests: four standard errors of an eighth are 0.017.
    expect(Math.abs(failed({ deployment: { sdkRetry: sdk(2) } }) - 1 / 8)).toBeLessThan(0.017);
    expect(Math.abs(failed({ caller: retrying(2) }) - 1 / 8)).toBeLessThan(0.017);
    const both = { caller: retrying(1), deployment: { sdkRetry: sdk(1) } };
    expect(Math.abs(failed(both) - 1 / 16)).toBeLessThan(0.0125);
  });

  it("the library keeps to its endpoint and the gateway goes elsewhere", () => {
    const scenario = asking(
      guarded([endpoint("e0", 0, INSTANT), endpoint("e1", 0, INSTANT)], {
        caller: retrying(1),
        deployment: { sdkRetry: sdk(2) },
        routing: { strategy: "nearest" },
        faults: [refusing(0, 0, 100)],
      }),
      [{ atS: 0 }, { atS: 5 }],
    );
    const { recording, served } = endOf(scenario);
    expect(served).toBe(2);
    expect([...recording.calls]).toEqual([6, 2]);
  });
});

describe("a gateway that is told the user's deadline", () => {
  const slow = (propagatesDeadlines: boolean, over: GuardedParts = {}): Scenario =>
    asking(
      guarded([endpoint("e0", 0, server(fixed(10 * SECOND), 1))], {
        client: { timeout: fixed(2 * SECOND) },
        gateway: { concurrency: 1, queueLimit: 5 },
        routing: { propagatesDeadlines },
        ...over,
      }),
      [{ atS: 0 }, { atS: 3 }],
    );

  it("gives the place of a call back when the user has gone, where others hold it until the work is done", () => {
    expect(endOf(slow(true)).recording.calls[0]).toBe(2);
    expect(endOf(slow(false)).recording.calls[0]).toBe(1);
  });

  it("begins no retry whose wait ends after the deadline", () => {
    const retries = (propagatesDeadlines: boolean, baseMs: number): number => {
      const scenario = asking(
        guarded(1, {
          client: { timeout: fixed(2 * SECOND) },
          caller: retrying(1, { backoff: { kind: "exponential", baseMs, capMs: 60_000 } }),
          routing: { propagatesDeadlines },
          faults: [refusing(0, 0, 100)],
        }),
        [{ atS: 0 }],
      );
      return endOf(scenario).recording.gatewayRetries;
    };
    expect([retries(true, 1999), retries(true, 2000), retries(false, 2000)]).toEqual([1, 0, 1]);
  });

  it("begins no try of the library's whose wait ends after the deadline", () => {
    const scenario = asking(
      guarded(1, {
        client: { timeout: fixed(2 * SECOND) },
        deployment: {
          sdkRetry: sdk(5, { backoff: { kind: "exponential", baseMs: 500, capMs: 60_000 } }),
        },
        routing: { propagatesDeadlines: true },
        faults: [refusing(0, 0, 100)],
      }),
      [{ atS: 0 }],
    );
    // At 0, 0.5 and 1.5 s; the next would be at 3.5 s.
    const { recording, refused } = endOf(scenario);
    expect([recording.calls[0], recording.sdkRetries]).toEqual([3, 2]);
    expect(refused).toEqual({ connection_refused: 1 });
  });
});

describe("Retry-After at a gateway", () => {
  const limited = (tier: number): Endpoint =>
    endpoint(`e${tier}`, 0, INSTANT, {
      tier,
      limits: { ...endpoint("x", 0, INSTANT).limits, requestsPerMin: 60, requestBurst: 1 },
    });
  /** The gateway's own count would keep the second request away; another gateway's call makes it meet the limit. */
  function second(endpoints: readonly Endpoint[], retryAfter: RetryConfig["retryAfter"]): number {
    const scenario = asking(
      guarded(endpoints, {
        regions: [region("a", "US"), region("b", "US")],
        sites: [site("s", "US", 0), site("t", "US", 0)],
        accessRttMs: [0, 50, 50, 0],
        caller: retrying(1, { retryAfter }),
        routing: { strategy: "priority" },
      }),
      [{ atS: 1, site: 1 }, { atS: 1.2 }],
    );
    return latencies(endOf(scenario).recording).max;
  }

  it("is waited for where there is no other endpoint", () => {
    // The endpoint has room again at 2 s; by the gateway's count, which holds the refused call, at 2.2 s.
    expect(second([limited(0)], { obey: true, capMs: 60_000 })).toBe(SECOND + 10_000);
  });

  it("does not delay a retry that goes elsewhere", () => {
    expect(second([limited(0), endpoint("e1", 0, INSTANT, { tier: 1 })], { obey: true, capMs: 60_000 })).toBe(
      10_000,
    );
  });
});
