/** What a schema cannot see in `routing.policy`: endpoints that are named, targets of conditions, leaves and inner nodes. */
import type { Issue } from "./issue.js";
import { checkKnown, type Names, unknownName } from "./names.js";
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

const PATH: SourcePath = ["deployment", "routing", "policy"];

/** Checks the block at `deployment.routing.policy`; complaints go to `issues`. */
export function checkPolicySource(root: SourceNode, names: Names, issues: Issue[]): void {
  const deployment = child(root, "deployment");
  const policy = child(child(deployment, "routing"), "policy");
  if (policy === undefined || policy.kind !== "map") return;
  for (const list of ["deployments", "hosts"])
    checkTargets(child(policy, list), [...PATH, list], names, issues);
  const tree = child(policy, "tree");
  if (tree !== undefined) checkNode(tree, [...PATH, "tree"], names, issues);
  checkFallbacks(policy, issues);
  if (child(policy, "reference") !== undefined) checkHedge(deployment, issues);
}

/** Each endpoint is one target: two entries for one would be two beliefs about one thing. */
function checkTargets(list: SourceNode | undefined, path: SourcePath, names: Names, issues: Issue[]): void {
  const seen = new Set<string>();
  itemsOf(list).forEach((item, index) => {
    const at = [...path, index, "endpoint"];
    const node = child(item, "endpoint");
    const id = textOf(node);
    checkKnown(node, at, "endpoint", names.endpoints, issues);
    if (node === undefined || id === undefined) return;
    if (seen.has(id)) {
      const message = mustBe(at, "named by one entry only", id);
      issues.push(issueAt(node.at, at, { code: "duplicate-key", message, value: id }));
    }
    seen.add(id);
  });
}

function checkFallbacks(policy: SourceNode, issues: Issue[]): void {
  const deployments = itemsOf(child(policy, "deployments"));
  const known = deployments.flatMap((item) => [
    textOf(child(item, "group")) ?? "",
    textOf(child(item, "id")) ?? "",
  ]);
  const check = (list: SourceNode | undefined, path: SourcePath): void => {
    itemsOf(list).forEach((item, index) => {
      checkKnown(item, [...path, index], "group or deployment id", known, issues);
    });
  };
  for (const key of ["fallbacks", "contextWindowFallbacks"]) {
    for (const [group, entry] of entriesOf(child(policy, key))) check(entry.node, [...PATH, key, group]);
  }
  check(child(policy, "defaultFallbacks"), [...PATH, "defaultFallbacks"]);
}

function checkNode(node: SourceNode, path: SourcePath, names: Names, issues: Issue[]): void {
  if (node.kind !== "map") return;
  const endpoint = child(node, "endpoint");
  const targets = itemsOf(child(node, "targets"));
  checkKnown(endpoint, [...path, "endpoint"], "endpoint", names.endpoints, issues);
  if ((endpoint === undefined) === (targets.length === 0)) {
    const got = endpoint === undefined ? "neither" : "both";
    const message = `${pathText(path)} must have an endpoint or targets, got ${got}`;
    issues.push(issueAt(node.at, path, { code: "inconsistent", message }));
  }
  const called = targets.map((target) => textOf(child(target, "name")) ?? "");
  const checkName = (name: SourceNode | undefined, at: SourcePath): void => {
    const text = textOf(name);
    if (name !== undefined && text !== undefined && !called.includes(text))
      issues.push(unknownName(name, at, "target with this name", text, called));
  };
  itemsOf(child(node, "conditions")).forEach((condition, index) => {
    checkName(child(condition, "then"), [...path, "conditions", index, "then"]);
  });
  checkName(child(node, "default"), [...path, "default"]);
  targets.forEach((target, index) => {
    checkNode(target, [...path, "targets", index], names, issues);
  });
}

/** The other systems hedge nothing, and a hedge of ours would ask their rules a question they were not made for. */
function checkHedge(deployment: SourceNode | undefined, issues: Issue[]): void {
  const hedge = child(child(deployment, "protect"), "hedge");
  if (hedge === undefined || textOf(hedge) === "none") return;
  const path = ["deployment", "protect", "hedge"];
  const message = `${pathText(path)} must be left out where routing.policy is another system's`;
  issues.push(issueAt(hedge.at, path, { code: "inconsistent", message }));
}
