/**
 * What travels over a backend: the bundle of a sweep, the job of a segment, and its rows on the way back. Everything
 * that comes in is taken apart with care: a queue is a place others can write to.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { VERSION } from "../../version.js";
import type { SweepBundle } from "../sweep/sweepFile.js";

/** All that a worker needs to run any segment of a sweep, as it lies in the queue. */
export interface PlanBundle {
  readonly version: string;
  /** Names the sweep: a hash of its plan, its texts and the version. */
  readonly sha: string;
  /** Parts its run list was cut into. */
  readonly of: number;
  /** {@link SweepBundle} as JSON, compressed, base64. */
  readonly texts: string;
  readonly textsSha256: string;
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

/** A value is unpacked up to here: a small one can be made to unpack to more than any machine has. */
const MOST_UNPACKED_BYTES = 2 ** 28;

/** A segment has more rows than one value of a queue may hold. */
export class TooLarge extends Error {
  override readonly name: string = "TooLarge";

  constructor(bytes: number) {
    super(
      `its rows are ${Math.ceil(bytes / 2 ** 20)} MiB and may be ${MOST_UNPACKED_BYTES / 2 ** 20}; cut the sweep into more parts with --segments`,
    );
  }
}

/** The name of a segment's job. The same segment sent twice is one job. */
export function jobIdOf({ version, sha, segment, of }: SegmentJob): string {
  return `${version}-${sha.slice(0, 24)}-${segment}-of-${of}`;
}

/** `data` as the job of a segment; null when it is none. Its version and hash may be shown to a person as they are. */
export function readJob(data: unknown): SegmentJob | null {
  const { version, sha, segment, of } = recordOf(data);
  if (!isMatch(version, VERSION_SHAPE) || !isMatch(sha, SHA_SHAPE)) return null;
  if (!Number.isSafeInteger(segment) || !Number.isSafeInteger(of)) return null;
  const job = { version, sha, segment: Number(segment), of: Number(of) };
  return job.segment >= 0 && job.segment < job.of ? job : null;
}

/** `data` as the bundle of a sweep, its texts still packed; null when it is none. */
export function readBundle(data: unknown): PlanBundle | null {
  const { version, sha, of, texts, textsSha256 } = recordOf(data);
  if (!isMatch(version, VERSION_SHAPE) || !isMatch(sha, SHA_SHAPE) || !isMatch(textsSha256, SHA_SHAPE))
    return null;
  if (typeof texts !== "string" || !Number.isSafeInteger(of) || Number(of) < 1) return null;
  return { version, sha, of: Number(of), texts, textsSha256 };
}

/** A version is shown as part of a command to type, so it must not hold anything a shell reads. */
const VERSION_SHAPE = /^[0-9A-Za-z.+-]{1,40}$/;
const SHA_SHAPE = /^[0-9a-f]{64}$/;

function isMatch(value: unknown, shape: RegExp): value is string {
  return typeof value === "string" && shape.test(value);
}

/** The fields of an object; of anything else none. */
function recordOf(data: unknown): Readonly<Record<string, unknown>> {
  return data === null || typeof data !== "object" ? {} : (data as Readonly<Record<string, unknown>>);
}

const MOST_SHOWN = 2000;

/** What somebody else wrote, as a terminal may show it: one line, not endless, nothing that moves the cursor. */
export function shownText(text: string): string {
  return text
    .slice(0, MOST_SHOWN)
    .replaceAll(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
}

/** The jobs of `segments`, for this version. */
export function jobsOf(sha: string, segments: Iterable<number>, of: number): readonly SegmentJob[] {
  return Array.from(segments, (segment) => ({ version: VERSION, sha, segment, of }));
}

/** The texts of a sweep as its bundle. */
export function packedBundle(sha: string, of: number, texts: SweepBundle): PlanBundle {
  const text = JSON.stringify(texts);
  return { version: VERSION, sha, of, texts: zipped(text), textsSha256: sha256(text) };
}

/** The texts in a bundle. Throws {@link DamagedValue}. */
export function unpackedBundle({ texts, textsSha256 }: PlanBundle): SweepBundle {
  const text = unzipped(texts);
  if (sha256(text) !== textsSha256) throw new DamagedValue("its checksum does not match its texts");
  const bundle = fieldsOf(text);
  const { files, memo } = bundle;
  const isWhole =
    ["tool", "planFile", "planText", "scenarioFile", "scenarioText"].every(
      (name) => typeof bundle[name] === "string",
    ) &&
    Object.values(recordOf(files)).every((file) => typeof file === "string") &&
    Array.isArray(recordOf(memo).files) &&
    Object.values(recordOf(recordOf(memo).scenarios)).every((hash) => typeof hash === "string");
  if (!isWhole) throw new DamagedValue("it lacks texts of a sweep");
  return { ...(bundle as unknown as SweepBundle), files: { ...recordOf(files) } as Record<string, string> };
}

/** Lines of a segment's rows as the return value of its job. Throws {@link TooLarge} where they are too many to be taken back. */
export function packedLines(job: SegmentJob, lines: readonly string[]): string {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  if (bytes > MOST_UNPACKED_BYTES) throw new TooLarge(bytes);
  const text = lines.map((line) => `${line}\n`).join("");
  return JSON.stringify({ ...job, sha256: sha256(text), rows: zipped(text) });
}

/** The lines in `value`, which must be those of `job`, whole and undamaged. Throws {@link DamagedValue}. */
export function unpackedLines(job: SegmentJob, value: unknown): readonly string[] {
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

function zipped(text: string): string {
  return gzipSync(text).toString("base64");
}

function unzipped(text: unknown): string {
  if (typeof text !== "string") throw new DamagedValue("it has no content");
  try {
    return gunzipSync(Buffer.from(text, "base64"), { maxOutputLength: MOST_UNPACKED_BYTES }).toString("utf8");
  } catch {
    throw new DamagedValue("its content cannot be unpacked");
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
