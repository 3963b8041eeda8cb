/** A small generator for test inputs (PCG-style output over a 32-bit LCG pair), so that failures repeat exactly. */
export class Inputs {
  private low: number;
  private high: number;
  private readonly view: DataView = new DataView(new ArrayBuffer(8));

  constructor(seed: number) {
    this.low = seed | 0;
    this.high = Math.imul(seed, 0x9e3779b1) | 0;
  }

  word(): number {
    this.low = (Math.imul(this.low, 1664525) + 1013904223) | 0;
    this.high = (Math.imul(this.high, 22695477) + 1 + (this.low >>> 16)) | 0;
    return Math.imul(this.low ^ (this.high >>> 15), 0x21f0aaad) ^ (this.high << 7);
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    const unit = ((this.word() >>> 5) * 67108864 + (this.word() >>> 6)) / 9007199254740992;
    return low + unit * (high - low);
  }

  /** A positive finite double with uniform exponent and significand bits; subnormals included. */
  anyPositive(): number {
    const exponent = (this.word() >>> 0) % 2047;
    this.view.setUint32(0, (exponent << 20) | (this.word() & 0xfffff));
    this.view.setInt32(4, this.word());
    return this.view.getFloat64(0);
  }
}

/** The double `steps` places up (or down) from a positive one. */
export function neighbour(x: number, steps: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(steps));
  return view.getFloat64(0);
}

/** FNV-1a over the bytes of the results of `count` calls, low byte first. */
export function hashOfBits(count: number, next: () => number): string {
  const cell = new Float64Array(1);
  const view = new DataView(cell.buffer);
  let hash = 0x811c9dc5;
  for (let i = 0; i < count; i += 1) {
    view.setFloat64(0, next(), true);
    for (let at = 0; at < 8; at += 1) hash = Math.imul(hash ^ view.getUint8(at), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
