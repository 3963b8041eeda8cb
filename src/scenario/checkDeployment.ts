/**
 * What a schema cannot see in the deployment block: references, places, and what `like` has left out.
 */
import { CLOUD_REGION_KEYS, COUNTRY_CODES, findCloudRegion } from "./catalogue/index.js";
import { checkData, checkGatewayData, checkResidency } from "./checkResidency.js";
import { checkQuotas, checkServing } from "./checkServing.js";
import type { Issue } from "./issue.js";
import { checkKnown, type Names, unknownName } from "./names.js";
import { regionKeyOf } from "./placeNames.js";
import { MAX_GATEWAYS } from "./schemaPlaces.js";
import {
  child,
  entriesOf,
  issueAt,
  keyPlaceOf,
  pathText,
  type SourceNode,
  type SourcePath,
  textOf,
} from "./sourceTree.js";

/** Checks the block; complaints go to `issues`. */
export function checkDeployment(root: SourceNode, names: Names, issues: Issue[]): void {
  const deployment = child(root, "deployment");
  const base = ["deployment"];
  for (const [id, entry] of entriesOf(child(deployment, "regions")))
    checkRegion(entry.node, [...base, "regions", id], issues);
  checkDefaultGateways(deployment, names, issues);
  for (const [id, entry] of entriesOf(child(deployment, "gateways"))) {
    const path = [...base, "gateways", id];
    checkKnown(child(entry.node, "region"), [...path, "region"], "region", names.regions, issues);
    checkGatewayData(root, entry.node, path, issues);
  }
  for (const [id, entry] of entriesOf(child(deployment, "endpoints")))
    checkEndpoint(entry.node, [...base, "endpoints", id], names, issues);
  checkQuotas(child(deployment, "quotas"), names, issues);
  checkResidency(root, names, issues);
  checkRttPairs(child(child(deployment, "network"), "rtt"), names, issues);
}

/** Gateways that are left out are one in every region, so there may be no more regions than gateways. */
function checkDefaultGateways(deployment: SourceNode | undefined, names: Names, issues: Issue[]): void {
  const regions = child(deployment, "regions");
  const count = names.regions.length;
  if (regions === undefined || child(deployment, "gateways") !== undefined || count <= MAX_GATEWAYS) return;
  const path = ["deployment", "regions"];
  const message = `deployment.regions must be at most ${MAX_GATEWAYS} where gateways are left out, which makes one in every region, got ${count}`;
  issues.push(issueAt(regions.at, path, { code: "too-many", message, value: count }));
}

function checkRegion(node: SourceNode, path: SourcePath, issues: Issue[]): void {
  const at = child(node, "at");
  const key = textOf(at);
  if (at !== undefined && key !== undefined && findCloudRegion(key) === undefined) {
    const meant = regionKeyOf(key);
    issues.push(unknownName(at, [...path, "at"], "region of the catalogue", key, CLOUD_REGION_KEYS, meant));
  }
  const country = child(node, "country");
  const code = textOf(country);
  if (
    country !== undefined &&
    code !== undefined &&
    /^[A-Z]{2}$/.test(code) &&
    !COUNTRY_CODES.includes(code)
  ) {
    issues.push(unknownName(country, [...path, "country"], "country", code, COUNTRY_CODES));
  }
}

function checkEndpoint(node: SourceNode, path: SourcePath, names: Names, issues: Issue[]): void {
  checkKnown(child(node, "region"), [...path, "region"], "region", names.regions, issues);
  checkData(child(node, "data"), [...path, "data"], issues);
  checkServing(node, path, issues);
  if (node.kind !== "map" || child(node, "like") !== undefined) return;
  for (const key of ["region", "model", "serving"]) {
    if (child(node, key) !== undefined) continue;
    const message = `${pathText([...path, key])} is missing: give it, or copy it from another endpoint with "like"`;
    issues.push(issueAt(node.at, [...path, key], { code: "missing", message }));
  }
}

function checkRttPairs(node: SourceNode | undefined, names: Names, issues: Issue[]): void {
  for (const [pair] of entriesOf(node)) {
    const path = ["deployment", "network", "rtt", pair];
    const ends = splitPair(pair);
    if (ends === null) continue;
    const at = keyPlaceOf(node!, [pair]);
    const from = { kind: "scalar" as const, at, value: ends.from };
    const to = { kind: "scalar" as const, at, value: ends.to };
    checkKnown(from, path, "site or region", [...names.sites, ...names.regions], issues);
    checkKnown(to, path, "region", names.regions, issues);
    if (names.sites.includes(ends.from) && names.regions.includes(ends.from)) {
      issues.push(
        issueAt(at, path, {
          code: "invalid-value",
          message: `${pathText(path)} must begin with a name of one thing, got both a site and a region; give the site an id`,
          value: pair,
        }),
      );
    }
  }
}

/** The two ends of `a->b`, or null. */
export function splitPair(pair: string): { readonly from: string; readonly to: string } | null {
  const match = /^(\S+?) ?-> ?(\S+)$/.exec(pair);
  return match === null ? null : { from: match[1]!, to: match[2]! };
}
