/** Constants of the exponential. `test/math/generateTables.mjs` computes the same in another way. */
import { expOf, LN2, ONE, onGrid, times, toDouble } from "./fixedPoint.js";

const STEP: bigint = LN2 / 128n;

/** 128 / ln 2: table steps per unit of the argument. */
export const STEPS_PER_UNIT: number = toDouble((ONE * ONE) / STEP);

/** ln 2 / 128 rounded to a multiple of 2^-42: its product with any step count in range is exact. */
export const STEP_HIGH: number = toDouble(onGrid(STEP, 42n));

/** What STEP_HIGH leaves of ln 2 / 128. */
export const STEP_LOW: number = toDouble(STEP - onGrid(STEP, 42n));

/** 128 rows of [high, low] whose sum is 2^(row / 128). */
export const EXP_TABLE: Float64Array = expTable();

function expTable(): Float64Array {
  const rows = new Float64Array(256);
  const ratio = expOf(STEP);
  let value = ONE;
  for (let i = 0; i < 256; i += 2) {
    rows[i] = toDouble(value);
    // Doubles from 1 to 2 are multiples of 2^-52.
    rows[i + 1] = toDouble(value - onGrid(value, 52n));
    value = times(value, ratio);
  }
  return rows;
}
