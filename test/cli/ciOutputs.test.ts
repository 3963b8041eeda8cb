import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { appendStepSummary, placesOf, tellPipeline } from "../../src/cli/ciOutputs.js";
import type { CheckSuite } from "../../src/report/checks.js";
import { MOST_SUMMARY_BYTES } from "../../src/report/github.js";
import { loadScenario } from "../../src/scenario/index.js";

const SCENARIOS = join(import.meta.dirname, "../../scenarios");
const SUITE: CheckSuite = {
  ...{ name: "s.yaml", kind: "objective", facts: {} },
  checks: [{ name: "refused <= 1%", verdict: "fail", text: "value 2 %", file: "s.yaml", line: 7 }],
};
const WORDS = { words: () => ({ title: "S", lines: [] }), stream: "stdout" } as const;

describe("a pipeline", () => {
  let folder = "";
  let said = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "regionsim-ci-"));
    said = "";
    vi.spyOn(process.stdout, "write").mockImplementation((text, done) => {
      said += String(text);
      (done as unknown as () => void)();
      return true;
    });
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  it("is told nothing that it does not ask for", async () => {
    vi.stubEnv("GITHUB_STEP_SUMMARY", join(folder, "summary.md"));
    await tellPipeline({ github: false }, [SUITE], WORDS);
    expect(said).toBe("");
    expect(readdirSync(folder)).toEqual([]);
  });

  it("gets its cases in a file, annotations on stdout and a summary after what others wrote", async () => {
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "# Before\n\n");
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    const junit = join(folder, "deep/cases.xml");
    await tellPipeline({ github: true, junit }, [SUITE], WORDS);
    expect(readFileSync(junit, "utf8")).toContain("<failure ");
    expect(said).toBe(
      "::error file=s.yaml,line=7,col=1,title=objective failed%3A refused <= 1%25 (s.yaml)::value 2 %25\n",
    );
    expect(readFileSync(summary, "utf8")).toMatch(/^# Before\n\n## S\n\n\*\*1 of 1 checks do not hold/);
  });

  it("has no half JUnit file where it cannot be written whole", async () => {
    writeFileSync(join(folder, "taken"), "");
    const junit = join(folder, "taken/cases.xml");
    await expect(tellPipeline({ github: false, junit }, [SUITE], WORDS)).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("has a summary of at most its size, whatever stood there before", () => {
    const summary = join(folder, "summary.md");
    writeFileSync(summary, "x".repeat(MOST_SUMMARY_BYTES - 1000));
    vi.stubEnv("GITHUB_STEP_SUMMARY", summary);
    appendStepSummary(() => "a line of text\n".repeat(1000));
    const bytes = statSync(summary).size;
    expect(bytes).toBeLessThanOrEqual(MOST_SUMMARY_BYTES);
    expect(bytes).toBeGreaterThan(MOST_SUMMARY_BYTES - 100);
    appendStepSummary(() => "a line of text\n".repeat(1000));
    expect(statSync(summary).size).toBe(bytes);
  });

  it("without a summary is not asked for one", () => {
    vi.stubEnv("GITHUB_STEP_SUMMARY", "");
    expect(() =>
      appendStepSummary(() => {
        throw new Error("asked");
      }),
    ).not.toThrow();
  });
});

describe("where objectives stand", () => {
  it("is their line in the file that says them, from where the command was called", () => {
    const text = readFileSync(join(SCENARIOS, "eu-us.yaml"), "utf8");
    const read = (path: string): string => readFileSync(join(SCENARIOS, path), "utf8");
    const loaded = loadScenario({ file: "a/b/eu-us.yaml", text, read, set: [] });
    if (!loaded.ok) throw new Error("does not load");
    const { file, objectives } = placesOf("a/b/eu-us.yaml", loaded.scenario);
    expect(file).toBe("a/b/eu-us.yaml");
    expect(objectives.size).toBe(loaded.scenario.objectives.length);
    const lines = text.split("\n");
    for (const [objective, { file: path, line }] of objectives) {
      expect(path).toBe("a/b/eu-us.yaml");
      expect(lines[line! - 1]).toContain(objective);
    }
  });

  it("is no line for one that the command line says", () => {
    const read = (path: string): string => readFileSync(join(SCENARIOS, path), "utf8");
    const set = ['objectives=["refused <= 3%"]'];
    const loaded = loadScenario({ file: "eu-us.yaml", text: read("eu-us.yaml"), read, set });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.issues));
    expect(loaded.scenario.objectives.map(({ text }) => text)).toEqual(["refused <= 3%"]);
    expect(placesOf("eu-us.yaml", loaded.scenario).objectives.size).toBe(0);
  });
});
