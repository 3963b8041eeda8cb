/**
 * A sweep plan from its file: every mistake at once, or a {@link SweepPlan} with the places of what it says. Pure: what
 * it reads, it is handed. Whether its paths and values fit the scenario is found where both are known.
 */
import type { Issue, Position } from "./issue.js";
import { sortIssues } from "./issue.js";
import type { JsonSchema } from "./jsonSchema.js";
import { keysIn } from "./knownKeys.js";
import type { Design, PointSettings, SampledDimension, SweepPlan } from "./plan.js";
import {
  type DesignForm,
  type DimensionForm,
  MAX_PLAN_RUNS,
  MAX_POINTS,
  NUMBER_PATTERN,
  type PlanForm,
  pathsRule,
  planFileSchema,
  planJsonSchema,
} from "./planSchema.js";
import { pathsClash, settingText } from "./planSettings.js";
import { readYaml } from "./readYaml.js";
import {
  isNull,
  issueAt,
  mustBe,
  nodeAt,
  pathText,
  placeOf,
  type SourceNode,
  type SourcePath,
  toPlain,
} from "./sourceTree.js";
import { issuesFromZod } from "./zodIssues.js";

/** A plan, or everything that is wrong with its file. */
export type PlanLoad =
  | {
      readonly ok: true;
      readonly plan: SweepPlan;
      /** Where design `design`, counted from 0, says `value` of `path`, or the innermost thing around it. */
      readonly placeOf: (design: number, path: string, value: string) => Position;
      /** Whether a design chooses its values itself, between two ends. */
      readonly samples: (design: number) => boolean;
      /** Where the scenario is named. */
      readonly scenarioAt: Position;
    }
  | { readonly ok: false; readonly issues: readonly Issue[] };

let schema: JsonSchema | undefined;

/** Loads a plan. Never throws for what is in the text; `file` names it in issues. */
export function loadPlan(file: string, text: string): PlanLoad {
  const { root, issues: unreadable } = readYaml(file, text);
  if (root === null || unreadable.length > 0) return { ok: false, issues: sortIssues(unreadable) };
  const parsed = planFileSchema.safeParse(toPlain(root));
  if (!parsed.success) {
    schema ??= planJsonSchema();
    const known = schema;
    const refused = issuesFromZod(parsed.error.issues, root, (path, value) => keysIn(known, path, value));
    return { ok: false, issues: sortIssues(refused) };
  }
  const form = parsed.data;
  const issues: Issue[] = [];
  checkScenarioPath(form, root, issues);
  checkSize(form, root, issues);
  const places: Places = new Map();
  const designs = form.designs.map((design, index) => readDesign(design, index, root, places, issues));
  if (issues.length > 0) return { ok: false, issues: sortIssues(issues) };
  const { name, question, scenario, seed, replications, luck, series } = form;
  return {
    ok: true,
    plan: { name, question, scenario, seed, replications, luck, designs, keepSeries: series },
    placeOf: (design, path, value) =>
      places.get(placeKey(design, path, value)) ??
      places.get(placeKey(design, path, null)) ??
      placeOf(root, ["designs", design]),
    samples: (design) => ["latin-hypercube", "sobol"].includes(designs[design]!.kind),
    scenarioAt: placeOf(root, ["scenario"]),
  };
}

/** Where settings are written, by {@link placeKey}; the first where one is written twice. */
type Places = Map<string, Position>;

function placeKey(design: number, path: string, value: string | null): string {
  return JSON.stringify([design, path, value]);
}

function note(places: Places, key: string, at: Position): void {
  if (!places.has(key)) places.set(key, at);
}

const SCENARIO_RULE = "a path from this file, with / between folders";

/** Plans in a folder of their own name scenarios in the one above; a path from the root would hold on one machine only. */
function checkScenarioPath({ scenario }: PlanForm, root: SourceNode, issues: Issue[]): void {
  const foreign = scenario.includes("\\") || /^(\/|~|[A-Za-z][\w+.-]*:)/.test(scenario);
  if (!foreign && !scenario.endsWith("/")) return;
  const path = ["scenario"];
  const message = mustBe(path, SCENARIO_RULE, scenario);
  issues.push(issueAt(placeOf(root, path), path, { code: "path-escape", message, value: scenario }));
}

function checkSize({ designs, replications }: PlanForm, root: SourceNode, issues: Issue[]): void {
  const points = designs.reduce((sum, design) => sum + pointsIn(design), 0);
  const complain = (path: SourcePath, rule: string, value: number): void => {
    issues.push(
      issueAt(placeOf(root, path), path, { code: "too-many", message: mustBe(path, rule, value), value }),
    );
  };
  if (points > MAX_POINTS) complain(["designs"], `at most ${MAX_POINTS} points together`, points);
  else if (points * replications > MAX_PLAN_RUNS)
    complain(
      ["replications"],
      `at most ${Math.floor(MAX_PLAN_RUNS / points)} at ${points} points, for ${MAX_PLAN_RUNS} runs`,
      replications,
    );
}

