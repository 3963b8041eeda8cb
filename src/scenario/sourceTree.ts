/**
 * A parsed file that remembers where each thing was written. Overlays and copies move nodes between files, and
 * a node keeps the place it came from, so that a mistake inherited from a base file is shown in the base file.
 */
import type { Issue, IssueCode, Position } from "./issue.js";
import { showValue } from "./issue.js";

/** A text, number, boolean or nothing. */
export interface SourceScalar {
  readonly kind: "scalar";
  readonly at: Position;
  readonly value: string | number | boolean | null;
}

/** An entry of a mapping, with the place of its key. */
export interface SourceEntry {
  readonly keyAt: Position;
  readonly node: SourceNode;
}

/** A mapping, in file order. */
export interface SourceMap {
  readonly kind: "map";
  readonly at: Position;
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

/** A list. */
export interface SourceList {
  readonly kind: "list";
  readonly at: Position;
  readonly items: readonly SourceNode[];
}

/** Any parsed value with its place. */
export type SourceNode = SourceScalar | SourceMap | SourceList;

/** Keys and list indices from the root. */
export type SourcePath = readonly (string | number)[];

/** What a plain reader would see. Entries without a value (null) are left out: nothing written, nothing meant. */
export function toPlain(node: SourceNode): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toPlain);
    case "map": {
      const plain: Record<string, unknown> = {};
      for (const [key, entry] of node.entries) {
        if (!isNull(entry.node)) plain[key] = toPlain(entry.node);
      }
      return plain;
    }
  }
}

/** True for an entry written without a value. */
export function isNull(node: SourceNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** The child named `key`, or undefined where there is none or the node is no mapping; null entries count as absent. */
export function child(node: SourceNode | undefined, key: string): SourceNode | undefined {
  if (node === undefined || node.kind !== "map") return undefined;
  const found = node.entries.get(key)?.node;
  return found === undefined || isNull(found) ? undefined : found;
}

/** The entries of a mapping that have a value; none for anything else. */
export function entriesOf(node: SourceNode | undefined): readonly (readonly [string, SourceEntry])[] {
  if (node === undefined || node.kind !== "map") return [];
  return [...node.entries].filter(([, entry]) => !isNull(entry.node));
}

/** The items of a list; none for anything else. */
export function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node !== undefined && node.kind === "list" ? node.items : [];
}

/** The text of a scalar, or undefined. */
export function textOf(node: SourceNode | undefined): string | undefined {
  return node !== undefined && node.kind === "scalar" && typeof node.value === "string"
    ? node.value
    : undefined;
}

/** The node at `path`, or undefined. */
export function nodeAt(root: SourceNode, path: SourcePath): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const step of path) {
    if (node === undefined) return undefined;
    if (node.kind === "list" && typeof step === "number") node = node.items[step];
    else if (node.kind === "map") node = child(node, String(step));
    else return undefined;
  }
  return node;
}

/** Where to point for `path`: the value itself, or the innermost thing around it that was written. */
export function placeOf(root: SourceNode, path: SourcePath): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined) return node.at;
  }
  return root.at;
}

/** Where the key at the end of `path` is written; falls back to the mapping around it. */
export function keyPlaceOf(root: SourceNode, path: SourcePath): Position {
  const parent = nodeAt(root, path.slice(0, -1));
  const key = path[path.length - 1];
  if (parent?.kind === "map" && key !== undefined) {
    const entry = parent.entries.get(String(key));
    if (entry !== undefined) return entry.keyAt;
  }
  return placeOf(root, path);
}

/** `deployment.regions.eu`, `faults[1].for`. */
export function pathText(path: SourcePath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w+-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${showValue(step)}]`;
  }
  return text;
}

/** The parts of an issue that its place does not give. */
export interface Complaint {
  readonly code: IssueCode;
  readonly message: string;
  readonly value?: unknown;
  readonly suggestion?: string | undefined;
}

/** Makes an issue at a place. */
export function issueAt(at: Position, path: SourcePath, complaint: Complaint): Issue {
  const issue = {
    file: at.file,
    line: at.line,
    column: at.column,
    path: pathText(path),
    code: complaint.code,
    message: complaint.message,
    value: showValue(complaint.value),
  };
  return complaint.suggestion === undefined ? issue : { ...issue, suggestion: complaint.suggestion };
}

/** The sentence of most issues: `<path> must be <rule>, got <value>`. */
export function mustBe(path: SourcePath, rule: string, value: unknown): string {
  const got = value === undefined ? "" : `, got ${showValue(value)}`;
  return `${path.length === 0 ? "the file" : pathText(path)} must be ${rule}${got}`;
}
