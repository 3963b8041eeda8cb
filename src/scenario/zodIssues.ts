/**
 * What a schema found wrong, as issues with places, whole sentences and suggestions. A failed choice between forms
 * is reported as the form the writer most likely meant, not as all of them.
 */
import type { z } from "zod";
import type { Issue, IssueCode } from "./issue.js";
import { nearestKey } from "./keyAliases.js";
import { knownKeys } from "./knownKeys.js";
import {
  child,
  issueAt,
  keyPlaceOf,
  mustBe,
  nodeAt,
  pathText,
  placeOf,
  type SourceNode,
  type SourcePath,
  toPlain,
} from "./sourceTree.js";
import { nearest } from "./suggest.js";
import {
  DURATION_RULE,
  FINE_TIME_RULE,
  mendBareDuration,
  RATE_RULE,
  RATIO_RULE,
  type Reading,
  readDurationUs,
  readFineTimeUs,
  readRatePerSecond,
  readRatio,
} from "./units.js";
import { oneOf, ruleOf } from "./zodRules.js";

type ZodIssue = z.core.$ZodIssue;

/** The keys a mapping at a path may have, given what stands there. */
type KnownKeys = (path: SourcePath, value: unknown) => readonly string[];

/** Issues for what the schema refused about the file at `root`; `known` is that of scenarios unless told. */
export function issuesFromZod(
  problems: readonly ZodIssue[],
  root: SourceNode,
  known: KnownKeys = knownKeys,
): readonly Issue[] {
  return problems.flatMap((problem) => fromProblem(problem, root, [], known));
}

function fromProblem(
  problem: ZodIssue,
  root: SourceNode,
  prefix: SourcePath,
  known: KnownKeys,
): readonly Issue[] {
  const path = [...prefix, ...problem.path.map((step) => (typeof step === "number" ? step : String(step)))];
  if (problem.code === "unrecognized_keys") return unknownKeys(problem, root, path, known);
  if (problem.code === "invalid_union") return fromUnion(problem, root, path, known);
  if (problem.code === "invalid_key") return [badKey(problem, root, path)];
  const node = nodeAt(root, path);
  if (node === undefined && isAbsent(problem)) return [missing(problem.message, root, path)];
  const value = node === undefined ? undefined : toPlain(node);
  const rule = ruleOf(problem);
  const code = codeOf(problem);
  const suggestion = mend(rule, problem, value);
  return [
    issueAt(placeOf(root, path), path, { code, message: mustBe(path, rule, value), value, suggestion }),
  ];
}

function isAbsent(problem: ZodIssue): boolean {
  return problem.code === "invalid_type" || problem.code === "invalid_value";
}

function missing(rule: string, root: SourceNode, path: SourcePath): Issue {
  const wording = /^Invalid/.test(rule) ? "" : `: it must be ${rule}`;
  return issueAt(placeOf(root, path.slice(0, -1)), path, {
    code: "missing",
    message: `${pathText(path)} is missing${wording}`,
  });
}

function unknownKeys(
  problem: ZodIssue & { readonly keys: readonly string[] },
  root: SourceNode,
  path: SourcePath,
  known: KnownKeys,
): readonly Issue[] {
  const node = nodeAt(root, path);
  const keys = known(path, node === undefined ? undefined : toPlain(node));
  return problem.keys.map((key) => {
    const full = [...path, key];
    const near = nearestKey(key, keys);
    const node = nodeAt(root, full);
    return issueAt(keyPlaceOf(root, full), full, {
      code: "unknown-key",
      message: `${pathText(full)} is unknown`,
      value: node === undefined ? undefined : toPlain(node),
      suggestion: near,
    });
  });
}

function badKey(
  problem: ZodIssue & { readonly issues: readonly ZodIssue[] },
  root: SourceNode,
  path: SourcePath,
): Issue {
  const key = path[path.length - 1];
  const rule = problem.issues[0]?.message ?? "a valid key";
  const message = `the key ${pathText(path)} must be ${rule}, got ${JSON.stringify(key)}`;
  return issueAt(keyPlaceOf(root, path), path, { code: "invalid-value", message, value: key });
}

function fromUnion(
  problem: ZodIssue & { readonly errors: readonly (readonly ZodIssue[])[] },
  root: SourceNode,
  path: SourcePath,
  known: KnownKeys,
): readonly Issue[] {
  const options = "options" in problem && Array.isArray(problem.options) ? problem.options.map(String) : null;
  if (options !== null) return [badChoice(options, root, path)];
  const value = nodeAt(root, path);
  if (
    value === undefined &&
    problem.errors.every((branch) => branch.some((issue) => issue.path.length === 0 && isAbsent(issue)))
  ) {
    return [missing("Invalid", root, path)];
  }
  const branches = problem.errors.flatMap(flattened);
  const kinds = value === undefined ? [] : kindsOf(branches);
  if (kinds.length > 0 && child(value, "kind") !== undefined)
    return [badChoice(kinds, root, [...path, "kind"])];
  const roots = branches.flatMap((branch) => branch.find(isRootMismatch) ?? []);
  const onlyFormat =
    roots.some((issue) => issue.code === "invalid_format") &&
    !roots.some((issue) => issue.code === "invalid_value");
  if (onlyFormat || roots.length < branches.length || value === undefined) {
    return likeliest(branches).flatMap((issue) => fromProblem(issue, root, path, known));
  }
  return [wrongAltogether(roots, value, path)];
}

function isRootMismatch(issue: ZodIssue): boolean {
  return issue.path.length === 0 && (isAbsent(issue) || issue.code === "invalid_format");
}

