/**
 * What a schema cannot see in rollouts, standbys, drills and evacuations: that what they name exists, and that what they
 * say fits together.
 */
import type { Issue } from "./issue.js";
import { checkKnown, checkOnce, type Names, unknownName, wordsAt } from "./names.js";
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
import { readDurationUs } from "./units.js";

/** What every check here needs. */
interface Checking {
  readonly deployment: SourceNode;
  readonly names: Names;
  /** Endpoints that are standbys. */
  readonly standbys: readonly string[];
  readonly issues: Issue[];
}

/** Checks the blocks; complaints go to `issues`. */
export function checkDrift(root: SourceNode, names: Names, issues: Issue[]): void {
  const deployment = child(root, "deployment");
  if (deployment === undefined) return;
  const endpoints = entriesOf(child(deployment, "endpoints"));
  const standbys = endpoints.flatMap(([id, { node }]) => (child(node, "standby") === undefined ? [] : [id]));
  const checking = { deployment, names, standbys, issues };
  for (const [id, { node }] of endpoints) {
    const standby = child(node, "standby");
    if (standby?.kind === "map") checkStandby(standby, id, textOf(child(node, "model")), checking);
  }
  checkRollouts(checking);
  checkDrills(checking);
  checkEvacuations(checking);
}

function inconsistent(node: SourceNode, path: SourcePath, message: string, issues: Issue[]): void {
  issues.push(issueAt(node.at, path, { code: "inconsistent", message }));
}

function checkStandby(node: SourceNode, id: string, model: string | undefined, checking: Checking): void {
  const path = ["deployment", "endpoints", id, "standby"];
  const { names, standbys, issues } = checking;
  for (const word of wordsAt(child(node, "of"), [...path, "of"])) {
    checkKnown(word.node, word.path, "endpoint", names.endpoints, issues);
    if (standbys.includes(word.text))
      inconsistent(
        word.node,
        word.path,
        mustBe(word.path, "an endpoint that is no standby itself", word.text),
        issues,
      );
  }
  checkTrigger(node, path, checking);
  if (child(node, "of") === undefined && model !== undefined && !hasActive(model, checking)) {
    const message = `${pathText(path)} must stand in for something: no endpoint of model ${JSON.stringify(model)} serves while all is well`;
    inconsistent(node, path, message, issues);
  }
}

function hasActive(model: string, { deployment, standbys }: Checking): boolean {
  return entriesOf(child(deployment, "endpoints")).some(
    ([id, { node }]) => !standbys.includes(id) && textOf(child(node, "model")) === model,
  );
}

/** Each trigger has its own settings, and belief needs somebody who looks. */
function checkTrigger(node: SourceNode, path: SourcePath, { deployment, issues }: Checking): void {
  const isManual = textOf(child(node, "on")) === "manual";
  const foreign = isManual ? ["hold", "quorum"] : ["at"];
  for (const key of foreign) {
    const found = child(node, key);
    if (found === undefined) continue;
    const full = [...path, key];
    const message = `${pathText(full)} must be left out where on is ${isManual ? "manual" : "belief"}`;
    issues.push(issueAt(keyPlaceOf(node, [key]), full, { code: "inconsistent", message }));
  }
  if (isManual && child(node, "at") === undefined) {
    const message = `${pathText([...path, "at"])} is missing: a standby that is promoted by hand must say when`;
    issues.push(issueAt(node.at, [...path, "at"], { code: "missing", message }));
  }
  if (!isManual && textOf(child(child(deployment, "routing"), "health")) === "none") {
    const message = `${pathText([...path, "on"])} must be manual where routing.health is none: nobody would ever believe that anything is lost`;
    inconsistent(child(node, "on") ?? node, [...path, "on"], message, issues);
  }
}

function checkRollouts({ deployment, names, issues }: Checking): void {
  itemsOf(child(deployment, "rollouts")).forEach((rollout, index) => {
    const seen = new Set<string>();
    const path = ["deployment", "rollouts", index, "endpoints"];
    for (const word of wordsAt(child(rollout, "endpoints"), path)) {
      checkKnown(word.node, word.path, "endpoint", names.endpoints, issues);
      checkOnce(word.node, word.path, seen, issues);
    }
  });
}

