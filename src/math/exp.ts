import { MINIMUM_POWER, POWER_OF_TWO } from "./bits.js";
import { EXP_TABLE, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT } from "./expTable.js";

/** 1.5·2^52: adding and taking it away rounds to the nearest integer, ties to even. */
const ROUNDER = 6755399441055744;

/**
 * e^x, within 1 ulp (tests hold it to 0.52 for normal results, 0.8 for subnormal ones), with the same
 * bits on every engine. Overflows to Infinity above ln(2^1024), underflows to 0 below ln(2^-1075).
 */
export function exp(x: number): number {
  return expSum(x, 0);
}

/**
 * e^(x + tail) for a tail too small to change x itself: what a product of two doubles leaves over.
 *
 * With k the nearest integer to 128·x / ln 2, the result is 2^(k >> 7) · 2^((k & 127) / 128) · e^r; the second
 * factor comes from the table with its rounding error beside it, the third is a short series, |r| < 0.0028.
 */
export function expSum(x: number, tail: number): number {
  // Written so that NaN takes the branch too.
  if (!(x > -746 && x < 710)) return x > 0 ? Infinity : x < 0 ? 0 : NaN;
  const steps = x * STEPS_PER_UNIT + ROUNDER - ROUNDER;
  const r = x - steps * STEP_HIGH + (tail - steps * STEP_LOW);
  const k = steps | 0;
  const row = (k & 127) << 1;
  const square = r * r;
  const series = r + square * (0.5 + r * (1 / 6) + square * (1 / 24 + r * (1 / 120)));
  const high = EXP_TABLE[row]!;
  const factor = high + (EXP_TABLE[row + 1]! + high * series);
  const power = k >> 7;
  if (power >= -1021 && power <= 1023) return factor * POWER_OF_TWO[power - MINIMUM_POWER]!;
  // Two steps, so that neither scale leaves the range of doubles; only the second one rounds.
  return power > 0 ? factor * POWER_OF_TWO[1023 - MINIMUM_POWER]! * 2 : scaleDown(factor, power);
}

function scaleDown(factor: number, power: number): number {
  return factor * POWER_OF_TWO[power + 600 - MINIMUM_POWER]! * POWER_OF_TWO[-600 - MINIMUM_POWER]!;
}
