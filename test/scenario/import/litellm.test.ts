import { describe, expect, it } from "vitest";
import { importConfig } from "../../../src/scenario/index.js";
import { imported, lineOf, loaded, unmappedPaths, warnedAt } from "./importing.js";

const FILE = "proxy.yaml";

describe("a LiteLLM configuration as a scenario", () => {
  const result = imported("litellm", FILE);
  const { deployment, workload } = loaded(result.yaml);
  const { policy } = deployment.routing;

  it("has every deployment as an endpoint whose model is its group", () => {
    expect(deployment.endpoints.map(({ id, model }) => [id, model])).toEqual([
      ["bedrock-eu-anthropic-claude-sonnet", "assistant"],
      ["azure-gpt-4o", "assistant"],
      ["openai-gpt-4o", "spare"],
      ["overseas-1", "overseas"],
      ["openai", "any/*"],
    ]);
  });

  it("knows a place where a region, a host or a profile says it, and nowhere else", () => {
    const bedrock = ["DE", "ES", "FR", "IE", "IT", "SE"];
    const processing = deployment.endpoints.map(({ data }) => data.processing);
    expect(JSON.stringify(processing[0])).toContain(JSON.stringify(bedrock).slice(1, -1));
    expect(JSON.stringify(processing[1])).toContain('"SE"');
    expect(JSON.stringify(processing[2])).toContain('"CH"');
    expect(JSON.stringify(processing[2])).not.toContain('"GB"');
    expect(JSON.stringify(processing[3])).toContain('"US"');
    expect(processing[4]).toBeUndefined();
    expect(result.yaml).toMatch(/data: \{ processing: US \} # from vertex_location us-central1/);
  });

  it("has LiteLLM's settings as its policy", () => {
    expect(policy).toMatchObject({
      kind: "litellm",
      strategy: "latency-based-routing",
      latencyBuffer: 0.5,
      preCallChecks: true,
      retries: 1,
      cooldownMs: 30_000,
      allowedFails: 2,
      allowedFailsPolicy: { rateLimit: 5, timeout: null },
      healthRouting: true,
      fallbacks: { assistant: ["spare", "overseas-1"] },
      contextWindowFallbacks: { assistant: ["overseas"] },
    });
    if (policy?.kind !== "litellm") throw new Error("another policy");
    expect(
      policy.deployments.map(({ order, weight, rpm, region, id }) => [order, weight, rpm, region, id]),
    ).toEqual([
      [1, null, 600, null, null],
      [2, 3, null, "eu", null],
      [null, null, null, null, null],
      [null, null, null, "us", "overseas-1"],
      [null, null, null, null, null],
    ]);
    expect(deployment.routing.health).toMatchObject({ intervalUs: 20e6, fall: 1, rise: 1 });
  });

  it("asks for groups that are nobody's fallback, and for embeddings where regions are checked", () => {
    expect(workload.classes.map(({ model, api }) => [model, api])).toEqual([
      ["assistant", undefined],
      ["any/*", undefined],
      ["assistant", "embeddings"],
    ]);
  });

  it("warns of wildcards, of tags, of fallbacks outside and of names nobody has, each at its line", () => {
    expect(warnedAt(result, lineOf(FILE, 'model_name: "any/*"'))).toContain("wildcard");
    expect(warnedAt(result, lineOf(FILE, 'model: "openai/*"'))).toContain("tags come from the caller");
    const fallbacks = warnedAt(result, lineOf(FILE, "- assistant: [spare"));
    expect(fallbacks).toContain("fallbacks names nobody");
    expect(fallbacks).toContain("overseas-1 of assistant lies outside");
  });

  it("lists what it made nothing of, and nothing that it read", () => {
    expect(unmappedPaths(result)).toEqual([
      "model_list[3].litellm_params.max_budget",
      "router_settings.routing_strategy_args.ttl",
      "router_settings.redis_host",
    ]);
  });

  it("says nothing of the folder the file was in", () => {
    expect(result.yaml).not.toContain("somewhere");
    expect(result.yaml).toContain("(proxy.yaml:3)");
  });
});

describe("what a region is worth", () => {
  const text = (checks: string, word = "eu"): string =>
    `model_list:\n  - model_name: m\n    litellm_params: { model: azure/a, region_name: ${word} }\n${checks}`;

  it("region_name without pre-call checks is told to be without effect, and with them not", () => {
    const off = imported("litellm", "x.yaml", {}, text(""));
    const on = imported("litellm", "x.yaml", {}, text("router_settings: { enable_pre_call_checks: true }\n"));
    const without = "region_name has no effect without enable_pre_call_checks";
    expect(off.warnings.map(({ message }) => message).join()).toContain(without);
    expect(on.warnings.map(({ message }) => message).join()).not.toContain(without);
  });

  it("eu is EEA, Switzerland and the United Kingdom, and told to be", () => {
    const result = imported("litellm", "x.yaml", {}, text(""));
    const [endpoint] = loaded(result.yaml).deployment.endpoints;
    const countries = JSON.stringify(endpoint!.data.processing);
    for (const country of ["DE", "NO", "CH", "GB"]) expect(countries).toContain(`"${country}"`);
    expect(warnedAt(result, 3)).toContain("London and Zurich");
  });

  it("what the importer is told stands over what the file says", () => {
    const result = imported("litellm", "x.yaml", { places: { "azure-a": "FR" } }, text(""));
    const [endpoint] = loaded(result.yaml).deployment.endpoints;
    expect(JSON.stringify(endpoint!.data.processing)).toMatch(/"FR"/);
    expect(JSON.stringify(endpoint!.data.processing)).not.toMatch(/"DE"/);
  });
});

describe("files that are no configuration", () => {
  it.each([
    ["broken YAML", "model_list: [", "syntax"],
    ["nothing at all", "", "missing"],
    ["a list", "- a\n- b\n", "missing"],
    ["another mapping", "a: 1\n", "missing"],
    ["entries without names", "model_list: [{}, 3, null]\n", "missing"],
  ])("%s is refused with its place, and nothing is thrown", (_, text, code) => {
    for (const system of ["litellm", "portkey", "envoy"] as const) {
      const result = importConfig(system, text, "x.yaml");
      if (result.ok) continue;
      expect(result.issues[0]).toMatchObject({ file: "x.yaml" });
      expect(result.issues[0]!.line).toBeGreaterThan(0);
      if (system === "litellm") expect(result.issues[0]!.code).toBe(code);
    }
    expect(importConfig("litellm", text, "x.yaml").ok).toBe(false);
  });

  it("more deployments than a scenario holds are refused, not cut", () => {
    const entry = "  - { model_name: m, litellm_params: { model: openai/m } }\n";
    const result = importConfig("litellm", `model_list:\n${entry.repeat(32)}`, "x.yaml");
    expect(result.ok ? "" : result.issues[0]!.message).toContain("at most 31 endpoints, got 32");
  });
});
