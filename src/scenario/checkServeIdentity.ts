/** How callers are known: that their country, class and tenant exist, and that a proof can be asked for. */
import { COUNTRY_CODES, isCountryCode, resolveZone } from "./catalogue/index.js";
import { tenantNames } from "./checkResidency.js";
import type { Issue } from "./issue.js";
import { checkKnown, type Names, unknownName } from "./names.js";
import { countryCodeOf } from "./placeNames.js";
import {
  child,
  issueAt,
  itemsOf,
  mustBe,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** Checks how one listener knows its callers; `path` is the listener's. */
export function checkIdentity(
  root: SourceNode,
  listener: SourceNode,
  path: SourcePath,
  names: Names,
  issues: Issue[],
): void {
  const identity = child(listener, "identity");
  const at = [...path, "identity"];
  const from = textOf(child(identity, "from"));
  if (identity === undefined || from === undefined) return;
  if (from === "listener") checkWho(root, identity, at, names, issues);
  const seen = new Set<string>();
  itemsOf(child(identity, "records")).forEach((record, index) => {
    checkWho(root, record, [...at, "records", index], names, issues);
    checkProof(record, [...at, "records", index, "sha256"], seen, issues);
  });
  if (from !== "client-certificate" || child(child(listener, "tls"), "clientCa") !== undefined) return;
  const asked = [...path, "tls", "clientCa"];
  const message = `${pathText(asked)} is missing: without it no caller is asked for a certificate`;
  issues.push(issueAt(child(listener, "tls")?.at ?? identity.at, asked, { code: "missing", message }));
}

function checkWho(root: SourceNode, who: SourceNode, path: SourcePath, names: Names, issues: Issue[]): void {
  if (who.kind !== "map") return;
  checkCountry(child(who, "origin"), [...path, "origin"], issues);
  const of = child(who, "class");
  checkKnown(of, [...path, "class"], "class", names.classes, issues);
  checkKnown(child(who, "tenant"), [...path, "tenant"], "tenant", tenantNames(root), issues);
  if (of !== undefined || names.classes.length === 1) return;
  const full = [...path, "class"];
  const message = `${pathText(full)} is missing: with several classes (${names.classes.slice(0, 8).join(", ")}) it must be said which`;
  issues.push(issueAt(who.at, full, { code: "missing", message }));
}

/** One country: where a law looks for the caller cannot be several places at once. */
function checkCountry(node: SourceNode | undefined, path: SourcePath, issues: Issue[]): void {
  const text = textOf(node);
  if (
    node === undefined ||
    text === undefined ||
    text === "" ||
    text.length > 64 ||
    isCountryCode(text.toUpperCase())
  )
    return;
  if (resolveZone(text) === undefined) {
    issues.push(unknownName(node, path, "country", text, COUNTRY_CODES, countryCodeOf(text)));
    return;
  }
  const message = mustBe(path, "the code of one country, such as DE", text);
  issues.push(issueAt(node.at, path, { code: "invalid-value", message, value: text }));
}

/** Two records of one proof would make it a matter of luck whose request it is. */
function checkProof(record: SourceNode, path: SourcePath, seen: Set<string>, issues: Issue[]): void {
  const node = child(record, "sha256");
  const hash = textOf(node)?.toLowerCase();
  if (node === undefined || hash === undefined) return;
  if (seen.has(hash)) {
    const message = mustBe(path, "given only once", hash);
    issues.push(issueAt(node.at, path, { code: "duplicate-key", message, value: hash }));
  }
  seen.add(hash);
}
