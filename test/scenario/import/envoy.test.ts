import { describe, expect, it } from "vitest";
import { imported, lineOf, loaded, unmappedPaths, warnedAt } from "./importing.js";

describe("an Envoy configuration as a scenario", () => {
  const result = imported("envoy", "clusters.yaml");
  const { deployment } = loaded(result.yaml);
  const { policy } = deployment.routing;

  it("has the cluster's settings, hosts and retries as its policy", () => {
    expect(policy).toMatchObject({
      kind: "envoy",
      clusters: [
        {
          name: "model",
          overprovisioning: 120,
          panicPercent: 40,
          localityWeighted: true,
          maxRequests: 200,
          outlier: { consecutive5xx: 3, baseEjectionMs: 10_000, maxEjectionPercent: 50 },
        },
      ],
      hosts: [
        { priority: 0, locality: "eu-west-1/a", localityWeight: 2, weight: 1 },
        { priority: 1, locality: "elsewhere", localityWeight: 1, weight: 5 },
      ],
      retry: { retries: 3, perPriority: 1, baseMs: 50, maxMs: 1000, onConnectFailure: true, onTimeout: true },
    });
    if (policy?.kind !== "envoy") throw new Error("another policy");
    expect(policy.retry.statusCodes).toEqual([429, 500, 501, 502, 503, 504]);
    expect(deployment.routing.health).toMatchObject({ intervalUs: 5e6, timeoutUs: 1e6, fall: 2, rise: 1 });
    expect(deployment.routing.upstreamTimeoutUs).toBe(15e6);
  });

  it("knows the places that a locality or a host name says", () => {
    expect(deployment.regions.map(({ at }) => at)).toContain("aws:eu-west-1");
    expect(JSON.stringify(deployment.endpoints[1]!.data.processing)).toContain('"US"');
  });

  it("warns of panic, of walking retries and of a strategy it draws, and lists the rest", () => {
    expect(warnedAt(result, lineOf("clusters.yaml", "healthy_panic_threshold"))).toContain(
      "less than 40 % healthy",
    );
    expect(warnedAt(result, lineOf("clusters.yaml", "name: previous"))).toContain(
      "walk through the priorities",
    );
    expect(warnedAt(result, lineOf("clusters.yaml", "- name: model"))).toContain(
      "LEAST_REQUEST is drawn by weight",
    );
    expect(unmappedPaths(result)).toEqual([
      "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.route_config.virtual_hosts[0].routes[0].route.shadow",
      "static_resources.clusters[0].circuit_breakers.thresholds[0].max_pending_requests",
    ]);
  });
});

describe("an Envoy AI Gateway configuration as a scenario", () => {
  const result = imported("envoy", "aiGateway.yaml");
  const { deployment } = loaded(result.yaml);

  it("has the backends of a rule as hosts, placed by their own documents", () => {
    expect(deployment.endpoints.map(({ id, model }) => [id, model])).toEqual([
      ["inside", "assistant"],
      ["outside", "assistant"],
    ]);
    expect(JSON.stringify(deployment.endpoints[0]!.data.processing)).toContain('"DE"');
    expect(deployment.endpoints[1]!.data.processing).toBeUndefined();
    expect(deployment.routing.policy).toMatchObject({
      kind: "envoy",
      clusters: [{ name: "assistant", outlier: { consecutive5xx: 4 } }],
      hosts: [
        { priority: 0, weight: 2 },
        { priority: 1, weight: 1 },
      ],
      retry: {
        retries: 4,
        perPriority: 1,
        statusCodes: [500, 503],
        onConnectFailure: true,
        baseMs: 100,
        maxMs: 5000,
      },
    });
    expect(deployment.routing.health).toMatchObject({ intervalUs: 2e6, timeoutUs: 1e6, fall: 2 });
  });

  it("warns that retries walk to other places, and lists the rest with the lines of the whole file", () => {
    const line = lineOf("aiGateway.yaml", "kind: BackendTrafficPolicy") - 1;
    expect(warnedAt(result, line)).toContain("4 retries walk through 2 priorities");
    expect(result.unmapped).toEqual([
      { path: "spec.rules[0].timeouts", line: lineOf("aiGateway.yaml", "timeouts:") },
      { path: "spec.rateLimit", line: lineOf("aiGateway.yaml", "rateLimit:") },
    ]);
  });
});
