/** The laws that intervals and tests are made of, by own arithmetic: the same bits everywhere. */
import { gammaShares, logGamma } from "../../kernel/gamma.js";
import { normalQuantile } from "../../kernel/index.js";
import { exp, log } from "../../math/index.js";

const LOG_GAMMA_HALF = 0.5723649429247001;

/** The standard normal value that a share `p` in (0, 1) lies below; 1.959963984540054 for 0.975. */
export function normalQuantileOf(p: number): number {
  return normalQuantile(p);
}

/** The share of the standard normal distribution below x; both tails keep their relative accuracy. */
export function normalCdf(x: number): number {
  if (x === 0) return 0.5;
  const { below, above } = gammaShares(0.5, x * x * 0.5, LOG_GAMMA_HALF);
  return x < 0 ? above * 0.5 : 0.5 + below * 0.5;
}

/** The share of Student's t distribution with `df` > 0 degrees of freedom (any real number) below x. */
export function tCdf(x: number, df: number): number {
  const tail = tTail(Math.abs(x), df);
  return x > 0 ? 1 - tail : tail;
}

/**
 * The share of Student's t distribution above x ≥ 0, at full relative accuracy however small: two-sided tests need twice
 * that, and 1 − {@link tCdf} would lose it.
 */
export function tTail(x: number, df: number): number {
  if (!(x > 0)) return 0.5;
  if (x === Infinity) return 0;
  const square = x * x;
  const share = df / (df + square);
  const half = df * 0.5;
  const logRatio = logGammaRatio(half);
  // Of the two continued fractions the one that converges: they meet at the mean of the beta law.
  if (share < (half + 1) / (half + 2.5)) {
    const front = exp(half * log(share) + 0.5 * log(square / (df + square)) + logRatio - LOG_GAMMA_HALF);
    return (0.5 * front * betaFraction(half, 0.5, share)) / half;
  }
  const other = square / (df + square);
  const front = exp(half * log(share) + 0.5 * log(other) + logRatio - LOG_GAMMA_HALF);
  return 0.5 - front * betaFraction(0.5, half, other);
}

/**
 * The value that a share `p` in (0, 1) of Student's t distribution with `df` > 0 degrees of freedom lies below; ±Infinity
 * at 1 and 0. Odd about 1/2. Within 1e-11 of the value for df from 1 to a million.
 */
export function tQuantile(p: number, df: number): number {
  if (p < 0.5) return -upperQuantile(p, df);
  return p > 0.5 ? upperQuantile(1 - p, df) : 0;
}

/** The value above which `tail` < 1/2 of the distribution lies: Newton's method inside a bracket that only shrinks. */
function upperQuantile(tail: number, df: number): number {
  if (!(tail > 0)) return Infinity;
  let x = firstGuess(tail, df);
  let low = 0;
  let high = Infinity;
  for (let step = 0; step < 200; step += 1) {
    const above = tTail(x, df);
    if (above > tail) low = x;
    else high = x;
    // In ln(tail): heavy tails are nearly straight there, and one step from far away stays sensible.
    let next = x + ((log(above) - log(tail)) * above) / tDensity(x, df);
    if (!(next > low && next < high)) next = high === Infinity ? x * 2 : low + (high - low) * 0.5;
    const move = Math.abs(next - x);
    x = next;
    if (move <= 1e-15 * x) return x;
  }
  return x;
}

/** Normal value, widened by the first term of Cornish and Fisher's expansion. */
function firstGuess(tail: number, df: number): number {
  const z = -normalQuantile(tail);
  return Math.max(z + (z * z * z + z) / (4 * df), 1e-8);
}

function tDensity(x: number, df: number): number {
  const half = df * 0.5;
  return exp(logGammaRatio(half) - 0.5 * log(df * Math.PI) - (half + 0.5) * log(1 + (x * x) / df));
}

/** ln(Γ(a + 1/2) / Γ(a)): from 100 on by its asymptotic series, since two large logarithms would cancel. */
function logGammaRatio(a: number): number {
  if (a < 100) return logGamma(a + 0.5) - logGamma(a);
  const i = 1 / a;
  const series = 1 + i * (-1 / 8 + i * (1 / 128 + i * (5 / 1024 + i * (-21 / 32768 - i * (399 / 262144)))));
  return 0.5 * log(a) + log(series);
}

/** Continued fraction of the incomplete beta function, by Lentz's method (Abramowitz and Stegun 26.5.8). */
function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 100000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 3e-16) break;
  }
  return value;
}

/** Lentz's method divides by these; a zero is moved off it, which the next step makes good. */
function notZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
