/** The time at which a limit asks to be asked again. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { firstUsFrom } from "../../src/model/endpointLimits.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { retrying, SECOND } from "./buildScenario.js";
import { asking, endOf, latencies } from "./lawsScenario.js";
import { alone, at, NEVER, quota } from "./limitsScenario.js";

describe("a Retry-After", () => {
  const limits = fc.record({
    requestsPerMin: fc.constantFrom(NEVER, 7, 60, 333),
    tokensPerMin: fc.constantFrom(NEVER, 130, 611),
    requestBurst: fc.constantFrom(1, 2, 4),
    tokenBurst: fc.constantFrom(20, 47, 100),
    outputBurndown: fc.constantFrom(1, 2.5),
    acceleration: fc.constantFrom(null, { factorPerMin: 1.3, freePerMin: 75 }),
  });
  const times = fc.uniqueArray(fc.integer({ min: 1, max: 20_000_000 }), { minLength: 1, maxLength: 5 });

  /** Calls at these µs, none of which uses less than was set aside for it. */
  function outcome(base: Scenario, atUs: readonly number[], retries = 0): { failed: number; lastUs: number } {
    const scenario = asking(base, at(...[...atUs].sort((a, b) => a - b).map((us) => us / SECOND)));
    const { client } = scenario.workload;
    const { recording, served } = endOf({
      ...scenario,
      workload: { ...scenario.workload, client: { ...client, caller: retrying(retries) } },
    });
    if (retries > 0) expect(served).toBe(atUs.length);
    return {
      failed: recording.failedAttempts.reduce((sum, n) => sum + n, 0),
      lastUs: latencies(recording).max,
    };
  }

  it.each([
    ["an account that gateways know nothing of", false],
    ["limits of which the gateway keeps its own count", true],
  ])("names the first microsecond at which %s lets in a client that is alone", (_, isOwn) => {
    let waited = 0;
    fc.assert(
      fc.property(limits, times, (some, list) => {
        const base = isOwn
          ? alone({ ...some, acceleration: null, outputBurndown: 1 }, { durationS: 400 })
          : alone({}, { durationS: 400, quotas: [quota([0], { ...some })] });
        const before = [...list].sort((a, b) => a - b);
        const last = before.pop()!;
        // Only the last one is to be refused: whoever waits must be alone.
        if (outcome(base, before).failed > 0 || outcome(base, [...before, last]).failed === 0) return;
        const { failed, lastUs } = outcome(base, [...before, last], 1);
        expect(failed).toBe(1);
        const backUs = last + lastUs - SECOND;
        expect(outcome(base, [...before, backUs]).failed).toBe(0);
        expect(outcome(base, [...before, backUs - 1]).failed).toBe(1);
        waited += 1;
      }),
      { seed: 33, numRuns: 400 },
    );
    expect(waited).toBeGreaterThan(25);
  });
});

describe("the whole microsecond that a time in milliseconds names", () => {
  it("is the first whose own milliseconds have reached it, whatever is rounded on the way", () => {
    let roundings = 0;
    const wrong: number[] = [];
    for (let us = 1; us < 2e6; us += 3) {
      const exactMs = us / 1000;
      const justAfterMs = exactMs * (1 + Number.EPSILON);
      for (const timeMs of [exactMs, justAfterMs]) {
        const found = firstUsFrom(timeMs);
        // A million of `expect` would take longer than all that is tested.
        if (found / 1000 < timeMs || (found - 1) / 1000 >= timeMs) wrong.push(timeMs);
        if (found !== Math.ceil(timeMs * 1000)) roundings += 1;
      }
    }
    expect(wrong).toEqual([]);
    expect(roundings).toBeGreaterThan(0);
  });

  it("is 0 for a time that never comes", () => {
    expect(firstUsFrom(NEVER)).toBe(0);
  });
});
