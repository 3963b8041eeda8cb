/** The configurations of the systems' own documentation, as they lie beside the repository. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { runScenario } from "../../../src/experiment/index.js";
import { foreignReach } from "../../../src/model/index.js";
import type { ImportSystem } from "../../../src/scenario/import/index.js";
import { importConfig, type Scenario } from "../../../src/scenario/index.js";
import { type Imported, loaded } from "./importing.js";

const FOLDER = resolve(import.meta.dirname, "../../../../shared/data/config-examples");
const FILES: readonly (readonly [ImportSystem, string])[] = [
  ["litellm", "litellm-region.yaml"],
  ["litellm", "litellm-order-fallback.yaml"],
  ["litellm", "litellm-health-routing.yaml"],
  ["portkey", "portkey-fallback-conditional-residency.json"],
  ["portkey", "portkey-fallback-loadbalance.json"],
  ["envoy", "envoy-locality.yaml"],
  ["envoy", "envoy-ai-gateway-fallback.yaml"],
];

function importFile(system: ImportSystem, file: string): Imported {
  const result = importConfig(system, readFileSync(resolve(FOLDER, file), "utf8"), file);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result;
}

const short = (scenario: Scenario): Scenario => ({ ...scenario, durationUs: 30e6, faults: [] });
const reachOf = (scenario: Scenario, site: number, classIndex: number): string =>
  foreignReach(scenario, site, classIndex)
    .map(({ endpoint, needs, how }) => `${scenario.deployment.endpoints[endpoint]!.id} ${needs} ${how}`)
    .join("\n");

describe("configurations as their makers publish them", () => {
  if (!existsSync(FOLDER)) {
    if (process.env.CI !== undefined && process.env.CI !== "")
      it("needs ../shared/data/config-examples", () => expect.fail("the files are missing"));
    else {
      console.warn("skipped: needs ../shared/data/config-examples");
      it.skip("needs ../shared/data/config-examples", () => {});
    }
    return;
  }

  it.each(FILES)("%s: %s imports and runs", (system, file) => {
    const scenario = loaded(importFile(system, file).yaml);
    const result = runScenario(short(scenario));
    expect(result.requests.served).toBeGreaterThan(0);
    expect(result.requests.refused).toBe(0);
  });

  it("Portkey's residency example has its three leaks", () => {
    const result = importFile("portkey", "portkey-fallback-conditional-residency.json");
    const scenario = loaded(result.yaml);
    expect(scenario.workload.sites[0]!.origin).toBe("EU");
    expect(reachOf(scenario, 0, 0)).toMatch(
      /^openai state first target of the fallback, tried before the condition/m,
    );
    expect(reachOf(scenario, 0, 1)).toMatch(/^us-backup state .*default branch, since no condition/m);
    expect(reachOf(scenario, 0, 2)).toMatch(/^us-backup state .*default branch, since no condition/m);
    expect(runScenario({ ...scenario, durationUs: 240e6 }).residency.violations).toBeGreaterThan(500);
  });

  it("LiteLLM's region example has its bypasses, and eu is more than the EU", () => {
    const result = importFile("litellm", "litellm-region.yaml");
    const scenario = loaded(result.yaml);
    expect(reachOf(scenario, 0, 0)).toMatch(
      /^azure-chatgpt-v-2 defect .*counting the prompt's tokens fails/m,
    );
    expect(reachOf(scenario, 0, 1)).toMatch(/^azure-chatgpt-v-2 state .*embeddings are never filtered/m);
    expect(result.warnings.map(({ message }) => message).join("\n")).toContain(
      "admits London and Zurich too",
    );
    expect(result.unmapped).toEqual([]);
  });

  it("nothing of Envoy's example is dropped silently", () => {
    expect(importFile("envoy", "envoy-locality.yaml").unmapped.map(({ path }) => path)).toEqual([
      "static_resources.clusters[0].health_checks[0].no_traffic_interval",
      "static_resources.clusters[0].health_checks[0].no_traffic_healthy_interval",
    ]);
  });
});
