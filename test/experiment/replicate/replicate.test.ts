import { describe, expect, it } from "vitest";
import { overReplications } from "../../../src/experiment/replicate/document.js";
import {
  defaultMeasures,
  type ReplicationPlan,
  replicate,
  replicationsNeeded,
  UnknownMeasure,
} from "../../../src/experiment/replicate/replicate.js";
import { LONE_SEED_WARNING, runScenario } from "../../../src/experiment/run.js";
import { takeSample } from "../../../src/experiment/sample.js";
import { inlineRunner, type SampleRunner } from "../../../src/experiment/sampleRunner.js";
import { relativeHalfWidth } from "../../../src/experiment/statistics/sequential.js";
import { Stream, streamKey } from "../../../src/kernel/index.js";
import { fakeRunner, objectiveOf, sampleOf, smallScenario } from "./small.js";

const PLAN: ReplicationPlan = { least: 10, most: 200, width: 0.05, of: ["cost"], confidence: 0.95 };

const luck = new Stream(streamKey("replicate", 0, "test", ""));
/** Uniform on 50 … 150: a relative sd of 0.29, so ±5 % takes about 130. */
const COSTS = Array.from({ length: 400 }, () => 50 + 100 * luck.next());
const costly = (replication: number) => sampleOf(replication, { measures: { cost: COSTS[replication]! } });

/** The first n, from `least` on, at which the width is reached; by definition. */
function stopsAt(least: number, width: number): number {
  for (let n = least; n <= COSTS.length; n += 1)
    if (relativeHalfWidth(COSTS.slice(0, n), 0.95) <= width) return n;
  throw new Error("not enough luck");
}

describe("replications until they are known well enough", () => {
  it("are as many as the first prefix in their own order that is narrow enough, whatever was taken ahead", async () => {
    const expected = stopsAt(10, 0.05);
    expect(expected).toBeGreaterThan(60);
    expect(expected).toBeLessThan(200);
    for (const width of [0.05, 0.1, 0.2]) {
      const runner = fakeRunner(costly);
      const { samples, replicated } = await replicate(runner, 0, { ...PLAN, width });
      expect(samples.map(({ replication }) => replication)).toEqual(
        Array.from({ length: stopsAt(10, width) }, (_, i) => i),
      );
      expect(replicated.stopping).toMatchObject({ reason: "reached", width, of: ["cost"] });
      expect(replicated.stopping.reached).toBeLessThanOrEqual(width);
    }
  });

  it("never are fewer than the least, however narrow they begin", async () => {
    const same = fakeRunner((i) => sampleOf(i, { measures: { cost: 7 } }));
    const { samples, replicated } = await replicate(same, 0, { ...PLAN, least: 12 });
    expect(samples).toHaveLength(12);
    expect(replicated.stopping).toMatchObject({ reason: "reached", reached: 0 });
  });

  it("end at the most allowed and say how far they came", async () => {
    const { samples, replicated } = await replicate(fakeRunner(costly), 0, { ...PLAN, most: 30 });
    expect(samples).toHaveLength(30);
    const { reason, reached } = replicated.stopping;
    expect(reason).toBe("capped");
    expect(reached).toBeCloseTo(relativeHalfWidth(COSTS.slice(0, 30), 0.95), 12);
    // Its own guess at how many it takes is right within a factor of two.
    const needed = replicationsNeeded(30, reached!, 0.05);
    expect(needed).toBeGreaterThan(stopsAt(10, 0.05) / 2);
    expect(needed).toBeLessThan(stopsAt(10, 0.05) * 2);
  });

  it("wait for the widest of several measures", async () => {
    const wide = (i: number) => sampleOf(i, { measures: { offered: 100, cost: COSTS[i]! } });
    const { samples } = await replicate(fakeRunner(wide), 0, {
      ...PLAN,
      of: ["offered", "cost"],
      width: 0.1,
    });
    expect(samples).toHaveLength(stopsAt(10, 0.1));
  });

  it("leave a mean of 0 that is not always 0 at the cap without a width, which JSON could not hold", async () => {
    const zero = (i: number) => sampleOf(i, { measures: { cost: i % 2 === 0 ? 1 : -1 } });
    const { replicated } = await replicate(fakeRunner(zero), 0, { ...PLAN, most: 20 });
    expect(replicated.stopping).toMatchObject({ reason: "capped", reached: null });
  });

  it("refuse a measure that no replication has, and name those there are", async () => {
    const taken = replicate(fakeRunner(costly), 0, { ...PLAN, of: ["costs"] });
    await expect(taken).rejects.toMatchObject({ name: "UnknownMeasure", key: "costs", known: ["cost"] });
    await expect(taken).rejects.toBeInstanceOf(UnknownMeasure);
  });

  it("look at what the objectives are about unless told, leaving out words and exact targets", () => {
    const asked = [
      objectiveOf("<", 2, 1, true),
      { ...objectiveOf("==", 0, 0, true), subject: "refused" },
      { ...objectiveOf("==", "none", "none", true), subject: "cascade" },
    ];
    expect(defaultMeasures([sampleOf(0, { objectives: asked })])).toEqual(["ttft.p95"]);
    expect(defaultMeasures([sampleOf(0)])).toEqual(["e2e.mean"]);
  });
});

describe("a fixed number of replications", () => {
  it("is taken in one go, whatever their width", async () => {
    const runner = fakeRunner(costly);
    const { samples, replicated } = await replicate(runner, 0, { ...PLAN, width: null, most: 7 });
    expect(runner.taken).toEqual([7]);
    expect(samples).toHaveLength(7);
    expect(replicated.stopping.reason).toBe("fixed");
  });

  it("makes a document that is replication 0 but for its verdicts, and no anecdote", async () => {
    const scenario = smallScenario();
    const runner = inlineRunner();
    runner.add(scenario);
    const { first, replicated, samples } = await replicate(runner, 0, { ...PLAN, width: null, most: 3 });
    const alone = runScenario(scenario);
    expect(first).toEqual(alone);
    expect(alone.warnings).toContain(LONE_SEED_WARNING);
    const many = overReplications(first, replicated, samples);
    expect(many.warnings).not.toContain(LONE_SEED_WARNING);
    expect(many.series).toEqual(alone.series);
    expect(many).toMatchObject({ replications: 3, digest: alone.digest });
    expect(many.objectives.map(({ pass }) => pass)).toEqual([true, true, false]);
    const digests = [0, 1, 2].map((replication) => takeSample(scenario, replication).digest);
    expect(new Set(digests).size).toBe(3);
    expect(many.replicationValues?.["ttft.p50"]).toHaveLength(3);
  });
});

describe("a runner that fails", () => {
  it("fails the replications with what it said", async () => {
    const failing: SampleRunner = { ...fakeRunner(costly), take: () => Promise.reject(new Error("no more")) };
    await expect(replicate(failing, 0, PLAN)).rejects.toThrow("no more");
  });
});
