/** What a schema cannot see in the `serve` block: that what it names exists, and that nothing in it betrays anybody. */
import { checkZones } from "./checkResidency.js";
import { checkAddresses } from "./checkServeAddresses.js";
import { checkServeFiles } from "./checkServeFiles.js";
import { checkIdentity } from "./checkServeIdentity.js";
import type { Issue } from "./issue.js";
import { hostOfUrl, isLoopback } from "./loopback.js";
import { type Names, unknownName } from "./names.js";
import {
  child,
  entriesOf,
  issueAt,
  mustBe,
  nodeAt,
  type SourceNode,
  type SourcePath,
  textOf,
  toPlain,
} from "./sourceTree.js";
import { DURATION_PATTERN, readDurationUs } from "./units.js";

/** Checks the block; complaints go to `issues`. */
export function checkServe(root: SourceNode, names: Names, issues: Issue[]): void {
  const serve = child(root, "serve");
  if (serve?.kind !== "map") return;
  checkKeys(child(serve, "gateways"), ["serve", "gateways"], "gateway", names.gateways, issues);
  checkKeys(child(serve, "upstreams"), ["serve", "upstreams"], "endpoint", names.endpoints, issues);
  checkKeys(child(serve, "logs"), ["serve", "logs"], "region", names.regions, issues);
  checkZones(child(serve, "origins"), ["serve", "origins"], issues);
  for (const [id, { node }] of entriesOf(child(serve, "gateways"))) {
    for (const [name, listener] of entriesOf(child(node, "listeners"))) {
      const path = ["serve", "gateways", id, "listeners", name];
      checkIdentity(root, listener.node, path, names, issues);
    }
  }
  for (const [id, { node }] of entriesOf(child(serve, "upstreams")))
    checkUpstream(node, ["serve", "upstreams", id], issues);
  checkAddresses(serve, issues);
  checkServeFiles(root, serve, issues);
  checkTimeouts(root, serve, issues);
}

/** Keys that are names of something else. */
function checkKeys(
  node: SourceNode | undefined,
  path: SourcePath,
  what: string,
  known: readonly string[],
  issues: Issue[],
): void {
  for (const [key, entry] of entriesOf(node)) {
    if (known.includes(key)) continue;
    issues.push(unknownName({ ...entry.node, at: entry.keyAt }, [...path, key], what, key, known));
  }
}

/** What goes to another machine in plain text is everybody's on the way. */
function checkUpstream(node: SourceNode, path: SourcePath, issues: Issue[]): void {
  const at = child(node, "url");
  const url = textOf(at) ?? "";
  if (at === undefined || !/^http:\/\//i.test(url) || isLoopback(hostOfUrl(url)) || url.includes("@")) return;
  const what = child(node, "key") === undefined ? "prompts" : "prompts and its key";
  const rule = `an https URL: over plain http to another machine ${what} can be read on the way`;
  const full = [...path, "url"];
  const suggestion = JSON.stringify(url.replace(/^http:/i, "https:"));
  issues.push(
    issueAt(at.at, full, { code: "invalid-value", message: mustBe(full, rule, url), value: url, suggestion }),
  );
}

/** A part of the wait that is longer than all of it. */
function checkTimeouts(root: SourceNode, serve: SourceNode, issues: Issue[]): void {
  const timeouts = child(serve, "timeouts");
  const whole = child(timeouts, "total") ?? nodeAt(root, ["deployment", "routing", "upstreamTimeout"]);
  const totalUs = microseconds(whole);
  if (totalUs === null) return;
  for (const key of ["connect", "firstToken", "idle"]) {
    const node = child(timeouts, key);
    const us = microseconds(node);
    if (us === null || us <= totalUs) continue;
    const path = ["serve", "timeouts", key];
    const value = toPlain(node!);
    const message = mustBe(path, `no longer than the total of ${textOf(whole)}`, value);
    issues.push(issueAt(node!.at, path, { code: "inconsistent", message, value }));
  }
}

function microseconds(node: SourceNode | undefined): number | null {
  const text = textOf(node);
  if (text === undefined || !DURATION_PATTERN.test(text)) return null;
  const reading = readDurationUs(text);
  return reading.ok ? reading.value : null;
}

/** Words in the names of what nobody should read; a hash stands where somebody may have put the key itself. */
const SECRET_WORD = /key|secret|token|password|credential|authorization|bearer|sha256/i;

/**
 * The complaints without what may be a secret that somebody wrote where it does not belong: what is printed ends up
 * in the logs of a pipeline.
 */
export function withoutSecrets(issues: readonly Issue[]): readonly Issue[] {
  return issues.map((issue) => {
    if (!maySayASecret(issue)) return issue;
    // Which key was meant says nothing of its value; any other mend is made of the value.
    const { suggestion, ...rest } = issue;
    const named = issue.code === "unknown-key" && suggestion !== undefined ? { suggestion } : {};
    return {
      ...rest,
      ...named,
      message: issue.message.replace(/, got [\s\S]*$/, ", got what is not shown here"),
      value: "",
    };
  });
}

function maySayASecret({ path, value }: Issue): boolean {
  if (!/^serve\.(upstreams|gateways)\./.test(path)) return false;
  const within = path.split(".").slice(3).join(".");
  return (within === "url" && value.includes("@")) || SECRET_WORD.test(within.replace("keyHeader", ""));
}
