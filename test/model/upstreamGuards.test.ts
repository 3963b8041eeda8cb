/** What guards a gateway's calls does in the engine: breakers, ejections, slow returns. */
import { describe, expect, it } from "vitest";
import { check, endpoint, fixed, region, requestClass, SECOND, server, site } from "./buildScenario.js";
import { asking, during, endOf } from "./lawsScenario.js";
import { runScenario } from "./theoryEngine.js";
import { checkCalled, withOverloadChecks } from "./theoryReference.js";
import { guarded, INSTANT, refusing, total } from "./upstreamScenario.js";

describe("a breaker", () => {
  it("opens after five failures, lets one call through every three seconds, and closes when it succeeds", () => {
    const scenario = guarded(1, {
      caller: { breaker: { kind: "consecutive", failures: 5, openMs: 3000, halfOpenCalls: 1 } },
      faults: [refusing(0, 10, 20)],
    });
    const perS = [...endOf(scenario).recording.callsByHome[0]!];
    const sum = (from: number, to: number): number => perS.slice(from, to).reduce((a, b) => a + b, 0);
    // Five that fail, some of them sent before the fault, and trials about 3, 6 and 9 seconds later.
    expect(perS[10]).toBeLessThanOrEqual(5);
    expect(perS.slice(11, 20)).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1]);
    expect(sum(20, 22)).toBe(0);
    expect(perS[22]).toBeGreaterThan(30);
    expect(Math.min(...perS.slice(23, 60))).toBeGreaterThan(60);
    const { refused, recording } = endOf(scenario);
    expect(Object.keys(refused).sort()).toEqual(["circuit_open", "connection_refused"]);
    expect(refused.connection_refused).toBe(8);
    const offered = total(recording.offered);
    expect(refused.circuit_open! + sum(0, 60)).toBe(offered);
  });

  it("is one gateway's: another that has not failed goes on calling", () => {
    const base = guarded(1, {
      regions: [region("a", "US"), region("b", "US")],
      sites: [site("s", "US", 100), site("t", "US", 100)],
      // Users of `s` are near a, users of `t` near b; b reaches the endpoint in a, a its own through nothing.
      accessRttMs: [0, 50, 50, 0],
      backboneRttMs: [0, 50, 50, 0],
      caller: { breaker: { kind: "consecutive", failures: 5, openMs: 60_000, halfOpenCalls: 1 } },
      faults: [
        during(10, 20, {
          kind: "partition",
          between: [
            { kind: "region", index: 1 },
            { kind: "region", index: 0 },
          ],
        }),
      ],
      routing: { upstreamTimeoutUs: 200_000 },
    });
    const { recording, refused } = endOf(base);
    expect(refused.deadline_in_service).toBeGreaterThan(4);
    expect(refused.circuit_open).toBeGreaterThan(3000);
    const callsOfA = [...recording.callsByHome[0]!].slice(12, 60);
    expect(Math.min(...callsOfA)).toBeGreaterThan(60);
  });
});

describe("ejection", () => {
  /** Share of calls after a settling time that go to the three of four endpoints that refuse everything. */
  function badShare(maxShare: number): number {
    const scenario = guarded(4, {
      durationS: 120,
      caller: { outlier: { consecutiveFailures: 3, ejectionMs: 60_000, maxEjectionMs: 60_000, maxShare } },
      faults: [refusing(0, 0, 200), refusing(1, 0, 200), refusing(2, 0, 200)],
    });
    const early = endOf({ ...scenario, durationUs: 5 * SECOND }).recording.calls;
    const late = endOf({ ...scenario, durationUs: 55 * SECOND }).recording.calls;
    const calls = [0, 1, 2, 3].map((e) => late[e]! - early[e]!);
    return (calls[0]! + calls[1]! + calls[2]!) / calls.reduce((a, b) => a + b, 0);
  }

  // About 5,000 calls: a share of a half is known to four standard errors of 0.028.
  it.each([
    [0.75, 0],
    [0.5, 1 / 2],
    [0.25, 2 / 3],
    [0, 3 / 4],
  ])("of at most %s of all endpoints leaves the bad %s of the calls", (maxShare, expected) => {
    expect(Math.abs(badShare(maxShare) - expected)).toBeLessThan(0.028);
  });
});

