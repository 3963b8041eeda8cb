import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearest } from "../../src/scenario/suggest.js";
import { readTimestampUs } from "../../src/scenario/traceCsv.js";
import {
  FINE_TIME_RULE,
  readClockHour,
  readDurationUs,
  readFineTimeUs,
  readRatePerSecond,
  readRatio,
} from "../../src/scenario/units.js";

const SEED = 7;
const value = (reading: { readonly ok: boolean; readonly value?: number }): number | undefined =>
  reading.ok ? reading.value : undefined;

test.each([
  ["1us", 1],
  ["250ms", 250_000],
  ["1.5s", 1_500_000],
  ["40m", 2_400_000_000],
  ["2h", 7_200_000_000],
  ["1d", 86_400_000_000],
  ["0s", 0],
  ["0.0000005s", 1],
  ["3650d", 315_360_000_000_000],
  ["3h36m", 12_960_000_000],
  ["1m30s", 90_000_000],
  ["1d2h3m4s5ms6us", 93_784_005_006],
  ["1m0.5s", 60_500_000],
  ["2s5ms", 2_005_000],
  ["1h90m", 9_000_000_000],
  ["1.5h30m", 7_200_000_000],
])("%s is %d µs", (text, us) => {
  expect(value(readDurationUs(text))).toBe(us);
});

test.each([
  "",
  "5",
  "-1s",
  "1 s",
  "1S",
  "1e3s",
  "1,5s",
  ".5s",
  "5.s",
  "36m3h",
  "1h1h",
  "1h 30m",
  "1h30",
  "h30m",
  "5ms2s",
  "3649d48h1us",
  "3651d",
  "0.0001us",
  "NaNs",
  "∞s",
])("%s is no duration", (text) => {
  expect(readDurationUs(text).ok).toBe(false);
});

test.each([
  ["40rps", 40],
  ["40/s", 40],
  ["120/min", 2],
  ["3600/h", 1],
  ["86400/d", 1],
  ["0rps", 0],
])("%s is %d requests per second", (text, perSecond) => {
  expect(value(readRatePerSecond(text))).toBe(perSecond);
});

test("ratios are numbers from 0 to 1 or percentages up to 100", () => {
  expect(value(readRatio(0.25))).toBe(0.25);
  expect(value(readRatio("0.5%"))).toBe(0.005);
  expect(value(readRatio("100%"))).toBe(1);
  for (const wrong of [1.01, -0.1, Number.NaN, "101%", "half", "%", "-1%"])
    expect(readRatio(wrong).ok).toBe(false);
});

test("clock times are hours after midnight", () => {
  expect(readClockHour("09:30")).toBe(9.5);
  expect(readClockHour("23:59")).toBeCloseTo(23 + 59 / 60, 12);
  for (const wrong of ["24:00", "9:30", "09:60", "0930", ""]) expect(readClockHour(wrong)).toBeUndefined();
});

test("a compound duration is the sum of its parts", () => {
  const units = ["d", "h", "m", "s", "ms", "us"];
  const property = fc.property(
    fc
      .array(fc.option(fc.nat(400)), { minLength: 6, maxLength: 6 })
      .filter((parts) => parts.some((n) => n !== null)),
    (numbers) => {
      const parts = numbers.flatMap((n, i) => (n === null ? [] : [`${n}${units[i]}`]));
      const sum = parts.reduce((total, part) => total + value(readDurationUs(part))!, 0);
      expect(value(readDurationUs(parts.join("")))).toBe(sum);
    },
  );
  fc.assert(property, { seed: SEED, numRuns: 500 });
});

test.each([
  ["3h 36min", '"3h36m"'],
  ["90 sec", '"90s"'],
  ["1 h 30 m 5 s", '"1h30m5s"'],
  ["30m 1h", undefined],
  ["1h and a half", undefined],
  ["half 1h", undefined],
])("%s is mended to %s", (text, mended) => {
  const reading = readDurationUs(text);
  expect(reading.ok ? "ok" : reading.suggestion).toBe(mended);
});

