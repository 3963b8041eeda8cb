/** `regionsim calibrate`: a request log in; a preset with its error, and a picture of that error, out. */
import { basename, dirname, extname, join, resolve } from "node:path";
import { calibrate as calibrateLog } from "../../experiment/calibrate/calibrate.js";
import { BANDWIDTH_GB_PER_S, type GpuName, kvUsByPhysics } from "../../experiment/calibrate/kvPhysics.js";
import { calibrationChart } from "../../report/calibrationChart.js";
import { plain } from "../../report/format.js";
import { WIDE } from "../../report/theme.js";
import { readPresetFile } from "../../scenario/presetFile.js";
import { calibrationSummary } from "../calibrationSummary.js";
import { EXIT, type ExitCode } from "../exitCodes.js";
import { InvalidInputError, UsageError } from "../failures.js";
import { fileIssue, type InputFile, readInputFile, UnreadableFile } from "../inputFiles.js";
import { portablePath, sha256 } from "../manifest.js";
import { writeWholeFile } from "../resultDirectory.js";
import { jsonText } from "../resultJson.js";
import { writeOut } from "../terminal.js";

/** Arguments of {@link calibrate}. Numbers are as written; undefined for what is not said. */
export interface CalibrateArguments {
  readonly log: string;
  readonly out?: string | undefined;
  readonly id?: string | undefined;
  readonly fitKv: boolean;
  readonly kvNs?: number | undefined;
  readonly kvBytesPerToken?: number | undefined;
  readonly tensorParallel?: number | undefined;
  readonly gpu?: GpuName | undefined;
  readonly bandwidth?: number | undefined;
  readonly kvTokens?: number | undefined;
  readonly kvBlock?: number | undefined;
  readonly maxSeqs?: number | undefined;
  readonly maxBatchedTokens?: number | undefined;
}

/** What vLLM takes for a step of a server unless told otherwise. */
const USUAL_BATCHED_TOKENS = 8192;
const USUAL_BLOCK_TOKENS = 16;
const MAX_ID = 200;

/** The kv coefficient, and where it comes from; µs null to fit it. */
interface KvChoice {
  readonly us: number | null;
  readonly from: "given" | "physics";
  readonly assumptions: readonly string[];
}

function chooseKv(args: CalibrateArguments): KvChoice {
  const { kvNs, kvBytesPerToken, gpu, bandwidth, tensorParallel, fitKv } = args;
  const physics = [kvBytesPerToken, gpu, bandwidth, tensorParallel].some((given) => given !== undefined);
  if ([kvNs !== undefined, physics, fitKv].filter(Boolean).length > 1) {
    throw new UsageError(
      "--kv-ns, --fit-kv and physics (--kv-bytes-per-token with --gpu or --bandwidth) exclude each other",
    );
  }
  if (kvNs !== undefined) return { us: kvNs / 1000, from: "given", assumptions: [] };
  if (!physics) {
    const why = "kvUsPerToken is fitted; physics is surer: --kv-bytes-per-token with --gpu or --bandwidth";
    return { us: null, from: "given", assumptions: fitKv ? [] : [why] };
  }
  if (gpu !== undefined && bandwidth !== undefined)
    throw new UsageError("--gpu and --bandwidth exclude each other");
  const bandwidthGbPerS = bandwidth ?? (gpu === undefined ? undefined : BANDWIDTH_GB_PER_S[gpu]);
  if (kvBytesPerToken === undefined || bandwidthGbPerS === undefined) {
    throw new UsageError("physics needs both --kv-bytes-per-token and one of --gpu and --bandwidth");
  }
  const us = kvUsByPhysics({ kvBytesPerToken, tensorParallel: tensorParallel ?? 1, bandwidthGbPerS });
  return { us, from: "physics", assumptions: [] };
}

function readLog(path: string): InputFile {
  try {
    return readInputFile(path);
  } catch (error) {
    if (error instanceof UnreadableFile) throw new InvalidInputError([fileIssue(path, error)]);
    throw error;
  }
}

/** Refuses to write over anything but an older preset, before anybody waits for a fit. */
function assertReplaceable(out: string, log: string): void {
  if (extname(out) !== ".json") throw new UsageError(`--out ${out} must end in .json`);
  if (resolve(out) === resolve(log)) throw new UsageError("--out is the log itself");
  let text: string;
  try {
    text = readInputFile(out).text;
  } catch (error) {
    if (error instanceof UnreadableFile && error.message === "no such file") return;
    throw new UsageError(`--out ${out} cannot be replaced: ${(error as Error).message}`);
  }
  if (readPresetFile(out, text).preset === null) {
    throw new UsageError(`--out ${out} holds something that is no preset; it is left alone`);
  }
}

/** What the preset is called: as told, else as the log is. */
function presetId(told: string | undefined, stem: string): string {
  if (told === undefined) return plain(stem).slice(0, MAX_ID) || "calibrated";
  if (told.length >= 1 && told.length <= MAX_ID && told === plain(told)) return told;
  throw new UsageError(`--id must be one line of 1 to ${MAX_ID} characters`);
}

/** Exit 4 when the preset is not to be trusted; it is written all the same, and says so. */
export async function calibrate(args: CalibrateArguments): Promise<ExitCode> {
  const stem = basename(args.log, extname(args.log));
  const out = args.out ?? join(dirname(args.log), `${stem}.preset.json`);
  assertReplaceable(out, args.log);
  const kv = chooseKv(args);
  const { bytes, text } = readLog(args.log);
  const maxBatchedTokens = args.maxBatchedTokens ?? USUAL_BATCHED_TOKENS;
  const budget = `a step takes ${maxBatchedTokens} tokens at most, as is usual; --max-batched-tokens says what the engine is set to`;
  const { calibration, issues } = calibrateLog({
    file: portablePath(args.log),
    text,
    sha256: sha256(bytes),
    id: presetId(args.id, stem),
    kvFrom: kv.from,
    options: {
      kvUsPerToken: kv.us,
      kvTokens: args.kvTokens ?? null,
      kvBlockTokens: args.kvBlock ?? USUAL_BLOCK_TOKENS,
      maxSequences: args.maxSeqs ?? null,
      maxBatchedTokens,
    },
    assumptions: [...kv.assumptions, ...(args.maxBatchedTokens === undefined ? [budget] : [])],
  });
  if (calibration === null)
    throw new InvalidInputError(issues.map((issue) => ({ ...issue, file: args.log })));
  const { preset, points } = calibration;
  const { renderSvg } = await import("../../report/renderSvg.js");
  const picture = `${out.slice(0, -".json".length)}.svg`;
  writeWholeFile(picture, await renderSvg(calibrationChart({ ...preset, points }, WIDE)));
  writeWholeFile(out, jsonText(preset));
  await writeOut(`${calibrationSummary(preset).trimEnd()}\n\n${picture}\n${out}\n`);
  return preset.trusted ? EXIT.ok : EXIT.objectiveFailed;
}
