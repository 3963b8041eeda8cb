/** What somebody who imports gets wrong: another system's file, and places of nobody or that are none. */
import { describe, expect, it } from "vitest";
import { IMPORT_SYSTEMS, type ImportSystem, PLACE_FILE } from "../../../src/scenario/import/index.js";
import { importConfig } from "../../../src/scenario/index.js";
import { configText, imported, loaded } from "./importing.js";

const OWN: readonly (readonly [ImportSystem, string])[] = [
  ["litellm", "proxy.yaml"],
  ["portkey", "residency.json"],
  ["envoy", "clusters.yaml"],
  ["envoy", "aiGateway.yaml"],
];
const NAMES = { litellm: "LiteLLM", portkey: "Portkey", envoy: "Envoy" } as const;

function issuesOf(
  system: ImportSystem,
  text: string,
  places: Readonly<Record<string, string>> = {},
): readonly string[] {
  const result = importConfig(system, text, "given.yaml", { places });
  if (result.ok) return [];
  return result.issues.map(({ file, message, suggestion }) =>
    suggestion === undefined ? `${file}: ${message}` : `${file}: ${message} (${suggestion})`,
  );
}

describe("a file of another system", () => {
  it("is refused by every importer but its own, with whose it looks like", () => {
    for (const [owner, name] of OWN) {
      for (const system of IMPORT_SYSTEMS) {
        const said = issuesOf(system, configText(name));
        const other = `this is no ${NAMES[system]} configuration: it looks like ${NAMES[owner]}'s: regionsim import ${owner}`;
        expect(said, `${system} ${name}`).toEqual(system === owner ? [] : [`given.yaml: ${other}`]);
      }
    }
  });

  it("is told what it lacks where nobody knows whose it is, and a scenario that it is one", () => {
    expect(issuesOf("portkey", "a: 1\n")).toEqual([
      "given.yaml: this is no Portkey configuration: it must have a strategy and targets, or name the provider of its one target",
    ]);
    expect(issuesOf("litellm", "model_list: []\n")[0]).toContain("it must have a model_list with at least");
    expect(issuesOf("envoy", "schema: regionsim/1\nname: x\n")[0]).toContain("a scenario already");
    expect(issuesOf("portkey", "provider: openai\n")).toEqual([]);
  });
});

describe("a place that was told", () => {
  const TEXT = `model_list:
  - model_name: m
    litellm_params: { model: openai/gpt }
  - model_name: m
    litellm_params: { model: azure/gpt }
`;

  it("of an endpoint that is not in the file is refused with those that are", () => {
    expect(issuesOf("litellm", TEXT, { nosuch: "EU", "openai-gtp": "EU" })).toEqual([
      `${PLACE_FILE}: no endpoint of the file is "nosuch"; there is openai-gpt, azure-gpt`,
      `${PLACE_FILE}: no endpoint of the file is "openai-gtp"; there is openai-gpt, azure-gpt ("openai-gpt")`,
    ]);
  });

  it("that is neither a country nor a zone is refused with the one it may mean", () => {
    expect(issuesOf("litellm", TEXT, { "openai-gpt": "Germany", "azure-gpt": "nowhere at all" })).toEqual([
      `${PLACE_FILE}: openai-gpt must be a country such as DE or a zone such as EU, got "Germany" ("DE")`,
      `${PLACE_FILE}: azure-gpt must be a country such as DE or a zone such as EU, got "nowhere at all"`,
    ]);
    expect(issuesOf("litellm", TEXT, { "openai-gpt": "EEA+CH", "azure-gpt": "FR" })).toEqual([]);
  });
});

/** The imported file as its comments say to compare it: no policy block, and what stands for it uncommented. */
function asOurOwn(yaml: string): string {
  const lines = yaml.split("\n");
  const start = lines.indexOf("    policy:");
  const end = lines.findIndex((line, i) => i > start && !line.startsWith("      "));
  const left = [...lines.slice(0, start), ...lines.slice(end)];
  const hasHealth = left.some((line) => /^ {4}# health:/.test(line));
  return left
    .filter((line) => !(hasHealth && line === "    health: none"))
    .map((line) => line.replace(/^( +)# (retry|health): /, "$1$2: "))
    .join("\n");
}

describe("an imported file compared with our own policy", () => {
  it("probes and tries again as its comments say, which act on nothing before", () => {
    for (const [system, name] of OWN) {
      const { yaml } = imported(system, name);
      const before = loaded(yaml).deployment;
      expect(before.routing.policy?.kind, name).toBe(system);
      expect(before.caller.retry.retries, name).toBe(0);
      const own = loaded(asOurOwn(yaml)).deployment;
      expect(own.routing.policy ?? null, name).toBeNull();
      expect(own.caller.retry.retries, name).toBe(2);
      expect(own.routing.health, name).not.toBeNull();
      if (before.routing.health !== null) expect(own.routing.health, name).toEqual(before.routing.health);
    }
  });
});
