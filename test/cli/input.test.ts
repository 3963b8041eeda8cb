import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

describe("a scenario that cannot be read", () => {
  const isRoot = process.getuid?.() === 0;

  it.each([
    ["is not there", () => {}, "no such file"],
    ["is a folder", (path: string) => mkdirSync(path), "is a folder"],
    [
      "is larger than 64 MiB",
      (path: string) => {
        writeFileSync(path, "");
        truncateSync(path, 64 * 1024 * 1024 + 1);
      },
      "at most 67108864 bytes",
    ],
    ["is not UTF-8", (path: string) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0x00, 0x80])), "UTF-8"],
    ["is a named pipe", (path: string) => spawnSync("mkfifo", [path]), "not a regular file"],
    ["is a link to itself", (path: string) => symlinkSync("bad.yaml", path), "symbolic links"],
  ])(
    "because it %s ends with exit code 3 at line 1, column 1, and leaves nothing",
    async (_why, make, words) => {
      const folder = scratch();
      make(join(folder, "bad.yaml"));
      const before = readdirSync(folder);
      const done = await ask(folder, ["run", "bad.yaml", "--html"]);
      expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
      expect(done.err).toContain("bad.yaml:1:1");
      expect(done.err).toContain(words);
      expect(readdirSync(folder)).toEqual(before);
    },
  );

  it.skipIf(isRoot)("because nobody may ends with exit code 3", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    chmodSync(join(folder, file), 0);
    expect(await ask(folder, ["run", file])).toMatchObject({ code: 3, out: "" });
  });
});

describe("a scenario with mistakes", () => {
  const bad = (text: string): string =>
    text.replace("duration: 4m", "duration: 4 parsecs").replace("region: eu,", "region: ue,");

  it("names every mistake with its place, ends with exit code 3 and leaves nothing behind", async () => {
    const folder = scratch();
    const file = smallScenario(folder, bad);
    const done = await ask(folder, ["run", file, "--html", "--json", "x.json", "--out", "out"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
    expect(done.err).toMatch(/small\.yaml:5:\d+/);
    expect(done.err).toMatch(/small\.yaml:\d\d:\d+/);
    expect(readdirSync(folder)).toEqual([file]);
  });

  it("validate says the same for people, programs and pull requests", async () => {
    const folder = scratch();
    const good = smallScenario(folder);
    const file = smallScenario(folder, bad, "bad.yaml");
    const text = await ask(folder, ["validate", good, file]);
    expect({ code: text.code, out: text.out }).toEqual({ code: 3, out: "" });
    expect(text.err).toContain("small.yaml: valid");
    const json = await ask(folder, ["validate", good, file, "--format", "json"]);
    expect({ code: json.code, err: json.err }).toEqual({ code: 3, err: "" });
    expect(() => JSON.parse(json.out)).not.toThrow();
    const github = await ask(folder, ["validate", good, file, "--format", "github"]);
    expect(github.out).toMatch(/^::error file=bad\.yaml,line=5,col=\d+/m);
    expect(await ask(folder, ["validate", good])).toMatchObject({ code: 0, out: "" });
  });

  it("validate tells what a careful reader should know, in each form, and ends with 0", async () => {
    const folder = scratch();
    const late = (text: string): string => text.replace("at: 1m, for: 1m", "at: 1h, for: 1m, id: late");
    const file = smallScenario(folder, late, "late.yaml");
    const sentence = "fault late begins after the end of the run";
    const text = await ask(folder, ["validate", file]);
    expect(text).toMatchObject({ code: 0, out: "" });
    expect(text.err).toContain(`late.yaml: valid\n  warning: ${sentence}\n`);
    const json = await ask(folder, ["validate", file, "--format", "json"]);
    expect(json).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(json.out)).toEqual({
      problems: [],
      warnings: [{ file: "late.yaml", message: sentence }],
    });
    const github = await ask(folder, ["validate", file, "--format", "github"]);
    expect(github).toEqual({ code: 0, err: "", out: `::warning file=late.yaml::${sentence}\n` });
  });

  it("--set that names nothing is refused as input", async () => {
    const folder = scratch();
    const done = await ask(folder, ["run", smallScenario(folder), "--set", "deployment.regoins.eu=1"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
  });
});

describe("side files", () => {
  const faultsFile = (path: string) => (text: string) =>
    text.replace(/faults:\n.*\n/, `faults: ${JSON.stringify(path)}\n`);
  const faults = "at,for,kind,target,manner\n1m,1m,region-down,region:eu,black-hole\n";

  it("inside the scenario's folder are read, copied and enough to run again", async () => {
    const folder = scratch();
    mkdirSync(join(folder, "parts"));
    writeFileSync(join(folder, "parts/faults.csv"), faults);
    expect(
      await ask(folder, ["run", smallScenario(folder, faultsFile("parts/faults.csv")), "--quiet"]),
    ).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, "reports/small/scenario")).sort()).toEqual(["parts", "small.yaml"]);
    expect(await ask(folder, ["verify", "reports/small"])).toMatchObject({ code: 0 });
  });

  it.each([
    ["by climbing", "../secret.csv"],
    ["by climbing from inside", "parts/../../secret.csv"],
    ["by an absolute path", "/etc/hostname"],
    ["through a symbolic link", "parts/link.csv"],
    ["through a linked folder", "linked/secret.csv"],
  ])("outside are refused: %s", async (_how, path) => {
    const outer = scratch();
    const folder = join(outer, "scenario");
    mkdirSync(join(folder, "parts"), { recursive: true });
    writeFileSync(join(outer, "secret.csv"), faults);
    symlinkSync(join(outer, "secret.csv"), join(folder, "parts/link.csv"));
    symlinkSync(outer, join(folder, "linked"));
    const done = await ask(folder, ["run", smallScenario(folder, faultsFile(path)), "--quiet"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
    expect(done.err).toMatch(/small\.yaml:\d+:\d+/);
  });

  it("reached by a symbolic link that stays inside are read", async () => {
    const folder = scratch();
    mkdirSync(join(folder, "parts"));
    writeFileSync(join(folder, "parts/faults.csv"), faults);
    symlinkSync("parts/faults.csv", join(folder, "link.csv"));
    expect(
      await ask(folder, ["run", smallScenario(folder, faultsFile("link.csv")), "--quiet"]),
    ).toMatchObject({ code: 0 });
  });
});
