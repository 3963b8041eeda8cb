import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processRunner } from "../../../src/experiment/executors/processRunner.js";
import { replicate } from "../../../src/experiment/replicate/replicate.js";
import type { Sample } from "../../../src/experiment/sample.js";
import { inlineRunner, type SampleRunner } from "../../../src/experiment/sampleRunner.js";
import { smallScenario } from "./small.js";
import { bundledEntries, type Entries } from "./workerEntry.js";

const scenario = smallScenario();
const PLAN = { least: 3, most: 12, width: 0.06, of: ["ttft.mean"], confidence: 0.95 };

let entries: Entries;
let expected: string;

/** Everything a sample holds, as text. */
function bytes(value: unknown): string {
  return JSON.stringify(value, (_, part) => (part instanceof Map ? [...part] : part));
}

beforeAll(async () => {
  entries = await bundledEntries();
  const inline = inlineRunner();
  inline.add(scenario);
  expected = bytes(await replicate(inline, 0, PLAN));
  expect(expected).toContain('"reason":"reached"');
});

afterAll(() => entries.remove());

async function withPool<T>(
  options: { readonly jobs: number; readonly entry: URL; readonly onProgress?: (done: number) => void },
  use: (runner: SampleRunner) => Promise<T>,
): Promise<T> {
  const runner = processRunner(options);
  try {
    return await use(runner);
  } finally {
    await runner.close();
  }
}

function replicated(entry: URL, jobs: number): Promise<string> {
  return withPool({ jobs, entry }, async (runner) => {
    runner.add(scenario);
    return bytes(await replicate(runner, 0, PLAN));
  });
}

const six = Array.from({ length: 6 }, (_, replication) => ({ scenario: 0, replication }));

describe("samples taken in processes", () => {
  it("are the bytes of those taken here, for more processes than cores, and so is where replications end", async () => {
    expect(await replicated(entries.plain, 3)).toBe(expected);
  });

  it("are the same bytes in the order of the tasks when they come in another order", async () => {
    const slow = entries.variant(
      `process.send = (m, ...rest) => m.kind === "sample"
        ? setTimeout(() => send(m, ...rest), number === 0 ? 150 : 0)
        : send(m, ...rest);`,
    );
    const came: number[] = [];
    await withPool({ jobs: 2, entry: slow }, async (runner) => {
      runner.add(scenario);
      const samples = await runner.take(six, ({ replication }) => came.push(replication));
      expect(samples.map(({ replication }) => replication)).toEqual([0, 1, 2, 3, 4, 5]);
    });
    expect(came).not.toEqual([0, 1, 2, 3, 4, 5]);
    expect([...came].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("are the same bytes when processes are killed with their work in hand", async () => {
    const dying = entries.variant(
      `let sent = 0;
      process.send = (m, ...rest) => {
        if (m.kind === "sample") sent += 1;
        if (m.kind === "sample" && number < 3 && sent === number) process.kill(process.pid, "SIGKILL");
        return send(m, ...rest);
      };
      if (number === 0) process.on("message", () => process.kill(process.pid, "SIGKILL"));`,
    );
    expect(await replicated(dying, 2)).toBe(expected);
  });

  it("may be asked for in several calls at once, of several scenarios, and count as done in parts while they run", async () => {
    const other = smallScenario((text) => text.replace("seed: small", "seed: other"));
    const told: number[] = [];
    const options = { jobs: 2, entry: entries.plain, onProgress: (done: number) => told.push(done) };
    const [mine, others] = await withPool(options, async (runner) => {
      runner.add(scenario);
      runner.add(other);
      const ask = (number: number): Promise<readonly Sample[]> =>
        runner.take([0, 1].map((replication) => ({ scenario: number, replication })));
      return Promise.all([ask(0), ask(1)]);
    });
    expect(told.at(-1)).toBe(4);
    expect(Math.max(...told)).toBe(4);
    expect(told.some((done) => !Number.isInteger(done))).toBe(true);
    const inline = inlineRunner();
    inline.add(scenario);
    inline.add(other);
    expect(bytes(mine)).toBe(bytes(await inline.take(six.slice(0, 2))));
    expect(bytes(others)).toBe(bytes(await inline.take(six.slice(0, 2).map((t) => ({ ...t, scenario: 1 })))));
  });
});

describe("a process that cannot take a sample", () => {
  it("is given up after three deaths on the same task, by name of the task and of the death", async () => {
    const deadly = entries.variant(`process.on("message", () => process.kill(process.pid, "SIGKILL"));`);
    await withPool({ jobs: 1, entry: deadly }, async (runner) => {
      runner.add(scenario);
      await expect(runner.take(six)).rejects.toMatchObject({
        name: "SampleFailed",
        reason: "died",
        seed: "small",
        message: "its process ended 3 times, last with SIGKILL",
      });
    });
  });

  it("fails with what was thrown, the seed and the replication, or what is wrong with the code of a policy, and is as good as before", async () => {
    const broken = { ...scenario, network: null as never };
    await withPool({ jobs: 1, entry: entries.plain }, async (runner) => {
      runner.add(broken);
      runner.add(scenario);
      const failed = runner.take([{ scenario: 0, replication: 4 }]);
      await expect(failed).rejects.toMatchObject({ reason: "threw", seed: "small", replication: 4 });
      await expect(failed).rejects.toThrow(/^\w*Error: .*\n +at /);
      const coded = runner.add(scenario, {
        place: { name: "none.mjs", file: "/nowhere/none.mjs" },
        modules: {},
      });
      await expect(runner.take([{ scenario: coded, replication: 0 }])).rejects.toMatchObject({
        reason: "refused",
        issues: [{ file: "/nowhere/none.mjs", message: expect.stringContaining("can be loaded") }],
      });
      expect(await runner.take([{ scenario: 1, replication: 0 }])).toHaveLength(1);
    });
  });
});

/** Whether a process of this number is there and no corpse. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("the processes", () => {
  // Says its number instead of a sample, and then works on for hours.
  const chatty = `process.on("message", (m) => { if (m.kind === "task") send({ kind: "progress", share: process.pid / 1e9 }); });`;

  it.runIf(process.platform === "linux")(
    "end in the middle of their work when the runner is closed",
    async () => {
      const long = { ...smallScenario((text) => text.replace("duration: 100s", "duration: 100h")) };
      const pids = new Set<number>();
      const runner = processRunner({
        jobs: 2,
        entry: entries.variant(chatty),
        onProgress: (done) => pids.add(Math.round(done * 1e9)),
      });
      runner.add(long);
      void runner.take([{ scenario: 0, replication: 0 }]).catch(() => {});
      for (let i = 0; i < 100 && pids.size === 0; i += 1) await sleep(50);
      const [pid] = pids;
      expect(isRunning(pid!)).toBe(true);
      const startedMs = performance.now();
      await runner.close();
      expect(performance.now() - startedMs).toBeLessThan(1000);
      expect(isRunning(pid!)).toBe(false);
    },
  );
});
