/**
 * Step-time presets by id, `model/gpu/tp<gpus>/precision/engine`, and what a reader must know to trust one.
 * The figures and where they come from are in the table beside this file.
 */
import type { PresetFacts, StepTime } from "../serving.js";
import { PRESET_GROUPS, type PresetGroup, type PresetTuple } from "./stepTimePresetRows.js";

/** One preset: a model on so many accelerators of a kind, and how far its step times can be trusted. */
export interface PresetRow {
  /** `qwen3-32b/h100-sxm/tp4/bf16/vllm-0.12.0`, lower case. */
  readonly id: string;
  readonly model: string;
  readonly gpu: string;
  /** Accelerators one replica holds, sharing every layer. */
  readonly gpus: number;
  /** Of the weights. */
  readonly precision: "bf16" | "fp8" | "fp4";
  /** Of the context in memory; inferred by whoever fitted, not published. */
  readonly kvPrecision: "bf16" | "fp8";
  readonly engine: string;
  readonly baseMs: number;
  readonly prefillUsPerToken: number;
  readonly decodeUsPerSequence: number;
  readonly kvNsPerToken: number;
  readonly pointsFitted: number;
  readonly pointsLeftOut: number;
  /** Different pairs of prompt and answer length among the points fitted. */
  readonly shapes: number;
  /** Mean absolute error on the points fitted, percent. */
  readonly inSampleMeanPercent: number;
  /** Mean absolute error on shapes left out of the fit one at a time, percent. */
  readonly heldOutMeanPercent: number;
  /** The worst such point. */
  readonly heldOutWorstPercent: number;
  readonly hull: NonNullable<PresetFacts["hull"]>;
}

const SOURCE = "AIConfigurator silicon_sample.csv at ed133e9d (Apache-2.0), closed-loop TPOT; fit of our own";

/** Every preset, in table order. */
export const STEP_TIME_PRESETS: readonly PresetRow[] = Object.freeze(
  PRESET_GROUPS.flatMap((group) => group.rows.map((row) => presetOf(group, row))),
);

const PRESET_OF_ID: ReadonlyMap<string, PresetRow> = new Map(STEP_TIME_PRESETS.map((row) => [row.id, row]));

/** The preset of an id such as `qwen3-32b/h100-sxm/tp4/bf16/vllm-0.12.0` (lower case), or undefined. */
export function findStepTimePreset(id: string): PresetRow | undefined {
  return PRESET_OF_ID.get(id);
}

/** The preset's coefficients in the units of the model, µs. */
export function stepTimeOf(row: PresetRow): StepTime {
  return {
    // Through integers of the table's last digit: 16.56 · 1000 is not 16560 in binary.
    baseUs: Math.round(row.baseMs * 100_000) / 100,
    prefillUsPerToken: row.prefillUsPerToken,
    decodeUsPerSequence: row.decodeUsPerSequence,
    kvUsPerToken: row.kvNsPerToken / 1000,
  };
}

/** What a report says about the preset. */
export function presetFacts(row: PresetRow): PresetFacts {
  return {
    id: row.id,
    source: SOURCE,
    heldOutMeanPercent: row.heldOutMeanPercent,
    heldOutWorstPercent: row.heldOutWorstPercent,
    hull: row.hull,
  };
}

/** What {@link kvCapacityRule} must know about a replica; bytes are bytes, 80 GiB is 85 899 345 920 of them. */
export interface KvCapacityInput {
  readonly gpus: number;
  readonly memoryBytesPerGpu: number;
  /** Of the whole model, however many accelerators share it. */
  readonly weightBytes: number;
  readonly kvBytesPerToken: number;
}

const MEMORY_SHARE_FOR_ENGINE = 0.9;
const OVERHEAD_BYTES_PER_GPU = 3.5e9;

/**
 * Tokens of context a replica holds, by a rule of thumb: nine tenths of its memory, less the weights and 3.5 GB per
 * accelerator; 0 when the weights leave nothing. Never a default: others' simulators were 31 % above the real figure
 * and moved latencies by a fifth, so a scenario says its own, and this is only something to compare it with.
 */
export function kvCapacityRule(input: KvCapacityInput): number {
  const usableBytes =
    input.gpus * (input.memoryBytesPerGpu * MEMORY_SHARE_FOR_ENGINE - OVERHEAD_BYTES_PER_GPU) -
    input.weightBytes;
  return Math.max(0, Math.floor(usableBytes / input.kvBytesPerToken));
}

const GIB = 1024 * 1024 * 1024;
const MEMORY_BYTES: Readonly<Record<string, number>> = {
  "h100-sxm": 80 * GIB,
  "h200-sxm": 141 * GIB,
  "b200-sxm": 180 * GIB,
};
const BYTES_PER_WEIGHT = {
  bf16: 2,
  fp8: 1,
  // Four bits, and an eight-bit scale for every sixteen weights.
  fp4: 0.5625,
};
/** From the models' published configurations: weights, and values kept per token (layers · 2 · heads · width). */
const MODEL_SIZES: Readonly<Record<string, { readonly weights: number; readonly kvValues: number }>> = {
  "llama-3.1-70b": { weights: 70.6e9, kvValues: 80 * 2 * 8 * 128 },
  "llama-3.1-8b-instruct": { weights: 8.03e9, kvValues: 32 * 2 * 8 * 128 },
  "qwen3-32b": { weights: 32.8e9, kvValues: 64 * 2 * 8 * 128 },
};

/** {@link kvCapacityRule} for a preset's model and accelerators; undefined when their sizes are not in the catalogue. */
export function presetKvCapacityRule(row: PresetRow): number | undefined {
  const size = MODEL_SIZES[row.model];
  const memoryBytesPerGpu = MEMORY_BYTES[row.gpu];
  if (size === undefined || memoryBytesPerGpu === undefined) return undefined;
  return kvCapacityRule({
    gpus: row.gpus,
    memoryBytesPerGpu,
    weightBytes: size.weights * BYTES_PER_WEIGHT[row.precision],
    kvBytesPerToken: size.kvValues * BYTES_PER_WEIGHT[row.kvPrecision],
  });
}

function presetOf(group: PresetGroup, tuple: PresetTuple): PresetRow {
  const [gpus, kvPrecision, baseMs, prefillUsPerToken, decodeUsPerSequence, kvNsPerToken, ...fit] = tuple;
  const [pointsFitted, pointsLeftOut, shapes, inSampleMeanPercent, heldOutMeanPercent, ...rest] = fit;
  const [heldOutWorstPercent, fewestUsers, mostUsers] = rest;
  const { model, gpu, precision, engine, inputTokens, outputTokens } = group;
  return Object.freeze({
    id: `${model}/${gpu}/tp${gpus}/${precision}/${engine}`,
    model,
    gpu,
    gpus,
    precision,
    kvPrecision,
    engine,
    baseMs,
    prefillUsPerToken,
    decodeUsPerSequence,
    kvNsPerToken,
    pointsFitted,
    pointsLeftOut,
    shapes,
    inSampleMeanPercent,
    heldOutMeanPercent,
    heldOutWorstPercent,
    hull: Object.freeze({ inputTokens, outputTokens, concurrency: [fewestUsers, mostUsers] as const }),
  });
}
