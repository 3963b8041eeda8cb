import { describe, expect, it } from "vitest";
import { imported, lineOf, loaded, unmappedPaths, warnedAt } from "./importing.js";

const FILE = "residency.json";

describe("a Portkey configuration as a scenario", () => {
  const result = imported("portkey", FILE);
  const { deployment, workload } = loaded(result.yaml);
  const { policy } = deployment.routing;

  it("keeps the tree, every leaf an endpoint", () => {
    if (policy?.kind !== "portkey") throw new Error("another policy");
    const shape = (node: typeof policy.root): unknown =>
      node.endpointIndex !== null
        ? deployment.endpoints[node.endpointIndex]!.id
        : { [node.mode]: node.targets.map(shape) };
    expect(shape(policy.root)).toEqual({
      fallback: ["anywhere", { conditional: ["inside", { loadbalance: ["bedrock", "vertex-ai"] }] }],
    });
    const [, conditional] = policy.root.targets;
    expect(conditional!.conditions[0]!.query).toEqual({
      kind: "compare",
      key: "metadata.home",
      operator: "in",
      values: ["EU", "DE"],
    });
    expect(conditional!.targets[1]).toMatchObject({
      retry: { retries: 3, statusCodes: [429, 503], usesRetryAfter: true },
      breaker: { failureThreshold: 3, cooldownMs: 40_000 },
      targets: [{ weight: 3 }, { weight: 1 }],
    });
    expect(policy.breakerWorks).toBe(false);
  });

  it("knows the regions that targets name, and not the place of a provider", () => {
    const processing = deployment.endpoints.map(({ data }) => JSON.stringify(data.processing));
    expect(processing[0]).toBeUndefined();
    expect(processing[1]).toContain('"DE"');
    expect(processing[2]).toContain('"US"');
  });

  it("takes a condition on where the user is for a promise, and has users who keep to it and who do not", () => {
    expect(deployment.residency).toHaveLength(1);
    expect(workload.classes.map(({ metadata }) => metadata)).toEqual([
      { home: "{origin}" },
      { home: "{origin:lower}" },
      undefined,
    ]);
    expect(deployment.routing.upstreamTimeoutUs).toBe(20e6);
  });

  it("warns of the first target, the default, the metadata and the breaker, each at its line", () => {
    expect(warnedAt(result, lineOf(FILE, '"anywhere"'))).toContain(
      "tried before the condition of targets[1]",
    );
    expect(warnedAt(result, lineOf(FILE, '"default"'))).toContain("the default branch fails open");
    expect(warnedAt(result, lineOf(FILE, "metadata.home"))).toContain("metadata.home is sent by the client");
    expect(warnedAt(result, lineOf(FILE, "cb_config"))).toContain("does nothing in the open-source build");
  });

  it("lists what it made nothing of", () => {
    expect(unmappedPaths(result)).toEqual(["cache", "targets[0].override_params.temperature"]);
  });
});
