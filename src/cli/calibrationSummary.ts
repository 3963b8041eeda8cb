/** What `regionsim calibrate` says on the terminal: the verdict first, then errors, coefficients and assumptions. */
import { plain } from "../report/format.js";
import type { CalibrationError, PresetFile } from "../scenario/presetFile.js";

/** Coefficient, its name for people, its unit, and units per µs. */
const ROWS = [
  ["baseUs", "step", "ms", 0.001],
  ["prefillUsPerToken", "per prompt token", "us", 1],
  ["decodeUsPerSequence", "per sequence", "us", 1],
  ["kvUsPerToken", "per token of context", "ns", 1000],
  ["overheadUs", "before the replica", "ms", 0.001],
] as const;

/** The summary, ending in a newline. */
export function calibrationSummary(preset: PresetFile): string {
  const { fitted, heldOut } = preset.requests;
  const verdict = preset.trusted ? "trusted" : "NOT TRUSTED";
  const lines = [
    `${plain(preset.id)}: ${verdict}. Fitted on ${fitted} requests, held against the ${heldOut} after them.`,
    "",
    "  held out            measured     modelled    error    limit",
    ...preset.errors.map(errorLine),
    "",
    ...ROWS.map((row) => coefficientLine(preset, row)),
    "",
    `  sequences at once ${preset.maxSequences} (${preset.maxSequencesSource}), tokens a step ${preset.maxBatchedTokens}, ` +
      `memory ${preset.kvTokensSource === "lower-bound" ? "at least " : ""}${preset.kvTokens} tokens (${preset.kvTokensSource})`,
    `  seen: ${between(preset.hull.inputTokens)} input tokens, ${between(preset.hull.outputTokens)} output tokens, ` +
      `${between(preset.hull.concurrency)} requests together; outside that the preset is a guess`,
  ];
  if (preset.problems.length > 0) lines.push("", "Why not to trust it:", ...preset.problems.map(bullet));
  if (preset.notes.length > 0) lines.push("", "Assumed:", ...preset.notes.map(bullet));
  return `${lines.join("\n")}\n`;
}

function bullet(sentence: string): string {
  return `  - ${plain(sentence)}`;
}

function between([low, high]: readonly [number, number]): string {
  return `${low} to ${high}`;
}

function errorLine({ metric, measuredMs, modelledMs, errorPercent, limitPercent }: CalibrationError): string {
  const ms = (value: number | null): string => (value === null ? "" : `${value.toFixed(2)} ms`).padStart(13);
  const sign = errorPercent > 0 && measuredMs !== null ? "+" : "";
  const error = `${sign}${errorPercent.toFixed(1)} %`.padStart(9);
  const mark = Math.abs(errorPercent) > limitPercent ? "  <-- too far off" : "";
  return `  ${metric.padEnd(16)}${ms(measuredMs)}${ms(modelledMs)}${error}${`${limitPercent} %`.padStart(9)}${mark}`;
}

function coefficientLine(preset: PresetFile, [name, label, unit, perUs]: (typeof ROWS)[number]): string {
  const value = name === "overheadUs" ? preset.overheadUs : preset.stepTime[name];
  const error = preset.standardErrors[name];
  const sure = error === null ? `(${preset.kvSource})` : `± ${(error * perUs).toPrecision(2)}`;
  return `  ${label.padEnd(22)}${(value * perUs).toPrecision(5).padStart(10)} ${unit}  ${sure}`;
}
