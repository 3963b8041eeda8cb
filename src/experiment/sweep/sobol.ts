/**
 * Sobol points: a sequence that fills a box evenly at every length, best at powers of two.
 *
 * Direction numbers: S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections",
 * SIAM J. Sci. Comput. 30 (2008) 2635-2654, table new-joe-kuo-6.21201, dimensions 1 to 16. Neither shifted nor
 * scrambled: the first point is the corner of all zeros.
 */

/** A primitive polynomial over GF(2): its degree is the length of `initial`, its inner coefficients the bits of `inner`. */
interface Direction {
  readonly inner: number;
  /** Odd, the i-th below 2^i. */
  readonly initial: readonly number[];
}

/** Dimensions 2 to 16; the first has direction numbers 1/2, 1/4, 1/8 … */
const DIRECTIONS: readonly Direction[] = [
  { inner: 0, initial: [1] },
  { inner: 1, initial: [1, 3] },
  { inner: 1, initial: [1, 3, 1] },
  { inner: 2, initial: [1, 1, 1] },
  { inner: 1, initial: [1, 1, 3, 3] },
  { inner: 4, initial: [1, 3, 5, 13] },
  { inner: 2, initial: [1, 1, 5, 5, 17] },
  { inner: 4, initial: [1, 1, 5, 5, 5] },
  { inner: 7, initial: [1, 1, 7, 11, 19] },
  { inner: 11, initial: [1, 1, 5, 1, 1] },
  { inner: 13, initial: [1, 1, 1, 3, 11] },
  { inner: 14, initial: [1, 3, 5, 5, 31] },
  { inner: 1, initial: [1, 3, 3, 9, 7, 49] },
  { inner: 13, initial: [1, 1, 1, 15, 21, 21] },
  { inner: 16, initial: [1, 3, 1, 13, 27, 49] },
];

/** Most dimensions {@link sobolPoints} has numbers for. */
export const MAX_SOBOL_DIMENSIONS: number = DIRECTIONS.length + 1;

/** Bits of a coordinate; enough for any number of points that a plan may ask for. */
const BITS = 30;
const UNIT: number = 1 << BITS;

/** The first `count` points in `[0, 1)^dimensions`, each a list of coordinates. */
export function sobolPoints(count: number, dimensions: number): readonly (readonly number[])[] {
  const directions = Array.from({ length: dimensions }, (_, d) => directionNumbers(d));
  const state = new Int32Array(dimensions);
  const points: number[][] = [];
  for (let index = 0; index < count; index += 1) {
    points.push(Array.from(state, (word) => word / UNIT));
    // In Gray-code order two neighbours differ in one bit: that of the lowest zero of the index.
    const bit = 31 - Math.clz32(~index & (index + 1));
    for (let d = 0; d < dimensions; d += 1) state[d] = state[d]! ^ directions[d]![bit]!;
  }
  return points;
}

/** Direction numbers of dimension `d`, counted from 0, as whole numbers of 2^-30. */
function directionNumbers(d: number): readonly number[] {
  if (d === 0) return Array.from({ length: BITS }, (_, bit) => 1 << (BITS - 1 - bit));
  const { inner, initial } = DIRECTIONS[d - 1]!;
  const degree = initial.length;
  const numbers = initial.map((m, bit) => m << (BITS - 1 - bit));
  for (let bit = degree; bit < BITS; bit += 1) {
    let number = numbers[bit - degree]! ^ (numbers[bit - degree]! >>> degree);
    for (let k = 1; k < degree; k += 1)
      if (((inner >>> (degree - 1 - k)) & 1) === 1) number ^= numbers[bit - k]!;
    numbers.push(number);
  }
  return numbers;
}
