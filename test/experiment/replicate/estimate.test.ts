import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  judgeReplications,
  measureColumns,
  summariseSamples,
} from "../../../src/experiment/replicate/estimate.js";
import { Histogram } from "../../../src/metrics/index.js";
import type { Stopping } from "../../../src/result/estimates.js";
import { objectiveOf, sampleOf } from "./small.js";

const FIXED: Stopping = { reason: "fixed", width: null, of: [], reached: null, least: 3, most: 3 };

function verdictOf(
  operator: "<" | "<=" | ">" | ">=" | "==" | "!=",
  target: number | string,
  values: readonly (number | string)[],
): string {
  const holds = (value: number | string): boolean => {
    if (operator === "==") return value === target;
    if (operator === "!=") return value !== target;
    if (typeof value === "string") return false;
    const number = Number(target);
    if (operator === "<") return value < number;
    if (operator === "<=") return value <= number;
    return operator === ">" ? value > number : value >= number;
  };
  const samples = values.map((value, i) =>
    sampleOf(i, { objectives: [objectiveOf(operator, target, value, holds(value))] }),
  );
  return judgeReplications(samples, 0).verdict;
}

describe("an objective over replications", () => {
  // Mean 100, sd 10, n 10: half-width 2.262157 · 10 / √10 = 7.1536.
  const around100 = [90, 110, 90, 110, 90, 110, 90, 110, 100 - Math.sqrt(50), 100 + Math.sqrt(50)];

  it("passes where the whole interval of its mean does, fails where none of it does, and is open between", () => {
    expect(verdictOf("<=", 107.2, around100)).toBe("pass");
    expect(verdictOf("<=", 107.1, around100)).toBe("undecided");
    expect(verdictOf("<=", 92.9, around100)).toBe("undecided");
    expect(verdictOf("<=", 92.8, around100)).toBe("fail");
    expect(verdictOf(">", 92.8, around100)).toBe("pass");
    expect(verdictOf(">", 107.2, around100)).toBe("fail");
  });

  it("is judged on the target itself by its operator where all replications agree", () => {
    expect(verdictOf("<=", 0.1, [0.1, 0.1, 0.1])).toBe("pass");
    expect(verdictOf(">=", 0.1, [0.1, 0.1, 0.1])).toBe("pass");
    expect(verdictOf("<", 0.1, [0.1, 0.1, 0.1])).toBe("fail");
    expect(verdictOf(">", 0.1, [0.1, 0.1, 0.1])).toBe("fail");
  });

  it("fails where one replication has no number, however good the others are", () => {
    expect(verdictOf("<", 1000, [1, 1, 1, 1, "never"])).toBe("fail");
  });

  it("asks for a word or an exact number in every replication", () => {
    expect(verdictOf("==", "none", ["none", "none"])).toBe("pass");
    expect(verdictOf("==", "none", ["none", "cascade", "none"])).toBe("fail");
    expect(verdictOf("==", 0, [0, 0, 0])).toBe("pass");
    expect(verdictOf("==", 0, [0, 0, 1])).toBe("fail");
    expect(verdictOf("!=", 0, [1, 2, 3])).toBe("pass");
  });

  it("is open after a single replication, which has no interval", () => {
    expect(verdictOf("<", 10, [1])).toBe("undecided");
  });

  it("says in how many replications it held, and how sure that share is", () => {
    const samples = [1, 1, 3].map((value, i) =>
      sampleOf(i, { objectives: [objectiveOf("<", 2, value, value < 2)] }),
    );
    expect(judgeReplications(samples, 0)).toMatchObject({ passes: 2, of: 3, mean: 5 / 3 });
    // Wilson, 2 of 3 at 95 %.
    const { low, high } = judgeReplications(samples, 0).passInterval;
    expect(low).toBeCloseTo(0.2077, 4);
    expect(high).toBeCloseTo(0.9385, 4);
  });
});

describe("samples summed up", () => {
  const measured = [
    { cost: 3, failover: null, metastable: 0, "refused{cause=queue_full}": 0.5 },
    { cost: 5, failover: 100, metastable: 1 },
    { cost: 10, failover: 300, metastable: 0 },
  ];
  const three = measured.map((measures, i) => sampleOf(i, { measures, ttftUs: [1000 + i, 5000] }));

  it("are the same in whatever order they come", () => {
    const [a, b, c] = three as [(typeof three)[0], (typeof three)[0], (typeof three)[0]];
    const expected = JSON.stringify(summariseSamples([a, b, c], FIXED));
    for (const order of [
      [c, a, b],
      [b, c, a],
      [c, b, a],
    ])
      expect(JSON.stringify(summariseSamples(order, FIXED))).toBe(expected);
  });

  it("differ in digest where one replication does", () => {
    const other = [...three.slice(0, 2), { ...three[2]!, digest: "another" }];
    expect(summariseSamples(other, FIXED).digest).not.toBe(summariseSamples(three, FIXED).digest);
  });

  it("estimate a measure over the replications that have it, and count those that do not", () => {
    const { estimates, missing } = summariseSamples(three, FIXED);
    expect(estimates.find(({ key }) => key === "cost")).toMatchObject({
      n: 3,
      mean: 6,
      sd: Math.sqrt(13),
      min: 3,
      median: 5,
      max: 10,
    });
    expect(estimates.find(({ key }) => key === "failover")).toMatchObject({ n: 2, mean: 200, median: 200 });
    expect(missing).toEqual({ failover: 1 });
  });

  it("give a share of replications its own kind of interval, inside 0 and 1", () => {
    const flag = summariseSamples(three, FIXED).estimates.find(({ key }) => key === "metastable");
    expect(flag?.interval).toMatchObject({ method: "wilson" });
    expect(flag!.interval!.low).toBeGreaterThan(0);
    expect(flag!.interval!.high).toBeLessThan(1);
  });

  it("take a cause of refusal that a replication never saw for a share of 0", () => {
    expect(measureColumns(three).get("refused{cause=queue_full}")).toEqual([0.5, 0, 0]);
    expect(summariseSamples(three, FIXED).missing).not.toHaveProperty("refused{cause=queue_full}");
  });

  it("pool latencies as one histogram of all values would, however they are divided", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 1, max: 8000 }), { maxLength: 8 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (parts) => {
          const samples = parts.map((ttftUs, i) => sampleOf(i, { ttftUs }));
          const whole = sampleOf(0, { ttftUs: parts.flat() });
          const pooled = summariseSamples([...samples].reverse(), FIXED).pooled;
          expect(pooled).toEqual(summariseSamples([whole], FIXED).pooled);
          expect(pooled.map(({ key }) => key)).toEqual(["ttft", "ttft{origin=EU}"]);
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });

  it("read quantiles back within the half of a step that histograms promise", () => {
    const values = Array.from({ length: 400 }, (_, i) => 100 + i * 17);
    const samples = [values.slice(0, 130), values.slice(130)].map((ttftUs, i) => sampleOf(i, { ttftUs }));
    const p95 = values[Math.ceil(0.95 * 400) - 1]! / 1000;
    const found = summariseSamples(samples, FIXED).pooled[0]!;
    expect(found.count).toBe(400);
    expect(Math.abs(found.p95 / p95 - 1)).toBeLessThan(0.004);
    expect(new Histogram().quantile(0.5)).toBe(0);
  });
});
