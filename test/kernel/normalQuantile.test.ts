import { expect, test } from "vitest";
import { normalQuantile } from "../../src/kernel/index.js";
import { Inputs } from "../math/inputs.js";
import { expScaled, scaledOf } from "../math/reference.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

const ONE = 1n << 256n;
/** Arc tangent of 1 / n, scaled. */
function arcTangentOfInverse(n: bigint): bigint {
  let power = ONE / n;
  let sum = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    sum += k % 4n === 1n ? power / k : -power / k;
    power /= n * n;
  }
  return sum;
}

/** Machin 1706. */
const PI = 16n * arcTangentOfInverse(5n) - 4n * arcTangentOfInverse(239n);

function squareRoot(scaled: bigint): bigint {
  const target = scaled << 256n;
  let root = 1n << BigInt(Math.ceil(target.toString(2).length / 2));
  for (;;) {
    const next = (root + target / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

const SQRT_TWO_PI = squareRoot(2n * PI);

/** The normal density at x, scaled. */
function density(x: bigint): bigint {
  const { scaled, power } = expScaled(-((x * x) >> 257n));
  return ((power < 0 ? scaled >> BigInt(-power) : scaled << BigInt(power)) << 256n) / SQRT_TWO_PI;
}

/** Share of the normal distribution between 0 and x, scaled: φ(x)·Σ x^(2n+1) / (1·3·…·(2n+1)). */
function shareFromZero(x: bigint): bigint {
  const square = (x * x) >> 256n;
  let term = x;
  let sum = 0n;
  for (let n = 1n; term > 1n || term < -1n; n += 1n) {
    sum += term;
    term = ((term * square) >> 256n) / (2n * n + 1n);
  }
  return (density(x) * sum) >> 256n;
}

/** Relative error of normalQuantile(u), to first order: (Φ(got) − u) / φ(got) / got. */
function relativeError(u: number): number {
  const got = normalQuantile(u);
  const x = scaledOf(got);
  const excess = ONE / 2n + shareFromZero(x) - scaledOf(u);
  const shift = (excess << 256n) / density(x);
  return Math.abs(Number((shift << 60n) / x)) / 2 ** 60;
}

test(
  "normalQuantile is within 2e-15 of the true value from 1e-25 to 1 - 2^-53",
  () => {
    const inputs = new Inputs(31);
    let worst = 0;
    for (let i = 0; i < 4000; i += 1) {
      const u = [
        inputs.between(0, 1),
        inputs.between(0, 0.08),
        1 - inputs.between(0, 1e-6),
        10 ** -inputs.between(1, 25),
      ][i & 3]!;
      worst = Math.max(worst, relativeError(u));
    }
    expect(worst).toBeLessThan(2e-15);
  },
  PATIENCE_MS,
);

test("normalQuantile agrees with another implementation at well-known points", () => {
  // Python 3.11, statistics.NormalDist().inv_cdf.
  expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
  expect(normalQuantile(0.99)).toBeCloseTo(2.326347874040841, 14);
  expect(normalQuantile(0.9999)).toBeCloseTo(3.719016485455709, 14);
  expect(normalQuantile(1e-10)).toBeCloseTo(-6.361340902404056, 13);
  expect(normalQuantile(0.5)).toBe(0);
});

test(
  "normalQuantile is odd about one half wherever the complement is exact",
  () => {
    const inputs = new Inputs(32);
    for (let i = 0; i < 10000; i += 1) {
      const u = inputs.between(0, 1);
      expect(normalQuantile(1 - u)).toBe(-normalQuantile(1 - (1 - u)));
    }
  },
  PATIENCE_MS,
);

test(
  "normalQuantile increases over a fine grid, across the seams of its three pieces",
  () => {
    let last = -Infinity;
    for (let i = 1; i < 200000; i += 1) {
      const value = normalQuantile(i / 200000);
      if (!(value > last)) expect.fail(`falls at ${i / 200000}`);
      last = value;
    }
    for (const seam of [0.075, 0.925, 1.3887943864964021e-11]) {
      for (let i = -1000; i < 1000; i += 1) {
        const here = normalQuantile(seam * (1 + i * 1e-14));
        const next = normalQuantile(seam * (1 + (i + 1) * 1e-14));
        // A step of 1e-14 moves the value by some 1e-15; two ulps of it are rounding.
        expect(next - here).toBeGreaterThan(-9e-16 * Math.max(1, Math.abs(here)));
      }
    }
  },
  PATIENCE_MS,
);

test("normalQuantile is infinite at 0 and 1 and NaN outside", () => {
  expect([normalQuantile(0), normalQuantile(1)]).toEqual([-Infinity, Infinity]);
  for (const u of [-0.1, 1.1, NaN]) expect(normalQuantile(u)).toBeNaN();
});
