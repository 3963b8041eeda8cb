/** A policy that is a file of code: its text is part of the scenario, as presets and traces are. */
import type { Composer } from "./compose.js";
import type { Issue } from "./issue.js";
import { child, issueAt, mustBe, nodeAt, type SourceNode, textOf } from "./sourceTree.js";

/** The file, its path relative to the scenario's folder. */
export interface PolicyModule {
  readonly path: string;
  readonly text: string;
}

const RULE = 'the path of a file of code such as "./my-router.mjs", or another system by its settings';

/** Reads the file that `routing.policy` names, or null when it names none; complaints go to `issues`. */
export function readPolicyModule(root: SourceNode, composer: Composer, issues: Issue[]): PolicyModule | null {
  const base = ["deployment", "routing", "policy"];
  const policy = nodeAt(root, base);
  const isShort = textOf(policy) !== undefined;
  const node = isShort ? policy : child(policy, "module");
  const path = isShort ? base : [...base, "module"];
  const written = textOf(node);
  if (node === undefined || written === undefined || written === "") return null;
  if (!/\.(mjs|js|cjs)$/.test(written)) {
    const message = mustBe(path, RULE, written);
    issues.push(issueAt(node.at, path, { code: "invalid-value", message, value: written }));
    return null;
  }
  const before = composer.issues.length;
  const side = composer.readSide(composer.relativeOf(node.at), written, node.at, path);
  // The composer keeps complaints of its own, which have already been taken over.
  issues.push(...composer.issues.slice(before));
  return side;
}
