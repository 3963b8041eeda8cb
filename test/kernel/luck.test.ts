import { expect, test } from "vitest";
import { luck, luckKey } from "../../src/kernel/index.js";

/** Time allowed to a test that computes much, when the machine is busy. */
const PATIENCE_MS = 60000;

const KEYS = ["v1|1|0|jitter|eu", "v1|1|0|jitter|us", "v1|2|0|service|eu"].map(luckKey);
/** A key of zeros, the weakest a hash can be given. */
const ZERO_KEY = { k0: 0, k1: 0 };

test("luck gives the recorded numbers for a recorded key", () => {
  const { k0, k1 } = KEYS[0]!;
  expect([luck(k0, k1, 0, 0), luck(k0, k1, 1, 0), luck(k0, k1, 2 ** 40, 3)]).toEqual([
    0.004245417310115296, 0.8468926138180238, 0.1946602393184912,
  ]);
});

test("luck is an odd multiple of 2^-53 strictly inside (0, 1)", () => {
  for (const { k0, k1 } of [...KEYS, ZERO_KEY]) {
    for (let request = 0; request < 50000; request += 1) {
      const whole = luck(k0, k1, request, 1) * 2 ** 53;
      if (whole % 2 !== 1 || whole < 0 || whole >= 2 ** 53)
        expect.fail(`request ${request} has ${whole} / 2^53`);
    }
  }
});

/** Chi-square of 256 cells over `count` numbers; 255 degrees of freedom: mean 255, standard deviation 22.6. */
function chiSquare256(count: number, cellOf: (i: number) => number): number {
  const cells = new Float64Array(256);
  for (let i = 0; i < count; i += 1) cells[cellOf(i)]! += 1;
  const mean = count / 256;
  return cells.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
}

function expectEven(chiSquare: number, what: string): void {
  // Five standard deviations either side: too even is as wrong as too uneven.
  expect(chiSquare, what).toBeGreaterThan(142);
  expect(chiSquare, what).toBeLessThan(368);
}

test(
  "luck is even over successive requests, over salts and over requests 2^32 apart, in its top and low bits",
  () => {
    for (const { k0, k1 } of [...KEYS, ZERO_KEY]) {
      const walks: Record<string, (i: number) => number> = {
        requests: (i) => luck(k0, k1, i, 0),
        "requests with salt 7": (i) => luck(k0, k1, i, 7),
        salts: (i) => luck(k0, k1, 12345, i),
        "high words": (i) => luck(k0, k1, i * 2 ** 32 + 5, 1),
        "requests in steps of 4096": (i) => luck(k0, k1, i * 4096, 2),
      };
      for (const [name, walk] of Object.entries(walks)) {
        expectEven(
          chiSquare256(256000, (i) => Math.floor(walk(i) * 256)),
          `top bits over ${name}`,
        );
        const middle = (i: number): number => Math.floor(walk(i) * 2 ** 26) & 255;
        expectEven(chiSquare256(256000, middle), `bits 19 to 26 over ${name}`);
        const low = (i: number): number => Math.floor((walk(i) * 2 ** 44) % 256);
        expectEven(chiSquare256(256000, low), `bits 37 to 44 over ${name}`);
      }
    }
  },
  PATIENCE_MS,
);

test(
  "luck of neighbouring requests, of neighbouring salts and of two keys fills pairs of cells evenly",
  () => {
    const other = KEYS[1]!;
    for (const { k0, k1 } of [KEYS[0]!, KEYS[2]!, ZERO_KEY]) {
      const cell = (u: number, v: number): number => Math.floor(u * 16) * 16 + Math.floor(v * 16);
      expectEven(
        chiSquare256(256000, (i) => cell(luck(k0, k1, i, 0), luck(k0, k1, i + 1, 0))),
        "requests",
      );
      expectEven(
        chiSquare256(256000, (i) => cell(luck(k0, k1, i, 0), luck(k0, k1, i, 1))),
        "salts",
      );
      expectEven(
        chiSquare256(256000, (i) => cell(luck(k0, k1, i, 0), luck(other.k0, other.k1, i, 0))),
        "keys",
      );
    }
  },
  PATIENCE_MS,
);

/** Bits of a number in (0, 1): the 52 that vary, as two words. */
function bitsOf(u: number): [number, number] {
  const top = Math.floor(u * 2 ** 26);
  return [top, Math.floor((u * 2 ** 26 - top) * 2 ** 26)];
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

test(
  "flipping any one bit of request or salt flips each output bit about half of the time",
  () => {
    const { k0, k1 } = KEYS[0]!;
    const trials = 4000;
    const flips: [name: string, flipped: (request: number, salt: number) => number][] = [];
    for (let bit = 0; bit < 40; bit += 1) {
      const value = 2 ** bit;
      const flip = (request: number): number =>
        Math.floor(request / value) % 2 === 0 ? request + value : request - value;
      flips.push([`request bit ${bit}`, (request, salt) => luck(k0, k1, flip(request), salt)]);
    }
    for (let bit = 0; bit < 12; bit += 1)
      flips.push([`salt bit ${bit}`, (request, salt) => luck(k0, k1, request, salt ^ (1 << bit))]);
    for (const [name, flipped] of flips) {
      const perBit = new Float64Array(52);
      for (let i = 0; i < trials; i += 1) {
        const [topA, lowA] = bitsOf(luck(k0, k1, i * 7919, i & 15));
        const [topB, lowB] = bitsOf(flipped(i * 7919, i & 15));
        for (let bit = 0; bit < 26; bit += 1) {
          perBit[bit]! += ((topA ^ topB) >>> bit) & 1;
          perBit[26 + bit]! += ((lowA ^ lowB) >>> bit) & 1;
        }
      }
      // Binomial(4000, 1/2) has a standard deviation of 31.6; six of them, for 52 x 52 looks.
      for (let bit = 0; bit < 52; bit += 1) {
        expect(Math.abs(perBit[bit]! - trials / 2), `${name} on output bit ${bit}`).toBeLessThan(190);
      }
    }
  },
  PATIENCE_MS,
);

test(
  "a million requests share no luck, and half their bits differ from the next one's on average",
  () => {
    const { k0, k1 } = KEYS[0]!;
    const all = new Float64Array(1000000);
    let flips = 0;
    for (let i = 0; i < all.length; i += 1) {
      all[i] = luck(k0, k1, i, 2);
      if (i > 0) flips += bitCount(bitsOf(all[i]!)[0] ^ bitsOf(all[i - 1]!)[0]);
    }
    // 26 bits a pair: mean 13; standard error sqrt(26 / 4 / 1e6) = 0.0026, five of them.
    expect(Math.abs(flips / (all.length - 1) - 13)).toBeLessThan(0.013);
    all.sort();
    // By chance, n² / 2^53 = 1e-4 pairs of equal numbers are to be expected.
    let collisionCount = 0;
    for (let i = 1; i < all.length; i += 1) if (all[i] === all[i - 1]) collisionCount += 1;
    expect(collisionCount).toBe(0);
  },
  PATIENCE_MS,
);

test("salts below 987 and requests below 2^53 never meet in the hash input", () => {
  // Salts enter as salt·0x9e3779b1 mod 2^32, high words below 2^21 are added: two salts must stay 2^21 apart.
  for (let difference = 1; difference < 987; difference += 1) {
    const product = Math.imul(difference, 0x9e3779b1) >>> 0;
    expect(Math.min(product, 2 ** 32 - product), `salt difference ${difference}`).toBeGreaterThanOrEqual(
      2 ** 21,
    );
  }
});
