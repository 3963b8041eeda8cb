/** Mistakes in `routing.policy` and in what clients say of themselves, each told once, at its place. */
import { describe, expect, it } from "vitest";
import { type Issue, loadScenario } from "../../src/scenario/index.js";

const POLICIES: Readonly<Record<string, string>> = {
  litellm:
    "{ reference: litellm, deployments: [{ endpoint: a, group: m }, { endpoint: b, group: n, id: b-1 }] }",
  portkey:
    "{ reference: portkey, tree: { mode: fallback, targets: [{ endpoint: a, name: x }, { endpoint: b }] } }",
  envoy:
    "{ reference: envoy, hosts: [{ endpoint: a, cluster: m }, { endpoint: b, cluster: m, priority: 1 }] }",
  module: "./router.mjs",
};

function scenarioText(policy: string, classes = "{ chat: { model: m } }", rest = ""): string {
  return `schema: regionsim/1
name: Policies
duration: 1m
deployment:
  regions: { r: { at: "aws:us-east-1" } }
  endpoints:
    a: { region: r, model: m, serving: { kind: server, service: 1s, concurrency: 1 } }
    b: { like: a }
  routing: { policy: ${policy} }
${rest}workload: { classes: ${classes}, sites: [{ from: US-NY, rate: 1rps }] }
`;
}

function issuesOf(text: string): readonly Issue[] {
  const read = (path: string): string => {
    if (path === "router.mjs") return "export default () => ({ route: () => ({ target: 'a' }) });";
    throw new Error(`no ${path}`);
  };
  const result = loadScenario({ file: "case.yaml", text, read });
  return result.ok ? [] : result.issues;
}

describe("policies that are right", () => {
  it.each(Object.entries(POLICIES))("%s loads as it stands", (_, policy) => {
    expect(issuesOf(scenarioText(policy))).toEqual([]);
  });
});

describe("malformed policies", () => {
  const litellm = (from: string, to: string): string => POLICIES.litellm!.replace(from, to);
  const portkey = (from: string, to: string): string => POLICIES.portkey!.replace(from, to);
  it.each([
    ["another system", "{ reference: kong }", "kong", "invalid-value", "one of litellm, portkey, envoy"],
    [
      "an endpoint nobody has",
      litellm("endpoint: b", "endpoint: c"),
      "c,",
      "unknown-reference",
      "no endpoint",
    ],
    [
      "an endpoint named twice",
      litellm("endpoint: b", "endpoint: a"),
      "a, group: n",
      "duplicate-key",
      "one entry only",
    ],
    [
      "a fallback to nobody",
      litellm("reference: litellm", "reference: litellm, fallbacks: { m: [x] }"),
      "x]",
      "unknown-reference",
      "group or deployment id",
    ],
    [
      "a strategy LiteLLM has not",
      litellm("reference: litellm", "reference: litellm, strategy: fastest"),
      "fastest",
      "invalid-value",
      "simple-shuffle",
    ],
    [
      "a key LiteLLM has not",
      litellm("group: m", "group: m, colour: red"),
      "colour",
      "unknown-key",
      "is unknown",
    ],
    [
      "no deployments",
      "{ reference: litellm, deployments: [] }",
      "[]",
      "out-of-range",
      "at least one deployment",
    ],
    [
      "a target that is both",
      portkey("endpoint: b", "endpoint: b, targets: [{ endpoint: a }]"),
      "{ endpoint: b,",
      "inconsistent",
      "an endpoint or targets, got both",
    ],
    [
      "a target that is neither",
      portkey("endpoint: b", "weight: 1"),
      "{ weight: 1",
      "inconsistent",
      "got neither",
    ],
    [
      "a default that no target is called",
      portkey("mode: fallback", "mode: conditional, default: z"),
      "z,",
      "unknown-reference",
      'no target with this name "z"',
    ],
    [
      "a query with an operator nobody has",
      portkey(
        "mode: fallback",
        "mode: conditional, conditions: [{ query: { metadata.a: { $like: b } }, then: x }]",
      ),
      "{ metadata.a",
      "invalid-value",
      "an operator out of $eq",
    ],
    [
      "a pattern that cannot be read",
      portkey(
        "mode: fallback",
        'mode: conditional, conditions: [{ query: { metadata.a: { $regex: "(" } }, then: x }]',
      ),
      "{ metadata.a",
      "invalid-value",
      "a regular expression",
    ],
    [
      "a file that is no code",
      "./router.yaml",
      "./router.yaml",
      "invalid-value",
      "the path of a file of code",
    ],
    ["a file that is not there", "./other.mjs", "./other.mjs", "unreadable", "a file that can be read"],
    [
      "a file outside the folder",
      "{ module: ../router.mjs }",
      "../router.mjs",
      "path-escape",
      "inside the scenario's folder",
    ],
  ])("%s", (_, policy, part, code, message) => {
    const text = scenarioText(policy);
    const line = text.split("\n").findIndex((each) => each.includes("routing:")) + 1;
    const column = text.split("\n")[line - 1]!.lastIndexOf(part) + 1;
    const issues = issuesOf(text);
    expect(issues.map((issue) => issue.code)).toEqual([code]);
    expect(issues[0]!.message).toContain(message);
    expect(issues[0]!).toMatchObject({ line, column });
  });

  it("a hedge beside another system's policy is told to be left out", () => {
    const rest = "  protect: { hedge: { after: 1s } }\n";
    expect(issuesOf(scenarioText(POLICIES.envoy!, undefined, rest))).toMatchObject([
      { code: "inconsistent", path: "deployment.protect.hedge" },
    ]);
    expect(issuesOf(scenarioText(POLICIES.module!, undefined, rest))).toEqual([]);
  });
});

describe("what clients say", () => {
  it.each([
    [
      "a wish for an endpoint nobody has",
      "{ chat: { model: m, only: [a, c] } }",
      "unknown-reference",
      "workload.classes.chat.only[1]",
    ],
    ["a wish for nothing", "{ chat: { model: m, only: [] } }", "out-of-range", "workload.classes.chat.only"],
    [
      "metadata that is no text",
      "{ chat: { model: m, metadata: { home: 3 } } }",
      "invalid-type",
      "workload.classes.chat.metadata.home",
    ],
    [
      "another kind of call",
      "{ chat: { model: m, api: audio } }",
      "invalid-value",
      "workload.classes.chat.api",
    ],
  ])("%s", (_, classes, code, path) => {
    expect(issuesOf(scenarioText(POLICIES.envoy!, classes))).toMatchObject([{ code, path }]);
  });
});

describe("the code of a policy is part of the scenario", () => {
  const hashOf = (code: string): string => {
    const result = loadScenario({
      file: "case.yaml",
      text: scenarioText(POLICIES.module!),
      read: () => code,
    });
    if (!result.ok) throw new Error("invalid");
    expect(result.scenario.deployment.routing.policy).toMatchObject({ kind: "module", path: "router.mjs" });
    return result.scenario.sha256;
  };

  it("another text gives another hash", () => {
    expect(hashOf("a")).toBe(hashOf("a"));
    expect(hashOf("a")).not.toBe(hashOf("b"));
  });
});
