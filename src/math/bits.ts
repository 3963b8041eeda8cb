/**
 * The bits of a double. One shared 8-byte cell: write `cell[0]`, read `words[HIGH]` and `words[LOW]`.
 * A caller must finish with it before calling anything else that uses it.
 */
export const cell: Float64Array = new Float64Array(1);
export const words: Int32Array = new Int32Array(cell.buffer);

cell[0] = 1;
/** Index in `words` of the half with sign, exponent and top 20 significand bits: 1 on little-endian hosts. */
export const HIGH: number = words[0] === 0 ? 1 : 0;
/** Index in `words` of the low 32 significand bits. */
export const LOW: number = 1 - HIGH;

/** Exponent of the smallest entry of {@link POWER_OF_TWO}. */
export const MINIMUM_POWER = -1074;

/** 2^n at index n + 1074, for n = -1074 … 1023: scaling by a load and a product, without a write to bits. */
export const POWER_OF_TWO: Float64Array = powersOfTwo();

function powersOfTwo(): Float64Array {
  const powers = new Float64Array(1023 - MINIMUM_POWER + 1);
  let power = 1;
  for (let n = 0; n >= MINIMUM_POWER; n -= 1) {
    powers[n - MINIMUM_POWER] = power;
    power *= 0.5;
  }
  power = 1;
  for (let n = 0; n <= 1023; n += 1) {
    powers[n - MINIMUM_POWER] = power;
    power *= 2;
  }
  return powers;
}
