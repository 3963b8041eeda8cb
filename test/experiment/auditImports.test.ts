/** Other systems' published examples: the audit of an import finds the leaks that reading their documentation found. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { auditScenario } from "../../src/experiment/index.js";
import { World } from "../../src/model/index.js";
import type { AuditReport } from "../../src/result/index.js";
import type { ImportSystem } from "../../src/scenario/import/index.js";
import { importConfig } from "../../src/scenario/index.js";
import type { Fault, Scenario } from "../../src/scenario/scenario.js";
import { scenarioOf } from "./auditFiles.js";

const OWN = resolve(import.meta.dirname, "../scenario/import/configs");
const PUBLISHED = resolve(import.meta.dirname, "../../../shared/data/config-examples");

/** Two regions of one model behind pre-call checks. */
const REGIONS = `model_list:
  - model_name: assistant
    litellm_params: { model: azure/one, api_base: "https://one.example.com/", region_name: eu }
  - model_name: assistant
    litellm_params: { model: azure/two, api_base: "https://two.example.com/", region_name: us }
router_settings:
  enable_pre_call_checks: true
`;

function auditImport(system: ImportSystem, path: string, name: string): AuditReport {
  return auditText(system, readFileSync(path, "utf8"), name);
}

function auditText(system: ImportSystem, text: string, name: string): AuditReport {
  return auditScenario(importText(system, text, name));
}

function importText(system: ImportSystem, text: string, name: string): Scenario {
  const imported = importConfig(system, text, name);
  if (!imported.ok) throw new Error(JSON.stringify(imported.issues));
  return scenarioOf(imported.yaml);
}

/** `endpoint channel fault: what it needs, how` of every way of every violation, for people in the EU. */
function leaks({ violations }: AuditReport): readonly string[] {
  return violations.flatMap(({ place, channel, fault, countries, ways }) =>
    ways.map(({ needs, how }) => `${place.id} ${channel} ${fault} ${countries.join("+")}: ${needs}, ${how}`),
  );
}

function published(system: ImportSystem, name: string, check: (report: AuditReport) => void): void {
  const path = resolve(PUBLISHED, name);
  const isThere = existsSync(path);
  if (!isThere && (process.env.CI ?? "") !== "")
    return it(`needs ${name}`, () => expect.fail("the file is missing"));
  if (!isThere) console.warn(`skipped: needs ${name}`);
  it.skipIf(!isThere)(`${name}, as published`, () => check(auditImport(system, path, name)));
}

describe("Portkey's residency example leaks in three ways", () => {
  const check = (report: AuditReport): void => {
    expect(report.verdict).toBe("violation-possible");
    const found = leaks(report);
    const first = found.filter((leak) =>
      /first target of the fallback, tried before the condition/.test(leak),
    );
    expect(first.length, found.join("\n")).toBeGreaterThan(0);
    expect(first.every((leak) => /: state, /.test(leak))).toBe(true);
    expect(
      found.some((leak) => /default branch when metadata\.\w+ is missing or written otherwise/.test(leak)),
    ).toBe(true);
    expect(found.some((leak) => /default branch, since no condition/.test(leak))).toBe(true);
    // Whoever writes the region in small letters, and whoever says nothing, is a class of its own: both are named.
    const classes = report.violations.flatMap((violation) => violation.classes);
    expect(new Set(classes)).toEqual(new Set(["chat", "chat-otherwise", "chat-silent"]));
    expect(report.notes[0]!.code).toBe("foreign-policy");
  };

  it("in a file of the same make", () =>
    check(auditImport("portkey", resolve(OWN, "residency.json"), "residency.json")));
  published("portkey", "portkey-fallback-conditional-residency.json", check);
});

describe("LiteLLM's region example has its bypasses", () => {
  const check = (report: AuditReport): void => {
    expect(report.verdict).toBe("violation-possible");
    const found = leaks(report);
    const has = (pattern: RegExp): void =>
      expect(
        found.some((leak) => pattern.test(leak)),
        `${pattern}\n${found.join("\n")}`,
      ).toBe(true);
    // Counting the prompt's tokens fails before the region is looked at.
    has(/ processing place US: defect, .*counting the prompt's tokens fails/);
    has(/ processing place US: state, .*embeddings are never filtered/);
    // `eu` admits London and Zurich, which are not in the EU.
    has(/ processing place CH\+GB\+IS\+LI\+NO: state, /);
    has(/: state, .*all in cooldown or unhealthy: the filter is bypassed/);
  };

  it("in a file of the same make", () => check(auditText("litellm", REGIONS, "regions.yaml")));
  published("litellm", "litellm-region.yaml", check);

  it("and a file with fallbacks has those by which filters are skipped", () => {
    const found = leaks(auditImport("litellm", resolve(OWN, "proxy.yaml"), "proxy.yaml"));
    expect(
      found.some((leak) => /fallback/.test(leak)),
      found.join("\n"),
    ).toBe(true);
    expect(
      found.some((leak) => /skips every filter/.test(leak)),
      found.join("\n"),
    ).toBe(true);
  });
});

describe("what another system's router does in a run is what the audit says it may do", () => {
  const configs: readonly (readonly [ImportSystem, string])[] = [
    ["portkey", "residency.json"],
    ["litellm", "proxy.yaml"],
    ["envoy", "clusters.yaml"],
  ];

  it.each(configs)("%s, %s, while one endpoint after another is down", (system, name) => {
    const scenario = importText(system, readFileSync(resolve(OWN, name), "utf8"), name);
    const { endpoints } = scenario.deployment;
    const { paths } = auditScenario(scenario);
    const faults = endpoints.map(
      (_, index): Fault => ({
        id: `down-${index}`,
        kind: "endpoint-down",
        target: { kind: "endpoint", index },
        manner: "refuse",
        startUs: (5 + index * 10) * 1e6,
        endUs: (20 + index * 10) * 1e6,
      }),
    );
    const world = new World({ ...scenario, durationUs: (30 + endpoints.length * 10) * 1e6, faults }, 0);
    world.runUntil((30 + endpoints.length * 10) * 1e6);
    const seen = new Set<string>();
    for (const { placeKind, place, site, classIndex } of world.finish().recording.ledger) {
      if (placeKind !== "endpoint") continue;
      const { country } = scenario.workload.sites[site]!;
      const { id: dataClass } = scenario.workload.classes[classIndex]!;
      const { id } = endpoints[place]!;
      seen.add(id);
      const theirs = paths.filter(
        (path) => path.country === country && path.dataClass === dataClass && path.place.id === id,
      );
      for (const path of theirs)
        expect(`${country} ${dataClass} ${id} ${path.ever}`).toBe(`${country} ${dataClass} ${id} true`);
    }
    expect(seen.size).toBeGreaterThan(1);
  });
});
