import { expect, test } from "vitest";
import { gammaQuantile, gammaShares, logGamma } from "../../src/kernel/gamma.js";
import { type Distribution, Sampler, Stream } from "../../src/kernel/index.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

const MEASURED: Distribution = {
  kind: "quantiles",
  probabilities: [0.05, 0.5, 0.9, 0.99],
  values: [0, 200, 900, 4000],
};

/** Each with its mean and variance in closed form, and the fourth moment about the mean finite. */
const CASES: readonly { d: Distribution; mean: number; variance: number }[] = [
  { d: { kind: "deterministic", value: 42 }, mean: 42, variance: 0 },
  { d: { kind: "exponential", mean: 3 }, mean: 3, variance: 9 },
  {
    d: { kind: "lognormal", mu: 1, sigma: 0.5 },
    mean: Math.exp(1.125),
    variance: (Math.exp(0.25) - 1) * Math.exp(2.25),
  },
  { d: { kind: "gamma", shape: 0.3, scale: 2 }, mean: 0.6, variance: 1.2 },
  { d: { kind: "gamma", shape: 2.5, scale: 4 }, mean: 10, variance: 40 },
  { d: { kind: "gamma", shape: 400, scale: 0.01 }, mean: 4, variance: 0.04 },
  { d: { kind: "pareto", minimum: 1, shape: 5, maximum: Infinity }, mean: 1.25, variance: 5 / 48 },
  // E X^k = m^k·a/(a−k)·(1 − (m/M)^(a−k)) / (1 − (m/M)^a); with a = 1: ln(M/m) and M·m over the same.
  {
    d: { kind: "pareto", minimum: 1, shape: 1, maximum: 100 },
    mean: Math.log(100) / 0.99,
    variance: 100 - (Math.log(100) / 0.99) ** 2,
  },
  {
    d: { kind: "pareto", minimum: 2, shape: 1.5, maximum: 50 },
    mean: (6 * (1 - 0.04 ** 0.5)) / (1 - 0.04 ** 1.5),
    variance:
      (-12 * (1 - 0.04 ** -0.5)) / (1 - 0.04 ** 1.5) - ((6 * (1 - 0.04 ** 0.5)) / (1 - 0.04 ** 1.5)) ** 2,
  },
  // Linear from 0 to 200, logarithmic after; flat ends. Second moments: (b² − a²) / (2·ln(b/a)) and b²/3.
  {
    d: MEASURED,
    mean: 0.45 * 100 + (0.4 * 700) / Math.log(4.5) + (0.09 * 3100) / Math.log(40 / 9) + 0.01 * 4000,
    variance:
      (0.45 * 200 ** 2) / 3 +
      (0.4 * (900 ** 2 - 200 ** 2)) / (2 * Math.log(4.5)) +
      (0.09 * (4000 ** 2 - 900 ** 2)) / (2 * Math.log(40 / 9)) +
      0.01 * 4000 ** 2 -
      (0.45 * 100 + (0.4 * 700) / Math.log(4.5) + (0.09 * 3100) / Math.log(40 / 9) + 40) ** 2,
  },
];

const nameOf = (d: Distribution): string => JSON.stringify(d);

test("a sampler's mean is that of its distribution in closed form", () => {
  for (const { d, mean } of CASES) {
    expect(Math.abs(new Sampler(d).mean - mean), nameOf(d)).toBeLessThanOrEqual(1e-13 * mean);
  }
});

