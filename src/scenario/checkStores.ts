/** What a schema cannot see in stores: that what they name exists, and that what they say fits together. */
import { checkZones } from "./checkResidency.js";
import type { Issue } from "./issue.js";
import { checkKnown, checkOnce, type Names, wordsAt } from "./names.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  keyPlaceOf,
  mustBe,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
  toPlain,
} from "./sourceTree.js";

/** Checks the stores of a deployment; complaints go to `issues`. */
export function checkStores(root: SourceNode, names: Names, issues: Issue[]): void {
  const stores = child(child(root, "deployment"), "stores");
  for (const [id, { node }] of entriesOf(stores)) {
    const path = ["deployment", "stores", id];
    const regions = checkCopies(child(node, "copies"), [...path, "copies"], names, issues);
    const primary = child(node, "primary");
    checkKnown(primary, [...path, "primary"], "copy in region", ["nearest", ...regions], issues);
    for (const word of wordsAt(child(node, "classes"), [...path, "classes"]))
      checkKnown(word.node, word.path, "class", names.classes, issues);
    checkFits(node, path, issues);
    checkKeys(node, path, root, names, issues);
  }
}

/** Checks the copies, and returns the regions that hold one. */
function checkCopies(
  node: SourceNode | undefined,
  path: SourcePath,
  names: Names,
  issues: Issue[],
): readonly string[] {
  const seen = new Set<string>();
  for (const word of wordsAt(node, path)) {
    checkKnown(word.node, word.path, "region", names.regions, issues);
    checkOnce(word.node, word.path, seen, issues);
  }
  for (const [region, entry] of entriesOf(node)) {
    const key = { kind: "scalar" as const, at: keyPlaceOf(node!, [region]), value: region };
    checkKnown(key, [...path, region], "region", names.regions, issues);
    const data = child(entry.node, "data");
    const zones = data?.kind === "map" ? child(data, "in") : data;
    const at = [...path, region, "data", ...(data === zones ? [] : ["in"])];
    // A copy that lies nowhere is no copy: the word `none` is not for stores.
    checkZones(zones, at, issues);
  }
  return node?.kind === "map" ? entriesOf(node).map(([region]) => region) : [...seen];
}

/** Words that mean something to one kind of replication only. */
function checkFits(node: SourceNode, path: SourcePath, issues: Issue[]): void {
  const replication = textOf(child(node, "replication")) ?? "";
  if (node.kind !== "map" || !["sync", "async", "isolated"].includes(replication)) return;
  const only = (key: string, where: string, holds: boolean): void => {
    const value = child(node, key);
    if (value === undefined || holds) return;
    const message = mustBe([...path, key], `left out where ${where}`, toPlain(value));
    issues.push(issueAt(keyPlaceOf(node, [key]), [...path, key], { code: "inconsistent", message }));
  };
  only("lag", `replication is ${replication}: nothing lags`, replication === "async");
  only("acks", `replication is ${replication}: nothing waits for other copies`, replication === "sync");
  const primary = textOf(child(node, "primary")) ?? "nearest";
  only("reads", "there is no primary", primary !== "nearest");
  only("failover", "there is no primary", primary !== "nearest");
  if (replication === "async" && child(node, "lag") === undefined) {
    const message = `${pathText([...path, "lag"])} is missing: say how far the other copies are behind, such as { p50: 300ms, p99: 4s }`;
    issues.push(issueAt(node.at, [...path, "lag"], { code: "missing", message }));
  }
}

/** A conversation can only be kept for those who hold one, a profile for those who can be told apart. */
function checkKeys(
  node: SourceNode,
  path: SourcePath,
  root: SourceNode,
  names: Names,
  issues: Issue[],
): void {
  const kind = textOf(child(node, "kind"));
  if (kind !== "conversation" && kind !== "profile") return;
  const workload = child(root, "workload");
  const hasClosed = itemsOf(child(workload, "sites")).some((site) => child(site, "closed") !== undefined);
  if (child(workload, "trace") !== undefined || (kind === "profile" && hasClosed)) return;
  const talks = (id: string): boolean => hasSessions(root, id);
  const named = wordsAt(child(node, "classes"), [...path, "classes"]);
  for (const word of named) {
    if (talks(word.text) || !names.classes.includes(word.text)) continue;
    const message = mustBe(word.path, "a class that has sessions", word.text);
    issues.push(issueAt(word.node.at, word.path, { code: "inconsistent", message, value: word.text }));
  }
  if (named.length > 0 || names.classes.some(talks)) return;
  const remedy = kind === "profile" ? ", or users of a closed site" : "";
  const message = `${pathText([...path, "kind"])} must be a kind of store that some class can use, got ${JSON.stringify(kind)}: give a class a session${remedy}`;
  issues.push(
    issueAt(child(node, "kind")!.at, [...path, "kind"], { code: "inconsistent", message, value: kind }),
  );
}

/** Whether requests of a class belong to conversations. */
export function hasSessions(root: SourceNode, classId: string): boolean {
  const found = child(child(child(root, "workload"), "classes"), classId);
  return child(found, "session") !== undefined;
}
