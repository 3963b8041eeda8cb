import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { latinHypercube } from "../../src/experiment/sweep/latinHypercube.js";
import { pointId, pointsOf, sampledValue, setsOf } from "../../src/experiment/sweep/points.js";
import { MAX_SOBOL_DIMENSIONS, sobolPoints } from "../../src/experiment/sweep/sobol.js";
import type { SampledDimension } from "../../src/scenario/plan.js";

const AB = {
  kind: "grid",
  over: [
    { path: "a", values: ["1", "2"] },
    { path: "b", values: ["x", "y", "z"] },
  ],
} as const;

function dimension(extra: Partial<SampledDimension> = {}): SampledDimension {
  return { path: "a", from: 0, to: 1, scale: "linear", integer: false, suffix: "", ...extra };
}

describe("points of a plan", () => {
  test("a grid has every combination, the last path fastest", () => {
    const points = pointsOf({ seed: "s", designs: [AB] });
    expect(points.map(({ settings }) => setsOf(settings).join(" "))).toEqual([
      "a=1 b=x",
      "a=1 b=y",
      "a=1 b=z",
      "a=2 b=x",
      "a=2 b=y",
      "a=2 b=z",
    ]);
  });

  test("a point that comes twice is there once, where it came first, in whatever order its settings are", () => {
    const again = [
      { path: "b", value: "y" },
      { path: "a", value: "2" },
    ];
    const other = [{ path: "c", value: "1" }];
    const points = pointsOf({ seed: "s", designs: [AB, { kind: "list", points: [again, other, other] }] });
    expect(points).toHaveLength(7);
    expect(points[6]).toMatchObject({ settings: other, design: 1 });
    expect(points[4]!.id).toBe(pointId(again));
  });

  test("a point's name is that of its content: a value or a path that differs makes another", () => {
    const one = pointId([{ path: "a", value: "1" }]);
    expect(one).toMatch(/^[0-9a-f]{16}$/);
    expect(pointId([{ path: "a", value: "2" }])).not.toBe(one);
    expect(pointId([{ path: "b", value: "1" }])).not.toBe(one);
    expect(pointId([{ path: "a", value: "1" }])).toBe(one);
  });

  test("a design put before a Latin hypercube leaves its points what they were", () => {
    const cube = { kind: "latin-hypercube", points: 5, over: [dimension()] } as const;
    const alone = pointsOf({ seed: "s", designs: [cube] }).map(({ id }) => id);
    const after = pointsOf({ seed: "s", designs: [AB, cube] }).map(({ id }) => id);
    expect(after.slice(6)).toEqual(alone);
    expect(pointsOf({ seed: "t", designs: [cube] }).map(({ id }) => id)).not.toEqual(alone);
  });
});

describe("values between two ends", () => {
  test("whole numbers have equal shares, the ends included", () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 4000; i += 1) {
      const value = sampledValue(dimension({ from: 3, to: 6, integer: true }), (i + 0.5) / 4000);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts]).toEqual([
      ["3", 1000],
      ["4", 1000],
      ["5", 1000],
      ["6", 1000],
    ]);
  });

  test("on a log scale the middle is the geometric mean, and the unit stands behind", () => {
    const rate = dimension({ from: 1, to: 100, scale: "log", suffix: "rps" });
    expect([0, 0.5, 1].map((unit) => sampledValue(rate, unit))).toEqual(["1rps", "10rps", "100rps"]);
  });

  test("no number is written with an exponent, and none has more than six digits that count", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (to, unit) => {
          const value = sampledValue(dimension({ to, suffix: "ms" }), unit);
          expect(value).toMatch(/^\d+(\.\d+)?ms$/);
          const exact = to * unit;
          const error = Math.abs(Number.parseFloat(value) - exact);
          expect(error).toBeLessThanOrEqual(Math.max(5e-6 * exact, 1e-12));
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe("Latin hypercubes", () => {
  test("every stratum of every dimension holds exactly one point, for any number of both", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 6 }),
        fc.string(),
        (n, d, seed) => {
          const names = Array.from({ length: d }, (_, i) => `path${i}`);
          const points = latinHypercube(n, seed, names);
          for (let k = 0; k < d; k += 1) {
            const strata = points.map((point) => Math.floor(point[k]! * n)).sort((a, b) => a - b);
            expect(strata).toEqual(Array.from({ length: n }, (_, i) => i));
          }
        },
      ),
      { seed: 5, numRuns: 100 },
    );
  });

  test("every arrangement of the strata is equally likely", () => {
    const seeds = 6000;
    const counts = new Map<string, number>();
    for (let seed = 0; seed < seeds; seed += 1) {
      const order = latinHypercube(3, `${seed}`, ["a"])
        .map(([x]) => Math.floor(x! * 3))
        .join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    const halfWidth = 4 * Math.sqrt((seeds * 5) / 36); // four standard errors of a share of one sixth
    expect([...counts.keys()].sort()).toEqual(["012", "021", "102", "120", "201", "210"]);
    for (const [order, count] of counts)
      expect(Math.abs(count - seeds / 6), `${order}: ${count}`).toBeLessThan(halfWidth);
  });

  test("dimensions are arranged independently: none is a copy of another, and one more changes none", () => {
    const two = latinHypercube(50, "s", ["a", "b"]);
    const three = latinHypercube(50, "s", ["a", "b", "c"]);
    expect(three.map(([a, b]) => [a, b])).toEqual(two);
    const alike = two.filter(([a, b]) => Math.floor(a! * 50) === Math.floor(b! * 50)).length;
    expect(alike).toBeLessThan(10);
  });
});

