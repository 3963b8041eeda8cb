/** `regionsim sweep` as users run it: whole, in shares, killed, on full disks. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openStore } from "../../src/cli/sweep/store.js";
import { loadSweep } from "../../src/cli/sweep/sweepFile.js";
import { processRunner } from "../../src/experiment/executors/processRunner.js";
import { runSegment } from "../../src/experiment/sweep/index.js";
import { smallPlan } from "../experiment/sweepSmall.js";
import { environment, fingerprint, program, root, scratch } from "./harness.js";
import { ask } from "./resident.js";

const PLAN = "small.plan.yaml";

/** Ten seconds and one region: what a run costs here is what any run costs. */
const TINY_SCENARIO = `schema: regionsim/1
name: Small
seed: own
duration: 10s
deployment:
  regions:
    us: { at: "aws:us-east-1" }
  endpoints:
    us-model:
      region: us
      model: assistant-1
      serving: { kind: provider, ttft: { p50: 450ms, p99: 1800ms }, perToken: 9ms, concurrency: 3 }
      data: { processing: [US], logs: [US] }
workload:
  sites:
    - { from: US-NY, rate: 2rps }
  client: { timeout: 10s }
faults:
  - { at: 2s, for: 3s, kind: region-down, region: us, manner: refuse }
`;

function folderWith(planText: string): string {
  const folder = scratch();
  writeFileSync(join(folder, PLAN), planText);
  writeFileSync(join(folder, "small.yaml"), TINY_SCENARIO);
  return folder;
}

/** What collecting leaves, by name, with its SHA-256. */
function collectedIn(folder: string): Record<string, string> {
  const all = Object.entries(fingerprint(folder));
  return Object.fromEntries(all.filter(([name]) => /^[^/]+\.parquet$|^manifest\.json$/.test(name)));
}

function digestIn(folder: string): string {
  return JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")).digest;
}

/** The second of three shares; the command itself takes processes only for runs that are worth starting one. */
async function shareOnTwoProcesses(folder: string): Promise<void> {
  const runner = processRunner({
    jobs: 2,
    entry: new URL(`file://${join(root, "dist/cli/sampleWorker.cjs")}`),
  });
  const store = openStore(join(folder, "shares"));
  const { ran, failed } = await runSegment(
    loadSweep(join(folder, PLAN)),
    { index: 1, of: 3 },
    { runner, store },
  );
  store.close();
  await runner.close();
  expect({ ran, failed }).toEqual({ ran: 3, failed: 0 });
}

