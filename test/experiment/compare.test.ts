/** Comparisons: nothing is found where nothing is, what is planted is found, and common luck is worth something. */
import { describe, expect, it } from "vitest";
import { changesOf } from "../../src/experiment/compare/changes.js";
import { compareScenarios } from "../../src/experiment/compare/compare.js";
import { type Costed, paretoOf } from "../../src/experiment/compare/pareto.js";
import { isAlike, sameness } from "../../src/experiment/compare/sameness.js";
import { signTest } from "../../src/experiment/compare/signTest.js";
import { takeRounds } from "../../src/experiment/compare/stopping.js";
import { summariseSamples } from "../../src/experiment/replicate/estimate.js";
import { type Sample, takeSample } from "../../src/experiment/sample.js";
import { inlineRunner } from "../../src/experiment/sampleRunner.js";
import { varianceOf } from "../../src/experiment/statistics/moments.js";
import { pairedDifference } from "../../src/experiment/statistics/paired.js";
import type { Change, Comparison } from "../../src/result/comparison.js";
import { regressionsOf } from "../../src/result/regressions.js";
import { loadShipped } from "../scenarios/shipped.js";
import { backwardRunner, optionsWith, smallCompared, variantOf } from "./compareFiles.js";

const SLOWER = ["deployment.endpoints.eu-model.serving.ttft={p50: 260ms, p99: 900ms}"];
const ALONE = [
  "deployment.regions.us=null",
  "deployment.endpoints.us-model=null",
  "workload.sites=[{ from: DE, rate: 3rps }, { from: US-NY, rate: 2rps }]",
];
const RULE = { confidence: 0.95, atLeast: 0.01 };

function compareSmall(
  others: Readonly<Record<string, readonly string[]>>,
  given: Parameters<typeof optionsWith>[0] = {},
): Promise<Comparison> {
  const variants = [
    variantOf("base"),
    ...Object.entries(others).map(([label, set]) => variantOf(label, set)),
  ];
  return compareScenarios(inlineRunner(), variants, optionsWith(given));
}

function changeAt({ pairs }: Comparison, key: string, pair = 0): Change {
  return pairs[pair]!.changes.find((change) => change.key === key)!;
}

/** A sample of which nothing is known but its measures. */
function sampleWith(replication: number, measures: Readonly<Record<string, number | null>>): Sample {
  return {
    replication,
    digest: "",
    measures: new Map(Object.entries(measures)),
    objectives: [],
    histograms: new Map(),
    result: null,
  };
}

function judged(from: readonly (number | null)[], to: readonly (number | null)[], key = "ttft.p99"): Change {
  const [a, b] = [from, to].map((values) => values.map((value, r) => sampleWith(r, { [key]: value })));
  return changesOf([a!, b!], RULE).pairs[0]!.changes[0]!;
}

