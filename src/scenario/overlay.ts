/**
 * How one file lies over another. The rules, used by `extends`, `like` and `--set` alike:
 *
 * - mappings merge key by key, deeply; keys of the base keep their order, new ones follow;
 * - lists, texts, numbers and booleans replace;
 * - `null` deletes what the base had;
 * - a mapping that says another `kind` than the base replaces it whole, because the two share no keys.
 */
import type { Issue, Position } from "./issue.js";
import type { SourceEntry, SourceMap, SourceNode } from "./sourceTree.js";
import { child, entriesOf, isNull, issueAt, textOf } from "./sourceTree.js";
import { nearest } from "./suggest.js";

/** Lays `over` on `base`. Neither is changed. */
export function overlay(base: SourceNode, over: SourceNode): SourceNode {
  if (base.kind !== "map" || over.kind !== "map" || otherKind(base, over)) return over;
  const entries = new Map<string, SourceEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (isNull(entry.node)) entries.delete(key);
    else if (below === undefined || isNull(below.node)) entries.set(key, entry);
    else entries.set(key, { keyAt: entry.keyAt, node: overlay(below.node, entry.node) });
  }
  return { kind: "map", at: over.at, entries };
}

function otherKind(base: SourceMap, over: SourceMap): boolean {
  const kind = textOf(child(over, "kind"));
  return kind !== undefined && kind !== textOf(child(base, "kind"));
}

/** `map` with `key` set to `node`, or without it when `node` is null. */
export function withEntry(map: SourceMap, key: string, entry: SourceEntry | null): SourceMap {
  const entries = new Map(map.entries);
  if (entry === null) entries.delete(key);
  else entries.set(key, entry);
  return { ...map, entries };
}

/** Steps of `like`; there are no more endpoints than this. */
const MAX_LIKES = 31;

/** Replaces each endpoint that says `like: other` by `other` overlaid with it. Chains are followed, loops reported. */
export function expandLikes(root: SourceNode, issues: Issue[]): SourceNode {
  const deployment = child(root, "deployment");
  const endpoints = child(deployment, "endpoints");
  if (root.kind !== "map" || deployment?.kind !== "map" || endpoints?.kind !== "map") return root;
  const done = new Map<string, SourceNode>();
  const entries = new Map<string, SourceEntry>();
  for (const [id, entry] of entriesOf(endpoints)) {
    entries.set(id, { keyAt: entry.keyAt, node: expandLike(id, endpoints, done, [], issues) });
  }
  const expanded = { ...endpoints, entries };
  const grown = withEntry(deployment, "endpoints", {
    keyAt: deployment.entries.get("endpoints")!.keyAt,
    node: expanded,
  });
  return withEntry(root, "deployment", { keyAt: root.entries.get("deployment")!.keyAt, node: grown });
}

function expandLike(
  id: string,
  endpoints: SourceMap,
  done: Map<string, SourceNode>,
  trail: readonly string[],
  issues: Issue[],
): SourceNode {
  const ready = done.get(id);
  if (ready !== undefined) return ready;
  const own = endpoints.entries.get(id)!.node;
  const like = child(own, "like");
  const target = textOf(like);
  // A `like` that is no text stays for the schema to refuse.
  if (own.kind !== "map" || like === undefined || target === undefined) return own;
  const path = ["deployment", "endpoints", id, "like"];
  if (trail.includes(target) || target === id || trail.length > MAX_LIKES) {
    const message = `${path.join(".")} must not lead back to itself, got ${[...trail, id, target].join(" → ")}`;
    issues.push(issueAt(like.at, path, { code: "cycle", message, value: target }));
    return own;
  }
  if (child(endpoints, target) === undefined) {
    issues.push(unknownLike(like.at, path, target, endpoints));
    return own;
  }
  const below = expandLike(target, endpoints, done, [...trail, id], issues);
  // A `like` that leads nowhere is left standing, so that what it would have given is not asked for again.
  const broken = child(below, "like") !== undefined;
  const node = overlay(below, broken ? own : withEntry(own, "like", null));
  done.set(id, node);
  return node;
}

function unknownLike(at: Position, path: readonly string[], target: string, endpoints: SourceMap): Issue {
  const near = nearest(target, endpoints.entries.keys());
  const message = `${path.join(".")} is unknown: no endpoint ${JSON.stringify(target)}`;
  return issueAt(at, path, {
    code: "unknown-reference",
    message,
    value: target,
    suggestion: near === undefined ? undefined : JSON.stringify(near),
  });
}
