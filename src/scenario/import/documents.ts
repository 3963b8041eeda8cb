/** Files of several YAML documents, read one by one with the lines of the whole. */
import type { Issue } from "../issue.js";
import { readYaml } from "../readYaml.js";
import type { SourceNode } from "../sourceTree.js";

/** The documents that hold anything, or what is wrong with them. */
export interface ReadDocuments {
  readonly roots: readonly SourceNode[];
  readonly issues: readonly Issue[];
}

/** Reads every document. Each keeps its lines, because the others are blanked out and not cut. */
export function readDocuments(file: string, text: string): ReadDocuments {
  const lines = text.split("\n");
  const starts = lines.flatMap((line, i) => (/^---(\s|$)/.test(line) ? [i] : []));
  if (starts.length === 0 || file.toLowerCase().endsWith(".json")) return one(file, text);
  const roots: SourceNode[] = [];
  const issues: Issue[] = [];
  for (const [i, start] of [-1, ...starts].entries()) {
    const end = starts[i] ?? lines.length;
    const own = lines.map((line, at) => (at > start && at < end ? line : ""));
    if (own.every((line) => /^\s*(#.*)?\r?$/.test(line))) continue;
    const read = one(file, own.join("\n"));
    roots.push(...read.roots);
    issues.push(...read.issues);
  }
  return { roots, issues };
}

function one(file: string, text: string): ReadDocuments {
  const { root, issues } = readYaml(file, text);
  return { roots: root === null ? [] : [root], issues };
}