describe("a comparison", () => {
  it("of a file with itself finds no difference, in no measure", async () => {
    const comparison = await compareSmall({ again: [] });
    const [pair] = comparison.pairs;
    expect(pair!.changes.length).toBeGreaterThan(40);
    expect(pair!.changes.filter(({ verdict, difference }) => verdict !== "same" || difference !== 0)).toEqual(
      [],
    );
    expect([...pair!.onlyFirst, ...pair!.onlyOther]).toEqual([]);
    expect(regressionsOf(comparison)).toEqual([]);
    expect(comparison.guard.tests).toBe(0);
  });

  it("finds a slower model, with the right sign, about as much slower as it is", async () => {
    const comparison = await compareSmall({ slower: SLOWER });
    const p50 = changeAt(comparison, "ttft.p50{origin=EU}");
    expect(p50.verdict).toBe("worse");
    expect(p50.interval!.low).toBeGreaterThan(0);
    // 60 ms more at the median, of all but those whom the other region serves meanwhile.
    expect(p50.difference).toBeGreaterThan(35);
    expect(p50.difference).toBeLessThan(70);
    expect(p50.relative!.mean).toBeCloseTo(p50.difference / p50.from, 12);
    // The other way round it is the same difference, and good news.
    const back = await compareScenarios(
      inlineRunner(),
      [variantOf("slower", SLOWER), variantOf("base")],
      optionsWith(),
    );
    const again = changeAt(back, "ttft.p50{origin=EU}");
    expect(again.verdict).toBe("better");
    expect(again.difference).toBeCloseTo(-p50.difference, 9);
    expect(regressionsOf(back)).toEqual([]);
    expect(regressionsOf(comparison).map(({ kind }) => kind)).toContain("measure");
  });

  it("gives the same document whoever takes the samples, in whatever order they come", async () => {
    const variants = [variantOf("base"), variantOf("slower", SLOWER), variantOf("alone", ALONE)];
    const one = await compareScenarios(inlineRunner(), variants, optionsWith());
    const other = await compareScenarios(backwardRunner(), variants, optionsWith());
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });

  it("runs every variant with the seed of the first, and with another when told", async () => {
    const other = variantOf("other", ["seed=another"]);
    const own = await compareScenarios(
      inlineRunner(),
      [variantOf("base"), other],
      optionsWith({ replications: 2 }),
    );
    expect(own.seed).toBe("pairs");
    expect(own.variants[1]!.replicated.digest).toBe(own.variants[0]!.replicated.digest);
    const told = await compareScenarios(
      inlineRunner(),
      [variantOf("base"), other],
      optionsWith({ replications: 2, seed: "told" }),
    );
    expect(told.variants.map(({ first }) => first.seed)).toEqual(["told", "told"]);
    expect(told.variants[0]!.replicated.digest).not.toBe(own.variants[0]!.replicated.digest);
  });

  it("stops once differences are known well enough, at the same number however many come at once", async () => {
    const until = { width: 0.1, least: 4, of: ["ttft.mean"] };
    const options = optionsWith({ replications: 40, until });
    const variants = [variantOf("base"), variantOf("slower", SLOWER)];
    const narrow = await compareScenarios(inlineRunner(), variants, options);
    const { stopping } = narrow.variants[0]!.replicated;
    expect(stopping).toMatchObject({ reason: "reached", of: ["ttft.mean"] });
    expect(stopping.reached!).toBeLessThanOrEqual(0.1);
    const { interval, from } = changeAt(narrow, "ttft.mean");
    expect((interval!.high - interval!.low) / 2 / from).toBeCloseTo(stopping.reached!, 12);
    const exactly = await compareScenarios(
      inlineRunner(),
      variants,
      optionsWith({ replications: narrow.replications }),
    );
    expect(exactly.pairs).toEqual(narrow.pairs);
    const capped = await compareScenarios(
      inlineRunner(),
      variants,
      optionsWith({ replications: 5, until: { ...until, width: 1e-6 } }),
    );
    expect(capped.replications).toBe(5);
    expect(capped.variants[0]!.replicated.stopping.reason).toBe("capped");
  });
});

describe("stopping", () => {
  it("is at the least number of replications whose differences are narrow, not at what was taken by then", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      // A stand-in for luck: numbers that look like it and are the same in every run of the test.
      const noise = (r: number, v: number): number =>
        (Math.imul(r * 2 + v + 7 * seed, 2654435761) >>> 8) / 2 ** 24;
      const sample = (r: number, v: number): Sample =>
        sampleWith(r, { "e2e.mean": 10 + 4 * v + 6 * noise(r, v) });
      const take = async (from: number, to: number): Promise<Sample[][]> =>
        [0, 1].map((v) => Array.from({ length: to - from }, (_, i) => sample(from + i, v)));
      const until = { width: 0.1, least: 4, of: ["e2e.mean"] };
      const { rounds } = await takeRounds(take, optionsWith({ replications: 300, until }));
      const widthAt = (n: number): number => {
        const [from, to] = [0, 1].map((v) =>
          Array.from({ length: n }, (_, r) => sample(r, v).measures.get("e2e.mean")!),
        );
        const { interval, from: mean } = pairedDifference(from!, to!);
        return (interval!.high - interval!.low) / 2 / mean;
      };
      let least = 4;
      while (widthAt(least) > 0.1) least++;
      expect(rounds.map(({ length }) => length)).toEqual([least, least]);
    }
  });
});

