/** Splitting where the chance is known, whatever the levels and however far the chain jumps. */
import { describe, expect, it } from "vitest";
import type { SplittingChain } from "../../../src/experiment/statistics/split.js";
import { statistics } from "./bundled.js";

const { rareEvent } = statistics;

/** A walk that goes up by `jump` with chance `up`, down by one otherwise, and is over at 0. */
function walk(up: number, jump: number): SplittingChain<{ readonly at: number }> {
  return {
    start: () => ({ at: 1 }),
    // A new value each time: what the state before was is still wanted.
    step: ({ at }, random) => Object.freeze({ at: at + (random() < up ? jump : -1) }),
    level: ({ at }) => at,
    over: ({ at }) => at <= 0,
  };
}

/** The chance to reach `level` from 1 before 0, by solving the walk's equations. */
function chance(up: number, jump: number, level: number): number {
  let values: number[] = Array.from({ length: level + jump + 1 }, (_, at) => (at >= level ? 1 : 0));
  for (let sweep = 0; sweep < 5000; sweep += 1)
    values = values.map((value, at) =>
      at === 0 || at >= level ? value : up * values[at + jump]! + (1 - up) * values[at - 1]!,
    );
  return values[1]!;
}

describe("splitting", () => {
  it.each([
    [1 / 3, 1, 6],
    [0.25, 2, 11],
    [0.2, 3, 14],
  ])("finds the chance of a walk, up with %f by %i, to reach %i", (up, jump, level) => {
    const found = rareEvent(walk(up, jump), { levels: level, effort: 300, estimates: 60, seed: "walk" });
    const truth = chance(up, jump, level);
    const text = `${found.probability} for ${truth}`;
    const half = (found.interval!.high - found.interval!.low) / 2;
    // 0.038, 0.046 and 0.044; twice that where all ways of a level begin in one state.
    expect(half, text).toBeLessThan(0.06 * truth);
    // Three standard errors, where 95 % are two.
    expect(Math.abs(found.probability - truth), text).toBeLessThan(1.5 * half);
  });

  it("gives each estimate luck of its own: more of them leave the first ones as they were", () => {
    const rule = { levels: 5, effort: 50, estimates: 4, seed: "own" };
    const [few, many] = [rareEvent(walk(0.3, 1), rule), rareEvent(walk(0.3, 1), { ...rule, estimates: 9 })];
    expect(many.estimates.slice(0, 4)).toEqual(few.estimates);
    expect(new Set(many.estimates).size).toBe(9);
    expect(rareEvent(walk(0.3, 1), { ...rule, seed: "other" }).estimates).not.toEqual(few.estimates);
  });

  it("says 0, and how often, where all ways were lost", () => {
    const found = rareEvent(walk(0, 1), { levels: 3, effort: 10, estimates: 5, seed: "lost" });
    expect(found).toMatchObject({ probability: 0, lost: 5, interval: { low: 0, high: 0 } });
  });

  it("is certain of what the chain starts in, and knows no interval from one estimate", () => {
    const found = rareEvent(walk(0.1, 1), { levels: 1, effort: 7, estimates: 1, seed: "sure" });
    expect(found).toEqual({ probability: 1, interval: null, estimates: [1], lost: 0 });
  });
});
