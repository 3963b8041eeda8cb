import { cell, HIGH, MINIMUM_POWER, POWER_OF_TWO, words } from "./bits.js";
import { LN2_HIGH, LN2_LOW, LOG_TABLE } from "./logTable.js";

/** 2^54, which makes every subnormal normal. */
const LIFT = 18014398509481984;

/**
 * Natural logarithm, within 1 ulp (tests hold it to 0.75), with the same bits on every engine.
 *
 * `log(0)` is -Infinity; of a negative number or NaN, NaN. With x = 2^e·z and z in [0.6875, 1.375) the table
 * gives a centre c near z, and ln x = e·ln 2 + ln c + ln(1 + r), r = (z − c) / c. The high parts of the first two
 * terms add exactly, so only the last few bits of the sum are ever rounded. Near 1, where they would cancel,
 * a plain series takes over.
 */
export function log(x: number): number {
  const fromOne = x - 1;
  if (fromOne > -0.03125 && fromOne < 0.03125) return logNearOne(fromOne);
  let scaled = x;
  let lift = 0;
  // Written so that NaN takes the branch too.
  if (!(x >= 2.2250738585072014e-308 && x <= 1.7976931348623157e308)) {
    if (x === 0) return -Infinity;
    if (!(x > 0)) return NaN;
    if (x === Infinity) return Infinity;
    scaled = x * LIFT;
    lift = -54;
  }
  cell[0] = scaled;
  const offset = words[HIGH]! - 0x3fe60000;
  const exponent = offset >> 20;
  const row = (offset >>> 11) & 0x1fc;
  const z = scaled * POWER_OF_TWO[-exponent - MINIMUM_POWER]!;
  const r = (z - LOG_TABLE[row + 1]!) * LOG_TABLE[row]!;
  const power = exponent + lift;
  const base = power * LN2_HIGH + LOG_TABLE[row + 2]!;
  const high = base + r;
  const square = r * r;
  const series = 1 / 3 - r * 0.25 + square * (0.2 - r * (1 / 6) + square * (1 / 7));
  const low = base - high + r + (power * LN2_LOW + LOG_TABLE[row + 3]!);
  return high + (low + square * (r * series - 0.5));
}

/** ln(1 + f) for |f| < 2^-5, by its alternating series; 14 terms leave less than 2^-66 of the result. */
function logNearOne(f: number): number {
  const square = f * f;
  const fourth = square * square;
  const a = 1 / 3 - f * 0.25 + square * (0.2 - f * (1 / 6));
  const b = 1 / 7 - f * 0.125 + square * (1 / 9 - f * 0.1);
  const c = 1 / 11 - f * (1 / 12) + square * (1 / 13 - f * (1 / 14));
  const tail = a + fourth * (b + fourth * c);
  return f - square * (0.5 - f * tail);
}
