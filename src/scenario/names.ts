/**
 * The names a scenario gives to its things, collected from the tree as written, so that references can be checked
 * even while other parts of the file are still wrong.
 */
import type { Issue } from "./issue.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  mustBe,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";
import { nearest } from "./suggest.js";

/** Every name that may be referred to, in file order. */
export interface Names {
  readonly regions: readonly string[];
  readonly gateways: readonly string[];
  readonly endpoints: readonly string[];
  readonly models: readonly string[];
  readonly classes: readonly string[];
  /** By position; an entry that has no usable name is an empty text. */
  readonly sites: readonly string[];
}

/** Collects names; parts that are missing or malformed give none. */
export function collectNames(root: SourceNode): Names {
  const deployment = child(root, "deployment");
  const workload = child(root, "workload");
  const regions = keysOf(child(deployment, "regions"));
  const gateways = child(deployment, "gateways");
  const endpoints = entriesOf(child(deployment, "endpoints"));
  const classes = child(workload, "classes");
  const models = endpoints
    .map(([, entry]) => textOf(child(entry.node, "model")) ?? "")
    .filter((model) => model !== "");
  return {
    regions,
    gateways: gateways === undefined ? regions : keysOf(gateways),
    endpoints: endpoints.map(([id]) => id),
    models: [...new Set(models)],
    classes: classes === undefined ? ["chat"] : keysOf(classes),
    sites: itemsOf(child(workload, "sites")).map(siteName),
  };
}

/** How a site is called: its id, or where it is. */
export function siteName(node: SourceNode): string {
  return textOf(child(node, "id")) ?? textOf(child(node, "from")) ?? "";
}

function keysOf(node: SourceNode | undefined): readonly string[] {
  return entriesOf(node).map(([key]) => key);
}

/** Complains about a text at `node` that is none of `known`. Anything but a text is the schema's to refuse. */
export function checkKnown(
  node: SourceNode | undefined,
  path: SourcePath,
  what: string,
  known: readonly string[],
  issues: Issue[],
): void {
  const name = textOf(node);
  if (node === undefined || name === undefined || known.includes(name)) return;
  issues.push(unknownName(node, path, what, name, known));
}

/**
 * `<path> is unknown: no <what> "name"`, with `meant` where the caller knows it, else the nearest known name, or all of
 * them when they are few.
 */
export function unknownName(
  node: SourceNode,
  path: SourcePath,
  what: string,
  name: string,
  known: readonly string[],
  meant?: string,
): Issue {
  const near = meant ?? nearest(name, known);
  const some = known.filter((each) => each !== "");
  const list =
    near === undefined && some.length > 0 && some.length <= 8 ? `; there is ${some.join(", ")}` : "";
  const message = `${pathText(path)} is unknown: no ${what} ${JSON.stringify(name.slice(0, 80))}${list}`;
  return issueAt(node.at, path, {
    code: "unknown-reference",
    message,
    value: name,
    suggestion: near === undefined ? undefined : JSON.stringify(near),
  });
}

/** The texts at a node that may be one text or a list of them, with their paths. */
export function wordsAt(
  node: SourceNode | undefined,
  path: SourcePath,
): readonly { readonly node: SourceNode; readonly path: SourcePath; readonly text: string }[] {
  if (node === undefined) return [];
  const own = textOf(node);
  if (own !== undefined) return [{ node, path, text: own }];
  return itemsOf(node).flatMap((item, index) => {
    const text = textOf(item);
    return text === undefined ? [] : [{ node: item, path: [...path, index], text }];
  });
}

/** Complains when the id at `node` is already in `seen`, and adds it. */
export function checkOnce(
  node: SourceNode | undefined,
  path: SourcePath,
  seen: Set<string>,
  issues: Issue[],
): void {
  const id = textOf(node);
  if (node === undefined || id === undefined) return;
  if (seen.has(id))
    issues.push(
      issueAt(node.at, path, {
        code: "duplicate-key",
        message: mustBe(path, "given only once", id),
        value: id,
      }),
    );
  seen.add(id);
}