describe("one region instead of two", () => {
  it("costs half, loses its users' requests, and nobody dominates the other", async () => {
    const comparison = await compareSmall({ alone: ALONE });
    expect(changeAt(comparison, "cost")).toMatchObject({ verdict: "better" });
    expect(changeAt(comparison, "refused").verdict).toBe("worse");
    expect(comparison.pareto.map(({ costPerMonth }) => costPerMonth! / 720)).toEqual([
      expect.closeTo(20, 9),
      expect.closeTo(10, 9),
    ]);
    expect(comparison.pareto.map(({ dominatedBy }) => dominatedBy)).toEqual([null, null]);
    expect(comparison.pairs[0]!.onlyFirst).toContain("utilisation{region=us}");
    const lost = regressionsOf(comparison).flatMap((found) =>
      found.kind === "objective" ? [found.objective.name] : [],
    );
    expect(lost).toEqual(["refused <= 20%"]);
  });

  it("more money for nothing that can be seen is dominated", async () => {
    const dearer = ["deployment.endpoints.us-model.price={perReplicaHour: 30}"];
    const { pareto } = await compareSmall({ dearer }, { replications: 4 });
    expect(pareto.map(({ dominatedBy }) => dominatedBy)).toEqual([null, 0]);
  });
});

describe("nobody is dominated", () => {
  /** Replications of a cost and the availabilities given. */
  const costed = (cost: number, availabilities: readonly number[]): Costed => {
    const samples = availabilities.map((availability, r) => sampleWith(r, { cost, availability }));
    const stopping = { reason: "fixed", width: null, of: [], reached: null, least: 4, most: 4 } as const;
    return { samples, replicated: summariseSamples(samples, stopping), durationS: 3600 };
  };
  const rule = { confidence: 0.95, level: 0.001, atLeast: 0.01 };
  const dominators = (...variants: Costed[]): readonly (number | null)[] =>
    paretoOf(variants, rule).map(({ dominatedBy }) => dominatedBy);

  it("by what is cheaper and was available less in a few replications that cannot tell", () => {
    const lucky = [0.99, 0.8, 0.99, 0.99];
    expect(dominators(costed(2, lucky), costed(1, [0.8, 0.81, 0.79, 0.8]))).toEqual([null, null]);
    // As good as equal is another thing: less than one request in ten thousand.
    const close = lucky.map((value) => value - 1e-5);
    expect(dominators(costed(2, lucky), costed(1, close))).toEqual([1, null]);
  });

  it("by the same steady step of availability in two replications, which two coins make as well", () => {
    expect(dominators(costed(1, [0.5, 0.5]), costed(1, [0.75, 0.75]))).toEqual([null, null]);
    const [few, more] = [0.5, 0.75].map((value) => new Array<number>(12).fill(value));
    expect(dominators(costed(1, few!), costed(1, more!))).toEqual([1, null]);
  });
});

describe("good and bad news", () => {
  const steps = (mean: number): number[] =>
    Array.from({ length: 12 }, (_, r) => mean + (r % 3) * mean * 0.001);

  it("are neither a cause of refusal, of which there is more when there are fewer others, nor calls that were not made", () => {
    expect(judged(steps(0.1), steps(0.3), "refused{cause=queue_full}").verdict).toBe("changed");
    expect(judged(steps(0.1), steps(0.3), "refused{origin=EU}").verdict).toBe("worse");
    expect(judged(steps(0.8), steps(0.9), "amplification").verdict).toBe("changed");
    expect(judged(steps(0.8), steps(1.9), "amplification").verdict).toBe("worse");
  });
});

describe("common luck", () => {
  it("makes the difference between active-active and active-passive at least five times as sharp", () => {
    const set = ["duration=10m", "workload.sites=[{ from: DE, rate: 1rps }, { from: SE, rate: 1rps }]"];
    const [active, passive] = ["active-active", "active-passive"].map((name) => loadShipped(name, set));
    const pairs = 12;
    const key = "e2e.p50{phase=before}";
    const value = (sample: Sample): number => sample.measures.get(key)!;
    const from = Array.from({ length: pairs }, (_, r) => value(takeSample(active!, r)));
    // Of other replications, and so of other luck: these are independent of the first ones.
    const to = Array.from({ length: pairs + 1 }, (_, r) => value(takeSample(passive!, r)));
    const paired = varianceOf(from.map((a, r) => to[r]! - a));
    const independent = varianceOf(from.map((a, r) => to[r + 1]! - a));
    // Measured: 167 times. The ratio of two variances of eleven degrees of freedom is off by 3.5 in one of forty.
    expect(independent / paired).toBeGreaterThan(5 * 3.5);
  });
});

