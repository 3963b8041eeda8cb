/**
 * Step times of language models on rented accelerators, as fitted to public measurements.
 *
 * Source: the measured ("silicon") rows of AIConfigurator, github.com/ai-dynamo/aiconfigurator, Apache-2.0,
 * src/aiconfigurator/systems/silicon_sample.csv at commit ed133e9d: mean time per output token with so many users,
 * each asking again when answered, at fixed prompt and answer lengths. Figures only; the fit is ours. Rows of
 * Llama-3.1-70B were measured 2025-10-29 with an engine version nobody published. Base, prefill and decode
 * coefficients are a non-negative least-squares fit of relative errors to
 * `tpot = base + decode·users + kv·users·(input + output/2) + prefill·users·input/output`; the kv coefficient is not
 * fitted but physics: bytes per token / (gpus · memory bandwidth · 0.85).
 *
 * Points left out of the fit are counted as such; nearly all are those with most users, where calls waited for a
 * place. Held-out errors come from leaving out one shape (prompt and answer length) at a time. What was measured is time per output
 * token: time to first token and open load are NOT validated by it. The hull is the box around the points fitted;
 * its corners need not have been measured (nobody measured 70B with long prompts and long answers together).
 */

/** Errors in percent; base in ms, prefill and decode in µs per token and sequence, kv in ns per token of context. */
export type PresetTuple = readonly [
  gpus: number,
  kvPrecision: "bf16" | "fp8",
  baseMs: number,
  prefillUsPerToken: number,
  decodeUsPerSequence: number,
  kvNsPerToken: number,
  pointsFitted: number,
  pointsLeftOut: number,
  shapes: number,
  inSampleMeanPercent: number,
  heldOutMeanPercent: number,
  heldOutWorstPercent: number,
  fewestUsers: number,
  mostUsers: number,
];

/** Presets that share a model, a kind of accelerator, a precision of weights and an engine. */
export interface PresetGroup {
  readonly model: string;
  readonly gpu: string;
  /** Of the weights. */
  readonly precision: "bf16" | "fp8" | "fp4";
  /** With its version where that is known. */
  readonly engine: string;
  readonly inputTokens: readonly [low: number, high: number];
  readonly outputTokens: readonly [low: number, high: number];
  /** One per number of accelerators that share the model. */
  readonly rows: readonly PresetTuple[];
}

