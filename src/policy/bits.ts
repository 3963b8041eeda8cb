/**
 * Sets of targets as bits of one integer. Bit i is target i; at most {@link MAX_TARGETS} of them, so
 * that a set is always a small non-negative integer and never changes sign.
 */

/** The most targets one policy can hold: bits 0 to 30. */
export const MAX_TARGETS = 31;

/** The set of the first `count` targets. */
export function firstBits(count: number): number {
  return count >= MAX_TARGETS ? 0x7fffffff : (1 << count) - 1;
}

/** The earliest member of a set that is not empty; -1 for the empty set. */
export function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

/** How many members a set has. */
export function bitCount(mask: number): number {
  let v = mask - ((mask >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** The member with `rank` earlier members (0 is the earliest); -1 when there is none. */
export function bitAt(mask: number, rank: number): number {
  let rest = mask;
  for (let skipped = 0; skipped < rank; skipped++) rest &= rest - 1;
  return lowestBit(rest);
}
