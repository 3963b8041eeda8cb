import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/commandLine.js";
import { UsageError } from "../../src/cli/failures.js";
import { busyScenario, fingerprint, scratch, shortScenario, smallScenario, start } from "./harness.js";
import { called } from "./inProcess.js";
import { ask } from "./resident.js";

const MANY = ["--reps", "6", "--quiet"];
const calm = (text: string): string =>
  text.replace(/faults:\n.*\n/, "").replace('"residency.violations == 0"', '"ttft.p50 < 2s"');

describe("run --reps", () => {
  it("writes the same bytes for any number of jobs", async () => {
    const folder = scratch();
    const file = smallScenario(folder, busyScenario);
    for (const jobs of ["1", "2"]) {
      const args = ["run", file, ...MANY, "--jobs", jobs, "--out", jobs];
      expect(await ask(folder, args)).toMatchObject({ code: 0, err: "" });
    }
    expect(fingerprint(join(folder, "2"))).toEqual(fingerprint(join(folder, "1")));
  });

  it("keeps what every replication came to, in a document that report reads again", async () => {
    const folder = scratch();
    const file = join(folder, smallScenario(folder, shortScenario));
    const out = join(folder, "reports/small");
    await called(["run", file, "--reps", "4", "--quiet", "--out", out]);
    const document = join(out, "result.json");
    const result = JSON.parse(readFileSync(document, "utf8"));
    expect(result.replications).toBe(4);
    expect(result.replicationValues["e2e.mean"]).toHaveLength(4);
    expect(result.warnings.join()).not.toMatch(/anecdote/);
    expect(await called(["report", out, "--csv"])).toMatchObject({ code: 0 });
    const rows = readFileSync(join(out, "tables/replications.csv"), "utf8").split("\n");
    const values = rows
      .filter((row) => /^\d,e2e\.mean,ms,/.test(row))
      .map((row) => Number(row.split(",")[3]));
    expect(values).toEqual(result.replicationValues["e2e.mean"]);
  });

  it("ends with 4 while an objective is not decided, and says so", async () => {
    const folder = scratch();
    const run = (target: string) => {
      const objective = (text: string): string =>
        shortScenario(text).replace('"residency.violations == 0"', `"e2e.mean < ${target}"`);
      const file = join(folder, smallScenario(folder, objective));
      return called(["run", file, "--reps", "5", "--out", join(folder, "reports/small")]);
    };
    await run("1ms");
    const { replicated } = JSON.parse(readFileSync(join(folder, "reports/small/result.json"), "utf8"));
    const { low, high } = replicated.objectives[0].interval;
    const open = await run(`${Math.round((low + high) / 2)}ms`);
    expect(open.out).toMatch(/^UNDECIDED: 1 of 1 objectives needs more than 5 replications/m);
    expect(open.code).toBe(4);
    expect((await run(`${Math.ceil(high) + 1}ms`)).code).toBe(0);
  });

  it("is reproduced by verify, which refuses a stored document whose replications were tampered with", async () => {
    const folder = scratch();
    const file = join(folder, smallScenario(folder, shortScenario));
    const document = join(folder, "reports/small/result.json");
    await called(["run", file, "--reps", "3", "--quiet", "--out", join(folder, "reports/small")]);
    const whole = await ask(folder, ["verify", "reports/small"]);
    expect(whole.err).toMatch(/^reproduced: 3 replications, the first with \d+ events/);
    expect(whole.code).toBe(0);
    const text = readFileSync(document, "utf8");
    const { digest } = JSON.parse(text).replicated;
    writeFileSync(document, text.replace(digest, digest.replace(/./g, "0")));
    const changed = await ask(folder, ["verify", document]);
    expect(changed.err).toMatch(/the 3 replications differ: digest 0{64} stored/);
    expect(changed.code).toBe(6);
    writeFileSync(document, text.replace('"confidence": 0.95', '"confidence": "much"'));
    const misshapen = await ask(folder, ["report", document, "--out", "x"]);
    expect(misshapen.err).toContain("replicated.confidence must be a number");
    expect(misshapen.code).toBe(3);
  });
});

