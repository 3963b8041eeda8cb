/** Envoy as a reference: what its priorities, panic, retries and ejections do with places. */
import { describe, expect, it } from "vitest";
import { foreignReach } from "../../../src/model/index.js";
import type { EnvoyCluster, EnvoyHost, EnvoySource } from "../../../src/scenario/policySource.js";
import { down, failing, foreignScenario, runForeign } from "./foreignScenario.js";

function host(endpointIndex: number, over: Partial<EnvoyHost> = {}): EnvoyHost {
  return {
    endpointIndex,
    cluster: "m",
    priority: endpointIndex,
    locality: "l",
    localityWeight: null,
    weight: 1,
    at: `envoy.yaml:${endpointIndex}`,
    ...over,
  };
}

function cluster(over: Partial<EnvoyCluster> = {}): EnvoyCluster {
  return {
    name: "m",
    overprovisioning: 140,
    panicPercent: 50,
    failsOnPanic: false,
    localityWeighted: false,
    maxRequests: 1024,
    outlier: null,
    at: "",
    ...over,
  };
}

function envoy(over: Partial<EnvoySource> = {}): EnvoySource {
  const retry = {
    retries: 0,
    perPriority: null,
    statusCodes: [],
    onConnectFailure: false,
    onTimeout: false,
    baseMs: 25,
    maxMs: 250,
  };
  return { kind: "envoy", clusters: [cluster()], hosts: [host(0), host(1)], retry, ...over };
}

const HEALTH = {
  intervalUs: 1e6,
  timeoutUs: 5e5,
  fall: 1,
  rise: 1,
  schedule: "fixed-rate",
  seesLoad: false,
  firstUs: 0,
} as const;

describe("Envoy and places", () => {
  it("leaves the EU as soon as the EU is not healthy enough, and in panic wherever anybody is", () => {
    const hosts = [host(0, { priority: 0 }), host(1, { priority: 0 }), host(2, { priority: 1 })];
    const endpoints = [{ id: "eu-1" }, { id: "eu-2" }, { id: "us" }];
    const calls = (panicPercent: number, faults: Parameters<typeof foreignScenario>[0]["faults"]) =>
      runForeign(
        foreignScenario({
          policy: envoy({ hosts, clusters: [cluster({ panicPercent })] }),
          endpoints,
          onlyEu: true,
          routing: { health: HEALTH },
          ...(faults === undefined ? {} : { faults }),
        }),
      );
    expect(calls(50, undefined).calls.us).toBe(0);
    const half = calls(0, [down(0, 0, 60)]);
    // Half of priority 0 is healthy, which is good for 70 %; within four standard errors.
    const all = half.calls.us! + half.calls["eu-1"]! + half.calls["eu-2"]!;
    expect(Math.abs(half.calls.us! / all - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / all));
    expect(half.violations).toBe(half.calls.us);
    const panic = calls(50, [down(0, 0, 60), down(1, 0, 60), down(2, 0, 60)]);
    expect(panic.calls["eu-1"]).toBeGreaterThan(20);
    expect(panic.calls.us).toBeGreaterThan(20);
    const none = calls(0, [down(0, 0, 60), down(1, 0, 60), down(2, 0, 60)]);
    expect(none.refused.no_healthy_region).toBeGreaterThan(80);
  });

  it("refuses in panic where it is told to", () => {
    const source = envoy({ clusters: [cluster({ failsOnPanic: true })] });
    const end = runForeign(
      foreignScenario({
        policy: source,
        onlyEu: true,
        routing: { health: HEALTH },
        faults: [down(0, 0, 60), down(1, 0, 60)],
      }),
    );
    expect(end.refused.no_healthy_region).toBeGreaterThan(80);
  });

  it("retries leave the priorities where they have been, when attempts per priority are counted", () => {
    const retry = { ...envoy().retry, retries: 5, perPriority: 1, statusCodes: [500] };
    const hosts = [host(0), host(1), host(2)];
    const endpoints = [{ id: "eu-0" }, { id: "eu-1" }, { id: "us" }];
    const faults = [failing(0, 1, 0, 60), failing(1, 1, 0, 60)];
    const walking = runForeign(
      foreignScenario({ policy: envoy({ retry, hosts }), endpoints, faults, onlyEu: true }),
    );
    expect(walking.calls["eu-1"]).toBe(walking.calls["eu-0"]);
    expect(walking.calls.us).toBe(walking.calls["eu-0"]);
    expect(walking.refused).toEqual({});
    const staying = runForeign(
      foreignScenario({
        policy: envoy({ retry: { ...retry, perPriority: null }, hosts }),
        endpoints,
        faults,
        onlyEu: true,
      }),
    );
    expect(staying.calls.us).toBe(0);
  });

  it("ejects after failures in a row, never more than its share, and counts an ejected host as unhealthy", () => {
    const outlier = { consecutive5xx: 3, baseEjectionMs: 1e9, maxEjectionMs: 1e9, maxEjectionPercent: 50 };
    const source = envoy({ clusters: [cluster({ outlier })] });
    const end = runForeign(foreignScenario({ policy: source, onlyEu: true, faults: [failing(0, 1, 0, 60)] }));
    expect(end.calls.eu).toBe(3);
    expect(end.calls.us).toBeGreaterThan(80);
  });

  it("shares by locality weight times what is available there", () => {
    const hosts = [
      host(0, { priority: 0, locality: "a", localityWeight: 1 }),
      host(1, { priority: 0, locality: "b", localityWeight: 3 }),
    ];
    const source = envoy({ hosts, clusters: [cluster({ localityWeighted: true })] });
    const { calls } = runForeign(foreignScenario({ policy: source, onlyEu: true, durationS: 500 }));
    const share = calls.us! / (calls.eu! + calls.us!);
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * Math.sqrt((0.75 * 0.25) / (calls.eu! + calls.us!)));
  });

  it("answers 503 above the requests that a cluster may have in flight", () => {
    const source = envoy({ clusters: [cluster({ maxRequests: 1 })], hosts: [host(0)] });
    const end = runForeign(foreignScenario({ policy: source, onlyEu: true, perSecond: 30 }));
    expect(end.refused.concurrency_full).toBeGreaterThan(100);
  });

  it("reaches every host of the cluster and says how", () => {
    const ways = foreignReach(foreignScenario({ policy: envoy() }), 0, 0).map(
      ({ endpoint, how }) => `${endpoint} ${how}`,
    );
    expect(ways.join("\n")).toMatch(/^0 priority 0.*used first/m);
    expect(ways.join("\n")).toMatch(/^1 priority 1.*less than 72 % healthy/m);
    expect(ways.join("\n")).toMatch(/^1 .*health is ignored and every host is used/m);
    const calm = envoy({ clusters: [cluster({ panicPercent: 0 })] });
    expect(foreignReach(foreignScenario({ policy: calm }), 0, 0)).toHaveLength(2);
  });
});
