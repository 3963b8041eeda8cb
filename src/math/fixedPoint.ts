/**
 * Exact arithmetic with whole numbers, from which the tables are made when they are loaded: shorter than their digits,
 * and the same bits on every engine. A scaled value is a whole number of units of 2^-160, which is fine enough to
 * round what is left of a double to a double.
 */

const BITS = 160n;

/** 1, scaled. */
export const ONE: bigint = 1n << BITS;

/** ln 2, scaled. */
export const LN2: bigint = lnOf(2n, 1n);

/** The nearest double, ties to even, as the language defines it; dividing by a power of two is exact. */
export function toDouble(scaled: bigint): number {
  return Number(scaled) / Number(ONE);
}

/** The multiple of 2^-bits that is nearest to a scaled value, ties upward; scaled. */
export function onGrid(scaled: bigint, bits: bigint): bigint {
  const unit = BITS - bits;
  return ((scaled + (1n << (unit - 1n))) >> unit) << unit;
}

/** The product of two scaled values, rounded down. */
export function times(a: bigint, b: bigint): bigint {
  return (a * b) >> BITS;
}

/** ln(n / d), scaled: twice the inverse hyperbolic tangent of (n − d) / (n + d). Quick for n / d near 1. */
export function lnOf(n: bigint, d: bigint): bigint {
  const z = ((n - d) * ONE) / (n + d);
  const square = times(z, z);
  let power = z;
  let sum = 0n;
  // A negative power is rounded down to −1 and stays there.
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = times(power, square);
  }
  return 2n * sum;
}

/** e^x of a small positive scaled value, scaled. */
export function expOf(x: bigint): bigint {
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term !== 0n; k += 1n) {
    sum += term;
    term = times(term, x) / k;
  }
  return sum;
}
