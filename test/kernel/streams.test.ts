import fc from "fast-check";
import { expect, test } from "vitest";
import { Stream, streamKey } from "../../src/kernel/index.js";

const text = fc.string({
  unit: fc.constantFrom("a", "|", "%", "0", "7", "c", "é", "\u{1f600}", "\ud800", "\n", " "),
});
const parts = fc.tuple(text, fc.integer({ min: 0, max: 20 }), text, text);

test("stream keys are printable ASCII and differ whenever any argument differs", () => {
  const property = fc.property(parts, parts, (a, b) => {
    const keyA = streamKey(...a);
    expect(keyA).toMatch(/^v1\|[\x20-\x7e]*$/);
    expect(keyA === streamKey(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
  });
  fc.assert(property, { seed: 3, numRuns: 5000 });
});

test("stream keys keep plain names readable and escape the separator", () => {
  expect(streamKey("seed 1", 0, "arrivals", "eu-west")).toBe("v1|seed 1|0|arrivals|eu-west");
  expect(streamKey("a|b", 2, "é", "%")).toBe("v1|a%007cb|2|%00e9|%0025");
});

function draws(key: string, count: number): number[] {
  const stream = new Stream(key);
  return Array.from({ length: count }, () => stream.next());
}

test("a stream gives the recorded numbers for a recorded key", () => {
  expect(draws(streamKey("1", 0, "arrivals", "berlin"), 3)).toEqual([
    0.22006121671576817, 0.9518431598912355, 0.07864722419400083,
  ]);
});

test("a stream depends on its key alone, not on streams made or used before it", () => {
  const key = streamKey("1", 0, "a", "b");
  const alone = draws(key, 100);
  draws("another", 17);
  expect(draws(key, 100)).toEqual(alone);
});

test("streams of keys that seedrandom alone would confuse are different", () => {
  // A period repeated, a non-ASCII letter equal to an ASCII one in its low byte, and keys alike in 255 characters.
  const long = "x".repeat(300);
  const pairs = [
    [streamKey("s", 0, "p", "e"), streamKey("s", 0, "p", "ee")],
    [streamKey("A", 0, "p", "e"), streamKey("\u0141", 0, "p", "e")],
    [streamKey(`${long}a`, 0, "p", "e"), streamKey(`${long}b`, 0, "p", "e")],
    [streamKey("1", 0, "p", "e"), streamKey("10", 0, "p", "e")],
  ] as const;
  for (const [a, b] of pairs) expect(draws(a, 2)).not.toEqual(draws(b, 2));
});

test("a stream counts its draws from 0", () => {
  const stream = new Stream("k");
  expect(stream.draws).toBe(0);
  for (let i = 0; i < 5; i += 1) stream.next();
  expect(stream.draws).toBe(5);
});

test("stream numbers are multiples of 2^-53 in [0, 1) and use the last bit half of the time", () => {
  const stream = new Stream("bits");
  let oddCount = 0;
  for (let i = 0; i < 100000; i += 1) {
    const u = stream.next();
    const whole = u * 2 ** 53;
    if (!(u >= 0 && u < 1) || Math.floor(whole) !== whole) expect.fail(`bad number ${u}`);
    oddCount += whole % 2;
  }
  // Binomial(100 000, 1/2): standard deviation 158; five of them.
  expect(Math.abs(oddCount - 50000)).toBeLessThan(791);
});

test("stream numbers fill 256 cells evenly, singly and in successive pairs, for five keys", () => {
  for (const key of ["v1|1", "v1|2", "v1|3", "", "long".repeat(100)]) {
    const stream = new Stream(key);
    const single = new Float64Array(256);
    const pairs = new Float64Array(256);
    for (let i = 0; i < 256000; i += 1) {
      const u = stream.next();
      const v = stream.next();
      single[Math.floor(u * 256)]! += 1;
      pairs[Math.floor(u * 16) * 16 + Math.floor(v * 16)]! += 1;
    }
    // Chi-square with 255 degrees of freedom: mean 255, standard deviation 22.6; five of them either side.
    for (const cells of [single, pairs]) {
      const chiSquare = cells.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
      expect(chiSquare, key).toBeGreaterThan(142);
      expect(chiSquare, key).toBeLessThan(368);
    }
  }
});
