/**
 * A scenario from its file: every mistake at once, or a frozen {@link Scenario}. Pure: what it reads, it is handed.
 */
import { sha256Hex } from "../kernel/index.js";
import { findSite, originOf } from "./catalogue/index.js";
import { checkCapacity } from "./checkCapacity.js";
import { checkDeployment } from "./checkDeployment.js";
import { checkDrift } from "./checkDrift.js";
import { checkFallback } from "./checkFallback.js";
import { checkFaults } from "./checkFaults.js";
import { checkPolicySource } from "./checkPolicySource.js";
import { checkServe, withoutSecrets } from "./checkServe.js";
import { checkStores } from "./checkStores.js";
import { checkTries } from "./checkTries.js";
import { checkVolume } from "./checkVolume.js";
import { checkWorkload } from "./checkWorkload.js";
import { Composer, type LoadInput } from "./compose.js";
import { folderOf } from "./filePaths.js";
import { type Issue, type Position, sortIssues } from "./issue.js";
import { collectNames, type Names } from "./names.js";
import { readObjective } from "./objective.js";
import { type PolicyModule, readPolicyModule } from "./policyModule.js";
import { resolveDeployment } from "./resolveDeployment.js";
import { resolveFaults } from "./resolveFaults.js";
import { resolveNetwork } from "./resolveNetwork.js";
import { type Presets, readPresets } from "./resolvePresets.js";
import { resolveServe } from "./resolveServe.js";
import { resolveTrace } from "./resolveTrace.js";
import { resolveClasses, resolveClient, resolveSites } from "./resolveWorkload.js";
import type { Objective, Scenario, Trace } from "./scenario.js";
import { type ScenarioForm, SEED_RULE, scenarioSchema } from "./schema.js";
import { withRecords } from "./serveRecords.js";
import { SET_FILE } from "./setValues.js";
import {
  child,
  entriesOf,
  issueAt,
  itemsOf,
  mustBe,
  nodeAt,
  pathText,
  placeOf,
  type SourceNode,
  type SourcePath,
  textOf,
  toPlain,
} from "./sourceTree.js";
import { warningsOf } from "./warnings.js";
import { presetWarnings } from "./warningsServing.js";
import { issuesFromZod } from "./zodIssues.js";

export type { LoadInput } from "./compose.js";

