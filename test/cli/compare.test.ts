import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CompareArguments, compare } from "../../src/cli/commands/compare.js";
import { folderName, labelsOf } from "../../src/cli/compare/labels.js";
import { UsageError } from "../../src/cli/failures.js";
import type { Comparison } from "../../src/result/comparison.js";
import { busyScenario, fingerprint, scratch, shortScenario, smallScenario } from "./harness.js";
import { called } from "./inProcess.js";
import { ask } from "./resident.js";

const slower = (text: string): string => text.replace("p50: 450ms, p99: 1800ms", "p50: 900ms, p99: 3s");
const strict = (text: string): string => text.replace('"residency.violations == 0"', '"ttft.p50 < 800ms"');

/** Two files in `folder`: as it is, and with a slower model. */
function pair(folder: string, change: (text: string) => string = shortScenario): readonly string[] {
  return [
    smallScenario(folder, change, "before.yaml"),
    smallScenario(folder, (text) => change(slower(text)), "after.yaml"),
  ];
}

const DEFAULTS = {
  ...{ of: [], set: [], json: "-", html: false, failOn: "nothing", all: false, quiet: true },
  progress: "none",
} as const;

describe("compare", () => {
  it("prints the answer and, last, the path of a report that exists; nothing on stderr", async () => {
    const folder = scratch();
    const { code, out, err } = await ask(folder, ["compare", ...pair(folder), "--reps", "8", "--html"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const report = join("reports", "before-vs-after", "report.html");
    expect(out.trimEnd().split("\n").at(-1)).toBe(report);
    expect(existsSync(join(folder, report))).toBe(true);
    expect(out).toContain("before → after");
    expect(out).toMatch(/~ ttft\.p50 .* worse/);
  });

  it("exits with 5 for a regression when asked to, and names what became worse on stderr", async () => {
    const folder = scratch();
    const [before, after] = pair(folder, (text) => strict(shortScenario(text)));
    const args = ["--reps", "8", "--quiet", "--fail-on", "regression"];
    const worse = await ask(folder, ["compare", before!, after!, ...args]);
    expect(worse.code).toBe(5);
    expect(worse.err).toMatch(/^regression in after: ttft\.p50 /m);
    expect(worse.err).toMatch(/^regression in after: objective ttft\.p50 < 800ms holds in before and fails/m);
    const back = ["compare", join(folder, after!), join(folder, before!), "--out", join(folder, "out")];
    expect((await called([...back, ...args])).code).toBe(0);
    const failing = await called([...back, "--reps", "2", "--quiet", "--fail-on", "objective"]);
    expect(failing.code).toBe(4);
  });

  it("finds no significant change between two files that are alike", async () => {
    const folder = scratch();
    const files = ["one.yaml", "two.yaml"].map((file) =>
      join(folder, smallScenario(folder, shortScenario, file)),
    );
    const { code, out } = await called([
      ...["compare", ...files, "--reps", "4", "--fail-on", "regression"],
      ...["--out", join(folder, "out"), "--progress", "none"],
    ]);
    expect(code).toBe(0);
    expect(out).toContain("No significant change");
  });

  it("gives the same bytes however many processes run it", async () => {
    const folder = scratch();
    const args = ["compare", ...pair(folder, busyScenario), "--reps", "3", "--quiet"];
    expect(await ask(folder, [...args, "--jobs", "1", "--out", "one"])).toMatchObject({ code: 0, err: "" });
    expect(await ask(folder, [...args, "--jobs", "2", "--out", "two"])).toMatchObject({ code: 0, err: "" });
    expect(fingerprint(join(folder, "two"))).toEqual(fingerprint(join(folder, "one")));
  });

  it("keeps every scenario in the folder, replaces the folder as a whole, and leaves other people's files alone", async () => {
    const folder = scratch();
    const files = pair(folder).map((file) => join(folder, file));
    const args = ["compare", ...files, "--reps", "2", "--quiet", "--out", join(folder, "out")];
    expect((await called(args)).code).toBe(0);
    const first = fingerprint(join(folder, "out"));
    expect(Object.keys(first)).toEqual([
      "comparison.json",
      "manifest.json",
      "scenarios/1/before.yaml",
      "scenarios/2/after.yaml",
      "summary.txt",
    ]);
    const asked = await called(["verify", join(folder, "out")]).catch((error: unknown) => error);
    expect(asked).toBeInstanceOf(UsageError);
    expect((asked as UsageError).message).toContain("holds a comparison, not the result of a run");
    const manifest = JSON.parse(readFileSync(join(folder, "out/manifest.json"), "utf8"));
    expect(manifest.scenarios.map(({ copy }: { copy: string }) => copy)).toEqual([
      "scenarios/1/before.yaml",
      "scenarios/2/after.yaml",
    ]);
    for (const { path, sha256 } of manifest.files) expect(first[path]).toBe(sha256);
    expect((await called(args)).code).toBe(0);
    expect(fingerprint(join(folder, "out"))).toEqual(first);
    writeFileSync(join(folder, "out/notes.txt"), "mine");
    const refused = await called(args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).message).toContain("notes.txt, which regionsim did not write");
    expect(readFileSync(join(folder, "out/notes.txt"), "utf8")).toBe("mine");
  });

  it("--json - puts one document and nothing else on stdout, and writes no folder; --set changes every file, and --seed every seed", async () => {
    const folder = scratch();
    const { code, out, err } = await ask(folder, [
      ...["compare", ...pair(folder), "--reps", "2", "--json", "-"],
      ...["--set", "duration=50s", "--seed", "x"],
    ]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const { schema, seed, variants } = JSON.parse(out) as Comparison;
    expect(schema).toBe("regionsim.comparison/1");
    expect(variants.map(({ path }) => path)).toEqual(["before.yaml", "after.yaml"]);
    expect(seed).toBe("x");
    expect(variants.map(({ first }) => [first.seed, first.scenario.durationS])).toEqual([
      ["x", 50],
      ["x", 50],
    ]);
    expect(readdirSync(folder).sort()).toEqual(["after.yaml", "before.yaml"]);
  });

  it("reports every mistake of every file at once", async () => {
    const folder = scratch();
    const files = [
      smallScenario(folder, (text) => text.replace("duration: 4m", "duration: soon"), "a.yaml"),
      smallScenario(folder, (text) => text.replace("rate: 5rps", "rate: lots"), "b.yaml"),
    ];
    const { code, err } = await ask(folder, ["compare", ...files, "missing.yaml"]);
    expect(code).toBe(3);
    expect(err).toContain("a.yaml:5:");
    expect(err).toContain("b.yaml:");
    expect(err).toContain("missing.yaml");
    expect(readdirSync(folder).sort()).toEqual(["a.yaml", "b.yaml"]);
  });

  it.each([
    [{ files: ["small.yaml"] }, "2 to 8 files, got 1"],
    [{ least: 5 }, "--least needs --until-ci"],
    [{ failOn: "rain" }, "--fail-on must be nothing, or some of regression, objective"],
    [{ untilCi: 0.05, of: ["rain"], reps: 3 }, "--of rain is no measure"],
  ])("refuses %j with one sentence", async (given: Partial<CompareArguments>, words) => {
    const folder = scratch();
    const files = (given.files ?? ["small.yaml", "small.yaml"]).map((file) => join(folder, file));
    smallScenario(folder, shortScenario);
    const args = { ...DEFAULTS, ...given, files } as CompareArguments;
    const refused = await compare(args).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UsageError);
    expect((refused as UsageError).message).toContain(words);
    expect(readdirSync(folder)).toEqual(["small.yaml"]);
  });

  it("tells files of the same name apart by their folders", async () => {
    const folder = scratch();
    for (const name of ["base", "branch"]) mkdirSync(join(folder, name));
    smallScenario(join(folder, "base"), shortScenario);
    smallScenario(join(folder, "branch"), shortScenario);
    const args = ["compare", "base/small.yaml", "branch/small.yaml", "--reps", "2", "--quiet"];
    const { code, out } = await ask(folder, args);
    expect(code).toBe(0);
    expect(out.trimEnd()).toBe(join("reports", "base-small-vs-branch-small", "summary.txt"));
  });
});

describe("labels", () => {
  it("are names without endings, with as many folders as it takes, and numbers for the same file again", () => {
    expect(labelsOf(["x/a.yaml", "y/b.json"])).toEqual(["a", "b"]);
    expect(labelsOf(["x/a.yaml", "y/a.yaml", "b.yaml"])).toEqual(["x/a", "y/a", "b"]);
    expect(labelsOf(["p/x/a.yaml", "q/x/a.yaml"])).toEqual(["p/x/a", "q/x/a"]);
    expect(labelsOf(["a.yaml", "./a.yaml"])).toEqual(["a", "a (2)"]);
    expect(new Set(labelsOf(["a.yaml", "a.json"])).size).toBe(2);
  });

  it("make a folder's name that is one folder, however they are spelled", () => {
    expect(folderName(["x/a", "b (2)"])).toBe("x-a-vs-b-2-");
    expect(folderName(["../..", ".."])).not.toContain("/");
    expect(folderName(["a".repeat(300), "b"]).length).toBeLessThanOrEqual(120);
  });
});
