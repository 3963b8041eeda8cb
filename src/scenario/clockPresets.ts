/**
 * Presets of failover clocks: `preset` in an entry or a health check stands for what the catalogue says of it, and
 * what is written beside it lies over that.
 */
import { type FailoverClockRow, failoverClockIds, findFailoverClock } from "./catalogue/index.js";
import type { Issue, Position } from "./issue.js";
import { unknownName } from "./names.js";
import { overlay, withEntry } from "./overlay.js";
import {
  child,
  issueAt,
  mustBe,
  nodeAt,
  type SourceEntry,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";
import { nearest } from "./suggest.js";

const ENTRY_PATH = ["deployment", "entry"] as const;
const ENTRY_PLACES: readonly FailoverClockRow["place"][] = ["geo-dns", "anycast"];
const CHECKS: readonly SourcePath[] = [
  ["deployment", "entry", "check"],
  ["deployment", "routing", "health"],
];

/**
 * `root` with every preset of a clock written out. Names that no preset has are left to the schema to refuse, but where
 * only the preset could have said what kind of entry it is: there the name is what is wrong, not the want of a kind.
 */
export function expandClocks(root: SourceNode, issues: Issue[]): SourceNode {
  let expanded = root;
  for (const path of CHECKS) {
    checkWindow(nodeAt(expanded, path), path, issues);
    expanded = replaceAt(expanded, path, (node) => expand(node, "health"));
  }
  return replaceAt(expanded, ENTRY_PATH, (node) => {
    const kind = textOf(child(node, "kind"));
    // A preset says what kind of entry it is, so that nobody has to.
    const places = ENTRY_PLACES.filter((place) => kind === undefined || kind === place);
    const entry = child(node, "kind") === undefined ? withKnownPreset(node, issues) : node;
    return places.reduce(expand, entry);
  });
}

/** An entry without a kind whose preset nobody knows, as if the nearest name were written; complaints go to `issues`. */
function withKnownPreset(node: SourceNode, issues: Issue[]): SourceNode {
  const preset = child(node, "preset");
  const name = textOf(preset);
  const known = ENTRY_PLACES.flatMap(failoverClockIds);
  if (node.kind !== "map" || preset === undefined || name === undefined || known.includes(name)) return node;
  const issue = unknownName(preset, [...ENTRY_PATH, "preset"], "preset of an entry", name, known);
  const listed = issue.suggestion === undefined ? `; there is ${known.join(", ")}` : "";
  issues.push({ ...issue, message: `${issue.message}${listed}` });
  const value = nearest(name, known) ?? known[0]!;
  return withEntry(node, "preset", { keyAt: preset.at, node: { kind: "scalar", at: preset.at, value } });
}

/** What one health check says twice: a window decides alone. */
function checkWindow(check: SourceNode | undefined, path: SourcePath, issues: Issue[]): void {
  const window = child(check, "window");
  if (window === undefined) return;
  for (const key of ["fall", "rise"]) {
    const node = child(check, key);
    if (node === undefined || node.kind !== "scalar") continue;
    const full = [...path, key];
    const message = mustBe(full, "left out beside window, which decides alone", node.value);
    issues.push(issueAt(node.at, full, { code: "inconsistent", message, value: node.value }));
  }
}

function expand(node: SourceNode, place: FailoverClockRow["place"]): SourceNode {
  const preset = child(node, "preset");
  const row = findFailoverClock(place, textOf(preset) ?? "");
  if (preset === undefined || row === undefined) return node;
  const base = without(treeOf(row.settings, preset.at), node);
  const kind = place === "health" ? {} : { kind: place };
  return overlay(overlay(treeOf(kind, preset.at), base), node);
}

/** The preset without its window where the file counts in a row, and without its thresholds where it has a window. */
function without(base: SourceNode, over: SourceNode): SourceNode {
  const counts = child(over, "fall") !== undefined || child(over, "rise") !== undefined;
  const slides = child(over, "window") !== undefined;
  const gone = counts ? ["window"] : slides ? ["fall", "rise"] : [];
  if (base.kind !== "map") return base;
  let left = gone.reduce((map, key) => withEntry(map, key, null), base);
  const check = child(left, "check");
  const own = child(over, "check");
  if (check !== undefined && own !== undefined)
    left = withEntry(left, "check", { keyAt: check.at, node: without(check, own) });
  return left;
}

/** Plain values as if written at `at`. */
function treeOf(value: unknown, at: Position): SourceNode {
  if (typeof value !== "object" || value === null) {
    return { kind: "scalar", at, value: value as string | number | boolean | null };
  }
  const entries = Object.entries(value).map(([key, one]): [string, SourceEntry] => [
    key,
    { keyAt: at, node: treeOf(one, at) },
  ]);
  return { kind: "map", at, entries: new Map(entries) };
}

/** `root` with the node at `path` replaced; the same where there is none. */
function replaceAt(root: SourceNode, path: SourcePath, by: (node: SourceNode) => SourceNode): SourceNode {
  const [key, ...rest] = path;
  if (key === undefined) return by(root);
  const below = child(root, String(key));
  if (root.kind !== "map" || below === undefined) return root;
  const { keyAt } = root.entries.get(String(key))!;
  return withEntry(root, String(key), { keyAt, node: replaceAt(below, rest, by) });
}