/** A scenario, or everything that is wrong with it. */
export type LoadResult =
  | {
      readonly ok: true;
      readonly scenario: Scenario;
      /** Where something is written, for complaints that only show later, as about a file that is named in it. */
      readonly placeOf: (path: SourcePath) => Position;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Loads a scenario. Never throws for what is in the files, nor for a `read` that throws. */
export function loadScenario(input: LoadInput): LoadResult {
  const composer = new Composer(input);
  const composed = composer.compose();
  if (composed === null) return fail(composer.issues);
  const root = withRecords(composed, composer);
  const names = collectNames(root);
  const parsed = scenarioSchema.safeParse(toPlain(root));
  const issues = [...composer.issues];
  if (!parsed.success) {
    const refused = issuesFromZod(parsed.error.issues, root);
    issues.push(...refused.filter((issue) => !(issue.code === "missing" && composer.isAbsent(issue.path))));
  }
  checkDeployment(root, names, issues);
  checkPolicySource(root, names, issues);
  checkFallback(root, names, issues);
  checkWorkload(root, names, issues);
  checkFaults(root, names, issues);
  checkDrift(root, names, issues);
  checkStores(root, names, issues);
  checkServe(root, names, issues);
  const presets = readPresets(root, composer, issues);
  const module = readPolicyModule(root, composer, issues);
  const sourceOf = sourceTeller(composer, input);
  const objectives = readObjectives(root, names, sourceOf, issues);
  issues.push(...seedIssues(input));
  if (!parsed.success || issues.length > 0) return fail(issues);
  return resolve(parsed.data, { root, names, presets, module, objectives, composer, input, sourceOf });
}

/** Says where a place is, `file:line`, the file relative to the scenario's folder. */
function sourceTeller(composer: Composer, { file }: LoadInput): (at: Position) => string {
  const ownName = file.slice(folderOf(file).length);
  // What the command line says stands in no file: its line there would be a line of something else.
  return (at) => `${at.file === SET_FILE ? SET_FILE : composer.relativeOf(at) || ownName}:${at.line}`;
}

function fail(issues: readonly Issue[]): LoadResult {
  return { ok: false, issues: sortIssues(withoutSecrets(issues)) };
}

function seedIssues(input: LoadInput): readonly Issue[] {
  if (input.seed === undefined || (input.seed.length > 0 && input.seed.length <= 200)) return [];
  const at = { file: "--seed", line: 1, column: 1 };
  return [
    issueAt(at, ["seed"], {
      code: "invalid-value",
      message: mustBe(["seed"], SEED_RULE, input.seed),
      value: input.seed,
    }),
  ];
}

function readObjectives(
  root: SourceNode,
  names: Names,
  sourceOf: (at: Position) => string,
  issues: Issue[],
): readonly Objective[] {
  const places = itemsOf(nodeAt(root, ["workload", "sites"])).map((site) =>
    findSite(textOf(child(site, "from")) ?? ""),
  );
  const origins = [
    ...new Set(places.flatMap((place) => (place === undefined ? [] : [originOf(place.country)]))),
  ];
  // With a site that is not known, neither are all origins: nothing to hold an objective against.
  const known = {
    origin: places.includes(undefined) ? null : origins,
    class: names.classes,
    region: names.regions,
    endpoint: names.endpoints,
    store: entriesOf(nodeAt(root, ["deployment", "stores"])).map(([id]) => id),
  };
  return itemsOf(child(root, "objectives")).flatMap((node, index) => {
    const text = textOf(node);
    if (text === undefined || text === "") return [];
    const reading = readObjective(text, known);
    if (reading.ok) return [{ ...reading.objective, source: sourceOf(node.at) }];
    const path = ["objectives", index];
    const message = reading.unknown
      ? `${pathText(path)} must be ${reading.rule}`
      : mustBe(path, reading.rule, text);
    const code = reading.unknown ? "unknown-reference" : "invalid-value";
    issues.push(issueAt(node.at, path, { code, message, value: text, suggestion: reading.suggestion }));
    return [];
  });
}

/** What reading has found, beside the form. */
interface Reading {
  readonly root: SourceNode;
  readonly names: Names;
  readonly presets: Presets;
  readonly module: PolicyModule | null;
  readonly objectives: readonly Objective[];
  readonly composer: Composer;
  readonly input: LoadInput;
  readonly sourceOf: (at: Position) => string;
}

function resolve(form: ScenarioForm, reading: Reading): LoadResult {
  const { root, names, presets, module, objectives, composer, input, sourceOf } = reading;
  const seed = input.seed ?? form.seed;
  const deployment = resolveDeployment(form.deployment, {
    root,
    presets,
    sourceOf,
    classes: names.classes,
    startHour: form.start,
    policyPath: module?.path ?? null,
  });
  const sites = resolveSites(form);
  const faults = resolveFaults(
    form.faults,
    { names, durationUs: form.duration, seed, root },
    composer.issues,
  );
  const notes = [...presetWarnings(form.deployment.endpoints, presets)];
  const trace = resolveTrace(form, root, names, composer, seed, notes);
  const classes = resolveClasses(form.workload.classes, names.models, names.endpoints);
  const client = resolveClient(form.workload.client);
  const relativeOf = (at: Position): string => composer.relativeOf(at);
  const serve = resolveServe(form.serve, { root, relativeOf, deployment, classes, sites });
  checkVolume({ deployment, classes, sites, trace, durationUs: form.duration, root }, composer.issues);
  checkCapacity({ deployment, classes, trace, root }, composer.issues);
  checkTries(deployment, client, root, composer.issues);
  if (composer.issues.length > 0) return fail(composer.issues);
  const scenario: Scenario = {
    name: form.name,
    question: form.question,
    seed,
    durationUs: form.duration,
    warmupUs: form.warmup,
    startUtcHour: form.start,
    deployment,
    workload: { classes, sites, trace, client },
    network: resolveNetwork(form.deployment.network, sites, deployment.regions),
    faults,
    objectives,
    ...(serve === undefined ? {} : { serve }),
    sha256: hashOf(root, trace, reading),
    warnings: notes,
  };
  const warnings = [...notes, ...warningsOf(scenario)];
  return {
    ok: true,
    scenario: deepFreeze({ ...scenario, warnings }),
    placeOf: (path) => placeOf(root, path),
  };
}

/**
 * SHA-256 over what the scenario says once overlays are laid and blocks in place, over the trace and preset files and a policy's code. The order of keys
 * counts, because it breaks ties; comments, spacing and a seed from the command line do not.
 */
function hashOf(root: SourceNode, trace: Trace | null, { presets, module, composer }: Reading): string {
  const traceText =
    trace === null ? undefined : composer.sideFiles.find((side) => side.path === trace.file)?.text;
  const parts = [
    "regionsim/1",
    JSON.stringify(toPlain(root)),
    traceText === undefined ? "" : sha256Hex(traceText),
    ...[...presets.values()].flatMap(({ text }) => (text === null ? [] : [sha256Hex(text)])),
    ...(module === null ? [] : [sha256Hex(module.text)]),
  ];
  return sha256Hex(parts.join("\n"));
}

/** Freezes plain objects and lists all the way down; typed arrays cannot be frozen and are trusted. */
function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || ArrayBuffer.isView(value) || Object.isFrozen(value))
    return value;
  for (const each of Object.values(value)) deepFreeze(each);
  return Object.freeze(value);
}
