/**
 * What a schema cannot see in rules about where data may be, and in what places say of it: names of zones, terms,
 * classes and tenants, and statements that cannot be true.
 */
import { COUNTRY_CODES, findCloudRegion, PROVIDER_TERMS, resolveZone, ZONES } from "./catalogue/index.js";
import { DEFAULT_TENANT } from "./defaults.js";
import type { Issue } from "./issue.js";
import { checkKnown, checkOnce, type Names, unknownName, wordsAt } from "./names.js";
import { countryCodeOf } from "./placeNames.js";
import { CHANNEL_WORDS, NOWHERE } from "./schemaPlaces.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  nodeAt,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** Checks the rules, and what is checked of them; complaints go to `issues`. */
export function checkResidency(root: SourceNode, names: Names, issues: Issue[]): void {
  const ids = new Set<string>();
  for (const list of ["residency", "transfers"]) {
    itemsOf(nodeAt(root, ["deployment", list])).forEach((rule, index) => {
      const path = ["deployment", list, index];
      checkOnce(child(rule, "id"), [...path, "id"], ids, issues);
      checkWhen(root, child(rule, "when"), [...path, "when"], names, issues);
      checkZones(child(rule, "from"), [...path, "from"], issues);
      for (const channel of CHANNEL_WORDS)
        checkZones(child(child(rule, "require"), channel), [...path, "require", channel], issues, NOWHERE);
    });
  }
  checkShadow(root, names, issues);
}

function checkWhen(
  root: SourceNode,
  when: SourceNode | undefined,
  path: SourcePath,
  names: Names,
  issues: Issue[],
): void {
  checkZones(child(when, "origin"), [...path, "origin"], issues);
  for (const [key, what, known] of [
    ["dataClass", "class", names.classes],
    ["class", "class", names.classes],
    ["tenant", "tenant", tenantNames(root)],
    ["model", "model", names.models],
  ] as const) {
    for (const word of wordsAt(child(when, key), [...path, key]))
      checkKnown(word.node, word.path, what, known, issues);
  }
}

/** Tenants that classes name; classes that name none belong to the default one. */
export function tenantNames(root: SourceNode): readonly string[] {
  const classes = entriesOf(nodeAt(root, ["workload", "classes"]));
  const named = classes.map(([, { node }]) => textOf(child(node, "tenant")) ?? DEFAULT_TENANT);
  return [...new Set(classes.length === 0 ? [DEFAULT_TENANT] : named)];
}

function checkShadow(root: SourceNode, names: Names, issues: Issue[]): void {
  const path = ["deployment", "routing", "shadow", "to"];
  const to = nodeAt(root, path);
  checkKnown(to, path, "endpoint", names.endpoints, issues);
  const abandoned = textOf(nodeAt(root, ["deployment", "endpoints", textOf(to) ?? "", "abandoned"]));
  if (to === undefined || abandoned !== "drop-at-dequeue") return;
  const message = `${pathText(path)} must be an endpoint that works for nobody, got one with abandoned: drop-at-dequeue, which would drop every copy`;
  issues.push(issueAt(to.at, path, { code: "inconsistent", message, value: textOf(to) }));
}

/** Checks what a place says of its data. */
export function checkData(node: SourceNode | undefined, path: SourcePath, issues: Issue[]): void {
  for (const channel of CHANNEL_WORDS) checkUse(child(node, channel), [...path, channel], issues);
  const terms = child(node, "terms");
  const known = PROVIDER_TERMS.map(({ key }) => key);
  checkKnown(terms, [...path, "terms"], "terms of a provider", known, issues);
}

/** Checks what is said of one channel: places, or a mapping with places in it. */
export function checkUse(node: SourceNode | undefined, path: SourcePath, issues: Issue[]): void {
  if (node?.kind === "map") checkZones(child(node, "in"), [...path, "in"], issues, NOWHERE);
  else checkZones(node, path, issues, NOWHERE);
}

/**
 * Checks what a gateway says of its data. One that ends the encryption has read every prompt where it stands, whatever
 * it says.
 */
export function checkGatewayData(
  root: SourceNode,
  gateway: SourceNode,
  path: SourcePath,
  issues: Issue[],
): void {
  const data = child(gateway, "data");
  checkData(data, [...path, "data"], issues);
  const processing = child(data, "processing");
  if (processing === undefined || textOf(child(gateway, "tls")) === "passthrough") return;
  const stated = processing.kind === "map" ? child(processing, "in") : processing;
  const words = wordsAt(stated, []).map(({ text }) => text);
  const country = countryOf(root, textOf(child(gateway, "region")));
  if (country === undefined || words.length === 0) return;
  const zones = words.map((word) => (word === NOWHERE ? [] : resolveZone(word)));
  if (zones.some((zone) => zone === undefined || zone.includes(country))) return;
  const at = [...path, "data", "processing"];
  const message = `${pathText(at)} must include ${country}, where the gateway stands and reads every prompt; only one with tls: passthrough does not`;
  issues.push(issueAt(processing.at, at, { code: "inconsistent", message, value: words.join(", ") }));
}

/** The country of a region; undefined where the region is not right. */
function countryOf(root: SourceNode, region: string | undefined): string | undefined {
  const node = region === undefined ? undefined : nodeAt(root, ["deployment", "regions", region]);
  const key = textOf(child(node, "at"));
  return key === undefined ? textOf(child(node, "country")) : findCloudRegion(key)?.country;
}

/** Checks names of zones and countries; `also` is a word that may stand in their place. */
export function checkZones(
  node: SourceNode | undefined,
  path: SourcePath,
  issues: Issue[],
  also?: string,
): void {
  if (also !== undefined && textOf(node) === also) return;
  for (const word of wordsAt(node, path)) {
    if (word.text === "" || word.text.length > 64 || resolveZone(word.text) !== undefined) continue;
    const known = [...Object.keys(ZONES), ...COUNTRY_CODES];
    const meant = countryCodeOf(word.text);
    issues.push(unknownName(word.node, word.path, "country or zone", word.text, known, meant));
  }
}