function pointsIn(design: DesignForm): number {
  switch (design.kind) {
    case "grid":
      return Object.values(design.over).reduce((product, values) => product * values.length, 1);
    case "list":
      return design.points.length;
    default:
      return design.points;
  }
}

function readDesign(
  design: DesignForm,
  index: number,
  root: SourceNode,
  places: Places,
  issues: Issue[],
): Design {
  const at: SourcePath = ["designs", index];
  switch (design.kind) {
    case "grid":
      checkPaths([...at, "over"], root, issues);
      return { kind: "grid", over: readGrid([...at, "over"], index, root, places) };
    case "list": {
      const points = design.points.map((_, i) => {
        checkPaths([...at, "points", i], root, issues);
        return readPoint([...at, "points", i], index, root, places);
      });
      return { kind: "list", points };
    }
    default: {
      checkPaths([...at, "over"], root, issues);
      const over = Object.entries(design.over).map(([path, dimension]) => {
        note(places, placeKey(index, path, null), placeOf(root, [...at, "over", path]));
        return readDimension(path, dimension, [...at, "over", path], root, issues);
      });
      return { kind: design.kind, points: design.points, over };
    }
  }
}

/**
 * At least one path, each with what is to be put there; and of two paths none leads through the other, where the order
 * of laying them over would decide.
 */
function checkPaths(at: SourcePath, root: SourceNode, issues: Issue[]): void {
  const node = nodeAt(root, at);
  if (node?.kind !== "map") return;
  const paths = [...node.entries.keys()];
  if (paths.length === 0) {
    const message = mustBe(at, pathsRule(), {});
    issues.push(issueAt(node.at, at, { code: "invalid-value", message, value: {} }));
  }
  const isOver = at.at(-1) === "over";
  for (const [path, entry] of node.entries) {
    // Null deletes what the scenario has, but is no list of values and no range.
    if (!isOver || !isNull(entry.node)) continue;
    const message = `${pathText([...at, path])} is missing: it must say what values it has; to delete it, the value is [null]`;
    issues.push(issueAt(entry.keyAt, [...at, path], { code: "missing", message }));
  }
  for (const [i, path] of paths.entries()) {
    const other = paths.slice(0, i).find((each) => pathsClash(each, path));
    if (other === undefined) continue;
    const message = `${path} must be a path apart from ${other}: one holds the other`;
    issues.push(
      issueAt(node.entries.get(path)!.keyAt, [...at, path], { code: "inconsistent", message, value: path }),
    );
  }
}

/** Read off the tree, which knows an entry that is null, to delete what the scenario has, from none at all. */
function readGrid(
  at: SourcePath,
  design: number,
  root: SourceNode,
  places: Places,
): { readonly path: string; readonly values: readonly string[] }[] {
  const node = nodeAt(root, at);
  if (node?.kind !== "map") return [];
  return [...node.entries].map(([path, entry]) => {
    const items = entry.node.kind === "list" ? entry.node.items : [];
    const values = items.map((item) => {
      const value = settingText(item);
      note(places, placeKey(design, path, value), item.at);
      return value;
    });
    return { path, values };
  });
}

function readPoint(at: SourcePath, design: number, root: SourceNode, places: Places): PointSettings {
  const node = nodeAt(root, at);
  if (node?.kind !== "map") return [];
  return [...node.entries].map(([path, entry]) => {
    const value = settingText(entry.node);
    note(places, placeKey(design, path, value), entry.node.at);
    return { path, value };
  });
}

function readDimension(
  path: string,
  form: DimensionForm,
  at: SourcePath,
  root: SourceNode,
  issues: Issue[],
): SampledDimension {
  const [from, fromUnit] = numberOf(form.from);
  const [to, toUnit] = numberOf(form.to);
  const refuse = (key: "from" | "to", rule: string): void => {
    const where = [...at, key];
    const message = mustBe(where, rule, form[key]);
    issues.push(issueAt(placeOf(root, where), where, { code: "inconsistent", message, value: form[key] }));
  };
  if (toUnit !== fromUnit)
    refuse("to", fromUnit === "" ? "a number alone, as from is" : `in ${fromUnit}, as from is`);
  else if (to <= from) refuse("to", `above ${from}${fromUnit}`);
  if (form.scale === "log" && from <= 0) refuse("from", "above 0 on a log scale");
  if (form.integer && !Number.isInteger(from)) refuse("from", "a whole number");
  if (form.integer && !Number.isInteger(to)) refuse("to", "a whole number");
  return { path, from, to, scale: form.scale, integer: form.integer, suffix: fromUnit };
}

function numberOf(written: number | string): readonly [value: number, unit: string] {
  if (typeof written === "number") return [written, ""];
  const [, digits, unit] = NUMBER_PATTERN.exec(written) ?? [];
  return [Number(digits), unit ?? ""];
}
