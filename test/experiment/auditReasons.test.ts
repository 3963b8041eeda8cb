/** What an audit says besides its verdict: who is never served and why, which lines to change, what to look at. */
import { describe, expect, it } from "vitest";
import { auditGithub, auditMarkdown, auditText } from "../../src/report/index.js";
import type { AuditReport } from "../../src/result/index.js";
import { auditOf, changed, lineOf, scenarioOf } from "./auditFiles.js";

const CLASS = "    chat: { inputTokens: 500, outputTokens: 100 }";
const HEALTH = "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }";
const REQUIRE = "require: { processing: EU, logs: EU, abuse-monitoring: EU }";
const FRA_DATA = "processing: DE\n        logs: { in: DE";

function textOf(report: AuditReport): string {
  const options = { colour: false, widthCharacters: 1000, file: "s.yaml", folder: "", isWhole: false };
  return auditText(report, options);
}

const outcomes = (text: string): readonly string[] =>
  auditOf(text).stranded.map(({ country, dataClass, outcome }) => `${dataClass} from ${country} ${outcome}`);

describe("who is never served", () => {
  const unserved = changed([REQUIRE, "require: { processing: EU, traces: EU }"]);

  it("is said by the line after the verdict, in text and in Markdown", () => {
    const report = auditOf(unserved);
    expect(report.verdict).toBe("proven");
    const lines = textOf(report).split("\n");
    expect(lines[1]).toMatch(/^PROVEN: /);
    expect(lines[2]).toBe("But chat from EU (DE) can never be served.");
    expect(auditMarkdown(report, "s.yaml")).toContain("\n**But chat from EU (DE) can never be served.**\n");
  });

  it("is everybody where a rule about everybody leaves nothing", () => {
    const text = changed(["when: { origin: EU }\n      ", ""], [REQUIRE, "require: { traces: none }"]);
    expect(textOf(auditOf(text)).split("\n")[2]).toBe("But nothing can ever be served.");
  });

  it("is not said where everybody may be served", () => {
    expect(textOf(auditOf(changed()))).not.toContain("\nBut ");
  });

  it("is stranded by entry where another class of the site is, and by its own rule where that is so", () => {
    const text = changed(
      [CLASS, `${CLASS}\n    health: { inputTokens: 500, outputTokens: 100 }`],
      ["when: { origin: EU }", "when: { dataClass: health, origin: US }"],
      [REQUIRE, "require: { processing: CH }"],
    );
    const [chat, health] = outcomes(text);
    expect(chat).toBe(
      `chat from US can never be served: nothing leads it to a gateway that may serve it; fra: entry keeps health away, and with it every class of the site: rule eu-stays (${lineOf(text, "- id: eu-stays")}) does not allow processing in DE`,
    );
    expect(health).toMatch(
      /^health from US can never be served: rule eu-stays .* leaves it no endpoint; fra-model has processing in DE /,
    );
  });

  it.each([
    ["evidence: required", "shows no evidence of processing", "processing: DE"],
    ["maxRetention: { logs: 7d }", "keeps logs too long", "logs: { in: DE"],
  ])("with %s says what is wrong", (more, wrong, line) => {
    const text = changed([REQUIRE, `${REQUIRE}\n      ${more}`]);
    expect(outcomes(text).join()).toContain(`fra-model ${wrong} (${lineOf(text, line)})`);
  });

  it("by a denial that nothing is shown for says that", () => {
    const shown = 'processing: { in: DE, evidence: "a" }\n        logs: { in: DE';
    const text = changed([FRA_DATA, shown], [REQUIRE, `${REQUIRE}\n      evidence: required`]);
    expect(outcomes(text).join()).toContain(
      `fra-model says that it has no abuse-monitoring and shows no evidence (${lineOf(text, "abuse-monitoring: none")})`,
    );
  });

  it("by the silence of terms is pointed at the data, not at the name", () => {
    const text = changed(
      [
        'processing: DE\n        logs: { in: DE, keep: 30d, evidence: "contract 7" }',
        "terms: bedrock:in-region",
      ],
      [REQUIRE, "require: { traces: EU }"],
    );
    expect(auditOf(text).stranded[0]!.line).toBe(lineOf(text, "      data:"));
  });
});

describe("the line to change", () => {
  it("comes with the setting by which the router does not look, in every format", () => {
    const text = changed(
      ["    fra: { region: fra }", "    fra: { region: fra, data: { logs: US } }"],
      [HEALTH, `${HEALTH}\n    enforce: [processing]`],
    );
    const change = `Change ${lineOf(text, "logs: US")}, what the gateway does, or ${lineOf(text, "enforce:")}, what the router checks.`;
    const report = auditOf(text);
    expect(textOf(report)).toContain(change);
    expect(auditMarkdown(report, "s.yaml")).toContain(change);
    expect(auditGithub(report, { file: "s.yaml", folder: "" })).toContain(change);
  });

  it("comes with entry's where one address is announced everywhere", () => {
    const text = changed(["entry: { kind: geo-dns, ttl: 30s }", "entry: { kind: anycast, scope: global }"]);
    const entry = lineOf(text, "entry:");
    const [violation] = auditOf(text).violations;
    expect(violation!.letBy).toBe(entry);
    expect(violation!.sentence).toContain(`; entry announces one address everywhere (${entry}); reached by`);
    expect(textOf(auditOf(text))).toContain(`or ${entry}, where entry leads.`);
  });
});

describe("before signing", () => {
  it("says that an endpoint is said to process only elsewhere, and the file warns of it", () => {
    const text = changed(["processing: US", "processing: DE"]);
    const said = `ndpoint iad-model (${lineOf(text, "iad-model:")}) stands in US and is said to process only in DE (${lineOf(text, "processing: DE", "iad-model:")})`;
    expect(auditOf(text).notes.map(({ sentence }) => sentence)).toContain(`E${said}; it is taken as stated.`);
    expect(scenarioOf(text).warnings).toContain(`e${said}`);
    expect(scenarioOf(changed()).warnings.join()).not.toContain("stands");
  });

  it("says that an endpoint goes by the terms of another provider than its region's", () => {
    const terms = (key: string): string => changed(["processing: US", `terms: "${key}"`]);
    const text = terms("azure-openai:regional");
    const said = `ndpoint iad-model (${lineOf(text, "iad-model:")}) stands at aws:us-east-1 and goes by azure-openai:regional (${lineOf(text, "terms:")}), the terms of another provider`;
    expect(auditOf(text).notes.map(({ sentence }) => sentence)).toContain(`E${said}; it is taken as stated.`);
    expect(scenarioOf(text).warnings).toContain(`e${said}`);
    expect(scenarioOf(terms("bedrock:in-region")).warnings.join()).not.toContain("another provider");
  });

  it("rests on entry answering for every class of a site at once, but where it chooses nothing", () => {
    const rests = (text: string): boolean =>
      auditOf(text).assumptions.some((line) =>
        line.startsWith("Entry answers once for every class of a site"),
      );
    expect(rests(changed())).toBe(true);
    expect(rests(changed(["kind: geo-dns, ttl: 30s", "kind: anycast, scope: global"]))).toBe(false);
  });
});
