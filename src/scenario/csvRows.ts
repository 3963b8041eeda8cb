/**
 * CSV text to rows with line numbers, strictly: a header that says which columns there are, every row as long as the
 * header, quotes closed. Nothing is padded, dropped or guessed.
 */
import { csvParseRows } from "d3-dsv";
import type { Issue, Position } from "./issue.js";
import { issueAt } from "./sourceTree.js";
import { nearest } from "./suggest.js";
import { checkText, MAX_ITEMS, MAX_STRING_LENGTH } from "./textLimits.js";

/** A CSV file with a known header. */
export interface CsvTable {
  readonly file: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/** One row; `cells` are as many as the header's columns. */
export interface CsvRow {
  /** Line on which the row begins, from 1. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** A table, or why the text is none. */
export type CsvReading = { readonly table: CsvTable | null; readonly issues: readonly Issue[] };

/** Mistakes after this many are not listed: a file with the wrong separator has one in every row. */
export const MAX_CSV_ISSUES = 100;

/**
 * Reads a table whose header has all of `required` and none but `required` and `optional`, in any order. Lines before
 * the header that begin with # say where the figures come from, and are left out.
 */
export function readCsv(
  file: string,
  text: string,
  required: readonly string[],
  optional: readonly string[],
): CsvReading {
  const top = { file, line: 1, column: 1 };
  const limits = checkText(file, text);
  if (limits.length > 0) return { table: null, issues: limits };
  const clean = text.startsWith("\ufeff") ? text.slice(1) : text;
  const notes = /^(?:#[^\n]*\n)*/.exec(clean)![0];
  const firstLine = notes.split("\n").length;
  const body = clean.slice(notes.length);
  const quote = openQuote(body, firstLine);
  if (quote !== null) {
    const rule = "a quote must be closed, got none until the end of the file";
    return refuse(cellIssue({ ...top, line: quote }, "syntax", rule));
  }
  const { rows, tooMany } = linedRows(body, firstLine);
  const header = rows[0];
  if (header === undefined) {
    return refuse(cellIssue(top, "missing", `the file must have a header: ${required.join(",")}`));
  }
  if (tooMany) return refuse(cellIssue(top, "too-many", `the file must have at most ${MAX_ITEMS} rows`));
  const columns = header.cells.map((cell) => cell.trim());
  const table = { file, columns, rows: rows.slice(1) };
  const issues = [...headerIssues({ file, line: header.line }, columns, required, optional)];
  if (issues.length === 0) issues.push(...rowIssues(table));
  return { table: issues.length > 0 ? null : table, issues };
}

function refuse(issue: Issue): CsvReading {
  return { table: null, issues: [issue] };
}

function rowIssues({ file, columns, rows }: CsvTable): readonly Issue[] {
  const issues: Issue[] = [];
  for (const row of rows) {
    if (issues.length >= MAX_CSV_ISSUES) break;
    const long = row.cells.findIndex((cell) => cell.length > MAX_STRING_LENGTH);
    if (long >= 0) {
      const at = { file, line: row.line, column: cellColumn(row, long) };
      issues.push(cellIssue(at, "too-long", `a cell must have at most ${MAX_STRING_LENGTH} characters`));
    }
    if (row.cells.length === columns.length) continue;
    const message = `a row must have ${columns.length} cells, as the header has, got ${row.cells.length}`;
    issues.push(cellIssue({ file, line: row.line, column: 1 }, "inconsistent", message, row.cells.length));
  }
  return issues;
}

/** Column at which a cell begins, from 1, when no cell before it is quoted; close enough when one is. */
export function cellColumn(row: CsvRow, index: number): number {
  let column = 1;
  for (let i = 0; i < index; i += 1) column += (row.cells[i]?.length ?? 0) + 1;
  return column;
}

/** An issue about a cell or row. */
export function cellIssue(
  at: Position,
  code: Issue["code"],
  message: string,
  value?: unknown,
  suggestion?: string,
): Issue {
  return issueAt(at, [], { code, message, value, suggestion });
}

function* headerIssues(
  { file, line }: { readonly file: string; readonly line: number },
  columns: readonly string[],
  required: readonly string[],
  optional: readonly string[],
): Generator<Issue> {
  const known = [...required, ...optional];
  let column = 1;
  for (const [index, name] of columns.entries()) {
    const at = { file, line, column };
    column += name.length + 1;
    if (columns.indexOf(name) !== index)
      yield cellIssue(at, "duplicate-key", `duplicate column ${JSON.stringify(name)}`, name);
    else if (!known.includes(name)) {
      const near = nearest(name, known);
      yield cellIssue(
        at,
        "unknown-key",
        `column ${JSON.stringify(name.slice(0, 60))} is unknown; there is ${known.join(", ")}`,
        name,
        near,
      );
    }
  }
  for (const name of required) {
    if (!columns.includes(name))
      yield cellIssue({ file, line, column: 1 }, "missing", `column ${JSON.stringify(name)} is missing`);
  }
}

/** The line on which a quoted cell begins that never ends, or null; the first line is `firstLine`. */
function openQuote(text: string, firstLine: number): number | null {
  let line = firstLine;
  let openLine = firstLine;
  let open = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x0a) line += 1;
    else if (code === 0x22) {
      if (!open) openLine = line;
      open = !open;
    }
  }
  return open ? openLine : null;
}

/** Rows with the lines they begin on, the first of them `firstLine`; blank lines are left out. */
function linedRows(
  text: string,
  firstLine: number,
): { readonly rows: readonly CsvRow[]; readonly tooMany: boolean } {
  const rows: CsvRow[] = [];
  let line = firstLine;
  for (const cells of csvParseRows(text)) {
    if (!(cells.length === 1 && cells[0] === "")) rows.push({ line, cells });
    if (rows.length > MAX_ITEMS + 1) return { rows, tooMany: true };
    line += 1;
    for (const cell of cells) {
      for (let next = cell.indexOf("\n"); next >= 0; next = cell.indexOf("\n", next + 1)) line += 1;
    }
  }
  return { rows, tooMany: false };
}
