/**
 * What the tables of `src/math/logTable.ts` and `src/math/expTable.ts` must hold, in exact integer arithmetic of
 * another width and by other series. No floating-point function is involved.
 */

/** Working precision: values are integers scaled by 2^BITS. */
export const BITS = 256n;
export const ONE = 1n << BITS;

/** Nearest double to n / d (d > 0), ties to even; exact for every size, for results in the normal range. */
export function nearestDouble(n, d) {
  if (n === 0n) return 0;
  if (n < 0n) return -nearestDouble(-n, d);
  let shift = BigInt(n.toString(2).length - d.toString(2).length) - 54n;
  let q = shift > 0n ? n / (d << shift) : (n << -shift) / d;
  while (q >= 1n << 53n) {
    shift += 1n;
    q = shift > 0n ? n / (d << shift) : (n << -shift) / d;
  }
  const scaledDown = shift > 0n ? q * (d << shift) : q * d;
  const rest = (shift > 0n ? n : n << -shift) - scaledDown;
  const unit = shift > 0n ? d << shift : d;
  if (rest * 2n > unit || (rest * 2n === unit && (q & 1n) === 1n)) q += 1n;
  let value = Number(q);
  for (let i = shift; i > 0n; i -= 1n) value *= 2;
  for (let i = shift; i < 0n; i += 1n) value /= 2;
  return value;
}

/** ln(n / d) scaled, for n / d not far from 1: twice the inverse hyperbolic tangent of (n − d) / (n + d). */
export function lnScaled(n, d) {
  const z = ((n - d) * ONE) / (n + d);
  const square = (z * z) >> BITS;
  let power = z;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = (power * square) >> BITS;
  }
  return 2n * sum;
}

/** e^x scaled, for a scaled x of modest size, by its Taylor series. */
export function expScaled(x) {
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term !== 0n && term !== -1n; k += 1n) {
    sum += term;
    term = (term * x) / (k * ONE);
  }
  return sum;
}

export const LN2 = lnScaled(2n, 1n);

/** A scaled value as a double that is a multiple of 2^-gridBits, and the double nearest to what is left. */
export function splitOnGrid(scaled, gridBits) {
  const unit = 1n << (BITS - gridBits);
  const steps = (2n * scaled + unit) >> (BITS - gridBits + 1n);
  return [nearestDouble(steps * unit, ONE), nearestDouble(scaled - steps * unit, ONE)];
}

/**
 * Columns of the logarithm table, 128 rows of [inverse, centre, high, low, exactLow].
 *
 * Row i serves the significands whose high word lies in [0x3fe60000 + i·2^13, + 2^13): [0.6875, 1.375) in all.
 * `inverse` is near 1 / midpoint on a grid of 2^-16, so that its product with half a significand is exact;
 * it is 1 in the two rows that touch 1, so that nothing cancels there. `centre` is the double nearest to its
 * inverse. `high` + `low` is ln(centre), `high` + `exactLow` is −ln(inverse); `high` lies on a grid of 2^-43,
 * so that adding it to a multiple of ln 2's high part is exact.
 */
export function logRows() {
  const rows = [];
  for (let i = 0; i < 128; i += 1) {
    // Significands in units of 2^-8 below 1 and 2^-7 from 1 on; midpoints in units of 2^-9.
    const midpoint = i < 80 ? 352n + 2n * BigInt(i) + 1n : 512n + 4n * BigInt(i - 80) + 2n;
    const touchesOne = i === 79 || i === 80;
    const steps = touchesOne ? 65536n : (2n * 65536n * 512n + midpoint) / (2n * midpoint);
    const centre = nearestDouble(65536n, steps);
    const [high, exactLow] = splitOnGrid(-lnScaled(steps, 65536n), 43n);
    const centreScaled = BigInt(centre * 2 ** 53) << (BITS - 53n);
    const low = nearestDouble(lnScaled(centreScaled, ONE) - (BigInt(high * 2 ** 43) << (BITS - 43n)), ONE);
    rows.push([Number(steps) / 65536, centre, high, low, exactLow]);
  }
  return rows;
}

/** 128 rows of [high, low] with high + low = 2^(i/128). */
export function expRows() {
  const rows = [];
  for (let i = 0n; i < 128n; i += 1n) {
    const value = expScaled((LN2 * i) / 128n);
    const high = nearestDouble(value, ONE);
    const low = nearestDouble(value - (BigInt(high * 2 ** 52) << (BITS - 52n)), ONE);
    rows.push([high, low]);
  }
  return rows;
}

/** Constants by name: ln 2 split on the table's grid, ln 2 / 128 with 35 bits in its high part, 128 / ln 2. */
export function constants() {
  const [LN2_HIGH, LN2_LOW] = splitOnGrid(LN2, 43n);
  const [STEP_HIGH, STEP_LOW] = splitOnGrid(LN2 / 128n, 42n);
  return { LN2_HIGH, LN2_LOW, STEP_HIGH, STEP_LOW, STEPS_PER_UNIT: nearestDouble(128n * ONE, LN2) };
}
