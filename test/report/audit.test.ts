import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { auditScenario } from "../../src/experiment/index.js";
import { type AuditTextOptions, auditGithub, auditMarkdown, auditText } from "../../src/report/index.js";
import type { AuditReport } from "../../src/result/index.js";
import { loadScenario } from "../../src/scenario/index.js";
import { auditOf, changed, PROVEN } from "../experiment/auditFiles.js";

const SCENARIOS = join(import.meta.dirname, "../../scenarios");
const PLAIN: AuditTextOptions = {
  colour: false,
  widthCharacters: 100,
  file: "s.yaml",
  folder: "",
  isWhole: false,
};

function shipped(name: string): AuditReport {
  const read = (path: string): string => readFileSync(join(SCENARIOS, path), "utf8");
  const loaded = loadScenario({ file: name, text: read(name), read, set: [] });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
  return auditScenario(loaded.scenario);
}

const LEAKY = changed([
  "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }",
  "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }\n    enforce: none",
]);

describe("the text of an audit", () => {
  it("of the worked example is this, word for word, up to what it rests on", () => {
    const text = auditText(shipped("eu-us.yaml"), {
      ...PLAIN,
      file: "scenarios/eu-us.yaml",
      folder: "scenarios",
    });
    const told = text
      .slice(0, text.indexOf("\n\nWhat this rests on"))
      .replace(/sha256 \S+, regionsim \S+/, "sha256 …");
    expect(`\n${told}\n`).toBe(`
Residency audit: EU/US support assistant
PROVEN: no state of the system can put a prompt where a rule forbids it.
2 kinds of prompts (country × class), 4 places, 24 paths to a channel, 10 of them under a rule: 15
can ever be taken, and none of these is against a rule.
scenarios/eu-us.yaml, sha256 …

Where prompts may ever be
  users in  class  channel           may ever be in  verdict  rule, and what says so
  EU (DE)   chat   processing        DE              lawful   eu-stays (line 46), by lines 29, 41
  EU (DE)   chat   logs              DE              lawful   eu-stays (line 46), by lines 29, 41
  EU (DE)   chat   abuse-monitoring  DE              lawful   eu-stays (line 46), by line 41
  US        chat   processing        US and DE       no rule  by lines 28, 29, 40, 41
  US        chat   logs              US and DE       no rule  by lines 28, 29, 40, 41
  US        chat   abuse-monitoring  US and DE       no rule  by lines 40, 41

Refused whatever the routing does, for every set of regions lost (busiest time, 167 requests/s)
  lost     within the rules  without rules  due to the rules  who is refused
  nothing               0 %            0 %               0 %
  us                    0 %            0 %               0 %
  eu                 40.0 %            0 %            40.0 %  100 % of chat from EU (DE)
  Worst legal survivor: without eu, 40.0 % of all requests cannot be served within the rules.

Single points of legal failure
  chat from EU (DE): all depends on endpoint eu-model, gateway eu, region eu and country DE (others
  would be there, but the rules forbid them).
  chat from EU (DE) and US: all depends on provider aws (rules or none).

Before signing
  - No contract or page is shown for processing and logs: gateway eu (line 29).
  - No contract or page is shown for processing, logs and abuse-monitoring: endpoint eu-model (line
    41).
  - Nobody says how long logs are kept: gateway eu (line 29).
  - Nobody says how long logs and abuse-monitoring are kept: endpoint eu-model (line 41).
`);
  });

  it("says of shipped scenarios that they are proven, and of the two-region ones that any one region may go", () => {
    for (const name of [
      "eu-us.yaml",
      "active-active.yaml",
      "active-passive.yaml",
      "eu-residency-outage.yaml",
    ])
      expect(`${name} ${shipped(name).verdict}`).toBe(`${name} proven`);
    const text = auditText(shipped("active-active.yaml"), PLAIN);
    expect(text).toMatch(
      /Worst legal survivor: without \w+, [\d.]+ times the demand can still be served within the\s+rules\./,
    );
  });

  it("begins with the verdict and then every violation with the line to change", () => {
    const lines = auditText(auditOf(LEAKY), { ...PLAIN, folder: "deep/er" }).split("\n");
    expect(lines[1]).toBe("VIOLATION POSSIBLE: 5");
    expect(
      lines.filter((line) =>
        /^ +Change deep\/er\/s\.yaml:\d+, what the \w+ does, or deep\/er\/s\.yaml:43, what the router checks\.$/.test(
          line,
        ),
      ),
    ).toHaveLength(5);
    const whole = lines.join(" ").replace(/ +/g, " ");
    expect(whole).toContain(
      "Prompts of chat from EU (DE) may be processed in US: endpoint iad-model (line 34) has processing in US; " +
        "rule eu-stays (line 38) allows EU only; the router does not check processing (line 43); reached by failover, when fra-model cannot be used; or a retry, after another endpoint failed",
    );
  });

  it.each([60, 80, 100, 140])("is never wider than a terminal of %i characters", (widthCharacters) => {
    for (const text of [PROVEN, LEAKY]) {
      const lines = auditText(auditOf(text), { ...PLAIN, widthCharacters, isWhole: true }).split("\n");
      // The line that says which file it was is for copying, and is never broken.
      const wide = lines.filter(
        (line) => Array.from(line).length > widthCharacters && !line.includes("sha256"),
      );
      expect(wide).toEqual([]);
    }
  });

  it("has colours only where they are shown, and means the same without them", () => {
    const report = auditOf(LEAKY);
    const painted = auditText(report, { ...PLAIN, colour: true });
    expect(painted).toContain("\u001b[31mVIOLATION POSSIBLE: 5\u001b[0m");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is being taken away
    expect(painted.replace(/\u001b\[\d+m/g, "")).toBe(auditText(report, PLAIN));
  });

  it("in whole has every place, and why one is never reached", () => {
    const text = auditText(auditOf(PROVEN), { ...PLAIN, isWhole: true, widthCharacters: 140 });
    expect(text).toMatch(
      /EU \(DE\) +chat +endpoint iad-model +never +rule eu-stays \(line 38\) does not allow processing in US \(line 34\)/,
    );
    expect(text).toMatch(/EU \(DE\) +chat +endpoint sto-model +yes +failover, when fra-model cannot be used/);
  });
});

describe("the Markdown of an audit", () => {
  it("has the verdict, the tables, what it rests on, and a place to sign", () => {
    const text = auditMarkdown(auditOf(LEAKY), "s.yaml");
    expect(text).toMatch(/^# Residency audit: Three regions\n\n\*\*VIOLATION POSSIBLE: 5\*\*/);
    expect(text.match(/^\d\. Prompts of/gm)).toHaveLength(5);
    expect(text).toMatch(
      /\| EU \(DE\) \| chat \| processing \| DE, SE and US \| \*\*VIOLATION: US\*\* \| eu-stays \(s\.yaml:38\) \| s\.yaml:13, 34 \|/,
    );
    expect(text).toContain("| name | date | signature |");
    expect(text.endsWith("|\n")).toBe(true);
  });

  it("lets no name from a file end a cell or start a tag", () => {
    const text = auditMarkdown(
      auditOf(PROVEN.replace("name: Three regions", 'name: "a|b <img src=x> [c](d)"')),
      "s.yaml",
    );
    expect(text).toContain("# Residency audit: a\\|b \\<img src=x\\> \\[c\\](d)");
  });
});

describe("the annotations of an audit", () => {
  it("stand at the line to change, in the file as it was named", () => {
    const lines = auditGithub(auditOf(LEAKY), { file: "deep/s.yaml", folder: "deep" }).trimEnd().split("\n");
    expect(lines).toHaveLength(5);
    expect(lines[2]).toMatch(
      /^::error file=deep\/s\.yaml,line=34,col=1,title=residency rule eu-stays::Prompts of chat from EU/,
    );
  });

  it("are none where all is proven", () => {
    expect(auditGithub(auditOf(PROVEN), { file: "s.yaml", folder: "" })).toBe("");
  });
});