describe("the guard", () => {
  it("finds nothing in 12 comparisons of a scenario with itself under other luck, but what 1 in 20 allows", () => {
    const replications = 6;
    const scenario = smallCompared([
      "duration=30s",
      "faults=[]",
      "workload.sites=[{ from: DE, rate: 3rps }]",
    ]);
    const samplesOf = (seed: string): Sample[] =>
      Array.from({ length: replications }, (_, r) => takeSample({ ...scenario, seed }, r));
    let families = 0;
    let alone = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 12; i++) {
      const { pairs, tests } = changesOf([samplesOf(`a${i}`), samplesOf(`b${i}`)], RULE);
      const verdicts = pairs[0]!.changes.map(({ verdict }) => verdict);
      least = Math.min(least, tests);
      if (verdicts.some((verdict) => !["same", "uncertain"].includes(verdict))) families++;
      if (verdicts.includes("uncertain")) alone++;
    }
    expect(least).toBeGreaterThan(20);
    // Of 12 at 5 %, more than 3 come in 0.2 % of all experiments.
    expect(families).toBeLessThanOrEqual(3);
    // Without a guard there would be something to tell of in most of them: the bound above is not idle.
    expect(alone).toBeGreaterThan(6);
  });

  it("takes flags and steady counts for coins: four of four are no evidence, twelve of twelve are", () => {
    const all = (n: number, value: number): number[] => new Array<number>(n).fill(value);
    expect(judged(all(4, 0), all(4, 1), "metastable").verdict).not.toBe("worse");
    expect(judged(all(12, 0), all(12, 1), "metastable").verdict).toBe("worse");
    expect(judged(all(4, 1), all(4, 2), "cascade.size").verdict).not.toBe("worse");
    expect(judged(all(12, 1), all(12, 2), "cascade.size").verdict).toBe("worse");
    // Quantiles come in steps, and the same step twice is luck as well.
    expect(judged(all(2, 450), all(2, 490), "ttft.p50").verdict).toBe("uncertain");
    expect(judged(all(12, 450), all(12, 490), "ttft.p50").verdict).toBe("worse");
    // A price is no coin.
    expect(judged(all(2, 10), all(2, 20), "cost").verdict).toBe("worse");
  });

  it("counts heads exactly", () => {
    expect(signTest(0, 0)).toBe(1);
    expect(signTest(5, 5)).toBe(1);
    expect(signTest(6, 0)).toBeCloseTo(2 / 64, 15);
    // C(10, 0) + C(10, 1) + C(10, 2) of 1024, both ways.
    expect(signTest(2, 8)).toBeCloseTo((2 * 56) / 1024, 15);
    expect(signTest(8, 2)).toBe(signTest(2, 8));
  });
});