describe("an endpoint that is back", () => {
  it("takes a share that grows with the time it is up, after its hold", () => {
    const holdS = 4;
    const rampS = 20;
    const scenario = guarded(
      [0, 1].map((r) => endpoint(`e${r}`, r, INSTANT)),
      {
        durationS: 60,
        regions: [region("a", "US"), region("b", "US")],
        gateway: {},
        sites: [site("s", "US", 400)],
        caller: {
          returning: { holdMs: holdS * 1000, slowStartMs: rampS * 1000, aggression: 1, minShare: 0.1 },
        },
        routing: { health: { ...check(1, 0.5, 1, 1), firstUs: 0 } },
        faults: [refusing(0, 5, 10)],
      },
    );
    const { callsByHome } = endOf(scenario).recording;
    // Each endpoint in a region of its own, all users in the first: calls by second and endpoint.
    const [own, other] = [callsByHome[0]!, callsByHome[2]!];
    const share = (fromS: number, toS: number): readonly [share: number, calls: number] => {
      const [mine, theirs] = [total(own.subarray(fromS, toS)), total(other.subarray(fromS, toS))];
      return [mine / (mine + theirs), mine + theirs];
    };
    expect(share(6, 10 + holdS)[0]).toBe(0);
    // Half of the calls it is open to: (t / ramp) / 2, the mean over each five seconds.
    for (let fromS = 0; fromS < rampS; fromS += 5) {
      const meanFactor = Array.from({ length: 500 }, (_, i) =>
        Math.max(0.1, (fromS + i / 100) / rampS),
      ).reduce((a, b) => a + b / 500, 0);
      const [found, calls] = share(10 + holdS + fromS, 10 + holdS + fromS + 5);
      const halfWidth = 4 * Math.sqrt(((meanFactor / 2) * (1 - meanFactor / 2)) / calls);
      expect(halfWidth).toBeLessThan(0.05);
      expect(Math.abs(found - meanFactor / 2), `${fromS} s: ${found}`).toBeLessThan(halfWidth);
    }
    expect(Math.abs(share(35, 60)[0] - 0.5)).toBeLessThan(0.03);
  });
});

describe("a gateway's own count of tokens", () => {
  it("weighs output tokens as the endpoint does", () => {
    const weighing = (outputBurndown: number): readonly unknown[] => {
      // A hundred tokens in and at most ten out: 110 of 300, or 150.
      const limits = {
        ...endpoint("x", 0, INSTANT).limits,
        tokensPerMin: 600,
        tokenBurst: 300,
        outputBurndown,
      };
      const scenario = guarded([endpoint("e", 0, INSTANT, { limits })]);
      const three = { ...asking(scenario, [{ atS: 1 }, { atS: 1 }, { atS: 1 }]) };
      three.workload.trace!.inputTokens.fill(100);
      const { recording, refused } = endOf(three);
      return [recording.calls[0], refused];
    };
    expect(weighing(1)).toEqual([2, { rate_limit_tpm: 1 }]);
    expect(weighing(4)).toEqual([2, { rate_limit_tpm: 1 }]);
    expect(weighing(6)).toEqual([1, { rate_limit_tpm: 2 }]);
  });
});

describe("an adaptive throttle", () => {
  /** Calls a second the endpoint can take: a hundred slots of a second and no line, 99 of them when pressed. */
  const CAPACITY_PER_S = 100;
  const SETTLED_S = 300;
  const END_S = 400;

  withOverloadChecks((checks) => {
    for (const id of ["R-THROTTLE-K2-x10", "R-THROTTLE-K2-x3", "R-THROTTLE-K2-x1.5"]) {
      it(`refuses at the gateway what ${id} says`, () => {
        const { parameters, expected } = checkCalled(checks, id);
        const scenario = guarded([endpoint("e", 0, server(fixed(SECOND), CAPACITY_PER_S, 0))], {
          durationS: END_S,
          warmupS: SETTLED_S,
          sites: [site("s", "US", parameters.offeredOverCapacity! * CAPACITY_PER_S)],
          caller: {
            throttle: { kind: "adaptive", k: parameters.K!, windowMs: parameters.windowS! * 1000 },
          },
        });
        const { requests, refused } = runScenario(scenario);
        const seconds = END_S - SETTLED_S;
        const local = refused.local_throttle ?? 0;
        const rejected = refused.concurrency_full ?? 0;
        // Four standard errors of 15,000 to 100,000 requests are below 0.016, half of the published tolerance.
        expect(Math.abs(local / requests.offered - expected.localRejectFraction!)).toBeLessThan(0.03);
        const sentOverCapacity = (requests.offered - local) / seconds / CAPACITY_PER_S;
        // The capacity of the case is never idle; here one slot of a hundred is, between two calls.
        expect(Math.abs(sentOverCapacity - expected.sentOverCapacity!)).toBeLessThan(0.04);
        expect(Math.abs(rejected / requests.served - expected.rejectedPerAccepted!)).toBeLessThan(0.04);
      });
    }
  });

  it("counts only what would be sent: refusals by law say nothing about the endpoints' load", () => {
    const rule = {
      id: "at-home",
      when: { dataClass: ["health"] },
      require: { processing: ["DE"] },
      onEmpty: "refuse",
    } as const;
    const scenario = guarded(1, {
      classes: [requestClass("health", { share: 9 }), requestClass("chat")],
      // The gateway may hear of health, the endpoint may not.
      gateway: { data: { processing: ["DE"] } },
      caller: { throttle: { kind: "adaptive", k: 2, windowMs: 10_000 } },
      deployment: { residency: [rule] },
    });
    const { refused } = endOf(scenario);
    expect(refused.residency_no_legal_region).toBeGreaterThan(5000);
    expect(Object.keys(refused)).toEqual(["residency_no_legal_region"]);
  });
});
