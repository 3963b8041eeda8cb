/** Constants of the logarithm. `test/math/generateTables.mjs` computes the same in another way. */
import { LN2, lnOf, ONE, onGrid, times, toDouble } from "./fixedPoint.js";

/** Sums with multiples of ln 2's high part are exact on a grid of 2^-43. */
const GRID_BITS = 43n;
/** 2^53: a double below 2 in units of its last place. */
const UNITS = 9007199254740992;
/** Inverses are multiples of 2^-16, so that a product with half a significand is exact. */
const STEPS = 65536;

/** ln 2 rounded to a multiple of 2^-43: its product with any exponent of a double is exact. */
export const LN2_HIGH: number = toDouble(onGrid(LN2, GRID_BITS));

/** What LN2_HIGH leaves of ln 2. */
export const LN2_LOW: number = toDouble(LN2 - onGrid(LN2, GRID_BITS));

/** 128 rows of [inverse, centre, ln(centre) high, ln(centre) low]. */
export const LOG_TABLE: Float64Array = new Float64Array(512);

/** By row: what the high part leaves of −ln(inverse), for the power function. */
export const LOG_EXACT_LOW: Float64Array = new Float64Array(128);

fillRows();

/**
 * Row i serves the significands whose high word lies in [0x3fe60000 + i·2^13, + 2^13): [0.6875, 1.375) in all. Its
 * inverse is near 1 / midpoint, and 1 in the two rows that touch 1, so that nothing cancels there; its centre is the
 * double nearest to 1 / inverse.
 */
function fillRows(): void {
  let ln = 0n;
  let before = STEPS;
  for (let i = 0; i < 128; i += 1) {
    const touchesOne = i === 79 || i === 80;
    // Significands in units of 2^-8 below 1 and 2^-7 from 1 on; midpoints in units of 2^-9.
    const midpoint = i < 80 ? 353 + 2 * i : 514 + 4 * (i - 80);
    const steps = touchesOne ? STEPS : Math.floor((1024 * STEPS + midpoint) / (2 * midpoint));
    // −ln(inverse); from one row to the next the series is short.
    ln = touchesOne ? 0n : ln + lnOf(BigInt(before), BigInt(steps));
    before = steps;
    fillRow(i, steps, ln);
  }
}

function fillRow(i: number, steps: number, ln: bigint): void {
  const centre = STEPS / steps;
  const high = onGrid(ln, GRID_BITS);
  // centre · inverse − 1, which is exact; the logarithm of what rounding has added to the centre follows from it.
  const excess = (BigInt(centre * UNITS) * BigInt(steps) * ONE) / BigInt(UNITS * STEPS) - ONE;
  const low = ln - high + excess - times(excess, excess) / 2n;
  LOG_TABLE.set([steps / STEPS, centre, toDouble(high), toDouble(low)], 4 * i);
  LOG_EXACT_LOW[i] = toDouble(ln - high);
}
