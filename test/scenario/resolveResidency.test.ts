import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHANNELS, firstViolation, type ResidencyRule } from "../../src/policy/index.js";
import { ADEQUACY, COUNTRY_CODES, ZONES } from "../../src/scenario/catalogue/index.js";
import { resolveRule, resolveTransfer } from "../../src/scenario/resolveResidency.js";
import type { Scenario } from "../../src/scenario/scenario.js";
import { CLAIMS, GROUNDS, ruleSchema, transferSchema } from "../../src/scenario/schemaResidency.js";
import { fileOf, lineOf, load } from "../model/residencyScenario.js";

const rulesOf = (rules: string): readonly ResidencyRule[] => load(fileOf({ rules })).deployment.residency;
const dataOf = (euData: string): Scenario["deployment"]["endpoints"][number]["data"] =>
  load(fileOf({ euData })).deployment.endpoints[0]!.data;

describe("what a file says of data", () => {
  it("is a place, several, none, or a place with how long and on what evidence, each at its line", () => {
    const text = fileOf({
      euData: `
        processing: DE
        logs: { in: [DE, IE], keep: 30d, evidence: "https://example.com/dpa" }
        traces: none
        store: { in: EU, keep: forever }
        queue: { in: none, keep: 12h }`,
    });
    const { data } = load(text).deployment.endpoints[0]!;
    expect(data).toEqual({
      processing: { countries: ["DE"], source: lineOf(text, "  processing: DE") },
      logs: {
        countries: ["DE", "IE"],
        keptDays: 30,
        evidence: "https://example.com/dpa",
        source: lineOf(text, "in: [DE, IE]"),
      },
      traces: { countries: "none", source: lineOf(text, "traces: none") },
      store: {
        countries: ZONES.EU,
        keptDays: Number.POSITIVE_INFINITY,
        source: lineOf(text, "keep: forever"),
      },
      queue: { countries: "none", keptDays: 0.5, source: lineOf(text, "keep: 12h") },
    });
  });

  it("may say cache for both kinds of caches, and one of them otherwise", () => {
    expect(dataOf("{ cache: { in: DE, keep: 1d }, semantic-cache: none }")).toMatchObject({
      "prompt-cache": { countries: ["DE"], keptDays: 1 },
      "semantic-cache": { countries: "none" },
    });
  });

  it("may name a provider's terms, and what stands beside them wins", () => {
    const text = fileOf({
      euData: '{ terms: "azure-openai:datazone-eu", abuse-monitoring: none, logs: DE }',
    });
    const { data } = load(text).deployment.endpoints[0]!;
    expect(data).toMatchObject({
      processing: { countries: ZONES.EU, source: lineOf(text, "terms:") },
      store: { countries: ["DE"] },
      "abuse-monitoring": { countries: "none" },
      logs: { countries: ["DE"] },
    });
    expect(JSON.stringify(data.processing)).toContain("Azure AI Foundry docs");
  });

  it("keeps the line it is copied from where an endpoint is like another", () => {
    const text = fileOf({ usData: "{ processing: US }" });
    const [eu, us] = load(text).deployment.endpoints;
    expect(us!.data.logs).toEqual(eu!.data.logs);
    expect(us!.source).toBe(lineOf(text, "us-model:"));
  });

  it("a gateway that only passes requests on says nothing of itself, one that reads them says where", () => {
    const { gateways } = load(
      fileOf({ gateways: "eu: { region: eu, tls: passthrough }\n    us: { region: us }" }),
    ).deployment;
    expect(gateways[0]).toMatchObject({ tls: "passthrough", data: {} });
    expect(gateways[1]!.data).toEqual({ processing: ["US"], logs: ["US"] });
  });
});

