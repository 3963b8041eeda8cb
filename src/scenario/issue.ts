/**
 * What is wrong with a file, where, and what to write instead. Wrong input is never an exception:
 * loaders collect issues and return all of them at once.
 */

/** A place in a text; line and column count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The closed list of what can be wrong; stable, so that scripts may match on it. */
export const ISSUE_CODES = [
  "syntax",
  "duplicate-key",
  "reserved-key",
  "unknown-key",
  "missing",
  "invalid-type",
  "invalid-value",
  "out-of-range",
  "unknown-reference",
  "unsafe-integer",
  "not-finite",
  "inconsistent",
  "too-deep",
  "too-large",
  "too-many",
  "too-long",
  "alias-bomb",
  "cycle",
  "path-escape",
  "unreadable",
] as const;

/** One of {@link ISSUE_CODES}. */
export type IssueCode = (typeof ISSUE_CODES)[number];

/** One mistake. `message` is a whole sentence without the position. */
export interface Issue extends Position {
  /** Dotted path such as `deployment.regions.eu.at`; empty for the file as a whole. */
  readonly path: string;
  readonly code: IssueCode;
  readonly message: string;
  /** What was received, as it would be written, at most 80 characters; empty when nothing was. */
  readonly value: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** How {@link formatIssues} prints. */
export interface FormatOptions {
  /** `text` for people, `json` for programs, `github` for workflow annotations. */
  readonly format: "text" | "json" | "github";
}

const VALUE_LIMIT = 80;

/** Shows a value as it would be written in JSON, cut to 80 characters. */
export function showValue(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  const text = typeof value === "string" ? JSON.stringify(value.slice(0, VALUE_LIMIT + 1)) : shortJson(value);
  return text.length > VALUE_LIMIT ? `${text.slice(0, VALUE_LIMIT - 1)}…` : text;
}

function shortJson(value: unknown): string {
  if (value === null || typeof value !== "object") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `a list of ${value.length}`;
  const keys = Object.keys(value);
  return keys.length === 0 ? "{}" : `{ ${keys.slice(0, 4).join(", ")}${keys.length > 4 ? ", …" : ""} }`;
}

/** Orders by file, line, column, then message, and drops repeats of the same mistake at the same place. */
export function sortIssues(issues: readonly Issue[]): readonly Issue[] {
  const seen = new Set<string>();
  const kept = issues.filter((issue) => {
    const key = `${issue.file}:${issue.line}:${issue.column}:${issue.code}:${issue.value}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return kept.sort(
    (a, b) =>
      compareText(a.file, b.file) ||
      a.line - b.line ||
      a.column - b.column ||
      compareText(a.message, b.message),
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Prints issues, one per line in `text` and `github`; always ends in a newline unless empty. */
export function formatIssues(issues: readonly Issue[], options: FormatOptions): string {
  switch (options.format) {
    case "json":
      return `${JSON.stringify({ problems: issues }, null, 2)}\n`;
    case "github":
      return issues.map((issue) => `${githubLine(issue)}\n`).join("");
    case "text":
      return textReport(issues);
  }
}

function textReport(issues: readonly Issue[]): string {
  if (issues.length === 0) return "";
  const files = [...new Set(issues.map((issue) => issue.file))];
  const count = `${issues.length} problem${issues.length === 1 ? "" : "s"}`;
  const lines = issues.map(
    (issue) => `${issue.file}:${issue.line}:${issue.column}: ${sentence(issue)} [${issue.code}]`,
  );
  return `${files.length === 1 ? files[0] : `${files.length} files`}: ${count}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function sentence(issue: Issue): string {
  return issue.suggestion === undefined
    ? issue.message
    : `${issue.message} (did you mean ${issue.suggestion}?)`;
}

function githubLine(issue: Issue): string {
  const title = `${issue.code}${issue.path === "" ? "" : ` at ${issue.path}`}`;
  const fields = `file=${githubProperty(issue.file)},line=${issue.line},col=${issue.column},title=${githubProperty(title)}`;
  return `::error ${fields}::${githubData(sentence(issue))}`;
}

/** A text as the message of a workflow annotation. */
export function githubData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** A text as a field of a workflow annotation. */
export function githubProperty(text: string): string {
  return githubData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
