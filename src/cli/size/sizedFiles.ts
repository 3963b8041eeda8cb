/**
 * The sized scenario as files: one that extends a copy of the base by the values found, and one for each loss that extends
 * it in turn. Running them is how anybody confirms the size.
 */
import type { LossCase } from "../../experiment/size/losses.js";
import { oneLine, shellQuoted } from "../../report/recipes/recipe.js";
import type { Sizing } from "../../result/sizing.js";
import { comment, scalar } from "../../scenario/import/yamlText.js";
import { applySets, SET_FILE } from "../../scenario/setValues.js";
import { nodeAt, type SourceNode, toPlain } from "../../scenario/sourceTree.js";
import type { FileSet } from "../manifest.js";
import type { FaultsFile, Source } from "./source.js";

/** The folder, inside the result's own, that holds what the sized scenario extends. */
export const BASE_FOLDER = "scenario";
/** The sized scenario. */
export const SIZED_FILE = "sized.yaml";

/** What the files are made of. */
export interface SizedParts {
  readonly source: Source;
  readonly sizing: Sizing;
  /** What was found. */
  readonly settings: readonly string[];
  readonly losses: readonly LossCase[];
  readonly faults: FaultsFile | null;
  /** Words of the command that found it, after the program's name. */
  readonly command: readonly string[];
}

/** All files by path; without a size only the copy of the base. */
export function sizedFiles(parts: SizedParts): Map<string, string | Uint8Array> {
  const { source, settings, losses, faults } = parts;
  const files = new Map<string, string | Uint8Array>();
  for (const [path, { bytes }] of source.file.files) files.set(`${BASE_FOLDER}/${path}`, bytes);
  if (settings.length === 0) return files;
  files.set(SIZED_FILE, sizedText(parts));
  for (const loss of losses) {
    if (loss.faults === null) continue;
    const isFile = faults !== null && loss.id === faults.name;
    files.set(`${loss.stem}.yaml`, lossText(loss, parts.sizing, isFile ? "faults.csv" : loss.faults));
  }
  if (faults !== null) files.set("faults.csv", faults.input.bytes);
  return files;
}

/** The scenario files that a run confirms the size with: one a loss. */
export function confirmingFiles(losses: readonly LossCase[], files: FileSet): readonly string[] {
  return losses
    .map(({ stem, faults }) => (faults === null ? SIZED_FILE : `${stem}.yaml`))
    .filter((name) => files.has(name));
}

function sizedText({ source, sizing, settings, command }: SizedParts): string {
  const { knobs, confidence, confirmedBy, losses, tool, seed } = sizing;
  const overlay = overlayOf(source, settings);
  return [
    comment("The least capacity that was found to do, made by"),
    `#   ${oneLine(["regionsim", ...command].map(shellQuoted).join(" "))}`,
    comment(
      `regionsim ${tool.version}, seed ${seed}: ${confirmedBy} replications of each of ${losses.length} ${losses.length === 1 ? "state" : "states"}, at ${Number((confidence * 100).toPrecision(12))} % confidence.`,
    ),
    ...knobs.map(({ path, from, to }) => `#   ${path}: ${from} -> ${to}`),
    "schema: regionsim/1",
    `extends: ${scalar(`${BASE_FOLDER}/${source.file.mainFile}`)}`,
    ...(source.seed === null ? [] : [`seed: ${JSON.stringify(source.seed)}`]),
    ...blockLines(overlay, ""),
    "",
  ].join("\n");
}

function lossText(loss: LossCase, sizing: Sizing, faults: string | readonly unknown[]): string {
  const what = loss.regions.length === 0 ? loss.id : `${loss.regions.join(" and ")} lost`;
  return [
    comment(`${sizing.scenario.name}, sized for ${sizing.survive}: ${what}.`),
    "schema: regionsim/1",
    `extends: ${SIZED_FILE}`,
    ...blockLines({ faults }, ""),
    "",
  ].join("\n");
}

const NOWHERE = { file: SET_FILE, line: 1, column: 1 };

/** All settings as one overlay. What is set inside a list becomes the whole list, which is how files replace lists. */
function overlayOf(source: Source, settings: readonly string[]): unknown {
  const all = [...source.settings, ...settings];
  const whole = source.compose(settings);
  const written = all.map((setting) => throughList(whole, setting));
  const empty: SourceNode = { kind: "map", at: NOWHERE, entries: new Map() };
  return plainWithNulls(applySets(empty, written, []));
}

/**
 * The same setting, or the one of the list it reaches into. What is deleted from an endpoint that is like another would
 * come back from there: such an endpoint is written out whole.
 */
function throughList(whole: SourceNode, setting: string): string {
  const equals = setting.indexOf("=");
  const steps = setting
    .slice(0, equals)
    .split(/[.[\]]+/)
    .map((step) => step.trim())
    .filter((step) => step !== "");
  if (steps[1] === "endpoints" && steps.length > 3 && /^\s*(null|~)?\s*$/.test(setting.slice(equals + 1))) {
    const path = steps.slice(0, 3);
    const endpoint = toPlain(nodeAt(whole, path)!) as Readonly<Record<string, unknown>>;
    return `${path.join(".")}=${JSON.stringify({ like: null, ...endpoint })}`;
  }
  for (let length = 1; length < steps.length; length++) {
    const prefix = steps.slice(0, length);
    const node = nodeAt(whole, prefix);
    if (node?.kind === "list") return `${prefix.join(".")}=${JSON.stringify(toPlain(node))}`;
  }
  return setting;
}

/** As a plain reader would see it, but for what is deleted: that must stay to be said. */
function plainWithNulls(node: SourceNode): unknown {
  if (node.kind !== "map") return toPlain(node);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainWithNulls(entry.node)]));
}

/** Mappings in block style, a line for each item of a list of mappings, all else as JSON, which YAML reads too. */
function blockLines(value: unknown, indent: string): readonly string[] {
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([key, each]) => {
    const name = `${indent}${scalar(key)}:`;
    if (Array.isArray(each) && each.length > 0 && each.every((item) => typeof item !== "number"))
      return [name, ...each.map((item) => `${indent}  - ${JSON.stringify(item)}`)];
    const isMap = each !== null && typeof each === "object" && !Array.isArray(each);
    if (isMap && Object.keys(each).length > 0) return [name, ...blockLines(each, `${indent}  `)];
    return [`${name} ${JSON.stringify(each)}`];
  });
}
