import { describe, expect, it } from "vitest";
import { violationSuite } from "../../src/report/checkSuites.js";
import type { Check, CheckSuite } from "../../src/report/checks.js";
import {
  type Annotation,
  annotationLines,
  checkAnnotations,
  MOST_ANNOTATIONS,
  MOST_SUMMARY_BYTES,
} from "../../src/report/github.js";
import { cutToBytes, stepSummary } from "../../src/report/stepSummary.js";
import { comparisonWords, runWords } from "../../src/report/stepWords.js";
import { auditOf, changed } from "../experiment/auditFiles.js";
import { sampleComparison } from "./sampleComparison.js";
import { sampleResult } from "./sampleResult.js";

function annotation(over: Partial<Annotation> = {}): Annotation {
  return { level: "error", kind: "objective", file: "s.yaml", line: 3, title: "t", text: "x", ...over };
}

function suite(checks: readonly Check[], kind = "objective"): CheckSuite {
  return { name: "s.yaml", kind, facts: {}, checks };
}

function check(verdict: Check["verdict"], name = "refused <= 1%"): Check {
  return { name, verdict, text: "value 2 %", file: "s.yaml", line: 7 };
}

describe("annotations", () => {
  it("escape what ends a field or a message, once", () => {
    const text = annotationLines([
      annotation({ file: "a,b:c%.yaml", title: "50%: a, b", text: "100 %25\nsecond: line, on" }),
    ]);
    expect(text).toBe(
      "::error file=a%2Cb%3Ac%25.yaml,line=3,col=1,title=50%25%3A a%2C b::100 %2525%0Asecond: line, on\n",
    );
  });

  it("let no name start a command of its own", () => {
    const evil = "x\r\n::set-output name=a::b\u2028::stop-commands::y";
    const lines = annotationLines([annotation({ file: evil, title: evil, text: evil })]);
    expect(lines.match(/^::/gm)).toHaveLength(1);
    expect(lines.trimEnd()).not.toMatch(/[\r\n\u2028]/);
  });

  it("are at most ten of a level and kind, the last of them a count of the rest", () => {
    const many = Array.from({ length: 25 }, (_, i) => annotation({ title: `t${i}` }));
    const lines = annotationLines([...many, annotation({ kind: "regression", title: "other" })]).trimEnd();
    const all = lines.split("\n");
    expect(all).toHaveLength(MOST_ANNOTATIONS + 1);
    expect(all[8]).toContain("title=t8::");
    expect(all[9]).toBe("::error title=16 more of kind objective::t9; t10; t11; t12; t13; …");
    expect(all[10]).toContain("title=other::");
    const ten = annotationLines(many.slice(0, 10)).trimEnd().split("\n");
    expect(ten).toHaveLength(10);
    expect(ten[9]).toContain("title=t9::");
  });

  it("are made of what fails or cannot be told, at its line, and of nothing else", () => {
    const found = checkAnnotations([
      suite([check("pass"), check("fail"), check("undecided"), check("skipped")]),
    ]);
    expect(found.map(({ title, line }) => [title, line])).toEqual([
      ["objective failed: refused <= 1% (s.yaml)", 7],
      ["objective undecided: refused <= 1% (s.yaml)", 7],
    ]);
  });

  it("of an audit name every violation apart", () => {
    const report = auditOf(
      changed([
        "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }",
        "    health: { interval: 5s, timeout: 2s, fall: 2, rise: 2 }\n    enforce: none",
      ]),
    );
    const { checks } = violationSuite(report, { file: "deep/s.yaml", folder: "deep" });
    expect(checks).toHaveLength(report.violations.length);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
    const places = checks.map(({ verdict, file, line }) => `${verdict} ${file}:${line}`);
    expect(places).toEqual(report.violations.map(({ line, ruleLine }) => `fail deep/${line ?? ruleLine}`));
  });
});

describe("the summary of a step", () => {
  it("says first how many checks do not hold, and lists those first", () => {
    const text = stepSummary({ title: "S", lines: ["It broke."] }, [
      suite([check("pass", "a"), check("fail", "b")]),
    ]);
    expect(text.split("\n").slice(0, 3)).toEqual(["## S", "", "**1 of 2 checks do not hold.**"]);
    expect(text).toContain("### What happened\n\n- It broke.");
    expect(text.indexOf("| **FAIL** | b |")).toBeLessThan(text.indexOf("| pass | a |"));
  });

  it("tells of measures only what is news, and at most fifty", () => {
    const fifty = Array.from({ length: 60 }, (_, i) => check("fail", `m${i}`));
    const text = stepSummary({ title: "S", lines: [] }, [
      suite([check("pass", "calm"), ...fifty], "regression"),
    ]);
    expect(text).not.toContain("calm");
    expect(text).toContain("| m49 |");
    expect(text).not.toContain("| m50 |");
    expect(text).toContain("\n10 more.\n");
  });

  it("lets no name end a cell or start a tag", () => {
    const text = stepSummary({ title: "<b>|", lines: ["<img>"] }, [suite([check("fail", "a|b<script>\n|")])]);
    expect(text).toContain("| a\\|b\\<script\\>\ufffd\\| |");
    expect(text).not.toMatch(/(?<!\\)<(?:b|img|script)/);
  });

  it("has the faults of a run, and the answer of a comparison", () => {
    const { title, lines } = runWords(sampleResult());
    expect(title).toBe(sampleResult().scenario.name);
    expect(lines.join("\n")).toContain("eu down 10:00–18:00");
    const compared = comparisonWords(sampleComparison());
    expect(compared.title).toBe("two-regions and one-region compared");
    expect(compared.lines.length).toBeGreaterThan(2);
  });

  it("is cut at a line with a note where there is no room, counted in bytes", () => {
    const text = `${"é".repeat(99)}\n`.repeat(8000);
    expect(cutToBytes("short", 100)).toBe("short");
    const cut = cutToBytes(text, MOST_SUMMARY_BYTES);
    const bytes = Buffer.byteLength(cut);
    expect(bytes).toBeLessThanOrEqual(MOST_SUMMARY_BYTES);
    expect(bytes).toBeGreaterThan(MOST_SUMMARY_BYTES - 300);
    expect(cut).toMatch(/é{99}\n\n\*The summary is cut here: it may not be larger\.\*\n$/);
    expect(cutToBytes(text, 20)).toBe("");
  });
});
