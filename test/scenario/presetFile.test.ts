import { describe, expect, it } from "vitest";
import { CALIBRATION_METRICS, presetFileFacts, readPresetFile } from "../../src/scenario/presetFile.js";

const PRESET = {
  schema: "regionsim.preset/1",
  id: "ours",
  tool: { name: "regionsim", version: "0.1.0" },
  source: { file: "log.csv", sha256: "ab".repeat(32) },
  trusted: true,
  problems: [],
  notes: ["something was assumed"],
  stepTime: { baseUs: 9000.5, prefillUsPerToken: 40, decodeUsPerSequence: 25, kvUsPerToken: 0.012 },
  standardErrors: {
    baseUs: 1,
    prefillUsPerToken: 0.1,
    decodeUsPerSequence: 1,
    kvUsPerToken: null,
    overheadUs: 50,
  },
  kvSource: "physics",
  overheadUs: 30_000,
  maxSequences: 256,
  maxSequencesSource: "assumed",
  maxBatchedTokens: 8192,
  kvTokens: 400_000,
  kvTokensSource: "lower-bound",
  kvBlockTokens: 16,
  requests: { fitted: 600, heldOut: 400 },
  hull: { inputTokens: [10, 8000], outputTokens: [1, 900], concurrency: [1, 64] },
  errors: [
    { metric: "tpot-mean", measuredMs: 20, modelledMs: 19.5, errorPercent: -2.5, limitPercent: 10 },
    { metric: "ttft-p95", measuredMs: 400, modelledMs: 440, errorPercent: 10, limitPercent: 40 },
    { metric: "tpot-per-request", measuredMs: null, modelledMs: null, errorPercent: 3, limitPercent: 15 },
  ],
};

function messages(change: (preset: typeof PRESET) => object): readonly string[] {
  const text = JSON.stringify(change(structuredClone(PRESET)), null, 2);
  return readPresetFile("p.json", text).issues.map(({ line, message }) => `${line}: ${message}`);
}

describe("a preset file", () => {
  it("reads back as it was written, nulls included", () => {
    const { preset, issues } = readPresetFile("p.json", JSON.stringify(PRESET));
    expect(issues).toEqual([]);
    expect(preset).toEqual(PRESET);
  });

  it("gives a scenario its source, hull and worst held-out error", () => {
    const { preset } = readPresetFile("p.json", JSON.stringify(PRESET));
    expect(presetFileFacts(preset!)).toEqual({
      id: "ours",
      source: "calibrated on log.csv, 600 requests",
      heldOutMeanPercent: 2.5,
      heldOutWorstPercent: 10,
      hull: PRESET.hull,
    });
    expect(presetFileFacts({ ...preset!, trusted: false }).source).toContain("NOT TRUSTED");
  });

  it.each([
    [
      "a negative coefficient",
      { stepTime: { ...PRESET.stepTime, baseUs: -1 } },
      "stepTime.baseUs must be a number from 0",
    ],
    ["no memory", { kvTokens: 0 }, "kvTokens must be a whole number from 1"],
    ["another schema", { schema: "regionsim.preset/2" }, "schema must be"],
    [
      "a range upside down",
      { hull: { ...PRESET.hull, concurrency: [9, 1] } },
      "two numbers from 0, the lower first",
    ],
    ["a key that is none", { stepTiem: 1 }, "stepTiem is unknown"],
    ["a text for a number", { overheadUs: "30ms" }, "overheadUs must be"],
    [
      "an unknown metric",
      { errors: [{ ...PRESET.errors[0], metric: "speed" }] },
      `one of ${CALIBRATION_METRICS[0]}`,
    ],
    ["no errors at all", { errors: [] }, "errors"],
  ])("with %s is refused in words, with a line", (_what, change, words) => {
    const found = messages((preset) => ({ ...preset, ...change }));
    expect(found.join("\n")).toContain(words);
    expect(found[0]).toMatch(/^\d+: /);
  });

  it.each([[""], ["[]"], ["{"], ["null"], ["a: b: c"]])(
    "that holds %j is refused and not thrown at",
    (text) => {
      const { preset, issues } = readPresetFile("p.json", text);
      expect(preset).toBeNull();
      expect(issues.length).toBeGreaterThan(0);
    },
  );
});
