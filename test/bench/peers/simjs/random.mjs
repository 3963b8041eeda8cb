/** sfc32 and the samplers of model B, the same generator and methods as the C floor's `random.h`. */
export function seededRandom(seed) {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = seed | 0;
  let counter = 1;
  let spare = Number.NaN;

  function word() {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Uniform on (0, 1] with 53 bits: never 0, so its logarithm is finite. */
  function uniform() {
    const high = word() >>> 5;
    return (high * 67108864 + (word() >>> 6) + 1) / 9007199254740992;
  }

  /** Marsaglia's polar method; both normals of a pair are used. */
  function normal() {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    let x = 0;
    let y = 0;
    let square = 0;
    do {
      x = 2 * uniform() - 1;
      y = 2 * uniform() - 1;
      square = x * x + y * y;
    } while (square >= 1 || square === 0);
    const factor = Math.sqrt((-2 * Math.log(square)) / square);
    spare = y * factor;
    return x * factor;
  }

  // The first words are thrown away until the seed has reached every bit.
  for (let i = 0; i < 20; i++) word();
  return {
    exponential: (mean) => -mean * Math.log(uniform()),
    lognormal: (median, sigma) => median * Math.exp(sigma * normal()),
  };
}
