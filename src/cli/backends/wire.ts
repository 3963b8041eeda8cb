/**
 * What travels over a backend: the bundle of a sweep, the job of a segment, and its rows on the way back. Everything
 * that comes in is taken apart with care: a queue is a place others can write to.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { VERSION } from "../../version.js";

/** All that a worker needs to run any segment of a sweep. */
export interface PlanBundle {
  readonly version: string;
  /** Names the sweep: a hash of the plan's content. */
  readonly sha: string;
  /** Path of the plan in `files`. */
  readonly plan: string;
  /** Path, with `/` and never leaving its folder, → bytes as base64. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts its run list was cut into. */
  readonly of: number;
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

/** Rows of a segment as the return value of its job. */
export function packedRows(job: SegmentJob, rows: readonly string[]): string {
  const text = rows.map((row) => `${row}\n`).join("");
  return JSON.stringify({ ...job, sha256: sha256(text), rows: gzipSync(text).toString("base64") });
}

/** The rows of `value`, which must be those of `job`, whole and undamaged. Throws {@link DamagedValue}. */
export function unpackedRows(job: SegmentJob, value: unknown): readonly string[] {
  const { version, sha, segment, of, sha256: expected, rows } = fieldsOf(value);
  const isOfJob = version === job.version && sha === job.sha && segment === job.segment && of === job.of;
  if (!isOfJob) throw new DamagedValue("it is the answer to another job");
  const text = unzipped(rows);
  if (sha256(text) !== expected) throw new DamagedValue("its checksum does not match its rows");
  return text.split("\n").slice(0, -1);
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

function unzipped(rows: unknown): string {
  if (typeof rows !== "string") throw new DamagedValue("it has no rows");
  try {
    return gunzipSync(Buffer.from(rows, "base64")).toString("utf8");
  } catch {
    throw new DamagedValue("its rows cannot be unpacked");
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
