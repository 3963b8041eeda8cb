/** The fingerprint of rules: the same for the same decisions, another for any others. */
import { describe, expect, it } from "vitest";
import { policySha256 } from "../../src/model/index.js";
import { PLAIN_CALLER, type PolicyConfig, type PolicyTarget } from "../../src/policy/index.js";

const TARGET: PolicyTarget = {
  id: "eu-model",
  models: ["source", "evidence"],
  tier: 1,
  weight: 1,
  maxInFlight: Number.POSITIVE_INFINITY,
  requestsPerMin: 60,
  tokensPerMin: 6000,
  requestBurst: 1,
  tokenBurst: 100,
  data: { processing: { countries: ["DE"], keptDays: 30, evidence: "contract 7", source: "dep.yaml:20" } },
  claims: [],
};

const CONFIG: PolicyConfig = {
  targets: [TARGET],
  origins: ["DE"],
  dataClasses: ["chat"],
  models: ["source", "evidence"],
  rules: [
    {
      id: "eu-stays",
      when: { origin: ["DE"] },
      require: { processing: ["DE"] },
      grounds: [{ name: "adequacy", countries: ["CH"], claim: null }],
      onEmpty: "refuse",
      source: "dep.yaml:31",
    },
  ],
  strategy: "nearest",
  fallbacks: { source: ["evidence"] },
  failOpen: false,
  health: null,
};
const [RULE] = CONFIG.rules;

const sha = (config: PolicyConfig): string => policySha256(config, PLAIN_CALLER);
const withData = (data: PolicyTarget["data"]): PolicyConfig => ({
  ...CONFIG,
  targets: [{ ...TARGET, data }],
});
const withRule = (change: Partial<PolicyConfig["rules"][number]>): PolicyConfig => ({
  ...CONFIG,
  rules: [{ ...RULE!, ...change }],
});

describe("the fingerprint of rules", () => {
  it.each<[string, PolicyConfig]>([
    ["a rule is written", withRule({ source: "other.yaml:99" })],
    [
      "a target's words are written",
      withData({
        processing: { countries: ["DE"], keptDays: 30, evidence: "contract 7", source: "o.yaml:1" },
      }),
    ],
  ])("does not depend on where %s", (_, config) => expect(sha(config)).toBe(sha(CONFIG)));

  it.each<[string, PolicyConfig]>([
    ["a rule", withRule({ id: "stays" })],
    ["a ground", withRule({ grounds: [{ name: "dpf", countries: ["CH"], claim: null }] })],
  ])("does not depend on what %s is called", (_, config) => expect(sha(config)).toBe(sha(CONFIG)));

  it("does not depend on what a proof says", () => {
    const other = { processing: { countries: ["DE"], keptDays: 30, evidence: "contract 8" } };
    expect(sha(withData(other))).toBe(sha(CONFIG));
  });

  it("does not depend on whether countries are said in short", () => {
    expect(sha(withData({ logs: ["DE"] }))).toBe(sha(withData({ logs: { countries: ["DE"] } })));
  });

  it.each<[string, PolicyConfig]>([
    ["a proof is gone", withData({ processing: { countries: ["DE"], keptDays: 30 } })],
    ["a proof is empty", withData({ processing: { countries: ["DE"], keptDays: 30, evidence: "" } })],
    ["data are kept longer", withData({ processing: { countries: ["DE"], keptDays: 31, evidence: "x" } })],
    [
      "data are kept for ever",
      withData({ processing: { countries: ["DE"], keptDays: 1 / 0, evidence: "x" } }),
    ],
    ["nobody says how long data are kept", withData({ processing: { countries: ["DE"], evidence: "x" } })],
    ["data go elsewhere", withData({ processing: { countries: ["US"], keptDays: 30, evidence: "x" } })],
    ["a rule asks for proof", withRule({ needsEvidence: true })],
    ["a rule lets data go farther", withRule({ require: { processing: ["DE", "US"] } })],
    [
      "a ground reaches farther",
      withRule({ grounds: [{ name: "adequacy", countries: ["JP"], claim: null }] }),
    ],
    ["a rule is gone", { ...CONFIG, rules: [] }],
    ["a fallback of a model called source is gone", { ...CONFIG, fallbacks: {} }],
    ["a limit is gone", { ...CONFIG, targets: [{ ...TARGET, requestsPerMin: Number.POSITIVE_INFINITY }] }],
  ])("is another where %s", (_, config) => expect(sha(config)).not.toBe(sha(CONFIG)));
});