test("a hostile duration is refused at once", () => {
  for (const text of ["1h".repeat(50_000), "1".repeat(100_000), "1 ".repeat(50_000), "1.".repeat(50_000)]) {
    const start = performance.now();
    expect(readDurationUs(text).ok).toBe(false);
    expect(performance.now() - start).toBeLessThan(500);
  }
});

test("a duration written in any unit reads as the same time", () => {
  const property = fc.property(fc.integer({ min: 1, max: 3650 }), (days) => {
    expect(value(readDurationUs(`${days}d`))).toBe(value(readDurationUs(`${days * 24}h`)));
    expect(value(readDurationUs(`${days}d`))).toBe(value(readDurationUs(`${days * 1440}m`)));
    expect(value(readDurationUs(`${days}d`))).toBe(value(readDurationUs(`${days * 86_400}s`)));
  });
  fc.assert(property, { seed: SEED, numRuns: 200 });
});

test("timestamps agree with the host's calendar on every day it is asked about", () => {
  const property = fc.property(fc.integer({ min: 0, max: 4_102_444_799 }), (seconds) => {
    const text = new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 19);
    expect(readTimestampUs(text)).toBe(seconds * 1_000_000);
  });
  fc.assert(property, { seed: SEED, numRuns: 5_000 });
});

test("seven decimals of a second are read to the microsecond, halves rounded up", () => {
  const base = readTimestampUs("2023-11-16 18:17:03")!;
  expect(readTimestampUs("2023-11-16 18:17:03.9799600")! - base).toBe(979_960);
  expect(readTimestampUs("2023-11-16 18:17:03.0000005")! - base).toBe(1);
  expect(readTimestampUs("2023-11-16 18:17:03.0000004")! - base).toBe(0);
  expect(readTimestampUs("2023-11-16T18:17:03.5Z")! - base).toBe(500_000);
});

/** The definition of optimal string alignment, without any table. */
function slowDistance(a: string, b: string): number {
  if (a === "" || b === "") return a.length + b.length;
  const cost = a.at(-1) === b.at(-1) ? 0 : 1;
  const ways = [
    slowDistance(a.slice(0, -1), b) + 1,
    slowDistance(a, b.slice(0, -1)) + 1,
    slowDistance(a.slice(0, -1), b.slice(0, -1)) + cost,
  ];
  if (a.length > 1 && b.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1)) {
    ways.push(slowDistance(a.slice(0, -2), b.slice(0, -2)) + 1);
  }
  return Math.min(...ways);
}

test("edit distance is its definition, on words of few letters so that swaps are frequent", () => {
  const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      expect(editDistance(a, b)).toBe(slowDistance(a, b));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test("the nearest word is near, and among equals begins most alike", () => {
  expect(nearest("eu-wst", ["us-east", "eu-west"])).toBe("eu-west");
  expect(nearest("naem", ["name", "seed"])).toBe("name");
  expect(nearest("DEU", ["EU", "DE"])).toBe("DE");
  expect(nearest("NEAREST", ["nearest"])).toBe("nearest");
  expect(nearest("banana", ["name", "seed"])).toBeUndefined();
  expect(nearest("", ["a"])).toBeUndefined();
  expect(nearest("x".repeat(65), ["x".repeat(64)])).toBeUndefined();
});

test.each<[string, number]>([
  ["6.5ms", 6500],
  ["16.56ms", 16_560],
  ["22.8us", 22.8],
  ["6.02ns", 0.00602],
  ["0ns", 0],
  ["1s", 1_000_000],
  ["60s", 60_000_000],
])("the fine time %s keeps its fraction of a µs", (text, us) => {
  expect(readFineTimeUs(text)).toEqual({ ok: true, value: us });
});

test.each<[string, string | undefined]>([
  ["6.5 ms", '"6.5ms"'],
  ["6.5 MS", '"6.5ms"'],
  ["3 nsec", '"3ns"'],
  ["1m", undefined],
  ["1h30m", undefined],
  ["-1us", undefined],
  ["", undefined],
  ["1e3us", undefined],
])("the fine time %j is refused, and what was meant is %j", (text, suggestion) => {
  expect(readFineTimeUs(text)).toEqual({
    ok: false,
    range: false,
    rule: FINE_TIME_RULE,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
});
