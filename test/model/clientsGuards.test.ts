/** What keeps users' programs from making an overload worse. */
import { describe, expect, it } from "vitest";
import type { CallerConfig } from "../../src/policy/index.js";
import { PLAIN_CALLER } from "../../src/policy/index.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { buildScenario, endpoint, fixed, retrying, server, site, UNMETERED } from "./buildScenario.js";
import { down, failing, MS, nearAndFar } from "./clientsScenario.js";
import { type Ending, endOf } from "./lawsScenario.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { total } from "./upstreamScenario.js";

const ONE = { serviceMs: [100], atS: [1] };
const sent = (end: Ending): number => total(end.recording.clientAttempts);
const arrived = (end: Ending): number => total(end.recording.sentToRegion.map((column) => total(column)));

describe("a user's program", () => {
  it("keeps the cause underneath when its budget does not pay, and counts what was denied", () => {
    const caller = retrying(3, { budget: { kind: "ratio", ratio: 0 } });
    const end = endOf(nearAndFar({ ...ONE, caller, faults: [failing(0)], atS: [1, 2, 3, 4, 5, 6, 7, 8] }));
    expect(end.refused).toEqual({ server_error: 8 });
    expect(end.recording).toMatchObject({ clientRetries: 0, budgetDenied: 8 });
  });

  it("obeys a Retry-After up to its cap, where it obeys at all", () => {
    const limits = { requestsPerMin: 6, tokensPerMin: 1e9, requestBurst: 1, tokenBurst: 1e9, ...UNMETERED };
    const waits = (retryAfter: { obey: boolean; capMs: number }): number => {
      const caller = retrying(1, { retryAfter });
      const end = endOf(nearAndFar({ ...ONE, endpoint: { limits }, caller, atS: [1, 1.5] }));
      return end.served;
    };
    // One request in ten seconds: the second is told to come back in 9.5.
    expect(waits({ obey: true, capMs: 60_000 })).toBe(2);
    expect(waits({ obey: true, capMs: 5000 })).toBe(1);
    expect(waits({ obey: false, capMs: 60_000 })).toBe(1);
  });

  it("waits longer from try to try when each wait grows from the last", () => {
    const retries = 40;
    const backoff = { kind: "decorrelated-jitter", baseMs: 100, capMs: 1e9 } as const;
    const parts = { ...ONE, caller: retrying(retries, { backoff }), faults: [failing(0, 0, 1e5)] };
    const end = endOf(nearAndFar({ ...parts, durationS: 1e5 }));
    expect(end.recording.clientRetries).toBe(retries);
    const column = [...end.recording.clientAttempts];
    const spanS = column.findLastIndex((n) => n > 0) - column.findIndex((n) => n > 0);
    // Waits that did not grow would be between the base and three times it.
    expect(spanS).toBeGreaterThan(3 * retries * 0.3);
  });

  it("stands beside others of its site, each of which learns alone", () => {
    const breaker = { kind: "consecutive", failures: 2, openMs: 60_000, halfOpenCalls: 1 } as const;
    const atS = Array.from({ length: 30 }, (_, i) => 1 + i);
    const refusedBy = (instances: number): Ending =>
      endOf(
        nearAndFar({ ...ONE, caller: { breaker }, client: { instances }, faults: [down(0, "refuse")], atS }),
      );
    for (const instances of [1, 3, 10]) {
      const end = refusedBy(instances);
      expect(end.refused).toEqual({ connection_refused: 2 * instances, circuit_open: 30 - 2 * instances });
      expect(arrived(end)).toBe(2 * instances);
      expect(sent(end)).toBe(30);
    }
  });

  it("has no more under way at a gateway than its limit, and may try again what it held back", () => {
    const limit = { kind: "fixed", limit: 2 } as const;
    const atS = [1, 1.01, 1.02, 1.03];
    const parts = { serviceMs: [500], atS };
    expect(endOf(nearAndFar({ ...parts, caller: { limit } })).refused).toEqual({ concurrency_full: 2 });
    const backoff = { kind: "exponential", baseMs: 600, capMs: 600 } as const;
    const patient = endOf(nearAndFar({ ...parts, caller: { ...retrying(1, { backoff }), limit } }));
    expect(patient.served).toBe(4);
    expect(arrived(patient)).toBe(4);
  });

  it("lets tries through again once a breaker's probe has been answered", () => {
    const breaker = { kind: "consecutive", failures: 1, openMs: 5000, halfOpenCalls: 1 } as const;
    const parts = { ...ONE, caller: { breaker }, faults: [down(0, "refuse", 0, 4)] };
    const end = endOf(nearAndFar({ ...parts, atS: [1, 3, 5, 7, 8, 9] }));
    expect(end.refused).toEqual({ connection_refused: 1, circuit_open: 2 });
    expect(end.served).toBe(3);
  });
});

const CAPACITY_PER_S = 100;
const MEASURED_S = 120;

/** Users who ask so many times what one endpoint accepts, which is a rate. */
function throttled(offeredOverCapacity: number, throttle: CallerConfig["throttle"]): Scenario {
  const perSecond = CAPACITY_PER_S;
  const limits = {
    requestsPerMin: perSecond * 60,
    tokensPerMin: 1e12,
    requestBurst: 10,
    tokenBurst: 1e12,
    ...UNMETERED,
  };
  return buildScenario({
    durationS: 300 + MEASURED_S,
    endpoints: [endpoint("e", 0, server(fixed(MS), 1e6), { limits })],
    sites: [site("s", "US", perSecond * offeredOverCapacity)],
    client: { caller: { ...PLAIN_CALLER, throttle } },
  });
}

describe("a program that throttles itself", () => {
  withOverloadChecks((checks) => {
    for (const { id } of checks.filter((one) => one.id.startsWith("R-THROTTLE-"))) {
      it(`sends what ${id} says`, () => {
        const { parameters, expected, tolerance } = checkCalled(checks, id) as ReturnType<
          typeof checkCalled
        > & {
          readonly tolerance: { readonly value: number };
        };
        const { K, windowS, offeredOverCapacity } = parameters as Record<string, number>;
        const { recording } = endOf(
          throttled(offeredOverCapacity!, { kind: "adaptive", k: K!, windowMs: windowS! * 1000 }),
        );
        // From 300 s on, as the reference measures.
        const late = (column: ArrayLike<number>): number =>
          total(Array.from(column).slice(300, 300 + MEASURED_S));
        const asked = late(recording.clientAttempts);
        const out = late(recording.sentToRegion[0]!);
        const served = late(recording.servedByOrigin[0]!);
        const capacity = MEASURED_S * CAPACITY_PER_S;
        // 18,000 and more tries: four standard errors of their number are 3 %, of their refused share below 2 %.
        expect(Math.abs((asked - out) / asked - expected.localRejectFraction!)).toBeLessThan(tolerance.value);
        expect(Math.abs(out / capacity / expected.sentOverCapacity! - 1)).toBeLessThan(tolerance.value);
        expect(Math.abs((out - served) / served - expected.rejectedPerAccepted!)).toBeLessThan(
          tolerance.value,
        );
      });
    }
  });
});
