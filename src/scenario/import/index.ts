/**
 * Configurations of other systems as scenarios: text in, text out. What they say is mapped, what is dangerous in it is
 * told, and every key that nothing was made of is listed. Places are never guessed: what no file says stays unknown,
 * and unknown is not allowed under a rule.
 */
import { type Issue, sortIssues } from "../issue.js";
import { issueAt, type SourceNode } from "../sourceTree.js";
import { readDocuments } from "./documents.js";
import { type Draft, draftText, placeWarnings } from "./draft.js";
import { draftEnvoy } from "./envoy.js";
import { draftEnvoyAiGateway, isEnvoyAiGateway } from "./envoyAiGateway.js";
import type { ImportOptions, ImportResult, ImportSystem } from "./importTypes.js";
import { draftLitellm } from "./litellm.js";
import { draftPortkey } from "./portkey.js";
import { looksLike, refusalOf } from "./recognise.js";
import { placeIssues, withPlaces } from "./toldPlaces.js";
import { Tracked } from "./tracked.js";

export {
  IMPORT_SYSTEMS,
  type ImportNote,
  type ImportOptions,
  type ImportResult,
  type ImportSystem,
  type UnmappedKey,
} from "./importTypes.js";
export { PLACE_FILE } from "./toldPlaces.js";

const MAX_ENDPOINTS = 31;
/** Imports `text`, named `file` in messages. Never throws for what is in the text. */
export function importConfig(
  system: ImportSystem,
  text: string,
  file: string,
  options: ImportOptions = {},
): ImportResult {
  const { roots, issues } = readDocuments(file, text);
  const [first] = roots;
  if (issues.length > 0 || first === undefined) return { ok: false, issues: sortIssues(issues) };
  if (!looksLike(system, roots)) return refused(first, refusalOf(system, roots));
  const tracked = new Tracked(file);
  const draft = draftOf(system, roots, tracked, tracked.line(first).replace(/:\d+$/, ""));
  if (draft === null) return refused(first, refusalOf(system, roots));
  if (draft.endpoints.length > MAX_ENDPOINTS) {
    const rule = `a scenario holds at most ${MAX_ENDPOINTS} endpoints, got ${draft.endpoints.length} in the file`;
    return refused(first, rule);
  }
  const misplaced = placeIssues(draft.endpoints, options);
  if (misplaced.length > 0) return { ok: false, issues: misplaced };
  const endpoints = withPlaces(draft.endpoints, options);
  const warnings = [...tracked.warnings, ...placeWarnings(endpoints)].sort((a, b) => a.line - b.line);
  const unmapped = roots.flatMap((root) => tracked.unmapped(root));
  return { ok: true, yaml: draftText({ ...draft, endpoints }), warnings, unmapped };
}

function draftOf(
  system: ImportSystem,
  roots: readonly SourceNode[],
  tracked: Tracked,
  file: string,
): Draft | null {
  const [first] = roots;
  switch (system) {
    case "litellm":
      return draftLitellm(first!, tracked, file);
    case "portkey":
      return draftPortkey(first!, tracked, file);
    case "envoy":
      return roots.some(isEnvoyAiGateway)
        ? draftEnvoyAiGateway(roots, tracked, file)
        : draftEnvoy(first!, tracked, file);
  }
}

function refused(node: SourceNode, message: string): ImportResult {
  const issue: Issue = issueAt(node.at, [], { code: "missing", message });
  return { ok: false, issues: [issue] };
}
