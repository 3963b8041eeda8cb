import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

/** The small scenario with a router that checks where prompts are processed and no more, and a log sink abroad. */
function leaky(folder: string): string {
  return smallScenario(
    folder,
    (text) =>
      text
        .replace("data: { processing: [DE], logs: [DE] }", "data: { processing: [DE], logs: [US] }")
        .replace("workload:", "  routing: { enforce: [processing] }\nworkload:"),
    "leaky.yaml",
  );
}

describe("regionsim audit", () => {
  it("ends with 0 and says PROVEN where no state leaks", async () => {
    const folder = scratch();
    const { code, out, err } = await ask(folder, ["audit", smallScenario(folder)]);
    expect(err).toBe("");
    expect(out).toMatch(/^Residency audit: Small\nPROVEN: no state of the system/);
    expect(out).not.toContain("\u001b");
    expect(code).toBe(0);
  });

  it("ends with 4 on a possible violation and names the line to change", async () => {
    const folder = scratch();
    const file = leaky(folder);
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    const line = lines.findIndex((text) => text.includes("eu-model: {")) + 1;
    const { code, out } = await ask(folder, ["audit", file]);
    expect(code).toBe(4);
    expect(out).toContain("VIOLATION POSSIBLE: 1\n");
    expect(out).toMatch(new RegExp(`Change leaky\\.yaml:${line}[,.]`));
  });

  it("writes the document, the tables and annotations, each where it is told", async () => {
    const folder = scratch();
    const file = leaky(folder);
    const both = await ask(folder, ["audit", file, "--json", "out/audit.json", "--markdown", "out/audit.md"]);
    expect(both.code).toBe(4);
    const report = JSON.parse(readFileSync(join(folder, "out/audit.json"), "utf8"));
    expect(report).toMatchObject({ schema: "regionsim-audit/1", verdict: "violation-possible" });
    expect(report.violations).toHaveLength(1);
    expect(readFileSync(join(folder, "out/audit.md"), "utf8")).toMatch(
      /^# Residency audit: Small\n\n\*\*VIOLATION POSSIBLE: 1\*\*/,
    );
    const piped = await ask(folder, ["audit", file, "--json", "-"]);
    expect(piped.code).toBe(4);
    expect(piped.out).toBe(readFileSync(join(folder, "out/audit.json"), "utf8"));
    const github = await ask(folder, ["audit", file, "--format", "github"]);
    expect(github.out).toMatch(
      /^::error file=leaky\.yaml,line=\d+,col=1,title=residency rule eu-stays::Prompts of /,
    );
  });

  it("says the same twice, byte for byte", async () => {
    const folder = scratch();
    const file = leaky(folder);
    const first = await ask(folder, ["audit", file, "--json", "-"]);
    expect(await ask(folder, ["audit", file, "--json", "-"])).toEqual(first);
  });

  it("fails on what it is told to fail on", async () => {
    const folder = scratch();
    const leaks = leaky(folder);
    const small = smallScenario(folder);
    expect((await ask(folder, ["audit", leaks, "--fail-on", "nothing"])).code).toBe(0);
    expect((await ask(folder, ["audit", small, "--fail-on", "violation,single-point"])).code).toBe(4);
    expect((await ask(folder, ["audit", small, "--fail-on", "stranded"])).code).toBe(0);
    const wrong = await ask(folder, ["audit", small, "--fail-on", "violation,sneezes"]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain(
      '--fail-on must be nothing, or some of violation, stranded, single-point, refusal, note, got "sneezes"',
    );
  });

  it("takes --set, so that a change can be tried before it is made", async () => {
    const folder = scratch();
    const file = leaky(folder);
    expect((await ask(folder, ["audit", file, "--set", "deployment.routing.enforce=all"])).code).toBe(0);
  });

  it("ends with 3 for a file with mistakes and 2 for two documents on one stdout", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "wrong.yaml"), "schema: regionsim/1\nname: Wrong\n");
    expect((await ask(folder, ["audit", "wrong.yaml"])).code).toBe(3);
    const both = await ask(folder, ["audit", smallScenario(folder), "--json", "-", "--markdown", "-"]);
    expect(both.code).toBe(2);
    expect(both.err).toContain("--json - and --markdown - cannot both go to stdout");
  });
});
