import { describe, expect, it } from "vitest";
import { type Calibration, calibrate } from "../../src/experiment/calibrate/calibrate.js";
import type { FitOptions } from "../../src/experiment/calibrate/fit.js";
import { presetFileFacts, readPresetFile } from "../../src/scenario/presetFile.js";
import { KNOWN, logCsv, ORDINARY } from "./calibrateLog.js";

const OPTIONS: FitOptions = {
  kvUsPerToken: null,
  kvTokens: null,
  kvBlockTokens: 16,
  maxSequences: null,
  maxBatchedTokens: 8192,
};

function calibrated(text: string, options: Partial<FitOptions> = {}): Calibration {
  const { calibration, issues } = calibrate({
    file: "log.csv",
    text,
    sha256: "0".repeat(64),
    id: "ours",
    kvFrom: "given",
    options: { ...OPTIONS, ...options },
    assumptions: [],
  });
  expect(issues).toEqual([]);
  return calibration!;
}

function errorOf({ preset }: Calibration, metric: string): number {
  return preset.errors.find((row) => row.metric === metric)?.errorPercent ?? Number.NaN;
}

describe("a log made by a known preset with noise of 3 %", () => {
  it.each(["a", "b", "c"])("gives it back: every coefficient within 4 standard errors, seed %s", (seed) => {
    const { preset } = calibrated(logCsv({ ...ORDINARY, seed }));
    const names = ["baseUs", "prefillUsPerToken", "decodeUsPerSequence", "kvUsPerToken"] as const;
    for (const name of names) {
      const [found, truth, error] = [
        preset.stepTime[name],
        KNOWN.stepTime[name],
        preset.standardErrors[name]!,
      ];
      expect(Math.abs(found - truth), `${name} ${found} ± ${error}, truth ${truth}`).toBeLessThan(4 * error);
      // Wider than this the interval would hold anything: 1 % of base and prefill, 20 % of what crowds add.
      const widest = name === "baseUs" || name === "prefillUsPerToken" ? 0.01 : 0.2;
      expect(error, `${name} ± ${error}`).toBeLessThan(widest * truth);
    }
    expect(Math.abs(preset.overheadUs - KNOWN.overheadUs)).toBeLessThan(1000);
  });

  it("is reproduced on the requests that were not fitted, and trusted", () => {
    const calibration = calibrated(logCsv(ORDINARY));
    expect(calibration.preset).toMatchObject({ trusted: true, problems: [], kvSource: "fitted" });
    expect(calibration.preset.requests.heldOut).toBe(1200);
    // 1200 requests with 3 % noise each: means are sure to 0.1 %, so 1.5 % is what the model gets wrong.
    for (const metric of ["tpot-mean", "tpot-p50", "ttft-mean", "e2e-mean"]) {
      expect(Math.abs(errorOf(calibration, metric)), metric).toBeLessThan(1.5);
    }
    // The middle of |N(0, 3 %)| is 2.02 %: nothing but the noise is left.
    expect(errorOf(calibration, "tpot-per-request")).toBeLessThan(2.3);
  });

  it("without noise every coefficient is right to a thousandth", () => {
    const { preset } = calibrated(logCsv({ ...ORDINARY, noise: 0, requests: 1500 }));
    for (const [name, truth] of Object.entries(KNOWN.stepTime)) {
      const found = preset.stepTime[name as keyof typeof preset.stepTime];
      expect(Math.abs(found / truth - 1), `${name} ${found}, truth ${truth}`).toBeLessThan(0.002);
    }
  });

  it("with the cost of context known, takes it and is surer of the rest", () => {
    const { preset } = calibrated(logCsv(ORDINARY), { kvUsPerToken: 0.01205 });
    expect(preset.stepTime.kvUsPerToken).toBe(0.01205);
    expect(preset.standardErrors.kvUsPerToken).toBeNull();
    const error = preset.standardErrors.decodeUsPerSequence!;
    expect(error).toBeLessThan(1);
    expect(Math.abs(preset.stepTime.decodeUsPerSequence - KNOWN.stepTime.decodeUsPerSequence)).toBeLessThan(
      4 * error,
    );
  });

  it("of several replicas gives the same when they are told apart, and is not trusted when they are not", () => {
    const text = logCsv({ ...ORDINARY, perSecond: 16, replicas: 4 });
    const apart = calibrated(text);
    expect(apart.preset.trusted).toBe(true);
    expect(Math.abs(errorOf(apart, "tpot-mean"))).toBeLessThan(1.5);
    const mixed = text.replace(/,r\d$/gm, ",one");
    const { preset } = calibrated(mixed);
    expect(preset.trusted).toBe(false);
    // Averages agree well enough; single requests give it away.
    expect(preset.problems.join("\n")).toContain("replica column");
  });

  it("says the same twice, byte for byte, whatever the order of the rows", () => {
    const text = logCsv({ ...ORDINARY, requests: 400 });
    const [header, ...rows] = text.trimEnd().split("\n");
    const once = JSON.stringify(calibrated(text));
    expect(JSON.stringify(calibrated(text))).toBe(once);
    expect(JSON.stringify(calibrated([header, ...rows.reverse()].join("\n")))).toBe(once);
  });

  it("gives a file that reads back as it was written", () => {
    for (const kvUsPerToken of [null, 0.01205]) {
      const { preset } = calibrated(logCsv({ ...ORDINARY, requests: 400 }), { kvUsPerToken });
      const { preset: read, issues } = readPresetFile("p.json", JSON.stringify(preset));
      expect(issues).toEqual([]);
      expect(read).toEqual(preset);
    }
    const { preset } = calibrated(logCsv({ ...ORDINARY, requests: 400 }));
    expect(presetFileFacts(preset)).toMatchObject({ id: "ours", hull: preset.hull });
  });
});

