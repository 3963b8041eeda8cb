import { describe, expect, it } from "vitest";
import { comparisonSuites, objectiveSuite, type ScenarioPlaces } from "../../src/report/checkSuites.js";
import type { Check, CheckSuite } from "../../src/report/checks.js";
import { junitText } from "../../src/report/junit.js";
import type { Comparison } from "../../src/result/comparison.js";
import { PAYLOADS } from "./hostile.js";
import { CHANGES, sampleComparison } from "./sampleComparison.js";
import { sampleResult } from "./sampleResult.js";

interface Node {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Node[];
  text: string;
}

/** The Jenkins JUnit schema: attributes that must and may be there, and children in the order they must come. */
const SCHEMA: Readonly<Record<string, { must: string[]; may: string[]; children: string[] }>> = {
  testsuites: {
    must: [],
    may: ["name", "time", "tests", "failures", "disabled", "errors"],
    children: ["testsuite"],
  },
  testsuite: {
    must: ["name", "tests"],
    may: ["failures", "errors", "time", "disabled", "skipped", "timestamp", "hostname", "id", "package"],
    children: ["properties", "testcase", "system-out", "system-err"],
  },
  properties: { must: [], may: [], children: ["property"] },
  property: { must: ["name", "value"], may: [], children: [] },
  testcase: {
    must: ["name", "classname"],
    may: ["assertions", "time", "status"],
    children: ["skipped", "error", "failure", "system-out", "system-err"],
  },
  skipped: { must: [], may: ["message"], children: [] },
  failure: { must: [], may: ["type", "message"], children: [] },
  "system-out": { must: [], may: [], children: [] },
};

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d+)|([a-z]+));/g, (whole, code, name) =>
    code === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number(code)),
  );
}

