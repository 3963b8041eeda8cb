/** What the audit proves of imported configurations: every way out of the law, with the line of the file it is read from. */
import { describe, expect, it } from "vitest";
import { auditScenario } from "../../../src/experiment/index.js";
import { imported, lineOf, loaded } from "./importing.js";

function audited(text: string): readonly string[] {
  return auditScenario(loaded(text)).violations.map((violation) => JSON.stringify(violation));
}

describe("an audit of an imported configuration", () => {
  it("finds the ways out of Portkey's residency: the first target, and the default branch twice over", () => {
    const file = "residency.json";
    const violations = audited(imported("portkey", file).yaml);
    const about = (id: string): string => violations.filter((one) => one.includes(`"${id}"`)).join();
    expect(about("anywhere")).toContain(
      `tried before the condition is asked (${file}:${lineOf(file, '"anywhere"')})`,
    );
    for (const id of ["bedrock", "vertex-ai"]) {
      expect(about(id)).toContain("default branch, since no condition on metadata.home holds");
      expect(about(id)).toContain("default branch when metadata.home is missing or written otherwise");
    }
    // The branch that the condition leads to is where it should be, whoever asks.
    expect(violations.filter((one) => one.includes('"inside"'))).toEqual([]);
  });

  it("finds LiteLLM's bypasses, and that eu is more than the EU", () => {
    const text = `model_list:
  - model_name: m
    litellm_params: { model: azure/inside, region_name: eu }
  - model_name: m
    litellm_params: { model: azure/outside, region_name: us }
router_settings: { enable_pre_call_checks: true }
`;
    const violations = audited(imported("litellm", "proxy.yaml", {}, text).yaml).join("\n");
    expect(violations).toContain(
      "when counting the prompt's tokens fails, the list is returned before the region check (proxy.yaml:4)",
    );
    expect(violations).toContain("embeddings are never filtered (proxy.yaml:4)");
    expect(violations).toContain("all in cooldown or unhealthy: the filter is bypassed (proxy.yaml:2)");
    for (const country of ["CH", "GB"]) expect(violations).toContain(`"${country}"`);
  });

  it("finds nothing once every place is lawful", () => {
    const places = { anywhere: "DE", inside: "DE", bedrock: "FR", "vertex-ai": "IE" };
    expect(audited(imported("portkey", "residency.json", { places }).yaml)).toEqual([]);
  });
});