test(
  "a sampler's midpoint sum over 40 000 even cells has the mean and variance of its distribution",
  () => {
    const cellCount = 40000;
    for (const { d, mean, variance } of CASES) {
      const sampler = new Sampler(d);
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < cellCount; i += 1) {
        const value = sampler.sample((i + 0.5) / cellCount);
        sum += value;
        squares += (value - mean) ** 2;
      }
      // What the midpoint misses is mostly the upper end cell: for the heaviest tail here (Pareto 5) a share of about
      // n^-0.8 = 2e-4 of the mean and n^-0.6 = 2e-3 of the second moment, with constants below 1.
      expect(Math.abs(sum / cellCount - mean), `mean of ${nameOf(d)}`).toBeLessThanOrEqual(2e-4 * mean);
      expect(Math.abs(squares / cellCount - variance), `variance of ${nameOf(d)}`).toBeLessThanOrEqual(
        2e-3 * (variance + mean * mean),
      );
    }
  },
  PATIENCE_MS,
);

test(
  "means over 10 000 draws of a stream lie within five standard errors of the mean, for three seeds",
  () => {
    const count = 10000;
    for (const { d, mean, variance } of CASES) {
      const sampler = new Sampler(d);
      // The width itself is bounded: below 10 % of the mean in every case here.
      const halfWidth = 5 * Math.sqrt(variance / count);
      expect(halfWidth, nameOf(d)).toBeLessThan(0.1 * mean);
      for (const key of ["v1|1", "v1|2", "v1|3"]) {
        const stream = new Stream(key);
        let sum = 0;
        for (let i = 0; i < count; i += 1) sum += sampler.sample(stream.next() + 2 ** -54);
        expect(Math.abs(sum / count - mean), `${nameOf(d)} ${key}`).toBeLessThanOrEqual(
          halfWidth + 1e-12 * mean,
        );
      }
    }
  },
  PATIENCE_MS,
);

test(
  "a sampler never decreases over a grid of 20 000 uniform numbers and their ends, and stays finite",
  () => {
    for (const { d } of CASES) {
      const sampler = new Sampler(d);
      let last = sampler.sample(2 ** -53);
      for (let i = 1; i <= 20000; i += 1) {
        const u = i === 20000 ? 1 - 2 ** -53 : i / 20000;
        const value = sampler.sample(u);
        if (!(value >= last && value < Infinity))
          expect.fail(`${nameOf(d)} gives ${value} at ${u} after ${last}`);
        last = value;
      }
    }
  },
  PATIENCE_MS,
);

test("samplers give the quantiles of their distributions in closed form", () => {
  const exponential = new Sampler({ kind: "exponential", mean: 2 });
  const lognormal = new Sampler({ kind: "lognormal", mu: 3, sigma: 0.7 });
  const pareto = new Sampler({ kind: "pareto", minimum: 2, shape: 1.5, maximum: 50 });
  expect(lognormal.sample(0.5)).toBeCloseTo(Math.exp(3), 12);
  // The 97.5 % point of the normal distribution.
  expect(lognormal.sample(0.975)).toBeCloseTo(Math.exp(3 + 0.7 * 1.959963984540054), 10);
  for (const u of [2 ** -53, 2 ** -40, 0.0625, 0.3125, 0.5, 0.875, 1 - 2 ** -53]) {
    expect(Math.abs(exponential.sample(u) / (-2 * Math.log1p(-u)) - 1)).toBeLessThan(1e-15);
    const x = pareto.sample(u);
    const share = (1 - (2 / x) ** 1.5) / (1 - (2 / 50) ** 1.5);
    // A share is only as exact as the rounding of x allows: 1.5 ulps of (2/x)^1.5, at most 1.
    expect(Math.abs(share - u)).toBeLessThan(1e-15);
  }
  expect(pareto.sample(1 - 2 ** -53)).toBeLessThanOrEqual(50);
});

test("a Pareto distribution that is not cut has an infinite mean exactly when its shape is at most 1", () => {
  const mean = (shape: number): number =>
    new Sampler({ kind: "pareto", minimum: 3, shape, maximum: Infinity }).mean;
  expect([mean(0.5), mean(1), mean(2)]).toEqual([Infinity, Infinity, 6]);
});

