/** What a schema cannot see in `routing.fallback`: that somebody asks for the model, and that another serves in its place. */
import type { Issue } from "./issue.js";
import { checkKnown, type Names, unknownName } from "./names.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  keyPlaceOf,
  mustBe,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** Checks the block; complaints go to `issues`. */
export function checkFallback(root: SourceNode, names: Names, issues: Issue[]): void {
  const base = ["deployment", "routing", "fallback"];
  for (const [model, { node }] of entriesOf(child(child(child(root, "deployment"), "routing"), "fallback"))) {
    const path = [...base, model];
    if (!names.models.includes(model)) {
      const key = { ...node, at: keyPlaceOf(root, path) };
      issues.push(unknownName(key, path, "endpoint with model", model, names.models));
    }
    checkChain(itemsOf(node), path, model, names, issues);
  }
}

/** A chain that comes back to its own model, or to one that it has named, would be asked in vain. */
function checkChain(
  chain: readonly SourceNode[],
  path: SourcePath,
  model: string,
  names: Names,
  issues: Issue[],
): void {
  const before = [model];
  chain.forEach((node, index) => {
    const at = [...path, index];
    const name = textOf(node);
    checkKnown(node, at, "endpoint with model", names.models, issues);
    if (name === undefined) return;
    if (before.includes(name)) {
      const rule = name === model ? "another model than the one it answers for" : "named once";
      const message = mustBe(at, rule, name);
      issues.push(issueAt(node.at, at, { code: "inconsistent", message, value: name }));
    }
    before.push(name);
  });
}
