import { describe, expect, it } from "vitest";
import { LONE_SEED_WARNING, runScenario, STEADY_SEED_WARNING } from "../../../src/experiment/run.js";
import { takeSample } from "../../../src/experiment/sample.js";
import type { Scenario } from "../../../src/scenario/scenario.js";
import { calm, smallScenario } from "./small.js";

const long = (change: (text: string) => string = (text) => text): Scenario =>
  smallScenario((text) => change(calm(text).replace("duration: 100s", "duration: 40m")));

const ttftOf = (scenario: Scenario, replication = 0) =>
  runScenario(scenario, { replication, steady: { width: 0.01 } }).steady!.measures[0]!;

describe("a steady run", () => {
  it("changes nothing in its result but for the answer and which numbers it warns of", () => {
    const scenario = long();
    const { steady, ...rest } = runScenario(scenario, { steady: { width: 0.01 } });
    const alone = runScenario(scenario);
    const warnings = alone.warnings.map((text) => (text === LONE_SEED_WARNING ? STEADY_SEED_WARNING : text));
    expect(warnings).toContain(STEADY_SEED_WARNING);
    expect(rest).toEqual({ ...alone, warnings });
    expect(steady).toMatchObject({ width: 0.01, demandVaries: false, windows: 240, windowS: 10 });
  });

  it("knows its mean as well as replications of it do: nine of ten batch-mean intervals hold their common mean", () => {
    const scenario = long();
    const found = Array.from({ length: 10 }, (_, replication) => ttftOf(scenario, replication));
    const mean = found.reduce((sum, measure) => sum + measure.mean, 0) / found.length;
    const holding = found.filter(({ interval }) => interval!.low <= mean && mean <= interval!.high).length;
    // At 95 %, fewer than 8 of 10 hold in one experiment of 90; the mean is uncertain itself by a third of a half-width.
    expect(holding).toBeGreaterThanOrEqual(8);
    for (const { interval } of found) expect((interval!.high - interval!.low) / 2).toBeLessThan(0.05 * mean);
  });

  it("is told to be as many times longer as its interval is too wide, squared", () => {
    const { interval, mean, lengthNeeded } = ttftOf(long());
    const half = (interval!.high - interval!.low) / 2;
    expect(lengthNeeded).toBeCloseTo((half / (0.01 * mean)) ** 2, 9);
  });

  it("takes no shortness of the first answers after a warm-up for a transient", () => {
    const slow = (text: string): string =>
      text
        .replaceAll("perToken: 9ms", "perToken: 90ms")
        .replace("concurrency: 50", "concurrency: 5000")
        .replaceAll("2rps", "10rps")
        .replace("duration: 40m", "duration: 20m\nwarmup: 5m");
    const cutS = (change: (text: string) => string): number =>
      runScenario(long(change), { steady: { width: 0.01 } }).steady!.measures[1]!.cutS;
    expect(cutS(slow)).toBe(0);
    // From the very beginning it is one: nobody was there before.
    expect(cutS((text) => slow(text).replace("warmup: 5m", "warmup: 0s"))).toBeGreaterThan(0);
  });

  it("too short for batches has no interval, and says so by null", () => {
    const scenario = smallScenario((text) => calm(text).replace("duration: 100s", "duration: 15s"));
    const { measures } = runScenario(scenario, { steady: { width: 0.01 } }).steady!;
    expect(measures.map(({ interval, lengthNeeded }) => [interval, lengthNeeded])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it("is no part of a sample", () => {
    expect(takeSample(smallScenario(), 0, { keepResult: true }).result).not.toHaveProperty("steady");
  });
});