function checkClasses(node: SourceNode | undefined, path: SourcePath, { names, issues }: Checking): void {
  const seen = new Set<string>();
  for (const word of wordsAt(node, path)) {
    checkKnown(word.node, word.path, "class", names.classes, issues);
    checkOnce(word.node, word.path, seen, issues);
  }
}

function checkDrills(checking: Checking): void {
  const { deployment, names, standbys, issues } = checking;
  const ids = new Set<string>();
  itemsOf(child(deployment, "drills")).forEach((drill, index) => {
    const path = ["deployment", "drills", index];
    checkOnce(child(drill, "id"), [...path, "id"], ids, issues);
    const standby = child(drill, "standby");
    const region = child(drill, "region");
    checkKnown(region, [...path, "region"], "region", names.regions, issues);
    const name = textOf(standby);
    if (standby !== undefined && name !== undefined && !standbys.includes(name))
      issues.push(unknownName(standby, [...path, "standby"], "standby", name, standbys));
    checkClasses(child(drill, "classes"), [...path, "classes"], checking);
    if (drill.kind === "map" && (standby === undefined) === (region === undefined)) {
      const message = `${pathText(path)} must say either standby or region, got ${standby === undefined ? "neither" : "both"}`;
      issues.push(
        issueAt(drill.at, path, { code: standby === undefined ? "missing" : "inconsistent", message }),
      );
    }
  });
}

function checkEvacuations(checking: Checking): void {
  const { deployment, names, issues } = checking;
  const ids = new Set<string>();
  const isDirect = textOf(child(child(deployment, "entry"), "kind")) === "direct";
  itemsOf(child(deployment, "evacuations")).forEach((evacuation, index) => {
    const path = ["deployment", "evacuations", index];
    checkOnce(child(evacuation, "id"), [...path, "id"], ids, issues);
    checkKnown(child(evacuation, "region"), [...path, "region"], "region", names.regions, issues);
    checkClasses(child(evacuation, "classes"), [...path, "classes"], checking);
    itemsOf(child(evacuation, "stages")).forEach((stage, s) => {
      const does = child(stage, "does");
      if (does === undefined || textOf(does) !== "drain-entry" || !isDirect) return;
      const full = [...path, "stages", s, "does"];
      const message = `${pathText(full)} must not be drain-entry where entry is direct: users' programs know the gateways themselves`;
      inconsistent(does, full, message, issues);
    });
    checkReturn(evacuation, path, issues);
  });
}

/** Traffic cannot come back before it has left. */
function checkReturn(evacuation: SourceNode, path: SourcePath, issues: Issue[]): void {
  const returnAt = child(evacuation, "returnAt");
  const stages = child(evacuation, "stages");
  const startUs = usOf(child(evacuation, "at"));
  const returnUs = usOf(returnAt);
  if (returnAt === undefined || startUs === null || returnUs === null) return;
  const takesUs = stages === undefined ? DEFAULT_STAGES_US : sumOfStages(stages);
  if (takesUs === null || returnUs >= startUs + takesUs) return;
  const full = [...path, "returnAt"];
  const rule = `at or after the end of the last stage (${Math.ceil((startUs + takesUs) / 1e6)}s)`;
  inconsistent(returnAt, full, mustBe(full, rule, textOf(returnAt)), issues);
}

/** The default stages together: 5m, 2m and 5m. */
const DEFAULT_STAGES_US = 720_000_000;

function sumOfStages(stages: SourceNode): number | null {
  return itemsOf(stages).reduce<number | null>((sum, stage) => {
    const us = usOf(child(stage, "takes"));
    return sum === null || us === null ? null : sum + us;
  }, 0);
}

function usOf(node: SourceNode | undefined): number | null {
  const text = textOf(node);
  if (text === undefined) return null;
  const reading = readDurationUs(text);
  return reading.ok ? reading.value : null;
}
