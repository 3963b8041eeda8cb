/** Second calls of the same request: what they save, what they cost, and who ends whom. */
import { describe, expect, it } from "vitest";
import { exp } from "../../src/math/index.js";
import { type HedgeConfig, PLAIN_CALLER, type RetryConfig } from "../../src/policy/index.js";
import type { AbandonedMode, Deployment, Endpoint, Scenario } from "../../src/scenario/scenario.js";
import {
  buildScenario,
  endpoint,
  exponential,
  fixed,
  type Parts,
  retrying,
  SECOND,
  server,
  site,
} from "./buildScenario.js";
import { asking, busyS, during, endOf, latencies } from "./lawsScenario.js";
import { expectTruth, replicate } from "./theoryInterval.js";

const UNIT_US = SECOND / 10;
const after = (afterMs: number, extraCalls = 1, ratio = Number.POSITIVE_INFINITY): HedgeConfig => ({
  afterMs,
  extraCalls,
  ratio,
});

interface Over extends Partial<Parts> {
  readonly hedge?: HedgeConfig | null;
  readonly retry?: RetryConfig;
  readonly routing?: Partial<Deployment["routing"]>;
}

/** Endpoints of one region, the first preferred; requests are hedged. */
function hedged(endpoints: readonly Endpoint[], over: Over = {}): Scenario {
  const { hedge, retry, routing, deployment, ...parts } = over;
  const plain = buildScenario({ durationS: 1, endpoints: [], sites: [] }).deployment.routing;
  return buildScenario({
    durationS: 100,
    endpoints,
    sites: [site("s", "US", 100)],
    ...parts,
    deployment: {
      caller: { ...PLAIN_CALLER, retry: retry ?? PLAIN_CALLER.retry, hedge: hedge ?? null },
      ...deployment,
      routing: { ...plain, ...routing },
    },
  });
}

/** Endpoints that take stated times, ms. */
function taking(timesMs: readonly number[], abandoned: AbandonedMode = "cancel"): Endpoint[] {
  return timesMs.map((ms, e) => endpoint(`e${e}`, 0, server(fixed(ms * 1000), 1000), { abandoned }));
}

/** One request at 0; how long it took in ms, or why not. */
function one(scenario: Scenario): number | string {
  const { recording, refused } = endOf(asking(scenario, [{ atS: 0 }]));
  const [cause] = Object.keys(refused);
  return cause ?? latencies(recording).max / 1000;
}

describe("a hedge after d of an exponential service of mean 1", () => {
  const twins = (abandoned: AbandonedMode): readonly Endpoint[] =>
    ["e0", "e1"].map((id) => endpoint(id, 0, server(exponential(UNIT_US), 100_000), { abandoned }));
  const D = 1;
  const shareHedged = exp(-D);

  it("answers as the faster of two from d on: the mean, the tail and the calls are the closed form's", () => {
    const found = replicate(
      () => hedged(twins("execute"), { hedge: after((D * UNIT_US) / 1000) }),
      ({ latency, attempts, requests }) => ({
        mean: (latency.e2eMs.mean * 1000) / UNIT_US,
        p99: (latency.e2eMs.p99 * 1000) / UNIT_US,
        calls: attempts.endpoint / requests.offered,
        wasted: attempts.wasted / requests.offered,
      }),
    );
    // Past d two memoryless services run, so what is left is exponential of rate 2: P(T > d + t) = e^(−d − 2t).
    expectTruth("mean", found.mean, 1 - shareHedged / 2, 0.01);
    // log(100) = 4.6052; a histogram's cell is up to 1 % wide.
    expectTruth("p99", found.p99, D + (4.605170186 - D) / 2, 0.025, 0.03);
    expectTruth("calls", found.calls, 1 + shareHedged, 0.01);
    // The loser of every pair works on for nobody; a few are still at it when the run ends.
    expectTruth("wasted", found.wasted, shareHedged, 0.02, 0.001);
  });

  it("without one, the tail is the service's own", () => {
    const found = replicate(
      () => hedged(twins("execute"), { hedge: null }),
      ({ latency }) => ({ p99: (latency.e2eMs.p99 * 1000) / UNIT_US }),
    );
    expectTruth("p99", found.p99, 4.605170186, 0.04, 0.05);
  });

  it("cancels the loser where the endpoint listens: together they work as long as the answers took", () => {
    const { recording, served } = endOf(hedged(twins("cancel"), { hedge: after((D * UNIT_US) / 1000) }));
    expect(recording.wasted[0]! + recording.wasted[1]!).toBe(0);
    // Half of the hedges win, each pair being alike: 9,900 requests, four standard errors of 0.0156.
    expect(Math.abs(recording.hedgesWon / served - shareHedged / 2)).toBeLessThan(0.0156);
    expect(Math.abs(recording.hedges / served - shareHedged)).toBeLessThan(0.0194);
    // One mean service time each, whether one works for 1 or two for a half: (1 − e^(−d)) + e^(−d) · 2 / 2.
    const workUnits = ((busyS(recording, 0) + busyS(recording, 1)) * SECOND) / UNIT_US / served;
    expect(Math.abs(workUnits - 1)).toBeLessThan(0.04);
  });
});

