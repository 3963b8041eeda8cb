/** The parts of a fit against the dumbest way to get the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kvUsByPhysics } from "../../src/experiment/calibrate/kvPhysics.js";
import { NormalEquations } from "../../src/experiment/calibrate/leastSquares.js";
import { LoadCurves, type Work } from "../../src/experiment/calibrate/loadCurves.js";
import { quantile } from "../../src/experiment/calibrate/residuals.js";

interface Request {
  readonly firstUs: number;
  readonly lastUs: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

function columns(requests: readonly Request[]) {
  return {
    arrivalUs: Float64Array.from(requests, ({ firstUs }) => firstUs),
    firstUs: Float64Array.from(requests, ({ firstUs }) => firstUs),
    lastUs: Float64Array.from(requests, ({ lastUs }) => lastUs),
    inputTokens: Int32Array.from(requests, ({ input }) => input),
    cachedTokens: Int32Array.from(requests, ({ cached }) => cached),
    outputTokens: Int32Array.from(requests, ({ output }) => output),
  };
}

/** The same by going through all requests: tokens come evenly, context is read once per token. */
function dumbWork(requests: readonly Request[], fromUs: number, toUs: number): Omit<Work, "steps"> {
  const work = { prefillTokens: 0, decodedTokens: 0, contextTokens: 0 };
  for (const { firstUs, lastUs, input, cached, output } of requests) {
    if (firstUs > fromUs && firstUs <= toUs) work.prefillTokens += input - cached;
    const spanUs = Math.max(1, lastUs - firstUs);
    const tokensAt = (us: number): number => (output - 1) * Math.min(1, Math.max(0, (us - firstUs) / spanUs));
    const [before, after] = [tokensAt(fromUs), tokensAt(toUs)];
    work.decodedTokens += after - before;
    work.contextTokens += (after - before) * (input + (after + before) / 2);
  }
  return work;
}

describe("load curves", () => {
  // Few distinct times, so that requests begin and end together.
  const request = fc
    .tuple(
      fc.nat(30),
      fc.nat(20),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(50),
      fc.integer({ min: 1, max: 9 }),
    )
    .map(
      ([first, length, input, cached, output]): Request => ({
        firstUs: first * 10,
        lastUs: (first + length) * 10,
        input,
        cached: Math.min(cached, input),
        output,
      }),
    );

  it("give the work of any interval as going through all requests does", () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 30 }),
        fc.nat(600),
        fc.nat(600),
        (requests, a, b) => {
          const [fromUs, toUs] = [Math.min(a, b), Math.max(a, b)];
          const curves = new LoadCurves(columns(requests), [...requests.keys()]);
          const work: Work = { steps: 0, prefillTokens: 0, decodedTokens: 0, contextTokens: 0 };
          curves.between(fromUs, toUs, work);
          const expected = dumbWork(requests, fromUs, toUs);
          expect(work.prefillTokens).toBe(expected.prefillTokens);
          expect(work.decodedTokens).toBeCloseTo(expected.decodedTokens, 6);
          expect(work.contextTokens).toBeCloseTo(expected.contextTokens, 4);
        },
      ),
      { seed: 11, numRuns: 1000 },
    );
  });

  it("count a step for each token of requests that run in step", () => {
    const together = [0, 1, 2].map(
      (): Request => ({ firstUs: 100, lastUs: 500, input: 10, cached: 0, output: 41 }),
    );
    const work: Work = { steps: 0, prefillTokens: 0, decodedTokens: 0, contextTokens: 0 };
    const curves = new LoadCurves(columns(together), [0, 1, 2]);
    curves.between(100, 300, work);
    expect(work.steps).toBeCloseTo(20, 9);
    expect(work.prefillTokens).toBe(0);
    expect(work.decodedTokens).toBeCloseTo(60, 9);
    expect(work.contextTokens).toBeCloseTo(3 * 20 * 20, 6);
    expect([curves.peakSequences, curves.peakContextTokens]).toEqual([3, 150]);
    expect(curves.crowding(151, 4)(0, 1000)).toBe(false);
    expect(curves.crowding(150, 4)(0, 1000)).toBe(true);
    expect(curves.crowding(151, 3)(200, 300)).toBe(true);
    expect(curves.crowding(151, 3)(501, 900)).toBe(false);
  });
});

describe("least squares that cannot be negative", () => {
  const row = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9), fc.integer({ min: -20, max: 50 }));

  it("are as good as any point of a grid, and never negative", () => {
    const grid = [0, 0.5, 1, 2, 4];
    fc.assert(
      fc.property(fc.array(row, { minLength: 4, maxLength: 12 }), (rows) => {
        const equations = new NormalEquations(3);
        for (const [a, b, c, target] of rows) equations.add([a, b, c], target, 1);
        const { values } = equations.solve();
        const squares = ([x, y, z]: ArrayLike<number> & Iterable<number>): number =>
          rows.reduce((sum, [a, b, c, target]) => sum + (target - a * x! - b * y! - c * z!) ** 2, 0);
        for (const value of values) expect(value).toBeGreaterThanOrEqual(0);
        const least = squares(values);
        for (const x of grid)
          for (const y of grid)
            for (const z of grid) expect(least).toBeLessThanOrEqual(squares([x, y, z]) * (1 + 1e-6) + 1e-6);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it("find the coefficients of exact rows, with errors of zero, and say when two cannot be told apart", () => {
    const exact = new NormalEquations(2);
    for (const [a, b] of [
      [1, 0],
      [1, 2],
      [3, 1],
      [2, 5],
    ] as const)
      exact.add([a, b], 4 * a + 7 * b, 1);
    const { values, errors, leastPivot } = exact.solve();
    expect(values[0]).toBeCloseTo(4, 9);
    expect(values[1]).toBeCloseTo(7, 9);
    expect(errors[0]).toBeLessThan(1e-6);
    expect(leastPivot).toBeGreaterThan(0.1);
    const alike = new NormalEquations(2);
    for (const a of [1, 2, 3]) alike.add([a, 2 * a], 6 * a, 1);
    expect(alike.solve().leastPivot).toBeLessThan(1e-9);
  });
});

it("kv by physics is the rule of the published presets", () => {
  const reading = { kvBytesPerToken: 327_680, tensorParallel: 4, bandwidthGbPerS: 3350 };
  // 28.77 ns is published for this model on four of these accelerators.
  expect(kvUsByPhysics(reading) * 1000).toBeCloseTo(28.77, 2);
});

it("quantiles lie between neighbours in proportion", () => {
  expect([0, 0.25, 0.5, 0.9, 1].map((share) => quantile([40, 10, 30, 20, 50], share))).toEqual([
    10, 20, 30, 46, 50,
  ]);
  expect(quantile([], 0.5)).toBe(0);
});
