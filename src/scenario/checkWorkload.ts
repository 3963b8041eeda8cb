/**
 * What a schema cannot see in the workload block: references, demand given once and once only, and names given twice.
 */
import { findSite, SITE_CODES } from "./catalogue/index.js";
import type { Issue } from "./issue.js";
import { checkKnown, type Names, siteName, unknownName } from "./names.js";
import { siteCodeOf } from "./placeNames.js";
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
} from "./sourceTree.js";

/** Checks the block; complaints go to `issues`. */
export function checkWorkload(root: SourceNode, names: Names, issues: Issue[]): void {
  const workload = child(root, "workload");
  checkClasses(child(workload, "classes"), workload, names, issues);
  const trace = child(workload, "trace");
  const seen = new Set<string>();
  itemsOf(child(workload, "sites")).forEach((site, index) => {
    checkSite(site, ["workload", "sites", index], trace !== undefined, seen, issues);
  });
  checkKnown(child(trace, "site"), ["workload", "trace", "site"], "site", names.sites, issues);
  checkKnown(child(trace, "class"), ["workload", "trace", "class"], "class", names.classes, issues);
  checkTraceSites(trace, names, issues);
}

function checkClasses(
  node: SourceNode | undefined,
  workload: SourceNode | undefined,
  names: Names,
  issues: Issue[],
): void {
  const path = ["workload", "classes"];
  const entries = entriesOf(node);
  for (const [id, entry] of entries) {
    const model = child(entry.node, "model");
    checkKnown(model, [...path, id, "model"], "endpoint with model", names.models, issues);
    itemsOf(child(entry.node, "only")).forEach((each, index) => {
      checkKnown(each, [...path, id, "only", index], "endpoint", names.endpoints, issues);
    });
    if (model === undefined && entry.node.kind === "map")
      checkOnlyModel(entry.node, [...path, id, "model"], names, issues);
  }
  if (node === undefined && workload?.kind === "map")
    checkOnlyModel(workload, [...path, "chat", "model"], names, issues);
  const shares = entries.map(([, entry]) => child(entry.node, "share"));
  if (node === undefined || shares.length === 0) return;
  if (shares.every((share) => share?.kind === "scalar" && share.value === 0)) {
    issues.push(
      issueAt(node.at, path, {
        code: "inconsistent",
        message: mustBe(path, "a mapping in which at least one share is above 0", undefined),
      }),
    );
  }
}

function checkOnlyModel(node: SourceNode, path: SourcePath, names: Names, issues: Issue[]): void {
  if (names.models.length <= 1) return;
  const message = `${pathText(path)} is missing: with several models (${names.models.slice(0, 8).join(", ")}) a class must name its own`;
  issues.push(issueAt(node.at, path, { code: "missing", message }));
}

function checkSite(
  node: SourceNode,
  path: SourcePath,
  traced: boolean,
  seen: Set<string>,
  issues: Issue[],
): void {
  const from = child(node, "from");
  const code = textOf(from);
  if (from !== undefined && code !== undefined && findSite(code) === undefined) {
    issues.push(unknownName(from, [...path, "from"], "place", code, SITE_CODES, siteCodeOf(code)));
  }
  const name = siteName(node);
  if (name !== "" && seen.has(name)) {
    const at = (child(node, "id") ?? from)!.at;
    issues.push(
      issueAt(at, path, {
        code: "duplicate-key",
        message: `${pathText(path)} must have a name of its own (give it an id), got ${JSON.stringify(name)} again`,
        value: name,
      }),
    );
  }
  seen.add(name);
  if (node.kind === "map" && child(node, "closed") !== undefined) checkClosed(node, path, traced, issues);
  else if (node.kind === "map" && !traced) checkDemand(node, path, issues);
}

/** People who wait for their answers have no demand of their own, and a trace says itself who asks when. */
function checkClosed(node: SourceNode, path: SourcePath, traced: boolean, issues: Issue[]): void {
  const refuse = (key: string, why: string): void => {
    const full = [...path, key];
    const message = `${pathText(full)} must be left out ${why}`;
    issues.push(issueAt(keyPlaceOf(node, [key]), full, { code: "inconsistent", message }));
  };
  if (traced) refuse("closed", "where workload.trace is given: the trace says who asks when");
  for (const key of ["users", "perUserPerHour", "rate", "diurnal"]) {
    if (child(node, key) !== undefined) refuse(key, "where closed says who asks");
  }
}

function checkDemand(node: SourceNode, path: SourcePath, issues: Issue[]): void {
  const has = (key: string): boolean => child(node, key) !== undefined;
  const rule = "users with perUserPerHour, or rate, or closed";
  if (has("rate") && (has("users") || has("perUserPerHour"))) {
    const at = keyPlaceOf(node, ["rate"]);
    issues.push(
      issueAt(at, [...path, "rate"], {
        code: "inconsistent",
        message: `${pathText(path)} must say its demand once: ${rule}, got both`,
      }),
    );
  } else if (!has("rate") && !(has("users") && has("perUserPerHour"))) {
    const lacking = has("users") ? "perUserPerHour" : has("perUserPerHour") ? "users" : "demand";
    issues.push(
      issueAt(node.at, path, {
        code: "missing",
        message: `${pathText(path)} is missing ${lacking}: it must say ${rule}`,
      }),
    );
  }
}

function checkTraceSites(trace: SourceNode | undefined, names: Names, issues: Issue[]): void {
  const sites = child(trace, "sites");
  const path = ["workload", "trace", "sites"];
  const entries = entriesOf(sites);
  for (const [id, entry] of entries) {
    if (!names.sites.includes(id))
      issues.push(unknownName({ ...entry.node, at: entry.keyAt }, [...path, id], "site", id, names.sites));
  }
  if (
    sites?.kind === "map" &&
    (entries.length === 0 ||
      entries.every(([, entry]) => entry.node.kind === "scalar" && entry.node.value === 0))
  ) {
    issues.push(
      issueAt(sites.at, path, {
        code: "inconsistent",
        message: mustBe(path, "a mapping in which at least one weight is above 0", undefined),
      }),
    );
  }
  if (sites !== undefined && child(trace, "site") !== undefined) {
    const at = keyPlaceOf(trace!, ["sites"]);
    issues.push(
      issueAt(at, path, { code: "inconsistent", message: "workload.trace must say site or sites, got both" }),
    );
  }
}