/** Every group, in the order the catalogue lists its presets. */
export const PRESET_GROUPS: readonly PresetGroup[] = [
  {
    model: "llama-3.1-70b",
    gpu: "b200-sxm",
    precision: "fp4",
    engine: "trtllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "fp8", 11.87, 37.7, 8.2, 24.09, 16, 2, 3, 1.7, 7.8, 26.8, 4, 128],
      [2, "fp8", 8.61, 24.4, 13.2, 12.05, 17, 1, 3, 1.9, 6.3, 23.1, 4, 128],
      [4, "fp8", 6.62, 17.5, 20.9, 6.02, 18, 0, 3, 2.1, 8.7, 31.7, 4, 128],
      [8, "fp8", 5.77, 14.7, 42.8, 3.01, 18, 0, 3, 1.2, 2.4, 6.5, 4, 128],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "b200-sxm",
    precision: "fp8",
    engine: "trtllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "fp8", 14.12, 56.7, 27.8, 24.09, 16, 2, 3, 1.3, 4.7, 15.6, 4, 128],
      [2, "fp8", 9.13, 34.9, 19.5, 12.05, 17, 1, 3, 2.3, 5.4, 17.2, 4, 128],
      [4, "fp8", 6.53, 22.8, 22.9, 6.02, 17, 1, 3, 1.9, 6.9, 23.2, 4, 128],
      [8, "fp8", 5.38, 18.5, 41.7, 3.01, 18, 0, 3, 1.4, 2, 5.3, 4, 128],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "b200-sxm",
    precision: "fp4",
    engine: "vllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "fp8", 12.51, 45.4, 3.6, 24.09, 15, 0, 3, 1.6, 2.4, 6.9, 4, 64],
      [2, "fp8", 9.11, 30.2, 24.3, 12.05, 15, 0, 3, 1.9, 3.5, 7.7, 4, 64],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "b200-sxm",
    precision: "fp8",
    engine: "vllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "fp8", 15.72, 66.9, 12, 24.09, 14, 1, 3, 1.1, 1.5, 4.7, 4, 64],
      [2, "fp8", 9.97, 44.7, 25.4, 12.05, 15, 0, 3, 1.4, 4.2, 10.4, 4, 64],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "h100-sxm",
    precision: "fp8",
    engine: "vllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [2, "bf16", 16.56, 69, 41.6, 57.54, 12, 3, 3, 0.9, 1.2, 4.2, 4, 64],
      [4, "bf16", 11.02, 44.1, 52.4, 28.77, 15, 0, 3, 2.2, 2.8, 6.2, 4, 64],
      [8, "bf16", 8.82, 28, 54.4, 14.38, 15, 0, 3, 2.7, 6.5, 19.1, 4, 64],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "h200-sxm",
    precision: "fp8",
    engine: "trtllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "fp8", 19.43, 105.1, 34.7, 40.16, 13, 5, 3, 0.7, 1.2, 2.7, 4, 64],
      [2, "fp8", 11.45, 64.7, 27, 20.08, 17, 1, 3, 1.1, 1.6, 5.7, 4, 128],
      [4, "fp8", 7.63, 40.7, 37, 10.04, 17, 1, 3, 1.3, 2.3, 6, 4, 128],
      [8, "fp8", 5.8, 26.3, 87, 5.02, 17, 1, 3, 1, 1.9, 4.9, 4, 128],
    ],
  },
  {
    model: "llama-3.1-70b",
    gpu: "h200-sxm",
    precision: "fp8",
    engine: "vllm",
    inputTokens: [1024, 8192],
    outputTokens: [1024, 8192],
    rows: [
      [1, "bf16", 20.09, 114.9, 71.4, 80.31, 13, 2, 3, 2.6, 4.3, 14.8, 4, 64],
      [2, "bf16", 13.15, 69, 30.6, 40.16, 15, 0, 3, 3.6, 4.7, 10.8, 4, 64],
      [4, "bf16", 9.19, 42.9, 47.6, 20.08, 15, 0, 3, 3.7, 4.1, 10.9, 4, 64],
      [8, "bf16", 7.74, 25.5, 43.8, 10.04, 15, 0, 3, 2.7, 4.3, 8.4, 4, 64],
    ],
  },
  {
    model: "llama-3.1-8b-instruct",
    gpu: "h100-sxm",
    precision: "bf16",
    engine: "trtllm-1.0.0rc3",
    inputTokens: [1024, 4096],
    outputTokens: [128, 512],
    rows: [
      [1, "bf16", 6.46, 20.1, 2.4, 46.03, 42, 0, 9, 2, 2.2, 7.6, 8, 128],
      [2, "bf16", 4.43, 12.3, 5.9, 23.02, 45, 0, 9, 3.1, 3.3, 13.2, 8, 128],
      [4, "fp8", 3.08, 7.6, 33.6, 5.75, 43, 2, 9, 6.8, 7.2, 35.1, 8, 128],
      [8, "fp8", 2.41, 5.3, 44.2, 2.88, 42, 3, 9, 9.3, 9.9, 39.7, 8, 128],
    ],
  },
  {
    model: "llama-3.1-8b-instruct",
    gpu: "h200-sxm",
    precision: "fp8",
    engine: "sglang-0.5.6.post2",
    inputTokens: [1000, 8000],
    outputTokens: [100, 2000],
    rows: [
      [1, "bf16", 5.34, 12.3, 22.3, 32.13, 16, 0, 16, 6, 8.1, 42.1, 20, 352],
      [2, "bf16", 7.02, 7, 17.1, 16.06, 12, 0, 12, 1.9, 2.8, 7.5, 32, 512],
    ],
  },
  {
    model: "qwen3-32b",
    gpu: "h100-sxm",
    precision: "bf16",
    engine: "sglang-0.5.1.post1",
    inputTokens: [1024, 4096],
    outputTokens: [128, 512],
    rows: [
      [2, "bf16", 13.07, 25.3, 46, 46.03, 21, 3, 9, 3.6, 4.4, 10.1, 16, 128],
      [4, "bf16", 8.32, 16.4, 37.1, 23.02, 22, 5, 9, 3.8, 4.6, 9.6, 16, 128],
      [8, "bf16", 6.3, 10, 39.2, 11.51, 20, 7, 9, 4.4, 5.2, 10.5, 16, 128],
    ],
  },
  {
    model: "qwen3-32b",
    gpu: "h100-sxm",
    precision: "fp8",
    engine: "trtllm-1.0.0rc3",
    inputTokens: [1024, 4096],
    outputTokens: [128, 512],
    rows: [
      [1, "fp8", 13.43, 67.4, 69.4, 46.03, 41, 1, 9, 3.6, 4.2, 20.1, 8, 128],
      [2, "fp8", 8.81, 40.1, 48.5, 23.02, 44, 0, 9, 3.4, 3.8, 19.2, 8, 128],
      [4, "fp8", 6.42, 23.4, 53, 11.51, 45, 0, 9, 3.7, 4.1, 19.8, 8, 128],
      [8, "fp8", 5.09, 16, 85.5, 5.75, 45, 0, 9, 4.9, 5.8, 22.3, 8, 128],
    ],
  },
  {
    model: "qwen3-32b",
    gpu: "h100-sxm",
    precision: "bf16",
    engine: "vllm-0.12.0",
    inputTokens: [1024, 4096],
    outputTokens: [128, 1024],
    rows: [
      [2, "bf16", 14.0, 49.9, 70.8, 46.03, 27, 3, 6, 2.6, 3.1, 15.1, 8, 128],
      [4, "bf16", 9.26, 29.1, 64.5, 23.02, 30, 0, 6, 2, 2.2, 9.6, 8, 128],
      [8, "bf16", 7.02, 17.9, 64.5, 11.51, 30, 0, 6, 2.1, 2.5, 14.1, 8, 128],
    ],
  },
];