describe("run --until-ci", () => {
  it("stops when the width is reached, or says what it would have taken", async () => {
    const folder = scratch();
    const file = join(folder, smallScenario(folder, shortScenario));
    const run = async (...args: readonly string[]) =>
      (await called(["run", file, "--out", join(folder, "out"), ...args])).out;
    expect(await run("--until-ci", "20%", "--of", "e2e.mean")).toMatch(
      /^\d+ replications: e2e\.mean within ± 20\.0 %; intervals at 95 %\.$/m,
    );
    expect(await run("--until-ci", "0.1%", "--of", "e2e.mean", "--least", "3", "--reps", "4")).toMatch(
      /^4 replications, the most allowed, did not bring e2e\.mean within ± 0\.10 %: ± [\d.]+ % was reached, about [\d ]+ would be needed/m,
    );
  });

  it.each([
    [["--of", "e2e.mean"], "--of needs --until-ci"],
    [["--least", "3"], "--least needs --until-ci"],
    [["--confidence", "90%"], "--confidence needs --reps 2 or more, or --until-ci: one run has no interval"],
    [["--confidence", "90%", "--reps", "1"], "--confidence needs --reps 2 or more"],
    [["--until-ci", "5%", "--reps", "1"], "--until-ci needs --reps 2 or more: one run has no interval"],
    [["--reps", "0"], '--reps must be a whole number from 1 to 100000, got "0"'],
    [["--reps", "2.5"], '--reps must be a whole number from 1 to 100000, got "2.5"'],
    [["--until-ci", "five"], '--until-ci must be a percentage between 0 % and 100 %, such as 5%, got "five"'],
    [["--until-ci", "100%"], '--until-ci must be a percentage between 0 % and 100 %, such as 5%, got "100%"'],
    [["--until-ci", "5%", "--reps", "5", "--least", "9"], "--least 9 is more than the most allowed, 5"],
    [["--until-ci", "9%", "--of", "e2e.men"], /^--of e2e\.men is no measure .* has e2e\.mean, /],
    [["--reps", "3", "--steady", "5%"], /^--steady asks one long run/],
    [["--steady", "5%"], /^--steady is for runs that settle, .*fault-1 \(region-down\)/],
    [["--warmup", "auto"], /^--warmup auto is for runs that settle, and is off for outage/],
    [["--warmup", "auto", "--of", "e2e.mean"], "--of needs --until-ci"],
    [["--jobs", "0"], '--jobs must be a whole number from 1 to 1024, got "0"'],
    [["--reps", "3", "--reps", "4"], "--reps is given 2 times"],
  ])("refuses %j", async (args, expected) => {
    const folder = scratch();
    const file = join(folder, smallScenario(folder, shortScenario));
    const out = join(folder, "out");
    const refused = runCommandLine(["run", file, "--out", out, "--progress", "none", ...args]);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(expected);
    expect(existsSync(out)).toBe(false);
  });
});

describe("a run without faults", () => {
  it("says how steady it is, and verify asks it again", async () => {
    const folder = scratch();
    const file = join(folder, smallScenario(folder, calm));
    const kept = join(folder, "reports/small");
    const { out } = await called(["run", file, "--steady", "0.5%", "--out", kept]);
    expect(out).toMatch(
      /^Steady run: ttft\.mean \d+ ms ± [\d.]+ ms \(batch means of 20.*too short for ± 0\.50 %/m,
    );
    expect(await called(["verify", kept])).toMatchObject({ code: 0 });
  });

  it("takes a warm-up from a trial run, and keeps it so that verify reproduces it", async () => {
    const folder = scratch();
    const file = smallScenario(folder, calm);
    const { err } = await ask(folder, ["run", file, "--warmup", "auto", "--reps", "3", "--quiet"]);
    const [, seconds] = /^warm-up of (\d+) s, by MSER-5 over \d+ windows of \d+ s$/m.exec(err) ?? [];
    expect(seconds).toBeDefined();
    const { set } = JSON.parse(readFileSync(join(folder, "reports/small/manifest.json"), "utf8"));
    expect(set).toEqual([`warmup=${seconds}s`]);
    expect(await called(["verify", join(folder, "reports/small")])).toMatchObject({ code: 0 });
  });
});

/** Processes whose parent is or was `pid`, by their command line. */
function samplers(folder: string): readonly string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      const isOurs = readFileSync(`/proc/${pid}/environ`, "utf8").includes(`SAMPLERS_OF=${folder}`);
      return isOurs && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("sampleWorker");
    } catch {
      return false;
    }
  });
}

async function until(isSo: () => boolean, atMostMs: number): Promise<boolean> {
  const endMs = performance.now() + atMostMs;
  while (performance.now() < endMs) {
    if (isSo()) return true;
    await sleep(25);
  }
  return isSo();
}

describe.runIf(process.platform === "linux")("replications that are stopped", () => {
  // A second of work or so, of which a process looks up a hundred times.
  const long = (text: string): string => text.replace("duration: 4m", "duration: 4h");

  it.each(["SIGINT", "SIGKILL"] as const)("by %s leave no process and no file", async (signal) => {
    const folder = scratch();
    const file = smallScenario(folder, long);
    process.env.SAMPLERS_OF = folder;
    const child = start(folder, ["run", file, "--reps", "5000", "--jobs", "2"]);
    delete process.env.SAMPLERS_OF;
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    expect(await until(() => samplers(folder).length === 2, 15_000)).toBe(true);
    await sleep(300);
    const startedMs = performance.now();
    child.kill(signal);
    expect(await ended).toBe(signal === "SIGINT" ? 130 : null);
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await until(() => samplers(folder).length === 0, 20_000)).toBe(true);
    expect(readdirSync(folder)).toEqual([file]);
  });
});
