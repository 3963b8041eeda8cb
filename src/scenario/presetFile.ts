/**
 * Preset files: step times fitted to a log, with what they were fitted on and how wrong they are where they were not.
 * One schema for the command that writes them and the loader of the scenarios that name them.
 */
import { z } from "zod";
import type { Issue } from "./issue.js";
import { readYaml } from "./readYaml.js";
import { count, line, nonNegative } from "./schemaUnits.js";
import type { PresetFacts, StepTime } from "./serving.js";
import { toPlain } from "./sourceTree.js";
import { issuesFromZod } from "./zodIssues.js";

/** What a preset file's `schema` says. */
export const PRESET_SCHEMA = "regionsim.preset/1";

/** What the model is held against: mean and two quantiles of each latency, and the middle of single requests' errors. */
export const CALIBRATION_METRICS = [
  "ttft-mean",
  "ttft-p50",
  "ttft-p95",
  "tpot-mean",
  "tpot-p50",
  "tpot-p95",
  "e2e-mean",
  "e2e-p50",
  "e2e-p95",
  "ttft-per-request",
  "tpot-per-request",
] as const;

/** One of {@link CALIBRATION_METRICS}. */
export type CalibrationMetric = (typeof CALIBRATION_METRICS)[number];

/** A metric on the held-out part of the log. */
export interface CalibrationError {
  readonly metric: CalibrationMetric;
  /** Null for `ttft-per-request` and `tpot-per-request`, which compare request by request. */
  readonly measuredMs: number | null;
  readonly modelledMs: number | null;
  /** Modelled against measured; above 0 when the model is slower than the truth. */
  readonly errorPercent: number;
  /** A larger error, up or down, makes the preset untrusted. */
  readonly limitPercent: number;
}

/** Standard errors of a fit; null for what was given, not fitted. */
export type StandardErrors = {
  readonly [Name in keyof StepTime | "overheadUs"]: number | null;
};

type Range = readonly [low: number, high: number];

/** A preset file's content. Times are µs where the name ends so, ms in `errors`. */
export interface PresetFile {
  readonly schema: typeof PRESET_SCHEMA;
  readonly id: string;
  readonly tool: { readonly name: "regionsim"; readonly version: string };
  readonly source: { readonly file: string; readonly sha256: string };
  /** Whether every held-out error is within its limit and nothing stood in the way of the fit. */
  readonly trusted: boolean;
  /** Why not, in sentences; empty when trusted. */
  readonly problems: readonly string[];
  /** What was assumed and left out. */
  readonly notes: readonly string[];
  readonly stepTime: StepTime;
  readonly standardErrors: StandardErrors;
  readonly kvSource: "given" | "physics" | "fitted";
  /** Time before a call reaches a replica. */
  readonly overheadUs: number;
  readonly maxSequences: number;
  /** `assumed`: nobody said, and the log did not reach a limit. */
  readonly maxSequencesSource: "given" | "identified" | "assumed";
  readonly maxBatchedTokens: number;
  readonly kvTokens: number;
  /** `lower-bound`: the log never filled the memory, so it holds at least so much. */
  readonly kvTokensSource: "given" | "identified" | "lower-bound";
  readonly kvBlockTokens: number;
  readonly requests: { readonly fitted: number; readonly heldOut: number };
  /** What was seen in the part that was fitted. */
  readonly hull: { readonly inputTokens: Range; readonly outputTokens: Range; readonly concurrency: Range };
  readonly errors: readonly CalibrationError[];
}

const HEX_RULE = "64 hexadecimal digits";
const RANGE_RULE = "two numbers from 0, the lower first";

function anyNumber(): z.ZodType<number, number> {
  return z.number({ error: "a number" });
}

/** A figure that may be unknown; null and absent are the same in a file. */
function known(): z.ZodType<number | null> {
  return nonNegative().nullable().default(null);
}

function range(): z.ZodType<Range, [number, number]> {
  return z
    .tuple([nonNegative(), nonNegative()], { error: RANGE_RULE })
    .refine(([low, high]) => low <= high, { error: RANGE_RULE });
}

/** What may stand in a preset file. */
export const presetFileSchema: z.ZodType<PresetFile> = z.strictObject({
  schema: z.literal(PRESET_SCHEMA),
  id: line(200),
  tool: z.strictObject({ name: z.literal("regionsim"), version: line(40) }),
  source: z.strictObject({
    file: line(4096),
    sha256: z.string({ error: HEX_RULE }).regex(/^[0-9a-f]{64}$/, { error: HEX_RULE }),
  }),
  trusted: z.boolean(),
  problems: z.array(z.string()),
  notes: z.array(z.string()),
  stepTime: z.strictObject({
    baseUs: nonNegative(),
    prefillUsPerToken: nonNegative(),
    decodeUsPerSequence: nonNegative(),
    kvUsPerToken: nonNegative(),
  }),
  standardErrors: z.strictObject({
    baseUs: known(),
    prefillUsPerToken: known(),
    decodeUsPerSequence: known(),
    kvUsPerToken: known(),
    overheadUs: known(),
  }),
  kvSource: z.enum(["given", "physics", "fitted"]),
  overheadUs: count(0),
  maxSequences: count(1),
  maxSequencesSource: z.enum(["given", "identified", "assumed"]),
  maxBatchedTokens: count(1),
  kvTokens: count(1),
  kvTokensSource: z.enum(["given", "identified", "lower-bound"]),
  kvBlockTokens: count(1),
  requests: z.strictObject({ fitted: count(1), heldOut: count(1) }),
  hull: z.strictObject({ inputTokens: range(), outputTokens: range(), concurrency: range() }),
  errors: z
    .array(
      z.strictObject({
        metric: z.enum(CALIBRATION_METRICS),
        measuredMs: known(),
        modelledMs: known(),
        errorPercent: anyNumber(),
        limitPercent: nonNegative(),
      }),
    )
    .min(1),
});

/** A preset, or everything that is wrong with the file. */
export type PresetReading =
  | { readonly preset: PresetFile; readonly issues: readonly [] }
  | { readonly preset: null; readonly issues: readonly Issue[] };

/** Reads a preset file. Never throws for what is in it; `file` names it in issues. */
export function readPresetFile(file: string, text: string): PresetReading {
  const { root, issues } = readYaml(file, text);
  if (root === null || issues.length > 0) return { preset: null, issues };
  const parsed = presetFileSchema.safeParse(toPlain(root));
  if (parsed.success) return { preset: parsed.data, issues: [] };
  return { preset: null, issues: issuesFromZod(parsed.error.issues, root) };
}

/** What a report says about a preset: mean is the error of the mean time per output token, worst that of any metric. */
export function presetFileFacts(preset: PresetFile): PresetFacts {
  const tpot = preset.errors.find(({ metric }) => metric === "tpot-mean");
  const doubt = preset.trusted ? "" : "; NOT TRUSTED";
  return {
    id: preset.id,
    source: `calibrated on ${preset.source.file}, ${preset.requests.fitted} requests${doubt}`,
    heldOutMeanPercent: tpot === undefined ? null : Math.abs(tpot.errorPercent),
    heldOutWorstPercent: preset.errors.reduce((most, row) => Math.max(most, Math.abs(row.errorPercent)), 0),
    hull: preset.hull,
  };
}