describe("Sobol points", () => {
  test("the first eight in two dimensions are the published ones", () => {
    expect(sobolPoints(8, 2)).toEqual([
      [0, 0],
      [0.5, 0.5],
      [0.75, 0.25],
      [0.25, 0.75],
      [0.375, 0.375],
      [0.875, 0.875],
      [0.625, 0.125],
      [0.125, 0.625],
    ]);
  });

  test("points 100 and 50 001 in 16 dimensions are those of SciPy 1.17, which reads the same published table", () => {
    const points = sobolPoints(50_002, 16);
    // In units of 2^-16. Point 50 001 touches every direction number that is written down.
    expect(points[100]!.map((x) => x * 65_536)).toEqual([
      27136, 16896, 50688, 47616, 57856, 48640, 1536, 31232, 41472, 45568, 30208, 44544, 31232, 55808, 20992,
      32256,
    ]);
    expect(points[50_001]!.map((x) => x * 65_536)).toEqual([
      40773, 37619, 8969, 16201, 62399, 54751, 33059, 6685, 33329, 48089, 1563, 9531, 42835, 41797, 54235,
      10701,
    ]);
  });

  test("of the first 2^k points each dimension has one in every interval of length 2^-k", () => {
    const points = sobolPoints(4096, MAX_SOBOL_DIMENSIONS);
    for (const k of [1, 2, 5, 9, 12])
      for (let d = 0; d < MAX_SOBOL_DIMENSIONS; d += 1) {
        const cells = new Set(points.slice(0, 1 << k).map((point) => Math.floor(point[d]! * (1 << k))));
        expect(cells.size, `dimension ${d}, 2^${k} points`).toBe(1 << k);
      }
  });

  test("the first two dimensions are balanced in every dyadic box of 256 points", () => {
    const points = sobolPoints(256, 2);
    for (let across = 0; across <= 8; across += 1) {
      const boxes = new Set(
        points.map(([x, y]) => `${Math.floor(x! * (1 << across))}/${Math.floor(y! * (1 << (8 - across)))}`),
      );
      expect(boxes.size).toBe(256);
    }
  });

  test("of the first 2^16 points in 16 dimensions each of the 2^16 corners of the cube has one", () => {
    // Sobol's property A, which the direction numbers used have in all their dimensions.
    const corners = new Set(
      sobolPoints(65_536, 16).map((point) => point.reduce((corner, x) => corner * 2 + (x < 0.5 ? 0 : 1), 0)),
    );
    expect(corners.size).toBe(65_536);
  });

  test("pairs of dimensions are as uneven as the table they come from, and no more", () => {
    // 1024 points fall into 32 × 32 boxes: one each where the pair has quality 0, never more than 2^t.
    const points = sobolPoints(1024, MAX_SOBOL_DIMENSIONS);
    let most = 0;
    for (let a = 0; a < MAX_SOBOL_DIMENSIONS; a += 1)
      for (let b = 0; b < a; b += 1) {
        const counts = new Map<number, number>();
        for (const point of points) {
          const box = Math.floor(point[a]! * 32) * 32 + Math.floor(point[b]! * 32);
          counts.set(box, (counts.get(box) ?? 0) + 1);
        }
        most = Math.max(most, ...counts.values());
      }
    expect(most).toBeLessThanOrEqual(4);
  });
});