describe("a change", () => {
  const steady = (mean: number): number[] => [0, 1, 2, 3, 4, 5, 6, 7].map((r) => mean + r);
  const noisy = (mean: number): number[] =>
    steady(mean).map((value, r) => value + (r % 2 === 0 ? 0.1 : -0.1));

  it("is small below what is asked to be told, and news above", () => {
    expect(judged(steady(1000), noisy(1008)).verdict).toBe("small");
    expect(judged(steady(1000), noisy(1012)).verdict).toBe("worse");
  });

  it("of availability is measured by what is lost: from 99.5 % to 99.9 % is not small", () => {
    const shares = (lost: number): number[] => steady(0).map((value) => 1 - lost - value * 1e-7);
    const wobbling = (lost: number): number[] =>
      shares(lost).map((value, r) => value + (r % 2 === 0 ? 1e-6 : -1e-6));
    expect(judged(shares(0.005), wobbling(0.001), "availability").verdict).toBe("better");
    expect(judged(shares(0.5), wobbling(0.499), "availability").verdict).toBe("small");
  });

  it("is judged over the replications in which both have a value", () => {
    const change = judged([1, 2, null, 4, 5], [2, 3, 9, null, 7], "failover");
    expect(change).toMatchObject({ n: 3, from: 8 / 3, to: 4 });
  });

  it("of a cause of refusal that one of the two never saw is one from or to nothing", () => {
    const seen = steady(0.2).map((value, r) => sampleWith(r, { "refused{cause=queue_full}": value }));
    const unseen = steady(0).map((_, r) => sampleWith(r, {}));
    const { pairs } = changesOf([seen, unseen], RULE);
    expect(pairs[0]!.onlyFirst).toEqual([]);
    expect(pairs[0]!.changes[0]).toMatchObject({ to: 0, n: 8 });
    expect(changesOf([unseen, seen], RULE).pairs[0]!.changes[0]).toMatchObject({ from: 0, n: 8 });
  });

  it("that only one has a value of is listed for that one", () => {
    const came = steady(5).map((value, r) => sampleWith(r, { failover: value }));
    const never = steady(5).map((_, r) => sampleWith(r, { failover: null }));
    expect(changesOf([came, never], RULE).pairs[0]).toMatchObject({ onlyFirst: ["failover"], changes: [] });
    expect(changesOf([never, came], RULE).pairs[0]).toMatchObject({ onlyOther: ["failover"], changes: [] });
  });
});

describe("sameness", () => {
  const differing = (set: readonly string[]): ReturnType<typeof sameness> =>
    sameness([variantOf("base"), variantOf("other", set)]);

  it("is there whatever the deployment", () => {
    expect(differing(SLOWER)).toEqual({ sameUsers: true, sameFaults: true, warnings: [] });
    expect(differing(ALONE)).toMatchObject({ sameUsers: true, sameFaults: true, warnings: [] });
  });

  it.each([
    ["workload.client.timeout=9s", "their programs"],
    ["workload.sites=[{ from: DE, rate: 4rps }, { from: US-NY, rate: 2rps }]", "where they are"],
    ["workload.classes.chat.inputTokens=200", "what they ask"],
    ["duration=3m", "how long it lasts"],
    ['start="10:00"', "the time of day"],
  ])("names what %s changes about the users", (setting, words) => {
    const found = differing([setting]);
    expect(found.sameUsers).toBe(false);
    expect(found.warnings).toHaveLength(1);
    expect(found.warnings[0]).toContain(words);
    expect(found.sameFaults).toBe(true);
  });

  it("names faults that differ, and those that cannot strike what is not there", () => {
    const later = ["faults=[{ id: lost, at: 50s, for: 30s, kind: region-down, region: eu, manner: refuse }]"];
    expect(differing(later)).toMatchObject({ sameUsers: true, sameFaults: false });
    expect(differing(later).warnings[0]).toMatch(/other faults than base \(lost\)/);
    const abroad = [
      "faults=[{ id: lost, at: 40s, for: 30s, kind: region-down, region: us, manner: refuse }]",
    ];
    expect(differing(abroad).sameFaults).toBe(false);
    const both = [
      "faults=[{ id: lost, at: 40s, for: 30s, kind: region-down, region: eu, manner: refuse }, { id: too, at: 80s, for: 9s, kind: region-down, region: us, manner: refuse }]",
    ];
    const one = sameness([variantOf("pair", both), variantOf("alone", ALONE)]);
    expect(one).toEqual({
      sameUsers: true,
      sameFaults: true,
      warnings: ["too cannot strike alone, which has no region us"],
    });
    expect(sameness([variantOf("pair", both), variantOf("base")]).sameFaults).toBe(false);
  });

  it("looks at what is in columns and mappings, not at which object it is or in which order", () => {
    expect(isAlike({ a: [1, { b: 2 }], c: null }, { c: null, a: [1, { b: 2 }] })).toBe(true);
    expect(isAlike({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(isAlike(new Float64Array([1, 2]), new Float64Array([1, 2]))).toBe(true);
    expect(isAlike(new Float64Array([1, 2]), new Float64Array([1, 3]))).toBe(false);
    expect(isAlike([1], { 0: 1 })).toBe(false);
  });
});
