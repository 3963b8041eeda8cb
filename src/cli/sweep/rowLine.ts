/**
 * Lines of shards: one finished or failed run each, with a check of its own, so that a line is whole or known not to
 * be. `{"check":"0123456789abcdef","row":{"key":…,"tool":…, …}}`; the check is over all that follows it.
 */
import type { SweepRow } from "../../experiment/sweep/index.js";
import { sha256 } from "../manifest.js";

/** A run that failed, and what it said. */
export interface FailedRun {
  readonly key: string;
  readonly tool: string;
  readonly message: string;
}

/** A line that is whole: what it is about, without its content. */
export interface LineHead {
  readonly kind: "row" | "failed";
  readonly key: string;
  readonly tool: string;
  /** Two lines with one check say the same. */
  readonly check: string;
}

const CHECK_DIGITS = 16;

function checkOf(body: string): string {
  return sha256(body).slice(0, CHECK_DIGITS);
}

function lineOf(body: string): string {
  return `{"check":"${checkOf(body)}",${body}}`;
}

/** A row as a line, without its line feed. */
export function rowLine({ key, tool, ...rest }: SweepRow): string {
  return lineOf(`"row":${JSON.stringify({ key, tool, ...rest })}`);
}

/** A failure as a line, without its line feed. */
export function failedLine({ key, tool, message }: FailedRun): string {
  return lineOf(`"failed":${JSON.stringify({ key, tool, message })}`);
}

const LINE = /^\{"check":"([0-9a-f]{16})",(.*)\}$/s;
const BODY = /^"(row|failed)":\{"key":"([0-9a-f]{64})","tool":"([^"\\]{1,40})",/;

/** What a line is about; null when it is damaged or none of ours. */
export function readLineHead(line: string): LineHead | null {
  const [, check, body] = LINE.exec(line) ?? [];
  if (check === undefined || body === undefined || checkOf(body) !== check) return null;
  const [, kind, key, tool] = BODY.exec(body) ?? [];
  if (kind === undefined || key === undefined || tool === undefined) return null;
  return { kind: kind === "row" ? "row" : "failed", key, tool, check };
}

/** The row of a line that {@link readLineHead} has found whole. */
export function readRow(line: string): SweepRow {
  return (JSON.parse(line) as { readonly row: SweepRow }).row;
}

/** The failure of a line that {@link readLineHead} has found whole. */
export function readFailed(line: string): FailedRun {
  return (JSON.parse(line) as { readonly failed: FailedRun }).failed;
}