describe("the limits of a replica", () => {
  it("are a lower bound for memory that was never full", () => {
    const { preset } = calibrated(logCsv(ORDINARY));
    expect(preset).toMatchObject({
      kvTokensSource: "lower-bound",
      maxSequencesSource: "assumed",
      maxSequences: 256,
    });
    expect(preset.kvTokens).toBeLessThan(KNOWN.kvTokens);
    expect(preset.notes.join("\n")).toContain(`at least ${preset.kvTokens} tokens`);
  });

  it.each([
    [120_000, 4.5],
    [100_000, 5],
  ])("memory for %i tokens is found within 2 %% when it was full", (kvTokens, perSecond) => {
    const { preset } = calibrated(logCsv({ ...ORDINARY, perSecond, setting: { ...KNOWN, kvTokens } }));
    expect(preset.kvTokensSource).toBe("identified");
    expect(Math.abs(preset.kvTokens / kvTokens - 1)).toBeLessThan(0.02);
    const { prefillUsPerToken: found } = preset.stepTime;
    expect(Math.abs(found / KNOWN.stepTime.prefillUsPerToken - 1)).toBeLessThan(0.02);
  });

  it("a number of sequences is found within 5 % when requests waited for it", () => {
    const { preset } = calibrated(
      logCsv({ ...ORDINARY, perSecond: 5, setting: { ...KNOWN, maxSequences: 48 } }),
    );
    expect(preset).toMatchObject({
      maxSequencesSource: "identified",
      kvTokensSource: "lower-bound",
      trusted: true,
    });
    expect(Math.abs(preset.maxSequences / 48 - 1)).toBeLessThan(0.05);
  });

  it("that are given are taken as given", () => {
    const setting = { ...KNOWN, maxSequences: 48 };
    const { preset } = calibrated(logCsv({ ...ORDINARY, setting }), { maxSequences: 48, kvTokens: 500_000 });
    expect(preset).toMatchObject({
      maxSequences: 48,
      maxSequencesSource: "given",
      kvTokens: 500_000,
      kvTokensSource: "given",
    });
    expect(preset.trusted).toBe(true);
  });
});

describe("a log that the model cannot fit", () => {
  it.each([
    [
      "time per token that jumps at random",
      (_row: number, u: number) => (u < 0.3 ? 3 : 1),
      "tpot-p95",
      "does not show",
    ],
    [
      "half the requests at twice the time",
      (_row: number, u: number) => (u < 0.5 ? 2 : 1),
      "tpot-per-request",
      "does not show",
    ],
    ["a speed by the hour", (row: number) => (row % 1000 < 500 ? 1 : 1.8), "tpot-mean", "speed changed"],
    [
      "a slower deployment in the held-out part",
      (row: number) => (row < 1800 ? 1 : 1.4),
      "tpot-mean",
      "speed changed",
    ],
    ["a faster one", (row: number) => (row < 1800 ? 1 : 0.7), "tpot-mean", "speed changed"],
  ])("%s: is not trusted, and is told which metric and why", (_what, distort, metric, why) => {
    const { preset } = calibrated(logCsv(ORDINARY, distort));
    expect(preset.trusted).toBe(false);
    const row = preset.errors.find((each) => each.metric === metric)!;
    expect(Math.abs(row.errorPercent)).toBeGreaterThan(row.limitPercent);
    const problems = preset.problems.join("\n");
    expect(problems).toContain(metric);
    expect(problems).toContain(why);
    expect(presetFileFacts(preset).source).toContain("NOT TRUSTED");
  });

  it("the held-out part is not looked at by the fit, and its error is of it alone", () => {
    const slower = calibrated(logCsv(ORDINARY, (row) => (row < 1800 ? 1 : 1.4)));
    const { stepTime, overheadUs, kvTokens } = calibrated(logCsv(ORDINARY)).preset;
    expect(slower.preset).toMatchObject({ stepTime, overheadUs, kvTokens });
    expect(slower.points.length).toBe(1200);
    // Exactly 1 - 1/1.4 but for the noise.
    expect(errorOf(slower, "tpot-mean")).toBeGreaterThan(-29.6);
    expect(errorOf(slower, "tpot-mean")).toBeLessThan(-27.5);
  });

  it("a load that never changes is told not to determine the coefficients", () => {
    // One request at a time, all alike: a step's parts always come in the same proportion.
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i * 3000},${i * 3000 + 60},${i * 3000 + 1060},1000,100`,
    );
    const text = `arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens\n${rows.join("\n")}`;
    const { preset } = calibrated(text);
    expect(preset.trusted).toBe(false);
    expect(preset.problems.join("\n")).toContain("cannot tell the coefficients apart");
  });

  it("answers of one token leave the cost of decoding unknown, and say so", () => {
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i * 100},${i * 100 + 20 + (i % 7)},${i * 100 + 20 + (i % 7)},${100 + (i % 7) * 50},1`,
    );
    const { preset } = calibrated(
      `arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens\n${rows.join("\n")}`,
    );
    expect(preset.trusted).toBe(false);
  });

  it("answers that come all at once end in a verdict", () => {
    const rows = Array.from(
      { length: 200 },
      (_, i) => `${i * 100},${i * 100 + 500},${i * 100 + 500},${100 + (i % 7)},${50 + (i % 5)}`,
    );
    const { preset } = calibrated(
      `arrival_ms,first_token_ms,last_token_ms,input_tokens,output_tokens\n${rows.join("\n")}`,
    );
    expect(preset.trusted).toBe(false);
    expect(readPresetFile("p.json", JSON.stringify(preset)).issues).toEqual([]);
  });
});
