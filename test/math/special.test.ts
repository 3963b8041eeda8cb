import { expect, test } from "vitest";
import { exp, log, pow } from "../../src/math/index.js";

test("log of zero, one, infinity, negatives and NaN are those of IEEE 754", () => {
  expect(log(0)).toBe(-Infinity);
  expect(log(-0)).toBe(-Infinity);
  expect(log(1)).toBe(0);
  expect(log(Infinity)).toBe(Infinity);
  for (const x of [-1, -5e-324, -Infinity, NaN]) expect(log(x)).toBeNaN();
});

test("log of the smallest and largest doubles is finite and right to the last digit printed", () => {
  expect(log(5e-324)).toBe(-744.4400719213812);
  expect(log(2.2250738585072014e-308)).toBe(-708.3964185322641);
  expect(log(1.7976931348623157e308)).toBe(709.782712893384);
});

test("exp overflows to infinity and underflows to zero exactly where the true value rounds there", () => {
  expect(exp(709.782712893384)).toBeLessThan(Infinity);
  expect(exp(709.7827128933841)).toBe(Infinity);
  expect(exp(-745.1332191019411)).toBe(5e-324);
  expect(exp(-745.1332191019412)).toBe(0);
  expect(exp(1e300)).toBe(Infinity);
  expect(exp(-1e300)).toBe(0);
});

test("exp of zeros, infinities and NaN are those of IEEE 754", () => {
  expect(exp(0)).toBe(1);
  expect(exp(-0)).toBe(1);
  expect(exp(Infinity)).toBe(Infinity);
  expect(exp(-Infinity)).toBe(0);
  expect(exp(NaN)).toBeNaN();
});

const VALUES = [
  0,
  -0,
  0.5,
  -0.5,
  1,
  -1,
  2,
  -2,
  3,
  -3,
  1.5,
  -1.5,
  1e300,
  -1e300,
  5e-324,
  -5e-324,
  2 ** 53,
  2 ** 53 - 1,
  Infinity,
  -Infinity,
  NaN,
];

test("pow treats every pair of special values as the host does, except 1 and -1 to powers without a limit", () => {
  for (const x of VALUES) {
    for (const y of VALUES) {
      // IEEE 754 says 1 where ECMAScript says NaN.
      const isOneOnly =
        (x === 1 && (Number.isNaN(y) || Math.abs(y) === Infinity)) || (x === -1 && Math.abs(y) === Infinity);
      const want = isOneOnly ? 1 : x ** y;
      const got = pow(x, y);
      // The host's own result may be an ulp off (0.5 ** -0.5 is, on V8), so ordinary values are compared loosely.
      const isOrdinary = Number.isFinite(want) && Math.abs(want) > 1e-300;
      const isSame = isOrdinary ? Math.abs(got - want) <= 4e-16 * Math.abs(want) : Object.is(got, want);
      expect(isSame, `pow(${text(x)}, ${text(y)}) must be ${text(want)}, got ${text(got)}`).toBe(true);
    }
  }
});

function text(x: number): string {
  return Object.is(x, -0) ? "-0" : String(x);
}

test("pow overflows and underflows at the ends of the range of doubles", () => {
  expect(pow(2, 1023)).toBe(8.98846567431158e307);
  expect(pow(2, 1024)).toBe(Infinity);
  expect(pow(2, -1074)).toBe(5e-324);
  expect(pow(2, -1076)).toBe(0);
  expect(pow(-2, 1025)).toBe(-Infinity);
  expect(pow(0.9999999999999999, 1e300)).toBe(0);
  expect(pow(1.0000000000000002, 1e300)).toBe(Infinity);
  expect(pow(1.0000000000000002, 1e-300)).toBe(1);
});
