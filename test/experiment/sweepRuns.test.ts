import { describe, expect, test } from "vitest";
import { runScenario } from "../../src/experiment/run.js";
import type { Sample } from "../../src/experiment/sample.js";
import { inlineRunner, type SampleRunner } from "../../src/experiment/sampleRunner.js";
import { checkPoints } from "../../src/experiment/sweep/checkPoints.js";
import {
  missingRuns,
  missingSegments,
  readSweep,
  runKey,
  runSegment,
  type Sweep,
  segmentStandings,
  setsOf,
  sweepTables,
  WHOLE,
} from "../../src/experiment/sweep/index.js";
import { pointsOf } from "../../src/experiment/sweep/points.js";
import { loadScenario } from "../../src/scenario/index.js";
import { loadPlan } from "../../src/scenario/loadPlan.js";
import { MemoryStore, SMALL_SCENARIO, smallPlan, sourceOf, sweepFrom } from "./sweepSmall.js";

async function made(
  sweep: Sweep,
  order: readonly (readonly [index: number, of: number])[],
): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const [index, of] of order) await runSegment(sweep, { index, of }, { runner: inlineRunner(), store });
  return store;
}

function bytesOf(sweep: Sweep, store: MemoryStore): readonly Buffer[] {
  const { runs, points, series } = sweepTables(sweep, (key) => store.rows.get(key)!);
  return [runs, points, ...(series === null ? [] : [series])].map((bytes) => Buffer.from(bytes));
}

describe("the runs of a sweep", () => {
  test("1, 7 and 200 segments in any order come to the same bytes, each run made exactly once", async () => {
    const sweep = sweepFrom(smallPlan({ replications: 6 }));
    expect(sweep.runs).toBe(48);
    const whole = bytesOf(sweep, await made(sweep, [[0, 1]]));
    for (const of of [7, 200]) {
      // A stride that shares no factor with the number of segments visits all of them, far from in order.
      const order = Array.from({ length: of }, (_, i) => [(i * 89) % of, of] as const);
      const store = await made(sweep, order);
      expect(store.rows.size).toBe(48);
      expect(bytesOf(sweep, store)).toEqual(whole);
    }
  });

  test.each(["common", "independent"])(
    "a run with %s luck is what `run` makes of its settings, seed and replication",
    async (luck) => {
      const sweep = sweepFrom(smallPlan({ replications: 2, luck }));
      const store = await made(sweep, [[0, 1]]);
      const run = 7;
      const row = store.rows.get(runKey(sweep.identityOf(run)))!;
      const loaded = loadScenario({
        file: "small.yaml",
        text: SMALL_SCENARIO,
        read: () => "",
        set: setsOf(sweep.points[3]!.settings),
        seed: row.seed,
      });
      if (!loaded.ok) throw new Error("the point is no scenario");
      expect(runScenario(loaded.scenario, { replication: 1 }).digest).toBe(row.digest);
      expect(row.seed === "small").toBe(luck === "common");
    },
  );

  test("a plan that grows keeps the names of its runs; another replication, setting or seed has others", () => {
    const keys = (plan: string): ReadonlySet<string> => {
      const sweep = sweepFrom(plan);
      return new Set(Array.from({ length: sweep.runs }, (_, run) => runKey(sweep.identityOf(run))));
    };
    const few = keys(smallPlan({ replications: 2 }));
    const more = keys(smallPlan({ replications: 3 }).replace("[20s, 40s]", "[10s, 20s, 40s]"));
    expect([...few].filter((key) => more.has(key))).toHaveLength(few.size);
    const other = keys(smallPlan({ replications: 2 }).replace("seed: small", "seed: other"));
    expect([...few].filter((key) => other.has(key))).toEqual([]);
  });

  test("two points that come to the same scenario are made once and both have the run", async () => {
    const plan = smallPlan({ replications: 1 }).replace(
      "- { workload.client.timeout: 5s }",
      "- { duration: 2m }\n      - { seed: own }",
    );
    const sweep = sweepFrom(plan);
    const store = await made(sweep, [[0, 1]]);
    expect(missingRuns(sweep, store)).toEqual([]);
    // The middle of what is sampled is the scenario as it stands, too.
    expect(store.rows.size).toBe(sweep.runs - 2);
  });

  test("missing runs and segments are those that were not made, and failed ones are among them", async () => {
    const sweep = sweepFrom(smallPlan({ replications: 1 }));
    const store = await made(sweep, [[1, 4]]);
    expect(missingRuns(sweep, store)).toEqual([0, 1, 4, 5, 6, 7]);
    expect(missingSegments(sweep, 4, store)).toEqual([0, 2, 3]);
    store.fail(runKey(sweep.identityOf(6)), "out of luck");
    expect(segmentStandings(sweep, 2, store)).toEqual([
      { runs: 4, done: 2, failed: 0, missing: 2 },
      { runs: 4, done: 0, failed: 1, missing: 4 },
    ]);
  });
});

