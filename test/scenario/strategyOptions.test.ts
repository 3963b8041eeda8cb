/** Strategies as a file writes them. */
import { describe, expect, it } from "vitest";
import { STRATEGIES, type StrategyConfig, type StrategyName } from "../../src/policy/index.js";
import { strategySchema } from "../../src/scenario/schemaStrategy.js";

const LEARNING: readonly StrategyName[] = [
  "waterfall",
  "geoproximity",
  "latency-buffer",
  "peak-ewma",
  "smooth-weighted",
  "inverse-square-price",
  "maglev",
  "round-robin",
  "cheapest",
];

const parsed = (written: unknown): StrategyConfig => strategySchema.parse(written);

describe("a strategy in a file", () => {
  it("has the same defaults by name, as a mapping without options, and in the policy", () => {
    for (const kind of LEARNING) {
      expect(parsed(kind)).toEqual(STRATEGIES[kind].defaults);
      expect(parsed({ kind })).toEqual(STRATEGIES[kind].defaults);
    }
  });

  it("takes options with units and percent", () => {
    expect(parsed({ kind: "waterfall", fill: "70%", spillCap: "none" })).toEqual({
      kind: "waterfall",
      fill: 0.7,
      spillCap: Number.POSITIVE_INFINITY,
      onCapped: "stay",
    });
    expect(parsed({ kind: "waterfall", spillCap: 1.2 })).toMatchObject({ spillCap: 1.2 });
    expect(parsed({ kind: "waterfall", spillCap: "90%" })).toMatchObject({ spillCap: 0.9 });
    expect(
      parsed({ kind: "latency-buffer", buffer: "30ms", measure: "round-trip", tau: "5s", expiry: "10m" }),
    ).toMatchObject({ bufferMs: 30, measure: "round-trip", tauMs: 5000, expiryMs: 600_000 });
    expect(parsed({ kind: "peak-ewma", tau: "30s", penalty: "2s" })).toEqual({
      kind: "peak-ewma",
      tauMs: 30_000,
      penaltyMs: 2000,
    });
    expect(parsed({ kind: "inverse-square-price", outageFailures: 5, outageLasts: "1m" })).toEqual({
      kind: "inverse-square-price",
      outageFailures: 5,
      outageMs: 60_000,
    });
    expect(parsed({ kind: "maglev", tableSize: 251 })).toEqual({ kind: "maglev", tableSize: 251 });
  });
});
