/**
 * What travels over a backend: the bundle of a sweep, the job of a segment, and its rows on the way back. Everything
 * that comes in is taken apart with care: a queue is a place others can write to.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import type { SweepRow } from "../../experiment/sweep/rows.js";
import type { SweepMemo } from "../../experiment/sweep/sweep.js";
import { VERSION } from "../../version.js";

/** All that a worker needs to run any segment of a sweep, as it lies in the queue. */
export interface PlanBundle {
  readonly version: string;
  /** Names the sweep: a hash of its plan, its texts and the version. */
  readonly sha: string;
  /** Parts its run list was cut into. */
  readonly of: number;
  /** {@link SweepTexts} as JSON, compressed, base64. */
  readonly texts: string;
  readonly textsSha256: string;
}

/** The texts of a sweep, and what is known of them. */
export interface SweepTexts {
  readonly planFile: string;
  readonly planText: string;
  readonly scenarioFile: string;
  readonly scenarioText: string;
  /** Side files by path. */
  readonly files: Readonly<Record<string, string>>;
  readonly memo: SweepMemo;
}

/** One segment of a sweep. */
export interface SegmentJob {
  readonly version: string;
  readonly sha: string;
  /** Counted from 0. */
  readonly segment: number;
  readonly of: number;
}

/** A value of the queue is not what was put there. The message says how. */
export class DamagedValue extends Error {
  override readonly name: string = "DamagedValue";
}

/** The name of a segment's job. The same segment sent twice is one job. */
export function jobIdOf({ version, sha, segment, of }: SegmentJob): string {
  return `${version}-${sha.slice(0, 24)}-${segment}-of-${of}`;
}

/** The jobs of `segments`, for this version. */
export function jobsOf(sha: string, segments: Iterable<number>, of: number): readonly SegmentJob[] {
  return Array.from(segments, (segment) => ({ version: VERSION, sha, segment, of }));
}

/** The texts of a sweep as its bundle. */
export function packedBundle(sha: string, of: number, texts: SweepTexts): PlanBundle {
  const text = JSON.stringify(texts);
  return { version: VERSION, sha, of, texts: zipped(text), textsSha256: sha256(text) };
}

/** The texts in a bundle. Throws {@link DamagedValue}. */
export function unpackedBundle({ texts, textsSha256 }: PlanBundle): SweepTexts {
  const text = unzipped(texts);
  if (sha256(text) !== textsSha256) throw new DamagedValue("its checksum does not match its texts");
  return JSON.parse(text) as SweepTexts;
}

/** Rows of a segment as the return value of its job. */
export function packedRows(job: SegmentJob, rows: readonly SweepRow[]): string {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
  return JSON.stringify({ ...job, sha256: sha256(text), rows: zipped(text) });
}

/** The rows of `value`, which must be those of `job`, whole and undamaged. Throws {@link DamagedValue}. */
export function unpackedRows(job: SegmentJob, value: unknown): readonly SweepRow[] {
  const { version, sha, segment, of, sha256: expected, rows } = fieldsOf(value);
  const isOfJob = version === job.version && sha === job.sha && segment === job.segment && of === job.of;
  if (!isOfJob) throw new DamagedValue("it is the answer to another job");
  const text = unzipped(rows);
  if (sha256(text) !== expected) throw new DamagedValue("its checksum does not match its rows");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as SweepRow);
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "string") throw new DamagedValue("it is no text");
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    throw new DamagedValue("it is no JSON");
  }
  if (parsed === null || typeof parsed !== "object" || Array.isArray(parsed))
    throw new DamagedValue("it is no JSON object");
  return parsed as Readonly<Record<string, unknown>>;
}

function zipped(text: string): string {
  return gzipSync(text).toString("base64");
}

function unzipped(text: unknown): string {
  if (typeof text !== "string") throw new DamagedValue("it has no content");
  try {
    return gunzipSync(Buffer.from(text, "base64")).toString("utf8");
  } catch {
    throw new DamagedValue("its content cannot be unpacked");
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