/** A document as XML 1.0 has it, or an exception: enough of a reader for what we write. */
function parse(xml: string): Node {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what XML 1.0 forbids
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(xml))
    throw new Error("forbidden character");
  const body = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const root: Node = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  for (const [, tag, between] of body.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const parts = /^(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)(\/?)$/.exec(tag!);
    if (parts === null) throw new Error(`not a tag: <${tag}>`);
    const [, closing, name, attributes, empty] = parts as unknown as [string, string, string, string, string];
    if (closing === "/") {
      if (open.pop()!.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map((m) => [m[1]!, unescaped(m[2]!)]);
      const node: Node = { name, attributes: Object.fromEntries(pairs), children: [], text: "" };
      open.at(-1)!.children.push(node);
      if (empty === "") open.push(node);
    }
    if (/&(?!#\d+;|[a-z]+;)/.test(between!)) throw new Error(`a bare & in ${between}`);
    open.at(-1)!.text += unescaped(between!);
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error("not one whole element");
  return root.children[0]!;
}

/** What the schema has against a node and those inside it. */
function complaints(node: Node): readonly string[] {
  const rule = SCHEMA[node.name];
  if (rule === undefined) return [`no element ${node.name}`];
  const names = Object.keys(node.attributes);
  const order = node.children.map((child) => rule.children.indexOf(child.name));
  return [
    ...rule.must.filter((name) => !names.includes(name)).map((name) => `${node.name} lacks ${name}`),
    ...names
      .filter((name) => ![...rule.must, ...rule.may].includes(name))
      .map((name) => `${node.name} has ${name}`),
    ...(order.some((place, i) => place < 0 || (i > 0 && place < order[i - 1]!))
      ? [`order in ${node.name}`]
      : []),
    ...node.children.flatMap(complaints),
  ];
}

const PLACES: ScenarioPlaces = {
  file: "designs/s.yaml",
  objectives: new Map([["refused{origin=US} <= 0.5%", { file: "designs/s.yaml", line: 41 }]]),
};

function check(name: string, verdict: Check["verdict"], text = "found"): Check {
  return { name, verdict, text, file: null, line: null };
}

function suiteOf(checks: readonly Check[], name = "s.yaml"): CheckSuite {
  return { name, kind: "objective", facts: { seed: "a" }, checks };
}

describe("JUnit text", () => {
  it("is valid by the common schema, for a run and for a comparison", () => {
    const comparison = sampleComparison();
    for (const suites of [
      [],
      [objectiveSuite(sampleResult(), PLACES)],
      comparisonSuites(comparison, { places: [PLACES, PLACES], failsOnRegression: true }),
    ])
      expect(complaints(parse(junitText(suites)))).toEqual([]);
  });

  it("counts what does not hold, the undecided with it, and the skipped apart", () => {
    const verdicts = ["pass", "fail", "undecided", "skipped", "pass"] as const;
    const root = parse(junitText([suiteOf(verdicts.map((verdict, i) => check(`c${i}`, verdict)))]));
    expect(root.attributes).toMatchObject({ tests: "5", failures: "2" });
    expect(root.children[0]!.attributes).toMatchObject({ tests: "5", failures: "2", skipped: "1" });
    const cases = root.children[0]!.children.filter(({ name }) => name === "testcase");
    expect(cases.map(({ children }) => children[0]!.name)).toEqual([
      "system-out",
      "failure",
      "failure",
      "skipped",
      "system-out",
    ]);
    expect(cases[2]!.children[0]!.attributes.type).toBe("objective undecided");
  });

  it("says value, target, seed and the line of the objective", () => {
    const root = parse(junitText([objectiveSuite(sampleResult(), PLACES)]));
    const failed = root.children[0]!.children.find(
      ({ attributes }) => attributes.name === "refused{origin=US} <= 0.5%",
    )!;
    expect(failed.attributes.classname).toBe("designs/s.yaml");
    const { message } = failed.children[0]!.attributes;
    expect(message).toBe(`value 2.5 %, target 0.50 %; 1 run, no interval; seed ${sampleResult().seed}`);
    expect(failed.children[0]!.text).toBe(`${message}\ndesigns/s.yaml:41`);
  });

  it("says mean, interval and how many replications hold where there are several", () => {
    const { first, replicated } = sampleComparison().variants[0]!;
    const root = parse(junitText([objectiveSuite({ ...first, replicated }, PLACES)]));
    const undecided = root.children[0]!.children.filter(({ children }) => children[0]?.name === "failure");
    expect(undecided.map(({ attributes }) => attributes.name)).toEqual(["refused{origin=US} <= 0.5%"]);
    expect(undecided[0]!.children[0]!.attributes.message).toBe(
      "mean 3.1 % (95 % interval 2.0 % to 4.0 %), target 0.50 %; holds in 11 of 20 replications (95 % interval 30.0 % to 70.0 %); seed eu-us-outage".replace(
        "eu-us-outage",
        sampleResult().seed,
      ),
    );
  });

  it("has a case for every measure of a pair where regressions fail, and none where they do not", () => {
    const comparison = sampleComparison();
    const names = (failsOnRegression: boolean): readonly string[] =>
      comparisonSuites(comparison, { places: [PLACES, PLACES], failsOnRegression }).map(({ kind }) => kind);
    expect(names(false)).toEqual(["objective", "objective"]);
    expect(names(true)).toEqual(["objective", "objective", "regression"]);
    const suites = comparisonSuites(comparison, { places: [PLACES, PLACES], failsOnRegression: true });
    const failed = suites[2]!.checks.filter(({ verdict }) => verdict === "fail").map(({ name }) => name);
    expect(suites[2]!.checks).toHaveLength(CHANGES.length);
    expect(failed).toEqual(CHANGES.filter(({ verdict }) => verdict === "worse").map(({ key }) => key));
  });

  it("tells of an only group of users once", () => {
    const { variants, ...rest } = sampleComparison();
    const alone = variants.map((variant) => {
      const { EU } = variant.first.requestsBy.origin;
      const requestsBy = { ...variant.first.requestsBy, origin: { EU: EU! } };
      return { ...variant, first: { ...variant.first, requestsBy } };
    });
    const options = { places: [PLACES, PLACES], failsOnRegression: true };
    const keys = comparisonSuites({ ...rest, variants: alone }, options)[2]!.checks.map(({ name }) => name);
    expect(keys).toContain("refused");
    expect(keys).not.toContain("refused{origin=EU}");
  });

  it("fails for what never comes any more, and skips an objective that did not hold before either", () => {
    const { variants, pairs, ...rest } = sampleComparison();
    const [first, second] = variants as [Comparison["variants"][0], Comparison["variants"][0]];
    const never: Comparison = {
      ...rest,
      variants: [first, { ...second, replicated: { ...second.replicated, missing: { failover: 20 } } }],
      pairs: [{ ...pairs[0]!, onlyFirst: ["failover"] }],
    };
    const suites = comparisonSuites(never, { places: [PLACES, PLACES], failsOnRegression: true });
    expect(suites[2]!.checks[0]).toMatchObject({ name: "failover", verdict: "fail" });
    expect(suites[2]!.checks[0]!.text).toContain("→ never");
    // The first objective holds for the first variant only, the second is open for both.
    expect(suites[1]!.checks.map(({ verdict }) => verdict)).toEqual(["fail", "skipped", "pass", "pass"]);
    expect(suites[0]!.checks.map(({ verdict }) => verdict)).toEqual(["pass", "skipped", "pass", "pass"]);
    const plainly = comparisonSuites(never, { places: [PLACES, PLACES], failsOnRegression: false });
    expect(plainly[0]!.checks.map(({ verdict }) => verdict)).toEqual(["pass", "undecided", "pass", "pass"]);
  });

  it.each(PAYLOADS.map((payload, index) => [index, payload] as const))(
    "carries any name whole, or as a harmless one: payload %i",
    (_, payload) => {
      const root = parse(junitText([suiteOf([check(payload, "fail", payload)], payload)]));
      expect(complaints(root)).toEqual([]);
      const found = root.children[0]!.children.find(({ name }) => name === "testcase")!.attributes.name!;
      expect(found).toHaveLength(payload.length);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: such names cannot be carried
      if (!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\ud800-\udfff]/.test(payload))
        expect(found).toBe(payload);
    },
  );

  it("replaces characters that XML has no way to write", () => {
    const text = junitText([suiteOf([check("a\u0000b\u0008c\ufffed\uffffe\ud800f", "pass")])]);
    expect(text).toContain('name="a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf"');
    expect(() => parse(text)).not.toThrow();
    expect(() => parse(text.replace("found", "a & b"))).toThrow("bare &");
  });
});
