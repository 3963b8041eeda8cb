/** Sweeps beyond one machine, with everything killed that can be: what is collected is what one process makes. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SEGMENT_QUEUE } from "../../src/cli/backends/connect.js";
import { VERSION } from "../../src/version.js";
import { ending, environment, program, regionsim, root } from "./harness.js";
import { freePort, isInstalled, startRedis, type TestRedis } from "./redis.js";
import { collected, kept, needs, PATIENCE_MS, planFolder, RUNS, serialFiles, until } from "./spread.js";

const SEGMENTS = 200;
const WORKERS = 3;
/** A worker that is killed is missed after this long; as short as the option goes. */
const LEASE_S = 1;

const children = new Set<ChildProcess>();
let redis: TestRedis;
let folder = "";

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

/** Starts the program, or a copy of it, to be ended after the test if not before. */
function begin(args: readonly string[], main: string = program): ChildProcess {
  const env = environment({ REGIONSIM_BACKEND: redis.url });
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout?.resume();
  children.add(child);
  return child;
}

function beginWorker(main?: string): ChildProcess {
  const child = begin(["worker", "--backend", "env", "--jobs", "1", "--lease", String(LEASE_S)], main);
  child.stderr?.resume();
  return child;
}

function beginSweep(out: string, segments = SEGMENTS): ChildProcess {
  return begin(["sweep", "plan.yaml", "--out", out, "--backend", redis.url, "--segments", String(segments)]);
}

/** Jobs on the backend in any state. */
async function jobsThere(): Promise<number> {
  const queue = new Queue(SEGMENT_QUEUE, { connection: { port: redis.port } });
  try {
    const counts = await queue.getJobCounts("wait", "active", "delayed", "completed", "failed");
    return Object.values(counts).reduce((sum, count) => sum + count, 0);
  } finally {
    await queue.close();
  }
}

/** A backend forgets one of the jobs it has. */
async function loseJob(): Promise<void> {
  const queue = new Queue(SEGMENT_QUEUE, { connection: { port: redis.port } });
  const [job] = await queue.getJobs(["wait"]);
  await job?.remove();
  await queue.close();
}

describe("a sweep on BullMQ and Redis", () => {
  beforeAll(async () => {
    if (isInstalled("redis-server")) redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
  });
  beforeEach((context) => {
    needs(context, "redis-server");
    folder = planFolder();
  });

  it.for([1, 2])(
    "gives what one process gives when workers and Redis are killed at random, time %i",
    { timeout: PATIENCE_MS },
    async (round) => {
      const expected = serialFiles(folder);
      const driver = beginSweep("out");
      const end = ending(driver);
      const workers = Array.from({ length: WORKERS }, () => beginWorker());
      let kills = 0;
      let seed = round;
      const random = (): number => {
        seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
        return seed / 2 ** 32;
      };
      for (let share = 0.1; share < 0.65; share += 0.25) {
        await until(`${share} of the runs are there`, () => kept(folder, "out") >= share * RUNS);
        const victim = Math.floor(random() * WORKERS);
        workers[victim]?.kill("SIGKILL");
        workers[victim] = beginWorker();
        kills += 1;
        if (kills !== 2) continue;
        await redis.kill();
        await sleep(300);
        await redis.restart();
      }
      const { code, err } = await end;
      expect(err).toContain(`lost the backend redis://127.0.0.1:${redis.port}`);
      expect(err).toContain("is back");
      expect(code, err).toBe(0);
      expect(kills).toBe(3);
      expect(collected(folder, "out")).toEqual(expected);
    },
  );

  it(
    "is sent once however often it is sent, taken up where a killed driver left it, and sent again where it was lost",
    async () => {
      const first = beginSweep("out", 8);
      await until("all segments are there", async () => (await jobsThere()) === 8);
      first.kill("SIGKILL");
      const second = beginSweep("out", 8);
      const end = ending(second);
      let said = "";
      second.stderr?.on("data", (chunk) => {
        said += String(chunk);
      });
      await until("it says that nobody works on them", () =>
        said.includes("nobody works on them; start workers"),
      );
      expect(await jobsThere()).toBe(8);
      await loseJob();
      beginWorker();
      const { code, err } = await end;
      expect(code, err).toBe(0);
      expect(err).toContain("the backend lost segments, 1 of them; they are sent again");
      expect(collected(folder, "out")).toEqual(serialFiles(folder));
      expect(await jobsThere()).toBe(0);
    },
    PATIENCE_MS,
  );

  it(
    "is refused by a worker of another version, which says what to install",
    async () => {
      const other = join(folder, "other");
      mkdirSync(other);
      cpSync(join(root, "dist"), join(other, "dist"), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(other, "node_modules"));
      const processor = join(other, "dist/cli/sweepProcessor.cjs");
      const text = readFileSync(processor, "utf8");
      expect(text).toContain(`"${VERSION}"`);
      writeFileSync(processor, text.replaceAll(`"${VERSION}"`, '"9.9.9"'));
      beginWorker(join(other, "dist/cli/main.js"));
      const { code, err } = await ending(beginSweep("out", 4));
      expect(code).toBe(2);
      expect(err).toContain(`this worker is regionsim 9.9.9 and the sweep was sent by regionsim ${VERSION}`);
      expect(err).toContain(`npm install regionsim@${VERSION}`);
      expect(kept(folder, "out")).toBe(0);
      expect(existsSync(join(folder, "out/manifest.json"))).toBe(false);
    },
    PATIENCE_MS,
  );

  it(
    "refuses a damaged value of the queue, keeps nothing of it, and makes the segment again",
    async () => {
      const liar = new Worker(SEGMENT_QUEUE, async () => '{"rows":"nothing of the kind"}', {
        connection: { port: redis.port, maxRetriesPerRequest: null },
      });
      const { code, err } = await ending(beginSweep("out", 4));
      await liar.close();
      expect(code).toBe(2);
      expect(err).toMatch(
        /what the backend returned for segment \d\/4 is refused: it is the answer to another job/,
      );
      expect(err).toContain("start the sweep again");
      expect(kept(folder, "out")).toBe(0);
    },
    PATIENCE_MS,
  );

  it("says at once that a backend is not there, and shows no password", async () => {
    const url = `redis://me:secret@127.0.0.1:${await freePort()}`;
    const startMs = performance.now();
    const { code, out, err } = regionsim(folder, ["sweep", "plan.yaml", "--out", "out", "--backend", url]);
    expect(performance.now() - startMs).toBeLessThan(10_000);
    expect(code).toBe(2);
    expect(err).toContain("nothing listens there; start Redis, or correct --backend");
    expect(out + err).not.toContain("secret");
    expect(kept(folder, "out")).toBe(0);
  });

  it("says that a password is wrong without showing it", () => {
    const url = redis.url.replace("//", "//me:secret@");
    const { code, out, err } = regionsim(folder, ["worker", "--backend", url]);
    expect(code).toBe(2);
    expect(err).toContain("it wants another user name or password");
    expect(out + err).not.toContain("secret");
  });
});