describe("a hedged request", () => {
  it("is answered by whoever comes first", () => {
    const slowThenFast = taking([1000, 300]);
    expect(one(hedged(slowThenFast, { hedge: null }))).toBe(1000);
    expect(one(hedged(slowThenFast, { hedge: after(200) }))).toBe(500);
    expect(one(hedged(slowThenFast, { hedge: after(800) }))).toBe(1000);
    expect(one(hedged(slowThenFast, { hedge: after(1000) }))).toBe(1000);
  });

  it("makes no more calls than it may, each after the same time again", () => {
    const four = taking([1000, 900, 800, 100]);
    const calls = (extraCalls: number): readonly number[] => [
      ...endOf(asking(hedged(four, { hedge: after(200, extraCalls) }), [{ atS: 0 }])).recording.calls,
    ];
    expect(calls(1)).toEqual([1, 1, 0, 0]);
    expect(calls(2)).toEqual([1, 1, 1, 0]);
    expect(calls(3)).toEqual([1, 1, 1, 1]);
    expect(one(hedged(four, { hedge: after(200, 3) }))).toBe(700);
  });

  it("goes to no endpoint twice, and not where the law does not let it", () => {
    const alone = endOf(asking(hedged(taking([1000]), { hedge: after(100, 3) }), [{ atS: 0 }]));
    expect([alone.recording.hedges, alone.recording.calls[0]]).toEqual([0, 1]);
    const [home, abroad] = taking([1000, 100]);
    const lawful = hedged(
      [
        { ...home!, data: { processing: ["DE"] } },
        { ...abroad!, data: { processing: ["US"] } },
      ],
      {
        hedge: after(100),
        sites: [site("s", "DE", 0)],
        deployment: {
          residency: [
            { id: "r", when: { origin: ["DE"] }, require: { processing: ["DE"] }, onEmpty: "refuse" },
          ],
        },
        gateways: [
          {
            ...buildScenario({ durationS: 1, endpoints: [], sites: [] }).deployment.gateways[0]!,
            data: { processing: ["DE"] },
          },
        ],
      },
    );
    expect(one(lawful)).toBe(1000);
    expect(endOf(asking(lawful, [{ atS: 0 }])).recording.hedges).toBe(0);
  });

  it("is paid for: of requests that all want one, a tenth get it, and a few at the start", () => {
    const { recording } = endOf(hedged(taking([1000, 1000]), { hedge: after(100, 1, 0.1) }));
    const offered = recording.offered[0]!;
    expect(recording.hedges).toBeLessThanOrEqual(0.1 * offered + 5);
    expect(recording.hedges).toBeGreaterThan(0.1 * (offered - 100) - 5);
  });

  it("waits for its second call when the first has failed, and is tried again only when both have", () => {
    const mixed = taking([400, 700, 50]);
    // The first ends at 300 ms by the gateway's patience; the second, begun at 100, may take until 400.
    const timing = { hedge: after(100), routing: { upstreamTimeoutUs: 300_000 } };
    expect(one(hedged(mixed, timing))).toBe("deadline_in_service");
    expect(one(hedged(mixed, { ...timing, retry: retrying(1).retry }))).toBe(450);
    const { recording } = endOf(asking(hedged(mixed, { ...timing, retry: retrying(1).retry }), [{ atS: 0 }]));
    expect([recording.gatewayRetries, recording.hedges, recording.hedgesWon]).toEqual([1, 1, 0]);
    expect(one(hedged(taking([400, 250]), timing))).toBe(350);
  });

  it("lets a second call fail while the first goes on", () => {
    const scenario = hedged(taking([500, 100]), {
      hedge: after(100),
      faults: [
        during(0, 50, { kind: "endpoint-down", target: { kind: "endpoint", index: 1 }, manner: "refuse" }),
      ],
    });
    expect(one(scenario)).toBe(500);
    expect(endOf(asking(scenario, [{ atS: 0 }])).recording.gatewayRetries).toBe(0);
  });

  it("dies with its gateway, and all its calls with it", () => {
    const scenario = hedged(taking([5000, 5000]), {
      hedge: after(100),
      faults: [during(1, 2, { kind: "region-down", target: { kind: "region", index: 0 }, manner: "refuse" })],
    });
    const { held, refused } = endOf(asking(scenario, [{ atS: 0 }]));
    expect(refused).toEqual({ connection_refused: 1 });
    expect([held.records, held.timers, held.believed[0], held.guarded[0]]).toEqual([0, 0, 0, 0]);
  });

  it("ends its second call when the user leaves, and keeps the first as the endpoint has it", () => {
    const scenario = hedged(taking([5000, 5000], "execute"), {
      hedge: after(100),
      client: { timeout: fixed(SECOND) },
    });
    const { recording, refused, held } = endOf(asking(scenario, [{ atS: 0 }]));
    expect(refused).toEqual({ deadline_in_service: 1 });
    expect([...recording.wasted]).toEqual([1, 1]);
    expect([held.records, held.believed[0]]).toEqual([0, 0]);
  });

  it("has no second call once its user is gone, and the one it has ends where the endpoint listens", () => {
    const [first] = taking([5000], "execute");
    const [, second] = taking([5000, 5000], "cancel");
    const leaving = (afterS: number): readonly number[] => {
      const scenario = hedged([first!, second!], {
        hedge: after(100),
        client: { timeout: fixed(afterS * SECOND) },
      });
      const { recording } = endOf(asking(scenario, [{ atS: 0 }]));
      return [recording.hedges, busyS(recording, 0), busyS(recording, 1)];
    };
    expect(leaving(0.05)).toEqual([0, 5, 0]);
    expect(leaving(1)).toEqual([1, 5, 0.9]);
  });
});