/** The forms of a choice that is itself one form of a choice. */
function flattened(branch: readonly ZodIssue[]): readonly (readonly ZodIssue[])[] {
  const [only] = branch;
  const nested =
    branch.length === 1 && only?.code === "invalid_union" && only.path.length === 0 && only.errors.length > 0;
  return nested ? only.errors.flatMap(flattened) : [branch];
}

/** The kinds to choose from, when every form that knows kinds refuses the one given; otherwise none. */
function kindsOf(branches: readonly (readonly ZodIssue[])[]): readonly string[] {
  const mappings = branches.filter(
    (branch) => !branch.some((issue) => issue.path.length === 0 && (isAbsent(issue) || isKindless(issue))),
  );
  const kinds = mappings.map((branch) =>
    branch.find((issue) => issue.path.length === 1 && issue.path[0] === "kind"),
  );
  if (mappings.length === 0 || !kinds.every((issue) => issue !== undefined)) return [];
  return [
    ...new Set(kinds.flatMap((issue) => (issue?.code === "invalid_value" ? issue.values.map(String) : []))),
  ];
}

function isKindless(issue: ZodIssue): boolean {
  return issue.code === "unrecognized_keys" && issue.keys.includes("kind");
}

/** A value of another type, or another word, than any of the forms: all their rules in one sentence. */
function wrongAltogether(roots: readonly ZodIssue[], value: SourceNode, path: SourcePath): Issue {
  const given = toPlain(value);
  const rules = [...new Set(roots.map(ruleOf))];
  const suggestion = roots
    .map((issue) => mend(ruleOf(issue), issue, given))
    .find((each) => each !== undefined);
  const word = typeof given === "string" && roots.some((issue) => issue.code === "invalid_value");
  return issueAt(value.at, path, {
    code: word ? "invalid-value" : "invalid-type",
    message: mustBe(path, rules.join(", or "), given),
    value: given,
    suggestion,
  });
}

/** The branch whose mistakes are fewest, after those of another type or another kind altogether. Ties: the earlier. */
function likeliest(branches: readonly (readonly ZodIssue[])[]): readonly ZodIssue[] {
  let best: readonly ZodIssue[] = branches[0] ?? [];
  let bestScore = Number.POSITIVE_INFINITY;
  for (const branch of branches) {
    const otherType = branch.some((issue) => issue.path.length === 0 && issue.code === "invalid_type");
    const otherWord = branch.some((issue) => issue.path.length === 0 && issue.code === "invalid_value");
    const otherKind = branch.some((issue) => issue.path.length === 1 && issue.path[0] === "kind");
    const mistakes = branch.reduce(
      (sum, issue) => sum + (issue.code === "unrecognized_keys" ? issue.keys.length : 1),
      0,
    );
    const score =
      mistakes + (otherType ? 1_000_000 : 0) + (otherWord ? 100_000 : 0) + (otherKind ? 1_000 : 0);
    if (score < bestScore) {
      best = branch;
      bestScore = score;
    }
  }
  return best;
}

function badChoice(options: readonly string[], root: SourceNode, path: SourcePath): Issue {
  const node = nodeAt(root, path);
  const rule = oneOf(options);
  if (node === undefined) {
    return issueAt(placeOf(root, path.slice(0, -1)), path, {
      code: "missing",
      message: `${pathText(path)} is missing: it must be ${rule}`,
    });
  }
  const value = toPlain(node);
  return issueAt(node.at, path, {
    code: "invalid-value",
    message: mustBe(path, rule, value),
    value,
    suggestion: nearWord(value, options),
  });
}

function codeOf(problem: ZodIssue): IssueCode {
  if (problem.code === "custom") {
    const code: unknown = problem.params?.code;
    return typeof code === "string" ? (code as IssueCode) : "invalid-value";
  }
  if (problem.code === "invalid_type") return problem.expected === "int" ? "invalid-value" : "invalid-type";
  if (problem.code === "too_small" || problem.code === "too_big") return "out-of-range";
  return "invalid-value";
}

/** What to write instead, where the rule and the value tell. */
function mend(rule: string, problem: ZodIssue, value: unknown): string | undefined {
  if (problem.code === "invalid_value") return nearWord(value, problem.values.map(String));
  if (rule === FINE_TIME_RULE && typeof value === "number") return `"${value}ms" or "${value}us"`;
  if (rule === DURATION_RULE && typeof value === "number") return mendBareDuration(value);
  if (rule === RATE_RULE && typeof value === "number") return `"${value}rps"`;
  if (rule === DURATION_RULE && typeof value === "string") return suggestionOf(readDurationUs(value));
  if (rule === FINE_TIME_RULE && typeof value === "string") return suggestionOf(readFineTimeUs(value));
  if (rule === RATE_RULE && typeof value === "string") return suggestionOf(readRatePerSecond(value));
  if (rule === RATIO_RULE && (typeof value === "string" || typeof value === "number"))
    return suggestionOf(readRatio(value));
  if (typeof value === "number" && problem.code === "invalid_type" && problem.expected === "string")
    return `"${value}"`;
  if (
    typeof value === "string" &&
    problem.code === "invalid_type" &&
    problem.expected === "number" &&
    /^\d+(\.\d+)?$/.test(value)
  )
    return value;
  return undefined;
}

function suggestionOf(reading: Reading): string | undefined {
  return reading.ok ? undefined : reading.suggestion;
}

function nearWord(value: unknown, words: readonly string[]): string | undefined {
  const near = typeof value === "string" ? nearest(value, words) : undefined;
  return near === undefined ? undefined : JSON.stringify(near);
}
