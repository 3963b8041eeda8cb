import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkPeer, median, spread, summarise } from "./gate.mjs";
import { seededRandom } from "./peers/simjs/random.mjs";
import { fill, placeholders } from "./product.mjs";
import { speedText } from "./table.mjs";

/** A line whose counts wobble by one in a hundred around fixed values, as seeds make them. */
function lineOf(wobble: number): Record<string, number> {
  const factor = 1 + wobble / 100;
  return {
    requests: 60000 * factor,
    attempts: 61000 * factor,
    ok: 59600 * factor,
    refused: 0,
    timedOut: 330 * factor,
    meanMs: 740 * (1 + wobble / 1000),
    p99Ms: 11200 * (1 + wobble / 1000),
  };
}

const floorLines = Array.from({ length: 64 }, (_, i) => lineOf((i % 3) - 1));
const failing = (lines: Record<string, number>[]): string[] =>
  checkPeer(floorLines, lines)
    .checks.filter((check: { passes: boolean }) => !check.passes)
    .map((check: { key: string }) => check.key);

test("a peer with the floor's own spread passes the gate", () => {
  expect(failing([lineOf(-1), lineOf(1), lineOf(0), lineOf(1)])).toEqual([]);
});

test.each([
  ["timedOut", 1.1],
  ["requests", 0.95],
  ["meanMs", 1.021],
  ["meanMs", 0.979],
  ["p99Ms", 1.051],
  ["p99Ms", 0.949],
])("a peer whose %s is %f times the floor's fails on it alone", (key, factor) => {
  const lines = Array.from({ length: 16 }, () => ({ ...lineOf(0), [key]: lineOf(0)[key]! * factor }));
  expect(failing(lines)).toEqual([key]);
});

test("a mean inside 2 % and a p99 inside 5 % pass however small the floor's spread is", () => {
  const lines = [{ ...lineOf(0), meanMs: 740 * 1.019, p99Ms: 11200 * 0.951 }];
  expect(failing(lines)).toEqual([]);
});

test("refusals where the floor never refuses fail beyond a few requests", () => {
  expect(failing(Array.from({ length: 16 }, () => ({ ...lineOf(0), refused: 1 })))).toEqual([]);
  expect(failing(Array.from({ length: 16 }, () => ({ ...lineOf(0), refused: 2 })))).toEqual(["refused"]);
});

test("a latency that is not a number fails instead of comparing false", () => {
  expect(failing([{ ...lineOf(0), meanMs: Number.NaN }])).toEqual(["meanMs"]);
});

test("median takes the middle of an odd list and the mean of the middle two of an even one", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([9, 1, 5, 2])).toBe(3.5);
});

test("spread is the excess of the slowest over the fastest", () => {
  expect(spread([1, 1.3, 1.1])).toBeCloseTo(0.3, 12);
  expect(spread([2])).toBe(0);
});

test("summarise divides squares by one less than the count", () => {
  expect(summarise([1, 2, 3, 4])).toEqual({ mean: 2.5, deviation: Math.sqrt(5 / 3), count: 4 });
  expect(summarise([7]).deviation).toBe(0);
});

test("sfc32 of seed 1 has exponential and lognormal means within four standard errors", () => {
  const random = seededRandom(1);
  const draws = 200_000;
  let exponentialSum = 0;
  let lognormalSum = 0;
  for (let i = 0; i < draws; i++) exponentialSum += random.exponential(3);
  for (let i = 0; i < draws; i++) lognormalSum += random.lognormal(400, 0.6);
  expect(Math.abs(exponentialSum / draws - 3)).toBeLessThan((4 * 3) / Math.sqrt(draws));
  // Mean m·e^{σ²/2}; variance mean²·(e^{σ²} − 1).
  const mean = 400 * Math.exp(0.18);
  const deviation = mean * Math.sqrt(Math.exp(0.36) - 1);
  expect(Math.abs(lognormalSum / draws - mean)).toBeLessThan((4 * deviation) / Math.sqrt(draws));
});

test("placeholders cover every parameter of the model and scale only rates, servers and queues", () => {
  const model = JSON.parse(readFileSync(new URL("./modelB.json", import.meta.url), "utf8"));
  const values = placeholders(model, 167_000, 10, 1, 7);
  expect(values).toMatchObject({
    seed: "bench-7",
    durationMs: 100_000,
    servers: 1000,
    queue: 10_000,
    rate1PerS: 800,
  });
  expect(values).toMatchObject({
    outageStartMs: 40_000,
    outageDurationMs: 10_000,
    clientTimeoutMs: 10_000,
    probeFall: 3,
  });
  expect(values).toMatchObject({ rtt0To0Ms: 16, rtt2To1Ms: 140 });
});

test("a placeholder that does not exist is an error that names it", () => {
  expect(fill("duration: {{durationMs}}ms", { durationMs: 5 })).toBe("duration: 5ms");
  expect(() => fill("{{duratonMs}}", { durationMs: 5 })).toThrow("duratonMs");
});

test("the table's ratios say how many times as fast the floor is", () => {
  const result = { title: "x", version: "1", slowestRequestsPerS: 1, fastestRequestsPerS: 1, nsPerEvent: 1 };
  const rest = { peakRssMiB: 1, wallSeconds: 1, codeLineCount: 1, name: "x" };
  const results = [4e6, 1e6].map((requestsPerS) => ({ ...result, ...rest, requestsPerS }));
  const text = speedText(results, 0.1);
  expect(text).toContain("4,000,000");
  expect(text).toContain("4.00x");
});
