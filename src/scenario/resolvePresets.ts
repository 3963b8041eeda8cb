/**
 * Step times by name: rows of the catalogue, and preset files beside the scenario. Read before anything is resolved,
 * so that mistakes in a preset file are told together with all others.
 */
import { findStepTimePreset, presetFacts, STEP_TIME_PRESETS, stepTimeOf } from "./catalogue/index.js";
import type { Composer } from "./compose.js";
import type { Issue } from "./issue.js";
import { unknownName } from "./names.js";
import { type PresetFile, presetFileFacts, readPresetFile } from "./presetFile.js";
import type { PresetFacts, StepTime } from "./scenario.js";
import {
  child,
  entriesOf,
  issueAt,
  nodeAt,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** What a preset turned out to be. */
export interface ResolvedPreset {
  readonly stepTime: StepTime;
  readonly facts: PresetFacts;
  /** Null for a row of the catalogue, which says nothing but step times. */
  readonly file: PresetFile | null;
  /** Of the preset file, for the hash of the scenario; null for a row of the catalogue. */
  readonly text: string | null;
}

/** By endpoint id; endpoints whose preset could not be read, and those without one, are not in it. */
export type Presets = ReadonlyMap<string, ResolvedPreset>;

/** Reads every preset that endpoints name; complaints go to `issues`. */
export function readPresets(root: SourceNode, composer: Composer, issues: Issue[]): Presets {
  const presets = new Map<string, ResolvedPreset>();
  for (const [id, entry] of entriesOf(nodeAt(root, ["deployment", "endpoints"]))) {
    const node = child(child(entry.node, "serving"), "preset");
    const written = textOf(node);
    if (node === undefined || written === undefined || written === "") continue;
    const path = ["deployment", "endpoints", id, "serving", "preset"];
    const preset = isPresetFile(written)
      ? readFile(written, node, path, composer, issues)
      : readRow(written, node, path, issues);
    if (preset !== null) presets.set(id, preset);
  }
  return presets;
}

/** Whether a preset is named by the path of its file. */
export function isPresetFile(written: string): boolean {
  return written.startsWith(".") || /\.(json|ya?ml)$/i.test(written);
}

function readRow(
  written: string,
  node: SourceNode,
  path: SourcePath,
  issues: Issue[],
): ResolvedPreset | null {
  const row = findStepTimePreset(written);
  if (row !== undefined)
    return { stepTime: stepTimeOf(row), facts: presetFacts(row), file: null, text: null };
  const ids = STEP_TIME_PRESETS.map((preset) => preset.id);
  const issue = unknownName(node, path, "preset of the catalogue", written, ids);
  const listed = issue.suggestion === undefined ? presetsLike(written, ids) : "";
  issues.push({ ...issue, message: `${issue.message}${listed}` });
  return null;
}

const MOST_LISTED = 8;

/** For who wrote part of an id: the ids it is part of. For anybody else: how an id looks, and of which models there are any. */
function presetsLike(written: string, ids: readonly string[]): string {
  const part = written.toLowerCase();
  const like = ids.filter((id) => id.includes(part));
  if (like.length === 0) {
    const models = [...new Set(STEP_TIME_PRESETS.map(({ model }) => model))];
    return `; an id is model/gpu/tp4/precision/engine, such as "${ids[0]}", of ${models.join(", ")}`;
  }
  const more = like.length > MOST_LISTED ? ` and ${like.length - MOST_LISTED} more` : "";
  return `; there is ${like.slice(0, MOST_LISTED).join(", ")}${more}`;
}

function readFile(
  written: string,
  node: SourceNode,
  path: SourcePath,
  composer: Composer,
  issues: Issue[],
): ResolvedPreset | null {
  const before = composer.issues.length;
  const side = composer.readSide(composer.relativeOf(node.at), written, node.at, path);
  // The composer keeps complaints of its own, which have already been taken over.
  issues.push(...composer.issues.slice(before));
  if (side === null) return null;
  const reading = readPresetFile(composer.displayName(side.path), side.text);
  issues.push(...reading.issues);
  const file = reading.preset;
  if (file === null) return null;
  if (!(file.stepTime.baseUs > 0)) {
    const message = `${pathText(path)} must name a preset whose steps take time, got stepTime.baseUs ${file.stepTime.baseUs} in ${JSON.stringify(written)}`;
    issues.push(issueAt(node.at, path, { code: "out-of-range", message, value: file.stepTime.baseUs }));
    return null;
  }
  return { stepTime: file.stepTime, facts: presetFileFacts(file), file, text: side.text };
}
