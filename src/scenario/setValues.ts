/**
 * `--set path=value`: one value of the scenario replaced from the command line, by the rules of overlays.
 */
import type { Issue, Position } from "./issue.js";
import { overlay, withEntry } from "./overlay.js";
import { readYaml } from "./readYaml.js";
import type { SourceNode, SourcePath } from "./sourceTree.js";
import { child, issueAt, pathText } from "./sourceTree.js";
import { RESERVED_KEYS } from "./textLimits.js";

/** How messages name the command line; the line number counts the overrides. */
export const SET_FILE = "--set";

/** Applies overrides in order. A value is YAML: `8m`, `true`, `[DE, FR]`, `{ kind: direct }`, `null` to delete. */
export function applySets(root: SourceNode, sets: readonly string[], issues: Issue[]): SourceNode {
  return sets.reduce(
    (tree, text, index) => applySet(tree, text, { file: SET_FILE, line: index + 1, column: 1 }, issues),
    root,
  );
}

function applySet(root: SourceNode, text: string, at: Position, issues: Issue[]): SourceNode {
  const equals = text.indexOf("=");
  const path = equals > 0 ? readPath(text.slice(0, equals)) : null;
  if (path === null) {
    const message = `an override must be path=value, such as "duration=1h" or "faults[0].for=2m", got ${JSON.stringify(text.slice(0, 60))}`;
    issues.push(issueAt(at, [], { code: "invalid-value", message, value: text }));
    return root;
  }
  const value = readYaml(SET_FILE, text.slice(equals + 1));
  // Positions inside the value become those of the override as a whole.
  issues.push(
    ...value.issues.map((issue) => ({
      ...issue,
      line: at.line,
      column: equals + 1 + issue.column,
      path: pathText(path),
    })),
  );
  if (value.root === null) return root;
  return put(root, path, 0, moved(value.root, { ...at, column: equals + 2 }), at, issues);
}

function readPath(text: string): SourcePath | null {
  const steps: (string | number)[] = [];
  for (const part of text.split(".")) {
    const match = /^([^[\]]*)((?:\[\d{1,7}\])*)$/.exec(part.trim());
    if (match === null || (match[1] === "" && (match[2] === "" || steps.length > 0))) return null;
    if (RESERVED_KEYS.has(match[1]!)) return null;
    if (match[1] !== "") steps.push(match[1]!);
    for (const index of match[2]!.matchAll(/\d+/g)) steps.push(Number(index[0]));
  }
  return steps;
}

function put(
  node: SourceNode | undefined,
  path: SourcePath,
  depth: number,
  value: SourceNode,
  at: Position,
  issues: Issue[],
): SourceNode {
  const step = path[depth];
  if (step === undefined) return node === undefined ? value : overlay(node, value);
  const index =
    typeof step === "number" ? step : node?.kind === "list" && /^\d{1,7}$/.test(step) ? Number(step) : null;
  if (index !== null) {
    if (node?.kind !== "list" || index >= node.items.length) {
      const length = node?.kind === "list" ? `a list of ${node.items.length}` : "no list";
      issues.push(
        issueAt(at, path, {
          code: "unknown-key",
          message: `${pathText(path)} is unknown: there is ${length}`,
          value: index,
        }),
      );
      return node ?? value;
    }
    return {
      ...node,
      items: node.items.map((item, i) =>
        i === index ? put(item, path, depth + 1, value, at, issues) : item,
      ),
    };
  }
  const map = node?.kind === "map" ? node : { kind: "map" as const, at, entries: new Map() };
  const below = put(child(map, String(step)), path, depth + 1, value, at, issues);
  return withEntry(map, String(step), { keyAt: map.entries.get(String(step))?.keyAt ?? at, node: below });
}

function moved(node: SourceNode, at: Position): SourceNode {
  if (node.kind === "scalar") return { ...node, at };
  if (node.kind === "list") return { ...node, at, items: node.items.map((item) => moved(item, at)) };
  const entries = new Map(
    [...node.entries].map(([key, entry]) => [key, { keyAt: at, node: moved(entry.node, at) }] as const),
  );
  return { ...node, at, entries };
}