describe("a sweep", () => {
  it("makes every run once, collects them, and makes none of them again", async () => {
    const folder = folderWith(smallPlan({ replications: 2, series: true }));
    const done = await ask(folder, ["sweep", PLAN]);
    expect(done.err).toContain("16 runs made, 0 there before");
    expect(done.code).toBe(0);
    expect(done.out).toContain("8 points × 2 replications = 16 runs");
    expect(done.out.trimEnd().split("\n").at(-1)).toBe("reports/small.plan/runs.parquet");
    const reports = join(folder, "reports/small.plan");
    const first = collectedIn(reports);
    expect(Object.keys(first).sort()).toEqual([
      "manifest.json",
      "points.parquet",
      "runs.parquet",
      "series.parquet",
    ]);
    const again = await ask(folder, ["sweep", PLAN]);
    expect(again.err).toContain("0 runs made, 16 there before");
    expect(collectedIn(reports)).toEqual(first);
    writeFileSync(join(folder, PLAN), smallPlan({ replications: 3, series: true }));
    expect((await ask(folder, ["sweep", PLAN])).err).toContain("8 runs made, 16 there before");
    // Without series they are other runs, and those of before must not lie beside them.
    writeFileSync(join(folder, PLAN), smallPlan({ replications: 1 }));
    expect((await ask(folder, ["sweep", PLAN])).err).toContain("8 runs made, 0 there before");
    expect(Object.keys(collectedIn(reports)).sort()).toEqual([
      "manifest.json",
      "points.parquet",
      "runs.parquet",
    ]);
    // Another plan over the same points, in a folder of its own.
    writeFileSync(join(folder, "other.yaml"), smallPlan({ replications: 1, series: true }));
    const cached = await ask(folder, ["sweep", "other.yaml", "--cache", "reports/small.plan"]);
    expect(cached.err).toContain("0 runs made, 8 there before");
  });

  it("in shares, in any order and on any number of processes, comes to the same bytes", async () => {
    const folder = folderWith(smallPlan({ replications: 1 }));
    expect((await ask(folder, ["sweep", PLAN, "--out", "serial", "--jobs", "1", "--quiet"])).code).toBe(0);
    for (const share of ["2/3", "0/3"]) {
      expect((await ask(folder, ["sweep", PLAN, "--out", "shares", "--segment", share])).code).toBe(0);
      expect(existsSync(join(folder, "shares/manifest.json"))).toBe(false);
    }
    await shareOnTwoProcesses(folder);
    expect((await ask(folder, ["sweep", "collect", "shares"])).code).toBe(0);
    expect(collectedIn(join(folder, "shares"))).toEqual(collectedIn(join(folder, "serial")));
  });

  it("that lacks runs says which, collects nothing and ends with 7", async () => {
    const folder = folderWith(smallPlan({ replications: 1 }));
    await ask(folder, ["sweep", PLAN, "--segment", "1/4"]);
    const collect = await ask(folder, ["sweep", "collect", PLAN]);
    expect({ code: collect.code, out: collect.out }).toEqual({ code: 7, out: "" });
    expect(collect.err).toContain("6 of 8 runs are missing, nothing was collected");
    expect(collect.err).toContain("faults[0].for=20s, replication 0");
    expect(collectedIn(join(folder, "reports/small.plan"))).toEqual({});
    const told = async (...args: string[]): Promise<string> =>
      (await ask(folder, ["sweep", ...args, "reports/small.plan"])).out;
    expect(await told("missing", "--segments", "4", "--format", "slurm")).toBe("0,2-3\n");
    expect(await told("missing", "--segments", "4")).toBe("0/4\n2/4\n3/4\n");
    expect(JSON.parse(await told("missing", "--format", "json"))).toEqual({ runs: [0, 1, 4, 5, 6, 7] });
    expect(await told("status", "--segments", "4")).toContain("2 done, 6 missing");
    expect(JSON.parse(await told("status", "--format", "json"))).toMatchObject({
      runs: 8,
      done: 2,
      failed: 0,
    });
  });

  it("of a plan with a mistake says where, before anything is written", async () => {
    const folder = folderWith(smallPlan().replace("[20s, 40s]", "[20s, 40]"));
    const done = await ask(folder, ["sweep", PLAN]);
    expect(done.code).toBe(3);
    expect(done.err).toContain(`${PLAN}:12:28: faults[0].for must be a duration with its unit`);
    expect(readdirSync(folder).sort()).toEqual([PLAN, "small.yaml"]);
  });

  it("whose scenario is not there says so at the line of the plan that names it", async () => {
    const folder = folderWith(smallPlan().replace("small.yaml", "smal.yaml"));
    const done = await ask(folder, ["sweep", PLAN]);
    expect(done.code).toBe(3);
    expect(done.err).toContain(`${PLAN}:3:11: scenario must be a file that can be read, got "smal.yaml"`);
  });

  it("begun by another version is refused, with what to do", async () => {
    const folder = folderWith(smallPlan({ replications: 1 }));
    await ask(folder, ["sweep", PLAN, "--segment", "0/8", "--out", "out"]);
    const file = join(folder, "out/plan.json");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"version": "[^"]*"/, '"version": "9.9.9"'));
    for (const args of [
      ["sweep", PLAN, "--out", "out"],
      ["sweep", "collect", "out"],
    ]) {
      const done = await ask(folder, args);
      expect(done.code).toBe(3);
      expect(done.err).toContain("the sweep was begun by regionsim 9.9.9");
      expect(done.err).toContain("another --out");
    }
  });

  it.each([
    [["--segment", "4/4"], "--segment must be one of 0/4 to 3/4"],
    [["--segment", "0/2", "--segment", "1/2"], "--segment is given 2 times"],
    [["--segments", "4"], "--segments is for --backend"],
    [["--cache", "nowhere"], "--cache nowhere is no folder of a sweep"],
  ])("with %j is refused with the rule", async (args, said) => {
    const folder = folderWith(smallPlan({ replications: 1 }));
    const done = await ask(folder, ["sweep", PLAN, ...args]);
    expect(done.code).toBe(2);
    expect(done.err).toContain(said);
    expect(existsSync(join(folder, "reports"))).toBe(false);
  });
});

const SEGMENTS = 200;
const WORKERS = 3;
const KILLS = 3;

const TINY_PLAN = `schema: regionsim.plan/1
name: Tiny sweep
scenario: small.yaml
replications: 25
designs:
  - kind: grid
    over:
      deployment.endpoints.us-model.serving.concurrency: [2, 3]
      faults[0].for: [1s, 2s, 3s, 4s]
`;

/** Makes every third segment, from `first`: a worker of somebody's own cluster. */
function startWorker(folder: string, first: number): ChildProcess {
  const at = (path: string): string => JSON.stringify(new URL(`file://${join(root, "dist", path)}`).href);
  const script = `
    const { openStore } = await import(${at("cli/sweep/store.js")});
    const { loadSweep } = await import(${at("cli/sweep/sweepFile.js")});
    const { memoIn } = await import(${at("cli/sweep/planFile.js")});
    const { runSegment } = await import(${at("experiment/sweep/index.js")});
    const { inlineRunner } = await import(${at("experiment/sampleRunner.js")});
    const sweep = loadSweep(${JSON.stringify(PLAN)}, memoIn("out"));
    const store = openStore("out");
    const runner = inlineRunner();
    const { appendFileSync } = await import("node:fs");
    for (let index = ${first}; index < ${SEGMENTS}; index += ${WORKERS}) {
      const { ran } = await runSegment(sweep, { index, of: ${SEGMENTS} }, { runner, store });
      appendFileSync("made", "x".repeat(ran));
    }
    store.close();
  `;
  return spawn(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
    env: environment(),
    stdio: "ignore",
  });
}

