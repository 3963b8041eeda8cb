import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  environment,
  fingerprint,
  program,
  regionsim,
  scratch,
  shortScenario,
  smallScenario,
} from "./harness.js";
import { ask } from "./resident.js";

describe("init", () => {
  it.each(["active-active", "active-passive"])(
    "the %s template is valid and runs, and its objectives hold",
    async (template) => {
      const folder = scratch();
      expect(await ask(folder, ["init", "--template", template])).toMatchObject({ code: 0, out: "" });
      expect(await ask(folder, ["validate", "scenario.yaml"])).toMatchObject({ code: 0, out: "" });
      expect(await ask(folder, ["run", "scenario.yaml"])).toMatchObject({ code: 0, err: "" });
    },
  );

  it("an existing file is kept unless --force is given", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "mine.yaml"), "mine");
    expect(await ask(folder, ["init", "mine.yaml"])).toMatchObject({ code: 2 });
    expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toBe("mine");
    expect(await ask(folder, ["init", "mine.yaml", "--force"])).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, "mine.yaml"), "utf8")).toContain("regionsim/1");
  });
});

describe("run", () => {
  it("prints the summary and, last, the path of a report that exists; nothing on stderr", async () => {
    const folder = scratch();
    const { code, out, err } = await ask(folder, ["run", smallScenario(folder), "--html"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.trimEnd().split("\n");
    expect(lines.at(-1)).toBe(join("reports", "small", "report.html"));
    expect(existsSync(join(folder, lines.at(-1) ?? ""))).toBe(true);
    expect(lines.length).toBeGreaterThan(5);
  });

  it("--quiet prints the path and nothing else", async () => {
    const folder = scratch();
    const done = await ask(folder, ["run", smallScenario(folder), "--quiet"]);
    expect(done).toEqual({ code: 0, out: `${join("reports", "small", "summary.txt")}\n`, err: "" });
  });

  it("--json - puts one document and nothing else on stdout, and writes no folder", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    const { code, out, err } = await ask(folder, ["run", file, "--json", "-"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(JSON.parse(out).schema).toBe("regionsim.result/1");
    expect(readdirSync(folder)).toEqual([file]);
    await ask(folder, ["run", file, "--json", "copy.json"]);
    expect(readFileSync(join(folder, "copy.json"), "utf8")).toBe(out);
    expect(readFileSync(join(folder, "reports/small/result.json"), "utf8")).toBe(out);
  });

  it("an objective that fails gives exit code 4 and a complete report", async () => {
    const folder = scratch();
    const file = smallScenario(folder, (text) =>
      text.replace("residency.violations == 0", "refused <= 0.0001%"),
    );
    expect(await ask(folder, ["run", file, "--quiet"])).toMatchObject({ code: 4 });
    expect(existsSync(join(folder, "reports/small/manifest.json"))).toBe(true);
  });

  it("offered requests are served, refused or in flight, each exactly once", async () => {
    const folder = scratch();
    const { requests } = JSON.parse((await ask(folder, ["run", smallScenario(folder), "--json", "-"])).out);
    expect(requests.offered).toBeGreaterThan(1000);
    expect(requests.served + requests.refused + requests.inFlight).toBe(requests.offered);
  });

  it("another seed is another run, and the seed in effect is recorded", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    const one = JSON.parse((await ask(folder, ["run", file, "--json", "-"])).out);
    const other = JSON.parse((await ask(folder, ["run", file, "--json", "-", "--seed", "other"])).out);
    expect([one.seed, other.seed]).toEqual(["small", "other"]);
    expect(other.digest).not.toBe(one.digest);
  });

  it("colour appears only where it is wanted", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    const colour = "\u001b[";
    expect((await ask(folder, ["run", file])).out).not.toContain(colour);
    expect(regionsim(folder, ["run", file], { FORCE_COLOR: "1" }).out).toContain(colour);
    expect(regionsim(folder, ["run", file], { FORCE_COLOR: "1", NO_COLOR: "1" }).out).not.toContain(colour);
    expect(regionsim(folder, ["run", file], { FORCE_COLOR: "0" }).out).not.toContain(colour);
    expect(readFileSync(join(folder, "reports/small/summary.txt"), "utf8")).not.toContain(colour);
  });

  it("a reader that closes the pipe early is no error", () => {
    const folder = scratch();
    const command = `"${process.execPath}" "${program}" run ${smallScenario(folder)} --json - | head -c 20`;
    const done = spawnSync("bash", ["-c", `set -o pipefail; ${command}`], {
      cwd: folder,
      encoding: "utf8",
      env: environment(),
    });
    expect(done.stderr).toBe("");
    expect(done.stdout).toHaveLength(20);
    expect(done.status).toBe(0);
  });
});

describe("the result folder", () => {
  const everything = ["--html", "--csv", "--svg", "--quiet"];

  it("holds what its manifest lists, byte for byte, and nothing of the machine or the moment", async () => {
    const folder = scratch();
    await ask(folder, ["run", smallScenario(folder), "--set", "duration=3m", ...everything]);
    const directory = join(folder, "reports/small");
    const manifestText = readFileSync(join(directory, "manifest.json"), "utf8");
    const manifest = JSON.parse(manifestText);
    const { "manifest.json": _self, ...found } = fingerprint(directory);
    const listed = manifest.files.map((file: { path: string; sha256: string }) => [file.path, file.sha256]);
    expect(Object.fromEntries(listed)).toEqual(found);
    expect(Object.keys(found)).toEqual(
      expect.arrayContaining(["report.html", "result.json", "scenario/small.yaml", "summary.txt"]),
    );
    expect(manifest).toMatchObject({ seed: "small", set: ["duration=3m"], scenario: { path: "small.yaml" } });
    for (const path of Object.keys(found))
      expect(readFileSync(join(directory, path), "utf8")).not.toContain(folder);
    expect(manifestText).not.toContain(folder);
    expect(manifestText).not.toContain(String(new Date().getFullYear()));
  });

  it("has the same bytes twice, in other time zones and in other languages", () => {
    const places = [
      { TZ: "Pacific/Kiritimati", LANG: "de_DE.UTF-8", LC_ALL: "de_DE.UTF-8" },
      { TZ: "America/St_Johns", LANG: "ar_EG.UTF-8", LC_ALL: "ar_EG.UTF-8" },
    ];
    const prints = places.map((place) => {
      const folder = scratch();
      regionsim(folder, ["run", smallScenario(folder, shortScenario), ...everything], place);
      return fingerprint(join(folder, "reports"));
    });
    expect(Object.keys(prints[0] ?? {}).length).toBeGreaterThan(8);
    expect(prints[1]).toEqual(prints[0]);
  });

  it("is replaced as a whole by the next run", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    await ask(folder, ["run", file, ...everything]);
    expect(await ask(folder, ["run", file, "--quiet"])).toMatchObject({ code: 0 });
    expect(existsSync(join(folder, "reports/small/report.html"))).toBe(false);
    expect(readdirSync(join(folder, "reports"))).toEqual(["small"]);
  });

  it.each([
    [
      "a folder of somebody else's",
      (out: string) => writeFileSync(join(out, "notes.txt"), "mine"),
      "notes.txt",
    ],
    [
      "a folder with a manifest of something else",
      (out: string) => writeFileSync(join(out, "manifest.json"), "{}"),
      "manifest.json",
    ],
  ])("%s is left alone, and nothing is run", async (_what, fill, kept) => {
    const folder = scratch();
    const out = join(folder, "out");
    mkdirSync(out);
    fill(out);
    const before = fingerprint(folder);
    const done = await ask(folder, ["run", smallScenario(folder), "--out", "out"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 2, out: "" });
    expect(done.err).toContain("left alone");
    expect(fingerprint(out)[kept]).toBe(before[`out/${kept}`]);
    expect(readdirSync(folder).sort()).toEqual(["out", "small.yaml"]);
  });

  it("a result folder into which somebody put a file is left alone and the file is named", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    await ask(folder, ["run", file, "--quiet"]);
    writeFileSync(join(folder, "reports/small/notes.md"), "mine");
    const done = await ask(folder, ["run", file, "--quiet"]);
    expect(done).toMatchObject({ code: 2 });
    expect(done.err).toContain("notes.md");
  });

  it("--out that is a file is refused", async () => {
    const folder = scratch();
    writeFileSync(join(folder, "out"), "mine");
    expect(await ask(folder, ["run", smallScenario(folder), "--out", "out"])).toMatchObject({
      code: 2,
      out: "",
    });
    expect(readFileSync(join(folder, "out"), "utf8")).toBe("mine");
  });
});
