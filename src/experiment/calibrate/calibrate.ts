/**
 * From a request log to a preset: the coefficients are fitted to the first part of the log, the rest is replayed with
 * them, and the preset carries the error of that replay. Pure: text in, preset out, the same bytes every time.
 */
import type { Issue } from "../../scenario/issue.js";
import type { CalibrationError, PresetFile } from "../../scenario/presetFile.js";
import { VERSION } from "../../version.js";
import { problemsOf } from "./diagnose.js";
import { type Fit, type FitOptions, fit, meanConcurrency } from "./fit.js";
import { type HeldOutPoint, heldOutErrors, heldOutPoints } from "./heldOut.js";
import { replay } from "./replay.js";
import { type RequestLog, readRequestLog } from "./requestLog.js";
import { COEFFICIENTS } from "./residuals.js";

/** A log and what is known beside it. */
export interface CalibrationInput {
  /** As issues and the preset name it. */
  readonly file: string;
  readonly text: string;
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
  /** What the preset is to be called. */
  readonly id: string;
  /** Where `kvUsPerToken` comes from when it is not null. */
  readonly kvFrom: "given" | "physics";
  readonly options: FitOptions;
  /** What was assumed for want of an answer, in sentences, for the preset's notes. */
  readonly assumptions: readonly string[];
}

/** A preset, trusted or not, and the requests it was held against. */
export interface Calibration {
  readonly preset: PresetFile;
  readonly points: readonly HeldOutPoint[];
}

/** A calibration, or everything that is wrong with the log. */
export type CalibrationReading =
  | { readonly calibration: Calibration; readonly issues: readonly [] }
  | { readonly calibration: null; readonly issues: readonly Issue[] };

/** Share of the requests, by arrival, that is fitted. */
const FITTED_SHARE = 0.6;
/** Noise in a log makes requests overlap that did not; so many more than allowed are no noise. */
const SEQUENCES_SLACK = 1.2;

/** Calibrates on a log. Never throws for what is in it. */
export function calibrate(input: CalibrationInput): CalibrationReading {
  const { log, issues } = readRequestLog(input.file, input.text);
  if (log === null) return { calibration: null, issues };
  const count = Math.floor(log.count * FITTED_SHARE);
  const found = fit(log, count, log.arrivalUs[count]!, input.options);
  // The fitted part is replayed too, so that the rest meets the load that was there.
  const modelled = replay(log, log.count, found.setting);
  const points = heldOutPoints(log, modelled, count);
  const errors = heldOutErrors(log, modelled, points);
  const problems = problemsOf({ log, modelled, count, fit: found, errors });
  return { calibration: { preset: presetOf(input, log, found, { errors, problems }), points }, issues: [] };
}

interface Verdict {
  readonly errors: readonly CalibrationError[];
  readonly problems: readonly string[];
}

function presetOf(
  input: CalibrationInput,
  log: RequestLog,
  found: Fit,
  { errors, problems }: Verdict,
): PresetFile {
  const { setting } = found;
  const heldOut = log.count - Math.floor(log.count * FITTED_SHARE);
  const [base, prefill, decode, kv, overhead] = found.errors.map(rounded);
  return {
    schema: "regionsim.preset/1",
    id: input.id,
    tool: { name: "regionsim", version: VERSION },
    source: { file: input.file, sha256: input.sha256 },
    trusted: problems.length === 0,
    problems,
    notes: [...input.assumptions, ...notesOf(log, found)],
    stepTime: setting.stepTime,
    standardErrors: {
      baseUs: base ?? null,
      prefillUsPerToken: prefill ?? null,
      decodeUsPerSequence: decode ?? null,
      kvUsPerToken: kv ?? null,
      overheadUs: overhead ?? null,
    },
    kvSource: input.options.kvUsPerToken === null ? "fitted" : input.kvFrom,
    overheadUs: setting.overheadUs,
    maxSequences: setting.maxSequences,
    maxSequencesSource: found.maxSequencesSource,
    maxBatchedTokens: setting.maxBatchedTokens,
    kvTokens: found.kvTokens,
    kvTokensSource: found.kvTokensSource,
    kvBlockTokens: setting.kvBlockTokens,
    requests: { fitted: found.rows.length, heldOut },
    hull: hullOf(log, found.rows),
    errors,
  };
}

/** Coefficients are whole picoseconds; so much of an error is enough. */
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1e6) / 1e6;
}

function notesOf(log: RequestLog, found: Fit): readonly string[] {
  const notes: string[] = [];
  if (log.ignoredColumns.length > 0) notes.push(`columns left out: ${log.ignoredColumns.join(", ")}`);
  if (log.replicas[0] === "")
    notes.push("the log is taken to be of one replica: a replica column tells several apart");
  if (log.replicas.length > 1) notes.push(`the log holds ${log.replicas.length} replicas, taken to be alike`);
  if (found.kvTokensSource === "lower-bound") {
    notes.push(
      `memory was never full in the log: it holds at least ${found.kvTokens} tokens of context, and the held-out part ` +
        "was replayed without a limit; give --kv-tokens for the engine's own figure",
    );
  }
  if (found.kvTokensSource === "identified") {
    notes.push(
      `memory was full in the log at about ${found.kvTokens} tokens of context; the engine's own figure is better`,
    );
  }
  const { maxSequences } = found.setting;
  if (found.maxSequencesSource !== "given") {
    const why =
      found.maxSequencesSource === "assumed"
        ? "is assumed, the log reaches no limit"
        : "is what the log looks like";
    notes.push(
      `a replica works on ${maxSequences} sequences at once: that ${why}; --max-seqs says what the engine is set to`,
    );
  }
  if (found.peakSequences > SEQUENCES_SLACK * maxSequences) {
    notes.push(
      `${found.peakSequences} requests were decoding at once, which ${maxSequences} sequences allow only when some of them ` +
        "were preempted",
    );
  }
  for (const [index, error] of found.errors.entries()) {
    if (error === 0)
      notes.push(`${COEFFICIENTS[index]} is held at its least: by itself the log would have it negative`);
  }
  return notes;
}

/** What the fitted requests were like; concurrency is how many decoded together, on average over each one's answer. */
function hullOf(log: RequestLog, rows: readonly number[]): PresetFile["hull"] {
  const met = meanConcurrency(log, (rows[rows.length - 1] ?? 0) + 1, rows);
  const concurrency = met.map((value) => Math.round(value * 10) / 10);
  return {
    inputTokens: rangeOf(rows.map((row) => log.inputTokens[row]!)),
    outputTokens: rangeOf(rows.map((row) => log.outputTokens[row]!)),
    concurrency: rangeOf(concurrency),
  };
}

function rangeOf(values: readonly number[]): readonly [low: number, high: number] {
  return [
    values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
    values.reduce((most, value) => Math.max(most, value), 0),
  ];
}