/** Every shard of `folder`. */
function shardsIn(folder: string): readonly string[] {
  const shards = join(folder, "out/shards");
  return existsSync(shards) ? readdirSync(shards).map((name) => join(shards, name)) : [];
}

function bytesIn(folder: string): number {
  return shardsIn(folder).reduce((sum, shard) => sum + statSync(shard).size, 0);
}

/** Runs that stand in the shards of `folder`, twice where two workers made them. */
function linesIn(folder: string): number {
  return shardsIn(folder).reduce(
    (sum, shard) => sum + readFileSync(shard, "latin1").split("\n").length - 1,
    0,
  );
}

/** Runs all segments on three workers and kills one whenever another part of `bytes`, of all rows, is written. */
async function killedSweep(folder: string, seed: number, bytes: number): Promise<number> {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const stretch = (): number => (bytes * (3 + random(7))) / 100;
  let kills = 0;
  let next = stretch();
  const workers = Array.from({ length: WORKERS }, (_, w) => startWorker(folder, w));
  const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
  while (!workers.every(ended)) {
    await new Promise((resolve) => setTimeout(resolve, 3 + random(20)));
    if (kills === KILLS || bytesIn(folder) < next) continue;
    const w = random(WORKERS);
    if (ended(workers[w]!)) continue;
    workers[w]!.kill("SIGKILL");
    kills += 1;
    next = bytesIn(folder) + stretch();
    await new Promise((resolve) => workers[w]!.once("exit", resolve));
    workers[w] = startWorker(folder, w);
  }
  return kills;
}

describe("workers killed with -9 at random moments", () => {
  it("lose the runs in flight and nothing else: 200 segments on 3 workers come to the serial run's bytes, twice", async () => {
    const serial = folderWith(TINY_PLAN);
    expect((await ask(serial, ["sweep", PLAN, "--out", "out", "--jobs", "1", "--quiet"])).code).toBe(0);
    for (const seed of [1, 2]) {
      const folder = folderWith(TINY_PLAN);
      const kills = await killedSweep(folder, seed, bytesIn(serial));
      expect(kills).toBe(KILLS);
      // A worker keeps each run before it begins the next, so only the one in flight at a kill is lost, and made again.
      expect(statSync(join(folder, "made")).size).toBeLessThanOrEqual(SEGMENTS);
      expect(linesIn(folder)).toBe(SEGMENTS);
      const collect = await ask(folder, ["sweep", "collect", PLAN, "--out", "out"]);
      expect(collect.code, collect.err).toBe(0);
      expect(digestIn(join(folder, "out"))).toBe(digestIn(join(serial, "out")));
      expect(collectedIn(join(folder, "out"))).toEqual(collectedIn(join(serial, "out")));
    }
  }, 180_000);
});

describe("a place that takes nothing more", () => {
  it("ends the sweep with one sentence and exit code 2, and what was written before stays good", async () => {
    const folder = folderWith(smallPlan({ replications: 4 }));
    // A limit on the size of files stands for a disk that is full: the system refuses the write half-way.
    const command = `ulimit -f 50; exec "${process.execPath}" "${program}" sweep ${PLAN} --out out --quiet`;
    const full = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8", env: environment() });
    expect(full.stderr).toMatch(/^regionsim: cannot write out\/shards\/[^:]+: /);
    expect(full.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(full.status).toBe(2);
    expect(collectedIn(join(folder, "out"))).toEqual({});
    const status = await ask(folder, ["sweep", "status", "out", "--format", "json"]);
    const { done } = JSON.parse(status.out);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(32);
    expect(status.err).toBe("");
    const rest = await ask(folder, ["sweep", PLAN, "--out", "out"]);
    expect(rest.err).toContain(`${32 - done} runs made, ${done} there before`);
    expect(rest.code).toBe(0);
  });

  it("is told before the first run when not even the plan can be put there", async () => {
    const folder = folderWith(smallPlan({ replications: 1 }));
    writeFileSync(join(folder, "reports"), "a file");
    const done = await ask(folder, ["sweep", PLAN]);
    expect(done.code).toBe(2);
    expect(done.err).toMatch(/^regionsim: cannot write .+/);
    expect(done.err.trimEnd().split("\n")).toHaveLength(1);
    expect(readdirSync(folder).sort()).toEqual(["reports", PLAN, "small.yaml"].sort());
  });
});
