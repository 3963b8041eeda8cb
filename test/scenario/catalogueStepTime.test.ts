import { describe, expect, it } from "vitest";
import {
  findGpuHourPrice,
  findStepTimePreset,
  GPU_HOUR_PRICES,
  kvCapacityRule,
  presetFacts,
  presetKvCapacityRule,
  presetReplicaHourUsd,
  STEP_TIME_PRESETS,
  stepTimeOf,
} from "../../src/scenario/catalogue/index.js";
import { itWith, readReferenceJson } from "./catalogueReference.js";

/** Published memory bandwidth, bytes per second. */
const BANDWIDTH: Readonly<Record<string, number>> = {
  "h100-sxm": 3.35e12,
  "h200-sxm": 4.8e12,
  "b200-sxm": 8e12,
};
/** Values kept per token of context: layers · keys and values · heads · width of a head. */
const KV_VALUES: Readonly<Record<string, number>> = {
  "llama-3.1-70b": 80 * 2 * 8 * 128,
  "llama-3.1-8b-instruct": 32 * 2 * 8 * 128,
  "qwen3-32b": 64 * 2 * 8 * 128,
};
const GIB = 1024 * 1024 * 1024;

interface ReferencePreset {
  readonly model: string;
  readonly precision: string;
  readonly kv_dtype_inferred: string;
  readonly gpu: string;
  readonly tp: number;
  readonly engine: string;
  readonly A_ms: number;
  readonly B_us: number;
  readonly G_us: number;
  readonly K_ns: number;
  readonly n: number;
  readonly n_dropped: number;
  readonly shapes: number;
  readonly in_sample_mape: number;
  readonly shape_out_mape: number;
  readonly shape_out_max: number;
}

describe("step-time presets", () => {
  it("the catalogue holds 39 presets, each id once, in lower case, and finds each by it", () => {
    expect(STEP_TIME_PRESETS.length).toBe(39);
    expect(new Set(STEP_TIME_PRESETS.map(({ id }) => id)).size).toBe(39);
    for (const row of STEP_TIME_PRESETS) {
      expect(row.id).toMatch(/^[a-z0-9.-]+\/[a-z0-9-]+\/tp[1248]\/(bf16|fp8|fp4)\/[a-z0-9.-]+$/);
      expect(findStepTimePreset(row.id)).toBe(row);
    }
    expect(findStepTimePreset("qwen3-32b/h100-sxm/tp4/bf16/vllm-0.12.0")).toBeDefined();
    expect(findStepTimePreset("qwen3-32b/h100-sxm/tp4/bf16/vllm")).toBeUndefined();
  });

  it("more accelerators never slow the base step or the prompt down, except for one measured pair", () => {
    const slower: string[] = [];
    for (const row of STEP_TIME_PRESETS) {
      const next = findStepTimePreset(row.id.replace(`/tp${row.gpus}/`, `/tp${row.gpus * 2}/`));
      if (next === undefined) continue;
      if (next.baseMs >= row.baseMs) slower.push(`${next.id} base`);
      if (next.prefillUsPerToken >= row.prefillUsPerToken) slower.push(`${next.id} prefill`);
    }
    expect(slower).toEqual(["llama-3.1-8b-instruct/h200-sxm/tp2/fp8/sglang-0.5.6.post2 base"]);
  });

  it("each kv coefficient is the bytes of a token over 85 % of the memory bandwidth", () => {
    for (const row of STEP_TIME_PRESETS) {
      const bytes = KV_VALUES[row.model]! * (row.kvPrecision === "fp8" ? 1 : 2);
      const physicsNs = (bytes / (row.gpus * BANDWIDTH[row.gpu]! * 0.85)) * 1e9;
      // The table keeps two decimals.
      expect(Math.abs(row.kvNsPerToken - physicsNs), row.id).toBeLessThanOrEqual(0.0051);
    }
  });

  it("no preset claims a held-out error smaller than the error on the points it was fitted on", () => {
    for (const row of STEP_TIME_PRESETS) {
      expect(row.heldOutMeanPercent, row.id).toBeGreaterThanOrEqual(row.inSampleMeanPercent);
      expect(row.heldOutWorstPercent, row.id).toBeGreaterThan(row.heldOutMeanPercent);
      expect(row.pointsFitted, row.id).toBeGreaterThanOrEqual(row.shapes);
    }
  });

  it("step times are in µs, and the facts carry the held-out errors and the hull", () => {
    const row = findStepTimePreset("llama-3.1-70b/h100-sxm/tp2/fp8/vllm")!;
    expect(stepTimeOf(row)).toEqual({
      baseUs: 16_560,
      prefillUsPerToken: 69,
      decodeUsPerSequence: 41.6,
      kvUsPerToken: 0.05754,
    });
    expect(presetFacts(row)).toEqual({
      id: row.id,
      source: expect.stringContaining("ed133e9d"),
      heldOutMeanPercent: 1.2,
      heldOutWorstPercent: 4.2,
      hull: { inputTokens: [1024, 8192], outputTokens: [1024, 8192], concurrency: [4, 64] },
    });
  });

  itWith(
    ["reference/step-time-presets.json"],
    "every figure is the reference's, and no preset of the reference is missing",
    () => {
      const { presets } = readReferenceJson("reference/step-time-presets.json") as {
        presets: readonly ReferencePreset[];
      };
      expect(presets.length).toBe(STEP_TIME_PRESETS.length);
      for (const theirs of presets) {
        const engine = theirs.engine.replace(" ", "-");
        const gpu = theirs.gpu.replace("_", "-");
        const id = `${theirs.model.toLowerCase()}/${gpu}/tp${theirs.tp}/${theirs.precision}/${engine}`;
        const ours = findStepTimePreset(id);
        expect(ours, id).toMatchObject({
          kvPrecision: theirs.kv_dtype_inferred,
          baseMs: theirs.A_ms,
          prefillUsPerToken: theirs.B_us,
          decodeUsPerSequence: theirs.G_us,
          kvNsPerToken: theirs.K_ns,
          pointsFitted: theirs.n,
          pointsLeftOut: theirs.n_dropped,
          shapes: theirs.shapes,
          inSampleMeanPercent: theirs.in_sample_mape,
          heldOutMeanPercent: theirs.shape_out_mape,
          heldOutWorstPercent: theirs.shape_out_max,
        });
      }
    },
  );
});

