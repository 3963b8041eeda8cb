/** Values of a plan as `--set` takes them, so that any run of a sweep can be had again by `run`. */
import { readYaml } from "./readYaml.js";
import type { SourceNode } from "./sourceTree.js";

/**
 * A value as text that reads back as the same value. Texts stay bare where nothing is lost by it: `10s`, but `"42"`,
 * which would be a number without its quotes.
 */
export function settingText(node: SourceNode): string {
  if (node.kind !== "scalar" || typeof node.value !== "string") return flowText(node);
  const { root, issues } = readYaml("", node.value);
  const same = issues.length === 0 && root?.kind === "scalar" && root.value === node.value;
  return same ? node.value : JSON.stringify(node.value);
}

function flowText(node: SourceNode): string {
  switch (node.kind) {
    case "scalar":
      return JSON.stringify(node.value);
    case "list":
      return `[${node.items.map(flowText).join(", ")}]`;
    case "map": {
      const entries = [...node.entries].map(
        ([key, entry]) => `${JSON.stringify(key)}: ${flowText(entry.node)}`,
      );
      return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
    }
  }
}

/** Whether two paths are the same or one leads through the other. */
export function pathsClash(a: string, b: string): boolean {
  const plainA = plainPath(a);
  const plainB = plainPath(b);
  return plainA.startsWith(plainB) || plainB.startsWith(plainA);
}

/** `faults[0].for` and `faults.0.for` are the same place. */
function plainPath(path: string): string {
  return `${path.replace(/\[(\d+)\]/g, ".$1")}.`;
}
