import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readPresetFile } from "../../src/scenario/presetFile.js";
import { logCsv, ORDINARY } from "../experiment/calibrateLog.js";
import { fingerprint, scratch } from "./harness.js";
import { ask } from "./resident.js";

const SMALL = { ...ORDINARY, requests: 600 };

function withLog(text: string): string {
  const folder = scratch();
  writeFileSync(join(folder, "log.csv"), text);
  return folder;
}

describe("calibrate", () => {
  it("writes a preset and a picture beside the log, says how good it is, and exits 0", async () => {
    const folder = withLog(logCsv(SMALL));
    const done = await ask(folder, ["calibrate", "log.csv", "--id", "mine"]);
    expect({ code: done.code, err: done.err }).toEqual({ code: 0, err: "" });
    expect(readdirSync(folder).sort()).toEqual(["log.csv", "log.preset.json", "log.preset.svg"]);
    const { preset } = readPresetFile("p", readFileSync(join(folder, "log.preset.json"), "utf8"));
    expect(preset).toMatchObject({ id: "mine", trusted: true, source: { file: "log.csv" } });
    expect(preset?.source.sha256).toBe(fingerprint(folder)["log.csv"]);
    expect(readFileSync(join(folder, "log.preset.svg"), "utf8")).toMatch(
      /^<svg[^>]*aria-label="mine: mean time/,
    );
    expect(done.out).toMatch(/^mine: trusted\./);
    expect(done.out).toContain("is fitted; physics is surer");
    expect(done.out.trimEnd().split("\n").at(-1)).toBe("log.preset.json");
  });

  it("writes the same bytes again, over its own preset", async () => {
    const folder = withLog(logCsv(SMALL));
    const once = await ask(folder, ["calibrate", "log.csv"]);
    const files = fingerprint(folder);
    expect(await ask(folder, ["calibrate", "log.csv"])).toEqual(once);
    expect(fingerprint(folder)).toEqual(files);
  });

  it("on a log that it cannot fit writes the error into the preset, names the metric and exits 4", async () => {
    const folder = withLog(logCsv(SMALL, (_row, u) => (u < 0.3 ? 3 : 1)));
    const done = await ask(folder, ["calibrate", "log.csv", "--out", "bad.json"]);
    expect(done.code).toBe(4);
    expect(done.out).toContain("NOT TRUSTED");
    expect(done.out).toMatch(/tpot-p95.*<-- too far off/);
    expect(done.out).toContain("Why not to trust it:");
    const { preset } = readPresetFile("p", readFileSync(join(folder, "bad.json"), "utf8"));
    expect(preset?.trusted).toBe(false);
    expect(
      preset?.errors.some(({ errorPercent, limitPercent }) => Math.abs(errorPercent) > limitPercent),
    ).toBe(true);
    expect(readFileSync(join(folder, "bad.svg"), "utf8")).toContain("NOT to be trusted");
  });

  it("takes the cost of context by physics, as given, or fits it", async () => {
    const folder = withLog(logCsv(SMALL));
    const kv = async (args: readonly string[]) => {
      expect((await ask(folder, ["calibrate", "log.csv", ...args])).code).toBe(0);
      return readPresetFile("p", readFileSync(join(folder, "log.preset.json"), "utf8")).preset;
    };
    const physics = ["--kv-bytes-per-token", "163840", "--gpu", "b200-sxm", "--tensor-parallel", "2"];
    // 163 840 bytes over 2 × 8000 GB/s × 0.85, in whole ps.
    expect(await kv(physics)).toMatchObject({ kvSource: "physics", stepTime: { kvUsPerToken: 0.012047 } });
    expect(await kv(["--kv-ns", "12.05"])).toMatchObject({
      kvSource: "given",
      stepTime: { kvUsPerToken: 0.01205 },
    });
    expect(await kv(["--fit-kv"])).toMatchObject({ kvSource: "fitted" });
  });

  it.each([
    ["two sources for the cost of context", ["--kv-ns", "12", "--fit-kv"], "exclude each other"],
    ["physics without a bandwidth", ["--kv-bytes-per-token", "1000"], "needs both"],
    [
      "a gpu and a bandwidth",
      ["--kv-bytes-per-token", "1000", "--gpu", "l40s", "--bandwidth", "100"],
      "exclude each other",
    ],
    ["an accelerator nobody knows", ["--gpu", "abacus"], "abacus"],
    ["a negative number", ["--kv-ns=-1"], "must be a number from 0"],
    ["half a sequence", ["--max-seqs", "1.5"], "must be a whole number from 1"],
    ["a word for a number", ["--kv-tokens", "many"], "must be a whole number"],
    ["a number given twice", ["--kv-ns", "1", "--kv-ns", "2"], "given 2 times"],
    ["a preset that is no JSON file", ["--out", "x.txt"], "must end in .json"],
    ["a name of two lines", ["--id", "a\nb"], "--id must be"],
  ])("%s is a mistake in the command line: exit 2 and nothing written", async (_what, args, words) => {
    const folder = withLog(logCsv(SMALL));
    const done = await ask(folder, ["calibrate", "log.csv", ...args]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 2, out: "" });
    expect(done.err).toContain(words);
    expect(readdirSync(folder)).toEqual(["log.csv"]);
  });

  it("leaves alone what is no preset, and the log itself", async () => {
    const folder = withLog(logCsv(SMALL));
    writeFileSync(join(folder, "mine.json"), '{"a": 1}');
    expect(await ask(folder, ["calibrate", "log.csv", "--out", "mine.json"])).toMatchObject({
      code: 2,
      out: "",
    });
    expect(readFileSync(join(folder, "mine.json"), "utf8")).toBe('{"a": 1}');
  });

  it.each([
    ["is not there", null, "no such file"],
    ["is empty", "", "must have"],
    ["misses a column", "arrival_ms,first_token_ms\n1,2\n", "last_token"],
    ["has a bad cell", `${logCsv(SMALL)}1,2,x,4,5,r0\n`, "log.csv:602:5"],
    [
      "is short",
      "arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens\n1,2,3,4,5\n",
      "at least 50",
    ],
  ])("a log that %s ends with exit code 3, in words, and leaves nothing", async (_what, text, words) => {
    const folder = text === null ? scratch() : withLog(text);
    const done = await ask(folder, ["calibrate", "log.csv"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 3, out: "" });
    expect(done.err).toContain(words);
    expect(existsSync(join(folder, "log.preset.json"))).toBe(false);
  });
});