test("given quantiles come back exactly, hold beyond the outer ones, and are joined by a straight or a logarithmic line", () => {
  const sampler = new Sampler(MEASURED);
  if (MEASURED.kind !== "quantiles") return;
  expect(MEASURED.probabilities.map((u) => sampler.sample(u))).toEqual(MEASURED.values);
  expect([sampler.sample(1e-9), sampler.sample(1 - 1e-9)]).toEqual([0, 4000]);
  expect(sampler.sample(0.275)).toBeCloseTo(100, 12);
  expect(sampler.sample(0.7)).toBeCloseTo(Math.sqrt(200 * 900), 10);
  const flat = new Sampler({ kind: "quantiles", probabilities: [0.1, 0.9], values: [5, 5] });
  expect([flat.mean, flat.sample(0.5)]).toEqual([5, 5]);
  const single = new Sampler({ kind: "quantiles", probabilities: [0.5], values: [8] });
  expect([single.mean, single.sample(0.2), single.sample(0.7)]).toEqual([8, 8, 8]);
});

test("logGamma is the logarithm of a factorial at whole numbers and of known products of pi at halves", () => {
  let factorial = 1;
  for (let n = 1; n <= 100; n += 1) {
    // Near 1 and 2 the value is 0: a difference of two numbers near 17, each rounded a few times.
    expect(Math.abs(logGamma(n) - Math.log(factorial))).toBeLessThan(
      8e-15 * Math.max(1, Math.log(factorial)),
    );
    factorial *= n;
  }
  let half = Math.sqrt(Math.PI);
  for (let x = 0.5; x < 30; x += 1) {
    expect(Math.abs(logGamma(x) - Math.log(half))).toBeLessThan(
      8e-15 * Math.max(1, Math.abs(Math.log(half))),
    );
    half *= x;
  }
});

test("gammaQuantile never falls by more than 1e-13 of its value from a uniform number to one 2^-52 above", () => {
  for (const shape of [0.3, 2.5, 30, 400]) {
    const known = logGamma(shape);
    for (let i = 1; i < 2000; i += 1) {
      const x = gammaQuantile(shape, i / 2000, known);
      const next = gammaQuantile(shape, i / 2000 + 2 ** -52, known);
      if (next < x * (1 - 1e-13)) expect.fail(`shape ${shape}: ${x} at ${i / 2000}, then ${next}`);
    }
  }
});

test("gamma shares of whole shapes are those of a Poisson count", () => {
  for (const shape of [1, 2, 5, 30]) {
    for (const x of [0.01, 0.5, 1, 4, 10, 29, 31, 60]) {
      // P(gamma(n) > x) = P(Poisson(x) < n), a finite sum of positive terms.
      let term = Math.exp(-x);
      let above = 0;
      for (let k = 0; k < shape; k += 1) {
        above += term;
        term *= x / (k + 1);
      }
      const got = gammaShares(shape, x, logGamma(shape));
      expect(Math.abs(got.above - above)).toBeLessThan(1e-13 * above + 1e-16);
      expect(got.below + got.above).toBeCloseTo(1, 15);
    }
  }
});

test("gammaQuantile undoes gammaShares to 1e-11 of the smaller tail, from shape 0.05 to 1 000", () => {
  for (const shape of [0.05, 0.3, 1, 1.7, 8, 120, 1000]) {
    const known = logGamma(shape);
    for (const u of [1e-12, 1e-6, 0.001, 0.1, 0.4999, 0.5, 0.7, 0.99, 0.999999, 1 - 1e-12]) {
      const x = gammaQuantile(shape, u, known);
      const { below, above } = gammaShares(shape, x, known);
      const error = u < 0.5 ? below / u - 1 : above / (1 - u) - 1;
      // Shares near shape 1000 carry 1000 roundings of the logarithm of the front factor: some 1e-13 each way.
      if (x > 1e-290) expect(Math.abs(error), `shape ${shape}, u ${u}, x ${x}`).toBeLessThan(1e-11);
    }
  }
});
