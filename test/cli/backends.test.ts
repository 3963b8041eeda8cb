/** Sweeps beyond one machine, with everything killed that can be: what is collected is what one process makes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Job, Queue, UnrecoverableError, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { backendAddress } from "../../src/cli/backends/address.js";
import { askBackend, BUNDLE_QUEUE, SEGMENT_QUEUE } from "../../src/cli/backends/connect.js";
import { runOnBackend } from "../../src/cli/backends/driver.js";
import { type PlanBundle, packedBundle } from "../../src/cli/backends/wire.js";
import { openStore } from "../../src/cli/sweep/store.js";
import { bundleOf, loadSweep } from "../../src/cli/sweep/sweepFile.js";
import { emitRecipe } from "../../src/report/emitRecipes.js";
import { VERSION } from "../../src/version.js";
import { ending, environment, program, regionsim } from "./harness.js";
import { freePort, isInstalled, startRedis, type TestRedis } from "./redis.js";
import {
  collected,
  FEW_RUNS,
  kept,
  needs,
  PATIENCE_MS,
  planFolder,
  RUNS,
  serialFiles,
  until,
} from "./spread.js";

const SEGMENTS = 200;
const WORKERS = 3;
/** A worker that is killed is missed after this long; as short as the option goes. */
const LEASE_S = 1;
/** So that there is something left to do at every kill, however fast the machine. */
const SEGMENTS_PER_S = 40;

const children = new Set<ChildProcess>();
let redis: TestRedis;
let queue: Queue;
let folder = "";

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

/** Starts the program, to be ended after the test if not before. */
function begin(args: readonly string[]): ChildProcess {
  const env = environment({ REGIONSIM_BACKEND: redis.url });
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout?.resume();
  children.add(child);
  return child;
}

function beginWorker(): ChildProcess {
  const child = begin(["worker", "--backend", "env", "--jobs", "1", "--lease", String(LEASE_S)]);
  child.stderr?.resume();
  return child;
}

function beginSweep(plan: string, segments: number): ChildProcess {
  return begin(["sweep", plan, "--out", "out", "--backend", redis.url, "--segments", String(segments)]);
}