/** A runner that fails for some replications. */
function failingRunner(fails: (replication: number) => boolean): SampleRunner {
  const inner = inlineRunner();
  return {
    ...inner,
    async take(tasks, onSample) {
      const samples: Sample[] = [];
      for (const task of tasks) {
        if (fails(task.replication)) throw new Error(`replication ${task.replication} fell over`);
        samples.push(...(await inner.take([task], onSample)));
      }
      return samples;
    },
  };
}

describe("a segment in which something goes wrong", () => {
  test("a run that fails is noted, and all others are made", async () => {
    const sweep = sweepFrom(smallPlan({ replications: 10 }));
    const store = new MemoryStore();
    let first = true;
    const runner = failingRunner((replication) => replication === 4 && (first || store.failures.size > 0));
    const outcome = await runSegment(sweep, { index: 0, of: 8 }, { runner, store });
    first = false;
    expect(outcome).toMatchObject({ runs: 10, ran: 9, failed: 1 });
    expect([...store.failures.values()]).toEqual(["replication 4 fell over"]);
    expect(outcome.error).toEqual(new Error("replication 4 fell over"));
  });

  test("after three failures it is given up: the fault is not the run's", async () => {
    const sweep = sweepFrom(smallPlan({ replications: 20 }));
    const store = new MemoryStore();
    const outcome = await runSegment(sweep, WHOLE, { runner: failingRunner(() => true), store });
    expect(outcome).toMatchObject({ ran: 0, failed: 3 });
  });

  test("what the store throws ends it at once and is no failure of a run", async () => {
    const sweep = sweepFrom(smallPlan());
    const full = new Error("the disk is full");
    const store = new MemoryStore();
    const append = store.append.bind(store);
    store.append = (row) => {
      if (store.rows.size === 5) throw full;
      append(row);
    };
    await expect(runSegment(sweep, WHOLE, { runner: inlineRunner(), store })).rejects.toBe(full);
    expect(store.rows.size).toBe(5);
    expect(store.failures.size).toBe(0);
  });

  test("asked to stop, it stops between batches and says how far it came", async () => {
    const sweep = sweepFrom(smallPlan());
    const store = new MemoryStore();
    const outcome = await runSegment(sweep, WHOLE, {
      runner: inlineRunner(),
      store,
      shouldStop: () => store.rows.size > 0,
    });
    expect(outcome.runs).toBe(208);
    expect(outcome.ran).toBe(64);
    expect(store.rows.size).toBe(64);
  });
});

