import { cell, HIGH, MINIMUM_POWER, POWER_OF_TWO, words } from "./bits.js";
import { expSum } from "./exp.js";
import { LN2_HIGH, LN2_LOW, LOG_EXACT_LOW, LOG_TABLE } from "./logTable.js";

/** 2^27 + 1: a product with it splits a double into two halves of 26 bits, whose products are exact. */
const SPLITTER = 134217729;
/** 2^54, which makes every subnormal normal. */
const LIFT = 18014398509481984;
/** 1.5·2^26: adding and taking it away rounds a significand to a multiple of 2^-26. */
const HALF_ROUNDER = 100663296;

/**
 * x^y, within 1 ulp (tests hold it to 0.55 for normal results, 0.8 for subnormal ones), with the same bits on every engine. Exact results come out exact.
 *
 * Special cases are those of IEEE 754: `pow(x, 0)` and `pow(1, y)` are 1 even for NaN (the host's own gives NaN
 * for `pow(1, NaN)` and `pow(1, Infinity)`), a negative x takes whole y only, and a zero or an infinite x
 * keeps its sign for odd y.
 */
export function pow(x: number, y: number): number {
  if (y === 0 || x === 1) return 1;
  if (x > 0 && x < Infinity && y > -Infinity && y < Infinity) return positivePower(x, y);
  return specialPower(x, y);
}

function specialPower(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = x < 0 ? -x : x;
  if (y === Infinity || y === -Infinity) {
    if (size === 1) return 1;
    return size > 1 === y > 0 ? Infinity : 0;
  }
  const isWhole = Math.floor(y) === y;
  if (x < 0 && x > -Infinity && !isWhole) return NaN;
  const halved = y * 0.5;
  const isNegative = isWhole && Math.floor(halved) !== halved && (x < 0 || 1 / x === -Infinity);
  let result: number;
  if (size === 0) result = y > 0 ? 0 : Infinity;
  else if (size === Infinity) result = y > 0 ? Infinity : 0;
  else result = size === 1 ? 1 : positivePower(size, y);
  return isNegative ? -result : result;
}

/**
 * exp(y·ln x) with ln x carried as a sum of two doubles, good to 2^-67 of itself: y·ln x may reach 745, and an
 * absolute error of 2^-57 there is 1/30 ulp of the result. Each `…Low` is what rounding took from its high part.
 */
function positivePower(x: number, y: number): number {
  let scaled = x;
  let lift = 0;
  if (x < 2.2250738585072014e-308) {
    scaled = x * LIFT;
    lift = -54;
  }
  cell[0] = scaled;
  const offset = words[HIGH]! - 0x3fe60000;
  const exponent = offset >> 20;
  const row = (offset >>> 13) & 127;
  const power = exponent + lift;
  const z = scaled * POWER_OF_TWO[-exponent - MINIMUM_POWER]!;
  const inverse = LOG_TABLE[row * 4]!;

  // r = z·inverse − 1, exactly: the inverse has 17 bits, so it multiplies either half of z without rounding.
  const zHigh = z + HALF_ROUNDER - HALF_ROUNDER;
  const coarse = zHigh * inverse - 1;
  const fine = (z - zHigh) * inverse;
  const r = coarse + fine;
  const rLow = coarse - (r - (r - coarse)) + (fine - (r - coarse));

  // ln x = base + ln(1 + r); base and r add with their error kept, then −r²/2 likewise.
  const base = power * LN2_HIGH + LOG_TABLE[row * 4 + 2]!;
  const split = r * SPLITTER;
  const rTop = split - (split - r);
  const rBottom = r - rTop;
  const square = r * r;
  const squareLow = rTop * rTop - square + 2 * rTop * rBottom + rBottom * rBottom;
  const sum = base + r;
  const sumLow = base - sum + r;
  const total = sum - 0.5 * square;
  const totalLow = sum - total - 0.5 * square;
  const low =
    sumLow +
    totalLow +
    (rLow - rLow * r - 0.5 * squareLow) +
    (power * LN2_LOW + LOG_EXACT_LOW[row]!) +
    square * r * logTail(r, square);
  const ln = total + low;
  return expProduct(y, ln, total - ln + low);
}

/** (ln(1 + r) − r + r²/2) / r³ for |r| < 2^-7. */
function logTail(r: number, square: number): number {
  const a = 1 / 3 - r * 0.25 + square * (0.2 - r * (1 / 6));
  const b = 1 / 7 - r * 0.125 + square * (1 / 9 - r * 0.1);
  return a + square * square * b;
}

/** e^(y·(ln + lnLow)). */
function expProduct(y: number, ln: number, lnLow: number): number {
  const product = y * ln;
  // Far outside the range of results; the splits below would overflow. Tiny products cannot move 1 by an ulp.
  if (product > 720) return Infinity;
  if (product < -760) return 0;
  if (product < 1e-18 && product > -1e-18) return 1 + product;
  // |ln| >= 2^-53, so |y| < 2^63: no split overflows; |product| > 1e-18 and |ln| < 745, so none underflows.
  const ySplit = y * SPLITTER;
  const yTop = ySplit - (ySplit - y);
  const lnSplit = ln * SPLITTER;
  const lnTop = lnSplit - (lnSplit - ln);
  const yBottom = y - yTop;
  const lnBottom = ln - lnTop;
  const productLow = yTop * lnTop - product + yTop * lnBottom + yBottom * lnTop + yBottom * lnBottom;
  return expSum(product, productLow + y * lnLow);
}