/** Processes that `parent` has started and that have not ended. */
function childrenOf({ pid }: ChildProcess): readonly number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([child, parent]) => (parent === pid && child !== undefined ? [child] : []));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Jobs on the backend in any state. */
async function jobsThere(): Promise<number> {
  const counts = await queue.getJobCounts("wait", "active", "delayed", "completed", "failed");
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe("a sweep on BullMQ and Redis", () => {
  beforeAll(async () => {
    if (!isInstalled("redis-server")) return;
    redis = await startRedis();
    queue = new Queue(SEGMENT_QUEUE, { connection: { port: redis.port, maxRetriesPerRequest: null } });
    queue.on("error", () => {});
  });
  afterAll(async () => {
    await queue?.close();
    await redis?.stop();
  });
  beforeEach(async (context) => {
    needs(context, "redis-server");
    folder = planFolder();
    await queue.obliterate({ force: true });
  });

  it("gives what one process gives when workers are killed at random, twice, and Redis between", {
    timeout: PATIENCE_MS,
  }, async () => {
    await queue.setGlobalRateLimit(SEGMENTS_PER_S / 10, 100);
    const end = ending(beginSweep("plan.yaml", SEGMENTS));
    const workers = Array.from({ length: WORKERS }, beginWorker);
    let orphans: readonly number[] = [];
    let seed = 1;
    const killWorker = (): void => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      const victim = Math.floor((seed / 2 ** 32) * WORKERS);
      orphans = [...orphans, ...childrenOf(workers[victim]!)];
      workers[victim]?.kill("SIGKILL");
      workers[victim] = beginWorker();
    };
    const restart = async (): Promise<void> => {
      await redis.kill();
      await sleep(300);
      await redis.restart();
    };
    for (const [share, kill] of [
      [0.1, killWorker],
      [0.35, restart],
      [0.6, killWorker],
    ] as const) {
      await until(`${share} of the runs are there`, () => kept(folder, "out") >= share * RUNS);
      expect(kept(folder, "out")).toBeLessThan(RUNS);
      await kill();
    }
    const { code, err } = await end;
    expect(code, err).toBe(0);
    expect(err).toContain(`lost the backend redis://127.0.0.1:${redis.port}`);
    expect(err).toContain("is back");
    expect(collected(folder, "out")).toEqual(serialFiles(folder, "plan.yaml"));
    expect(orphans.length).toBeGreaterThan(0);
    await until("what killed workers had started has ended", () => !orphans.some(isAlive));
  });

  it("is sent once however often it is sent, taken up where a killed driver left it, sent again where it was lost, by workers that refuse what is not theirs", {
    timeout: PATIENCE_MS,
  }, async () => {
    const sha = "a".repeat(64);
    const bundle = packedBundle(sha, 1, bundleOf(loadSweep(join(folder, "few.yaml"))));
    const bundles = new Queue(BUNDLE_QUEUE, { connection: { port: redis.port } });
    await bundles.add("sweep", bundle, { jobId: sha });
    await bundles.close();
    const foreign = await queue.addBulk(
      [{}, { version: "9.9.9", sha, segment: 0, of: 1 }, { version: VERSION, sha, segment: 0, of: 1 }].map(
        (data) => ({ name: "foreign", data, opts: { attempts: 5 } }),
      ),
    );
    const first = beginSweep("few.yaml", FEW_RUNS);
    const all = foreign.length + FEW_RUNS;
    await until("all segments are there", async () => (await jobsThere()) === all);
    first.kill("SIGKILL");
    const second = beginSweep("few.yaml", FEW_RUNS);
    const end = ending(second);
    let said = "";
    second.stderr?.on("data", (chunk) => {
      said += String(chunk);
    });
    await until("it says that nobody works on them", () =>
      said.includes("nobody works on them; start workers"),
    );
    expect(await jobsThere()).toBe(all);
    const waiting = await queue.getJobs(["wait"]);
    await waiting.find(({ name }) => name === "segment")?.remove();
    const worker = beginWorker();
    const { code, err } = await end;
    expect(code, err).toBe(0);
    expect(err).toContain("the backend lost segments, 1 of them; they are sent again");
    expect(collected(folder, "out")).toEqual(serialFiles(folder, "few.yaml"));
    const failed = (await queue.getJobs(["failed"])) as Job[];
    const reasons = foreign.map(({ id }) => failed.find((job) => job.id === id)?.failedReason);
    expect(reasons[0]).toBe("this is no segment of a sweep; somebody else uses the queue");
    expect(reasons[1]).toContain(
      `this worker is regionsim ${VERSION} and the sweep was sent by regionsim 9.9.9`,
    );
    expect(reasons[1]).toContain("npm install regionsim@9.9.9");
    expect(reasons[2]).toContain(
      "its texts make another sweep than it is named after; start the sweep again",
    );
    expect(failed.map(({ attemptsMade }) => attemptsMade)).toEqual([1, 1, 1]);
    expect(await jobsThere()).toBe(foreign.length);
    expect(worker.exitCode).toBeNull();
  });

  /** What a sweep ends with whose segments are worked on by `answer`. */
  async function endWith(answer: () => Promise<string>): Promise<unknown> {
    const liar = new Worker(SEGMENT_QUEUE, answer, {
      connection: { port: redis.port, maxRetriesPerRequest: null },
    });
    const store = openStore(join(folder, "out"));
    try {
      await runOnBackend({
        sweep: loadSweep(join(folder, "few.yaml")),
        store,
        address: backendAddress(redis.url),
        segments: null,
        onProgress: () => {},
      });
      return null;
    } catch (error) {
      return error;
    } finally {
      store.close();
      await liar.close();
    }
  }

  it("ends at what a worker refuses, and at a damaged value of the queue, and keeps nothing of either", async () => {
    // Cut by somebody who wants it counted for ever.
    const { sha256 } = loadSweep(join(folder, "few.yaml"));
    const bundles = new Queue<Partial<PlanBundle>>(BUNDLE_QUEUE, { connection: { port: redis.port } });
    await bundles.add("sweep", { version: VERSION, sha: sha256, of: 2 ** 50 }, { jobId: sha256 });
    await bundles.close();
    const refused = await endWith(async () => {
      throw new UnrecoverableError("not mine\u001b[2J\nreally");
    });
    expect(String(refused)).toMatch(/segment \d\/8 failed on a worker: not mine \[2J really$/);
    const damaged = await endWith(async () => '{"rows":"nothing of the kind"}');
    expect(String(damaged)).toMatch(
      /what the backend returned for segment \d\/8 is refused: it is the answer to another job.*start the sweep again/,
    );
    expect(kept(folder, "out")).toBeLessThanOrEqual(1);
    expect(existsSync(join(folder, "out/manifest.json"))).toBe(false);
  });

  it("says at once that a backend is not there, and shows no password", async () => {
    const url = `redis://me:secret@127.0.0.1:${await freePort()}`;
    const startMs = performance.now();
    const { code, out, err } = regionsim(folder, ["sweep", "few.yaml", "--out", "out", "--backend", url]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(code).toBe(2);
    expect(err).toContain("nothing listens there; start Redis, or correct --backend");
    expect(out + err).not.toContain("secret");
    expect(kept(folder, "out")).toBe(0);
  });

  it("says that a password is wrong without showing it", async () => {
    const asked = askBackend(backendAddress(redis.url.replace("//", "//me:secret@")));
    const said = await asked.then(String, String);
    expect(said).toContain("it wants another user name or password");
    expect(said).not.toContain("secret");
  });
});

describe("a sweep on GNU parallel", () => {
  beforeEach((context) => {
    needs(context, "parallel");
    folder = planFolder();
  });

  it("goes on where it was killed, and gives what one process gives", { timeout: PATIENCE_MS }, async () => {
    const segments = 4;
    const task = { name: "spread", plan: "few.yaml", out: "out", segments, atOnce: null, cores: 1 };
    writeFileSync(
      join(folder, "sweep.sh"),
      emitRecipe("parallel", { ...task, image: null, storage: null, queue: null }),
    );
    mkdirSync(join(folder, "bin"));
    // Two tasks are killed the first time, and one finds its machine gone until the whole was started again.
    writeFileSync(
      join(folder, "bin/regionsim"),
      `#!/bin/sh
case "$*" in
*"--segment 1/4"*) if mkdir killed-1 2>/dev/null; then kill -9 $$; fi;;
*"--segment 2/4"*) if mkdir killed-2 2>/dev/null; then kill -9 $$; fi;;
*"--segment 3/4"*) if mkdir hung 2>/dev/null; then sleep 20; fi;;
esac
exec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"
`,
      { mode: 0o755 },
    );
    const env = environment({ HOME: folder, PATH: `${join(folder, "bin")}:${process.env.PATH}` });
    const first = spawn("sh", ["sweep.sh"], { cwd: folder, env, stdio: "ignore", detached: true });
    const gone = new Promise((resolve) => first.once("exit", resolve));
    await until(
      "some segments are there",
      () => kept(folder, "out") >= FEW_RUNS / segments && existsSync(join(folder, "hung")),
    );
    process.kill(-(first.pid ?? 0), "SIGKILL");
    await gone;
    expect(kept(folder, "out")).toBeLessThan(FEW_RUNS);
    const again = spawnSync("sh", ["sweep.sh"], { cwd: folder, env, encoding: "utf8" });
    expect(again.status, again.stderr).toBe(0);
    const collect = regionsim(folder, ["sweep", "collect", "out"]);
    expect(collect.code, collect.err).toBe(0);
    expect(collected(folder, "out")).toEqual(serialFiles(folder, "few.yaml"));
    expect(readdirSync(folder).filter((name) => name.startsWith("killed-")).length).toBe(2);
  });
});