describe("a plan held against its scenario", () => {
  function issuesOf(plan: string, scenario: string = SMALL_SCENARIO): readonly string[] {
    const loaded = readSweep(sourceOf(plan, scenario));
    return loaded.ok
      ? []
      : loaded.issues.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
  }

  test("a value that the scenario refuses is told at its line and column in the plan, once", () => {
    expect(issuesOf(smallPlan().replace("[20s, 40s]", "[20s, 40]"))).toEqual([
      expect.stringMatching(/^small\.plan\.yaml:12:28 faults\[0\]\.for must be /),
    ]);
  });

  test("a path that is none is told where it is written, with what was probably meant", () => {
    const loaded = readSweep(
      sourceOf(smallPlan().replace("us-model.serving.concurrency", "us-model.serving.concurency")),
    );
    expect(loaded.ok ? [] : loaded.issues).toMatchObject([
      { file: "small.plan.yaml", line: 11, code: "unknown-key", suggestion: "concurrency" },
    ]);
  });

  test("an item of a list that is not there is told at the path", () => {
    expect(issuesOf(smallPlan().replace("faults[0].for", "faults[3].for"))).toEqual([
      expect.stringMatching(/^small\.plan\.yaml:12:23 .* \(and 1 more value\)$/),
    ]);
  });

  test("what no value of a path can mend is told once, with how many values it is wrong of", () => {
    const plan = smallPlan().replace(
      "faults[0].for: [20s, 40s]",
      "deployment.entry.ttl:\n        - 1s\n        - 2s\n        - 3s\n        - 4s",
    );
    const issues = issuesOf(plan);
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(/^small\.plan\.yaml:13:\d+ .*deployment\.entry.* \(and 3 more values\)/);
  });

  test("what a setting breaks elsewhere in the scenario is told at the setting, with the place it breaks", () => {
    const [issue, ...others] = issuesOf(
      smallPlan().replace("workload.client.timeout: 5s", "deployment.regions.eu: null"),
    );
    expect(issue).toMatch(
      /^small\.plan\.yaml:15:\d+ at the point deployment\.regions\.eu=null: .+\(small\.yaml:\d+\)$/,
    );
    for (const other of others) expect(other).toContain("small.plan.yaml:15:");
  });

  test("a scenario that is wrong by itself is told in its own lines", () => {
    expect(issuesOf(smallPlan(), SMALL_SCENARIO.replace("duration: 2m", "duration: 2"))).toEqual([
      expect.stringMatching(/^small\.yaml:4:11 duration must be /),
    ]);
  });

  test("with what was found before, the same texts are taken as they are; other texts are checked anew", () => {
    const plan = smallPlan({ replications: 1 });
    const memo = sweepFrom(plan).memo();
    const told = {
      ...memo,
      scenarios: Object.fromEntries(Object.keys(memo.scenarios).map((id) => [id, "0".repeat(64)])),
    };
    expect(sweepFrom(plan, SMALL_SCENARIO, told).identityOf(0).scenarioSha256).toBe("0".repeat(64));
    const changed = SMALL_SCENARIO.replace("timeout: 10s", "timeout: 11s");
    expect(sweepFrom(plan, changed, told).identityOf(0).scenarioSha256).not.toBe("0".repeat(64));
  });

  test("a run is never kept under the name of another scenario, whatever was written down of its point", async () => {
    const plan = smallPlan({ replications: 1 });
    const memo = sweepFrom(plan).memo();
    const [first, second] = Object.keys(memo.scenarios);
    const scenarios = { ...memo.scenarios, [first!]: memo.scenarios[second!]! };
    const store = new MemoryStore();
    const sweep = sweepFrom(plan, SMALL_SCENARIO, { ...memo, scenarios });
    await expect(
      runSegment(sweep, { index: 0, of: 8 }, { runner: inlineRunner(), store }),
    ).rejects.toMatchObject({
      issues: [expect.objectContaining({ message: expect.stringMatching(/plan\.json .+ remove that file/) })],
    });
    expect(store.rows.size).toBe(0);
  });

  test("of more points than are looked at one by one, every written value and the ends of sampled ones are", () => {
    const plan = sweepFrom(smallPlan()).plan;
    const points = pointsOf({ seed: plan.seed, designs: plan.designs });
    const loaded = loadPlan("plan.yaml", smallPlan());
    if (!loaded.ok) throw new Error("the plan is wrong");
    const seen: string[] = [];
    const issues = checkPoints(
      points,
      loaded,
      ({ settings }) => {
        seen.push(setsOf(settings).join(" "));
        return { ok: false, issues: [] };
      },
      4,
    );
    expect(issues).toEqual([]);
    const grid = "deployment.endpoints.us-model.serving.concurrency";
    expect(seen).toEqual([
      `${grid}=2 faults[0].for=20s`,
      `${grid}=2 faults[0].for=40s`,
      `${grid}=3 faults[0].for=20s`,
      "workload.client.timeout=5s",
      "workload.sites[0].rate=0.5rps",
      "workload.sites[0].rate=1.25rps",
    ]);
  });
});
