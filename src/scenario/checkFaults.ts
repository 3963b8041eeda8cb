/**
 * What a schema cannot see in the faults block: that a fault says when, and names one thing it may hit.
 */
import { readTarget } from "./faultTargets.js";
import type { Issue } from "./issue.js";
import { checkOnce, type Names, unknownName } from "./names.js";
import type { FaultKind } from "./scenario.js";
import { FAULT_TARGETS, type TargetKey } from "./schemaFaults.js";
import {
  child,
  issueAt,
  itemsOf,
  keyPlaceOf,
  mustBe,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

const ENDS: readonly TargetKey[] = ["region", "endpoint", "site", "all"];

/** Checks the block; complaints go to `issues`. */
export function checkFaults(root: SourceNode, names: Names, issues: Issue[]): void {
  const ids = new Set<string>();
  const traced = child(child(root, "workload"), "trace") !== undefined;
  itemsOf(child(root, "faults")).forEach((fault, index) => {
    const path = ["faults", index];
    const kind = textOf(child(fault, "kind"));
    if (fault.kind !== "map" || kind === undefined || !Object.hasOwn(FAULT_TARGETS, kind)) return;
    checkOnce(child(fault, "id"), [...path, "id"], ids, issues);
    checkTiming(fault, path, issues);
    if (traced && kind === "demand-surge") refuseSurge(fault, path, issues);
    const allowed = FAULT_TARGETS[kind as FaultKind];
    if (allowed === "between") checkEnds(child(fault, "between"), [...path, "between"], names, issues);
    else if (allowed !== "none") checkTarget(fault, path, allowed, names, issues);
  });
}

/** A trace says when each request comes; there is no demand to multiply. */
function refuseSurge(fault: SourceNode, path: SourcePath, issues: Issue[]): void {
  const message = `${pathText(path)} must not be a demand-surge where workload.trace is given: a trace says when each request comes`;
  const at = child(fault, "kind")!.at;
  issues.push(issueAt(at, [...path, "kind"], { code: "inconsistent", message, value: "demand-surge" }));
}

function checkTiming(fault: SourceNode, path: SourcePath, issues: Issue[]): void {
  const random = child(fault, "every") !== undefined;
  if (!random && child(fault, "at") === undefined) {
    issues.push(
      issueAt(fault.at, [...path, "at"], {
        code: "missing",
        message: `${pathText(path)}.at is missing: a fault must say when it begins, or how often it comes with every`,
      }),
    );
  }
  if (random && child(fault, "lasting") === undefined) {
    issues.push(
      issueAt(fault.at, [...path, "lasting"], {
        code: "missing",
        message: `${pathText(path)}.lasting is missing: a fault that comes every so often must say how long it lasts`,
      }),
    );
  }
  if (!random && child(fault, "lasting") !== undefined) {
    const at = keyPlaceOf(fault, ["lasting"]);
    issues.push(
      issueAt(at, [...path, "lasting"], {
        code: "inconsistent",
        message: `${pathText(path)}.lasting must come with every; a fault at a set time lasts "for" a time`,
      }),
    );
  }
}

function checkTarget(
  fault: SourceNode,
  path: SourcePath,
  allowed: readonly TargetKey[],
  names: Names,
  issues: Issue[],
): void {
  const given = ["region", "endpoint", "site", "target"].filter((key) => child(fault, key) !== undefined);
  const ways = allowed.map((key) => (key === "all" ? "target: all" : key)).join(", ");
  if (given.length === 0) {
    if (allowed.includes("site")) return;
    issues.push(
      issueAt(fault.at, path, {
        code: "missing",
        message: `${pathText(path)} is missing what it hits: one of ${ways}`,
      }),
    );
    return;
  }
  if (given.length > 1) {
    const at = keyPlaceOf(fault, [given[1]!]);
    issues.push(
      issueAt(at, path, {
        code: "inconsistent",
        message: `${pathText(path)} must hit one thing, got ${given.join(" and ")}`,
      }),
    );
  }
  for (const key of given) {
    const node = child(fault, key)!;
    const text = textOf(node);
    if (text === undefined) continue;
    // A key the kind does not know is the schema's to refuse.
    if (key !== "target" && !allowed.includes(key as TargetKey)) continue;
    checkWords(node, [...path, key], text, key === "target" ? allowed : [key as TargetKey], names, issues);
  }
}

function checkEnds(node: SourceNode | undefined, path: SourcePath, names: Names, issues: Issue[]): void {
  const ends = itemsOf(node);
  ends.forEach((end, index) => {
    const text = textOf(end);
    if (text !== undefined) checkWords(end, [...path, index], text, ENDS, names, issues);
  });
  const [a, b] = ends.map(textOf);
  if (ends.length === 2 && a !== undefined && a === b) {
    issues.push(
      issueAt(ends[1]!.at, path, {
        code: "inconsistent",
        message: mustBe(path, "two different ends", a),
        value: a,
      }),
    );
  }
}

function checkWords(
  node: SourceNode,
  path: SourcePath,
  text: string,
  allowed: readonly TargetKey[],
  names: Names,
  issues: Issue[],
): void {
  const reading = readTarget(text, allowed, names);
  if (reading.ok) return;
  if (reading.why === "unknown") {
    issues.push(
      unknownName(node, path, reading.what, text.replace(/^(region|endpoint|site):/, ""), reading.known),
    );
    return;
  }
  const rule = reading.why === "ambiguous" ? `unique: say ${reading.what}` : `a ${reading.what}`;
  issues.push(
    issueAt(node.at, path, { code: "invalid-value", message: mustBe(path, rule, text), value: text }),
  );
}
