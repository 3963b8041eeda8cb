import { expandKey } from "./streams.js";

/** A stream key as two 32-bit integers, ready for {@link luck}. */
export interface LuckKey {
  readonly k0: number;
  readonly k1: number;
}

/** The hash key for a stream name. Slow (a key schedule): take it once per stream, not per request. */
export function luckKey(key: string): LuckKey {
  const words = new Int32Array(2);
  expandKey(key, words);
  return { k0: words[0]!, k1: words[1]! };
}

const TWO_TO_MINUS_32 = 2.3283064365386963e-10;
const TWO_TO_MINUS_53 = 1.1102230246251565e-16;

/**
 * A uniform number strictly inside (0, 1) that belongs to (key, request, salt): the same whenever it is asked for.
 *
 * A fault, a retry or another deployment therefore never shifts the luck of other requests. `request` is a whole
 * number below 2^53; `salt` tells apart the attempts, hops and purposes of one request. The result is an odd
 * multiple of 2^-53, so its complement is exact. The hash is a Feistel network, a bijection of
 * (low word of request, salt and high word); inputs with salts below 987 never share all of its 64 bits.
 */
export function luck(k0: number, k1: number, request: number, salt: number): number {
  const high = (request * TWO_TO_MINUS_32) | 0;
  let a = k0 ^ (request | 0);
  let b = (k1 + Math.imul(salt, 0x9e3779b1) + high) | 0;
  a = Math.imul(a ^ (a >>> 16), 0x21f0aaad);
  b = Math.imul(b ^ a ^ (a >>> 15), 0x735a2d97);
  a = Math.imul(a ^ b ^ (b >>> 15), 0x85ebca6b);
  b = Math.imul(b ^ a ^ (a >>> 14), 0xc2b2ae35);
  a ^= b ^ (b >>> 16);
  b ^= a >>> 15;
  return ((a >>> 5) * 67108864 + (((b >>> 6) | 1) >>> 0)) * TWO_TO_MINUS_53;
}