describe("rule of thumb for kv capacity", () => {
  it("gives the published examples within one percent", () => {
    const memoryBytesPerGpu = 80 * GIB;
    const big = { memoryBytesPerGpu, weightBytes: 141.2e9, kvBytesPerToken: 327_680 };
    const small = { gpus: 1, memoryBytesPerGpu, weightBytes: 16.06e9, kvBytesPerToken: 131_072 };
    expect(Math.abs(kvCapacityRule(small) / 440_000 - 1)).toBeLessThan(0.01);
    expect(Math.abs(kvCapacityRule({ gpus: 4, ...big }) / 470_000 - 1)).toBeLessThan(0.01);
    expect(Math.abs(kvCapacityRule({ gpus: 8, ...big }) / 1_370_000 - 1)).toBeLessThan(0.01);
  });

  it("weights that do not fit leave nothing, not a negative number", () => {
    const weightBytes = 141.2e9;
    expect(
      kvCapacityRule({ gpus: 1, memoryBytesPerGpu: 80 * GIB, weightBytes, kvBytesPerToken: 327_680 }),
    ).toBe(0);
  });

  it("every preset has one, and it holds the fewest users of its hull with the longest shape of one kind", () => {
    for (const row of STEP_TIME_PRESETS) {
      const [, longest] = row.hull.inputTokens;
      expect(presetKvCapacityRule(row), row.id).toBeGreaterThan(row.hull.concurrency[0] * longest);
    }
  });
});

describe("rent of accelerators", () => {
  it("a replica costs what its accelerators cost together, and nothing is made up without a source", () => {
    expect(GPU_HOUR_PRICES.map(({ gpu }) => gpu)).toEqual(["a100", "h100", "a10g"]);
    expect(findGpuHourPrice("h100")?.usdPerGpuHour).toBe(4.02);
    expect(presetReplicaHourUsd(findStepTimePreset("llama-3.1-70b/h100-sxm/tp8/fp8/vllm")!)).toBe(32.16);
    expect(
      presetReplicaHourUsd(findStepTimePreset("llama-3.1-70b/b200-sxm/tp8/fp8/trtllm")!),
    ).toBeUndefined();
  });
});
