/** Users who ask a second gateway while the first has not answered. */
import { describe, expect, it } from "vitest";
import type { Routing, Scenario } from "../../src/scenario/scenario.js";
import { check, fixed, retrying } from "./buildScenario.js";
import { down, failing, MS, nearAndFar } from "./clientsScenario.js";
import { busyS, type Ending, endOf, latencies } from "./lawsScenario.js";
import { total } from "./upstreamScenario.js";

const ALWAYS = Number.POSITIVE_INFINITY;
const after = (afterMs: number, extraCalls = 1, ratio = ALWAYS) => ({
  hedge: { afterMs, extraCalls, ratio },
});
const patience = (ms: number) => ({ timeout: fixed(ms * MS) });

const meanMs = (end: Ending): number => latencies(end.recording).sum / latencies(end.recording).count / MS;
const sent = (end: Ending): number => total(end.recording.clientAttempts);

/** Gateways that leave a call after so long. */
const givingUpAfter = (ms: number): Routing => ({
  strategy: "nearest",
  health: null,
  failOpen: true,
  upstreamTimeoutUs: ms * MS,
  propagatesDeadlines: false,
});

/** The end, with nothing held by anyone. */
function drained(scenario: Scenario): Ending {
  const end = endOf(scenario, 120);
  expect(end.held.records).toBe(0);
  expect(end.held.timers).toBe(0);
  expect(total(end.held.guardedByUsers)).toBe(0);
  return end;
}

