/**
 * High-precision logarithm, exponential and power in integers scaled by 2^256, and the error of a double against
 * such a value in ulps. Slow and plain on purpose: it shares no code and no table with `src/math`.
 */
const BITS = 256n;
const ONE = 1n << BITS;

/** A finite double as `significand · 2^exponent`, both integers. */
export function decompose(x: number): { significand: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const bits = view.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const size = biased === 0 ? fraction : fraction | (1n << 52n);
  return { significand: x < 0 ? -size : size, exponent: Math.max(biased, 1) - 1075 };
}

function shift(value: bigint, bits: bigint): bigint {
  return bits >= 0n ? value << bits : value >> -bits;
}

/** A double as a scaled integer; exact down to 2^-256, which is all the arguments here need. */
export function scaledOf(x: number): bigint {
  const { significand, exponent } = decompose(x);
  return shift(significand, BITS + BigInt(exponent));
}

function lnOfRatio(n: bigint, d: bigint): bigint {
  const z = ((n - d) << BITS) / (n + d);
  const square = (z * z) >> BITS;
  let sum = 0n;
  let power = z;
  for (let k = 1n; power > 1n || power < -1n; k += 2n) {
    sum += power / k;
    power = (power * square) >> BITS;
  }
  return 2n * sum;
}

const LN2 = lnOfRatio(2n, 1n);
/** ln(1 + i/64), which leaves the series of {@link lnScaled} few terms to do. */
const LN_STEPS = Array.from({ length: 65 }, (_, i) => lnOfRatio(BigInt(64 + i), 64n));

/** ln x scaled, for positive finite x. */
export function lnScaled(x: number): bigint {
  const { significand, exponent } = decompose(x);
  const length = significand.toString(2).length;
  const fraction = significand << BigInt(64 - length);
  const step = Number(fraction >> 57n) - 64;
  const rest = lnOfRatio(fraction * 64n, BigInt(64 + step) << 63n);
  return BigInt(exponent + length - 1) * LN2 + LN_STEPS[step]! + rest;
}

/** e^value as `scaled · 2^power` with scaled in [2^255, 2^257). */
export function expScaled(value: bigint): { scaled: bigint; power: number } {
  const power = (2n * value + LN2) / (2n * LN2) - (value < 0n ? 1n : 0n);
  // Sixteen halvings leave the series few terms; squaring undoes them at a loss of 2^-236 or so.
  const r = (value - power * LN2) >> 16n;
  let term = ONE;
  let sum = ONE;
  for (let k = 1n; term > 1n || term < -1n; k += 1n) {
    term = ((term * r) >> BITS) / k;
    sum += term;
  }
  for (let i = 0; i < 16; i += 1) sum = (sum * sum) >> BITS;
  return { scaled: sum, power: Number(power) };
}

/**
 * |got − scaled·2^power| in units of the last place of the true value: 2^(floor(log2 |true|) − 52), and never
 * below 2^-1074.
 */
export function ulpError(got: number, scaled: bigint, power = 0): number {
  const size = scaled < 0n ? -scaled : scaled;
  if (size === 0n) return got === 0 ? 0 : Infinity;
  const leading = size.toString(2).length - 1 - Number(BITS) + power;
  const ulpPower = Math.max(leading - 52, -1074);
  const { significand, exponent } = decompose(got);
  // Both sides in units of ulp · 2^-20.
  const gotUnits = shift(significand, BigInt(exponent - ulpPower + 20));
  const trueUnits = shift(scaled, BigInt(power - ulpPower + 20) - BITS);
  return Math.abs(Number(gotUnits - trueUnits)) / 1048576;
}
