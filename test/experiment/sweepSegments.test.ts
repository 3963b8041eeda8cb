import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arrayExpression } from "../../src/experiment/sweep/missing.js";
import { runKey, seedOf } from "../../src/experiment/sweep/runList.js";
import { readSegment, segmentRange } from "../../src/experiment/sweep/segments.js";

describe("segments", () => {
  test("all segments of one number have every run exactly once, in order, and sizes differ by one at most", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 100 }), (runs, of) => {
        let next = 0;
        for (let index = 0; index < of; index += 1) {
          const { from, to } = segmentRange({ index, of }, runs);
          expect(from).toBe(next);
          expect([Math.floor(runs / of), Math.ceil(runs / of)]).toContain(to - from);
          next = to;
        }
        expect(next).toBe(runs);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  test("two segments of six are one of three", () => {
    const [a, b, whole] = [
      segmentRange({ index: 2, of: 6 }, 1001),
      segmentRange({ index: 3, of: 6 }, 1001),
      segmentRange({ index: 1, of: 3 }, 1001),
    ];
    expect([a.from, b.to]).toEqual([whole.from, whole.to]);
  });

  test.each([
    ["0/1", { index: 0, of: 1 }],
    ["199/200", { index: 199, of: 200 }],
  ])("%s is a segment", (text, segment) => {
    expect(readSegment(text)).toEqual({ ok: true, segment });
  });

  test.each(["", "1", "1/0", "0/1000001", "-1/4", "1.5/4", "1/4/8", "200/200", "a/b", " 1/2"])(
    "%j is none, and the reason says what it must be",
    (text) => {
      const reading = readSegment(text);
      expect(reading.ok).toBe(false);
      if (!reading.ok)
        expect(reading.rule).toMatch(text === "200/200" ? /0\/200 to 199\/200/ : /counted from 0/);
    },
  );
});

describe("Slurm arrays", () => {
  test.each([
    [[], ""],
    [[0], "0"],
    [[3, 7, 8, 9, 12], "3,7-9,12"],
    [[0, 1], "0-1"],
    [[5, 7, 9], "5,7,9"],
  ])("%j is %j", (numbers, text) => {
    expect(arrayExpression(numbers)).toBe(text);
  });

  test("written out again, the expression is the numbers it came from", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 60 })), (given) => {
        const numbers = [...given].sort((a, b) => a - b);
        const read = arrayExpression(numbers)
          .split(",")
          .filter((part) => part !== "")
          .flatMap((part) => {
            const [first, last = first] = part.split("-").map(Number);
            return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
          });
        expect(read).toEqual(numbers);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe("luck and names of runs", () => {
  test("common luck is the plan's seed at every point, independent luck a seed of each point's own", () => {
    expect(seedOf({ seed: "s", luck: "common" }, "aa")).toBe("s");
    const own = ["aa", "bb"].map((id) => seedOf({ seed: "s", luck: "independent" }, id));
    expect(new Set([...own, "s"]).size).toBe(3);
  });

  test("whatever makes a run another one makes its name another", () => {
    const run = { scenarioSha256: "a".repeat(64), seed: "s", replication: 0, keepSeries: false };
    const names = [
      run,
      { ...run, scenarioSha256: "b".repeat(64) },
      { ...run, seed: "t" },
      { ...run, replication: 1 },
      { ...run, keepSeries: true },
    ].map(runKey);
    expect(new Set(names).size).toBe(5);
    expect(runKey({ ...run })).toBe(names[0]);
  });
});