describe("a sweep on GNU parallel", () => {
  beforeEach((context) => {
    needs(context, "parallel");
    folder = planFolder();
  });

  it("goes on where it was killed, and gives what one process gives", { timeout: PATIENCE_MS }, async () => {
    const expected = serialFiles(folder);
    const emitted = regionsim(folder, [
      "sweep",
      "emit",
      "parallel",
      "plan.yaml",
      "--out",
      "out",
      "--segments",
      "8",
    ]);
    expect(emitted.code, emitted.err).toBe(0);
    writeFileSync(join(folder, "sweep.sh"), emitted.out);
    mkdirSync(join(folder, "bin"));
    // Each task leaves its number, and two of them are killed the first time: by themselves, in mid-run.
    writeFileSync(
      join(folder, "bin/regionsim"),
      `#!/bin/sh
case "$*" in *"--segment 2/8"*|*"--segment 5/8"*)
  if mkdir "killed-$$" 2>/dev/null && [ "$(ls -d killed-* | wc -l)" -le 2 ]; then kill -9 $$; fi;;
esac
echo "$6" >> tasks.log
exec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} "$@"
`,
      { mode: 0o755 },
    );
    const env = environment({ HOME: folder, PATH: `${join(folder, "bin")}:${process.env.PATH}` });
    const first = spawn("sh", ["sweep.sh"], { cwd: folder, env, stdio: "ignore", detached: true });
    const gone = new Promise((resolve) => first.once("exit", resolve));
    await until("some segments are there", () => kept(folder, "out") >= RUNS / 4);
    process.kill(-(first.pid ?? 0), "SIGKILL");
    await gone;
    expect(regionsim(folder, ["sweep", "collect", "out"]).code).toBe(7);
    const again = spawnSync("sh", ["sweep.sh"], { cwd: folder, env, encoding: "utf8" });
    expect(again.status, again.stderr).toBe(0);
    const collect = regionsim(folder, ["sweep", "collect", "out"]);
    expect(collect.code, collect.err).toBe(0);
    expect(collected(folder, "out")).toEqual(expected);
    expect(readdirSync(folder).filter((name) => name.startsWith("killed-")).length).toBeGreaterThanOrEqual(2);
  });
});