describe("a rule of a file", () => {
  it("bounds what is kept on every channel it requires but processing, or channel by channel", () => {
    const [all] = rulesOf("- { require: { processing: EU, logs: EU, cache: EU }, maxRetention: 30d }");
    expect(all!.maxKeptDays).toEqual({ logs: 30, "prompt-cache": 30, "semantic-cache": 30 });
    const [one] = rulesOf(
      "- { require: { processing: EU }, maxRetention: { logs: 7d, cache: forever }, evidence: required, onEmpty: queue }",
    );
    expect(one).toMatchObject({
      maxKeptDays: {
        logs: 7,
        "prompt-cache": Number.POSITIVE_INFINITY,
        "semantic-cache": Number.POSITIVE_INFINITY,
      },
      needsEvidence: true,
      onEmpty: "queue",
    });
  });

  it("may let a channel happen nowhere, and may say class for dataClass", () => {
    const [rule] = rulesOf("- { when: { class: chat, tenant: default }, require: { traces: none } }");
    expect(rule).toMatchObject({
      when: { dataClass: ["chat"], tenant: ["default"] },
      require: { traces: [] },
    });
  });

  it("about transfers is a rule of its own after the others, with the countries that each ground reaches", () => {
    const text = fileOf().replace(
      "  entry:",
      "  transfers:\n    - { from: EEA, channels: [logs, cache], allow: [adequacy, dpf, scc] }\n  entry:",
    );
    const rule = load(text).deployment.residency[1]!;
    expect(rule).toMatchObject({
      id: "transfer-1",
      when: { origin: ZONES.EEA },
      source: lineOf(text, "from: EEA"),
    });
    expect(Object.keys(rule.require)).toEqual(["logs", "prompt-cache", "semantic-cache"]);
    const free = ADEQUACY.filter(({ claim }) => claim === null).map(({ country }) => country);
    expect(rule.grounds).toEqual([
      { name: "adequacy", countries: free, claim: null },
      { name: "dpf", countries: ["US"], claim: "dpf" },
      { name: "scc", countries: COUNTRY_CODES, claim: "scc" },
    ]);
  });

  it("is checked in part where routing says so, and the whole stays written", () => {
    const { routing, residency } = load(fileOf({ routing: "{ enforce: [processing, cache] }" })).deployment;
    expect(routing.enforces?.channels).toEqual(["processing", "prompt-cache", "semantic-cache"]);
    expect(Object.keys(residency[0]!.require)).toEqual(["processing", "logs"]);
    expect(load(fileOf({ routing: "{ enforce: none }" })).deployment.routing.enforces?.channels).toEqual([]);
    expect(load(fileOf({ routing: "{ enforce: all }" })).deployment.routing.enforces).toBeUndefined();
  });
});

const zones = fc.uniqueArray(fc.constantFrom("EU", "EEA", "US", "JP", "CA", "EU-ADEQUATE", "CH"), {
  minLength: 1,
  maxLength: 3,
});
const channels = fc.uniqueArray(fc.constantFrom(...CHANNELS), { minLength: 1, maxLength: 4 });
const place = fc.record({
  data: fc.dictionary(
    fc.constantFrom(...CHANNELS),
    fc.oneof(
      fc.constant("none" as const),
      fc.uniqueArray(fc.constantFrom("DE", "US", "JP", "CA", "CH", "BR"), { maxLength: 2 }),
    ),
    { maxKeys: 6 },
  ),
  claims: fc.uniqueArray(fc.constantFrom(...CLAIMS)),
});

it("no transfer lets a place through that a residency rule refuses, and none with fewer grounds one that more refuse", () => {
  let kept = 0;
  fc.assert(
    fc.property(
      fc.record({ required: channels, within: zones, from: zones, moved: channels, place }),
      fc.uniqueArray(fc.constantFrom(...GROUNDS)),
      fc.uniqueArray(fc.constantFrom(...GROUNDS)),
      fc.constantFrom("DE", "US", "JP"),
      ({ required, within, from, moved, place: target }, allow, more, origin) => {
        const require = Object.fromEntries(required.map((channel) => [channel, within]));
        const residency = resolveRule(ruleSchema.parse({ require }), 0, "s:1");
        const transfer = (grounds: readonly string[]): ResidencyRule =>
          resolveTransfer(transferSchema.parse({ from, channels: moved, allow: [...grounds] }), 0, "s:2");
        const concern = { origin, dataClass: "c", tenant: "t", models: ["m"] };
        const may = (...rules: ResidencyRule[]): boolean => firstViolation(rules, target, concern) === null;
        if (may(residency, transfer(allow))) {
          kept += 1;
          expect(may(residency)).toBe(true);
        }
        if (may(transfer(allow))) expect(may(transfer([...new Set([...allow, ...more])]))).toBe(true);
      },
    ),
    { seed: 20260901, numRuns: 3000 },
  );
  expect(kept).toBeGreaterThan(100);
});