describe("a user who asks a second gateway", () => {
  it("takes the first good answer, and leaves the other call as one who goes", () => {
    const parts = { serviceMs: [1000, 100], caller: after(200), atS: [1] };
    const end = drained(nearAndFar({ ...parts, endpoint: { abandoned: "cancel" } }));
    expect(end.served).toBe(1);
    // Asked after 200 ms, 50 ms away, served in 100, back in 50.
    expect(meanMs(end)).toBeCloseTo(400, 3);
    const { hedges, hedgesWon, calls, clientRetries, clientTimeouts } = end.recording;
    expect({ hedges, hedgesWon, clientRetries, clientTimeouts }).toEqual({
      hedges: 1,
      hedgesWon: 1,
      clientRetries: 0,
      clientTimeouts: 0,
    });
    expect([...calls]).toEqual([1, 1]);
    expect(sent(end)).toBe(2);
    // From its arrival at 10 ms until the word that the answer of 400 ms sent has come.
    expect(busyS(end.recording, 0)).toBeCloseTo(0.4, 6);
    const wasting = drained(nearAndFar(parts));
    expect([...wasting.recording.wasted]).toEqual([1, 0]);
  });

  it("does not ask where the first answers in time, and gives the hedge up where the first wins", () => {
    const quick = drained(nearAndFar({ serviceMs: [100, 100], caller: after(200), atS: [1] }));
    expect(quick.recording.hedges).toBe(0);
    const first = drained(nearAndFar({ serviceMs: [250, 900], caller: after(200), atS: [1] }));
    expect(first.recording).toMatchObject({ hedges: 1, hedgesWon: 0 });
    expect(meanMs(first)).toBeCloseTo(270, 3);
    expect([...first.recording.wasted]).toEqual([0, 1]);
  });

  it("has nobody to ask where there is one gateway, one address for all, or one answer in every resolver", () => {
    const alone = nearAndFar({ serviceMs: [1000], caller: after(200), atS: [1] });
    const scope = "lawful" as const;
    const anycast = { kind: "anycast", convergenceUs: 0, check: null, scope } as const;
    const geoDns = {
      kind: "geo-dns",
      ttlUs: 60e6,
      tailShare: 0,
      tailFactor: 1,
      resolversPerSite: 4,
      check: null,
      checkers: 1,
      quorum: 0.5,
    } as const;
    const two = (entry: typeof anycast | typeof geoDns): Scenario =>
      nearAndFar({ serviceMs: [1000, 100], caller: after(200), atS: [1], deployment: { entry } });
    for (const scenario of [alone, two(anycast), two(geoDns)]) {
      const end = drained(scenario);
      expect(end.recording.hedges).toBe(0);
      expect(meanMs(end)).toBeCloseTo(1020, 3);
    }
  });

  it("finds another gateway where resolvers disagree, as they do for a while after a region has gone", () => {
    const entry = {
      kind: "geo-dns",
      ttlUs: 30e6,
      tailShare: 0,
      tailFactor: 1,
      resolversPerSite: 8,
      check: check(1, 0.5, 1, 1),
      checkers: 1,
      quorum: 0.5,
    } as const;
    const atS = Array.from({ length: 200 }, (_, i) => 5 + i / 10);
    const parts = { serviceMs: [100, 100], client: patience(1000), deployment: { entry }, atS };
    const faults = [down(0, "black-hole", 4, 60)];
    const without = endOf(nearAndFar({ ...parts, faults }));
    const hedged = endOf(nearAndFar({ ...parts, faults, caller: after(300) }));
    expect(hedged.recording.hedgesWon).toBeGreaterThan(10);
    expect(hedged.served - without.served).toBe(hedged.recording.hedgesWon);
  });

  it("waits for the call that is left when one has failed, and retries only when all have", () => {
    const impatient = { deployment: { routing: givingUpAfter(400) }, atS: [1] };
    const caller = { ...retrying(1), ...after(200) };
    const end = drained(nearAndFar({ ...impatient, serviceMs: [3000, 350], caller }));
    expect(end.served).toBe(1);
    expect(meanMs(end)).toBeCloseTo(650, 3);
    expect(end.recording).toMatchObject({ clientRetries: 0, hedges: 1, hedgesWon: 1 });
    expect(total(end.recording.failedAttempts)).toBe(1);
    const both = drained(nearAndFar({ ...impatient, serviceMs: [3000, 3000], caller }));
    expect(both.refused).toEqual({ deadline_in_service: 1 });
    expect(both.recording).toMatchObject({ clientRetries: 1, hedges: 2, hedgesWon: 0 });
    expect(sent(both)).toBe(4);
    expect(total(both.recording.failedAttempts)).toBe(4);
  });

  it("does not hedge after a call that failed first, which is tried again instead", () => {
    const caller = { ...retrying(1), ...after(200) };
    const end = drained(nearAndFar({ serviceMs: [100, 100], faults: [failing(0)], caller, atS: [1] }));
    expect(end.recording).toMatchObject({ clientRetries: 1, hedges: 0 });
    expect(end.refused).toEqual({ server_error: 1 });
  });

  it("stops waiting for all of them at once, and one try has timed out", () => {
    const faults = [down(0, "black-hole"), down(1, "black-hole"), down(2, "black-hole")];
    const parts = { serviceMs: [100, 100, 100], client: patience(1000), faults, atS: [1] };
    const limit = { kind: "fixed", limit: 1 } as const;
    const caller = { ...retrying(1), ...after(200, 2), limit };
    const end = drained(nearAndFar({ ...parts, caller }));
    expect(end.refused).toEqual({ region_blackhole: 1 });
    expect(end.recording).toMatchObject({ clientTimeouts: 2, clientRetries: 1, hedges: 4, hedgesWon: 0 });
    expect(sent(end)).toBe(6);
  });

  it("asks one after another, each once the one before has kept it waiting", () => {
    const caller = after(200, 2);
    const end = drained(nearAndFar({ serviceMs: [3000, 3000, 100], caller, atS: [1] }));
    // Two waits of 200 ms, then 90 ms each way and 100 of service.
    expect(meanMs(end)).toBeCloseTo(680, 3);
    expect(end.recording).toMatchObject({ hedges: 2, hedgesWon: 1 });
    const two = drained(nearAndFar({ serviceMs: [3000, 3000, 100], caller: after(200), atS: [1] }));
    expect(two.recording).toMatchObject({ hedges: 1, hedgesWon: 0 });
  });

  it("hedges no more than a share of what it asks", () => {
    const atS = Array.from({ length: 100 }, (_, i) => 1 + i / 10);
    const end = drained(nearAndFar({ serviceMs: [1000, 100], caller: after(200, 1, 0.1), atS }));
    // Five saved up from the start, and one of ten since.
    expect(end.recording.hedges).toBe(14);
  });

  it("does not hedge to a gateway its breaker has given up", () => {
    const breaker = { kind: "consecutive", failures: 1, openMs: 60_000, halfOpenCalls: 1 } as const;
    const caller = { ...after(200), breaker };
    const faults = [failing(1)];
    const end = drained(nearAndFar({ serviceMs: [1000, 100], caller, faults, atS: [1, 5] }));
    expect(end.recording).toMatchObject({ hedges: 1, hedgesWon: 0 });
    expect(end.served).toBe(2);
  });

  it("keeps its hedge, running or still to come, when a gateway leaves the endpoint and goes on", () => {
    const deployment = { routing: givingUpAfter(300), caller: retrying(1) };
    for (const afterMs of [200, 500]) {
      const parts = { serviceMs: [1000, 280], caller: after(afterMs), client: patience(5000), atS: [1] };
      const end = drained(nearAndFar({ ...parts, deployment }));
      expect(end.served).toBe(1);
      expect(meanMs(end)).toBeCloseTo(afterMs + 380, 3);
      expect(end.recording).toMatchObject({ hedges: 1, hedgesWon: 1 });
    }
  });

  it("loses one call with a region that dies, and not the other", () => {
    for (const manner of ["refuse", "black-hole"] as const) {
      const faults = [down(0, manner, 1.3, 60)];
      const parts = { serviceMs: [1000, 400], caller: after(200), client: patience(5000) };
      const end = drained(nearAndFar({ ...parts, faults, atS: [1] }));
      expect(end.served).toBe(1);
      expect(meanMs(end)).toBeCloseTo(700, 3);
    }
  });

  it("is a user whose gateways may hedge as well", () => {
    const hedge = { afterMs: 150, extraCalls: 1, ratio: ALWAYS };
    const deployment = { caller: { ...retrying(0), hedge } };
    const parts = { serviceMs: [4000, 3000], caller: after(200), client: patience(9000), atS: [1] };
    const end = drained(nearAndFar({ ...parts, deployment }));
    expect(end.served).toBe(1);
    // The near gateway after 160 ms, the user after 200, the far gateway after 400; the user's is first back.
    expect(end.recording).toMatchObject({ hedges: 3, hedgesWon: 1 });
    expect(meanMs(end)).toBeCloseTo(200 + 50 + 3000 + 50, 3);
  });
});
