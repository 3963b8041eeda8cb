/**
 * Faults from a CSV file: `at,for,kind,target` and one column per further property, the same words as in YAML. The
 * rows become the same tree a YAML list would, so that one schema checks both.
 */
import { type CsvRow, type CsvTable, cellColumn, readCsv } from "./csvRows.js";
import type { Issue, Position } from "./issue.js";
import type { SourceEntry, SourceNode } from "./sourceTree.js";

const REQUIRED = ["at", "for", "kind", "target"] as const;
const OPTIONAL = ["id", "manner", "factor", "probability", "fraction", "preempt", "add"] as const;
const NUMERIC = new Set(["factor", "probability", "fraction"]);
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/;

/** A list of faults as a tree, null when the text is no table. Empty cells are properties not given. */
export function readFaultsCsv(
  file: string,
  text: string,
): { readonly root: SourceNode | null; readonly issues: readonly Issue[] } {
  const { table, issues } = readCsv(file, text, REQUIRED, OPTIONAL);
  if (table === null) return { root: null, issues };
  const items = table.rows.map((row) => faultNode(table, row));
  return { root: { kind: "list", at: { file, line: 1, column: 1 }, items }, issues };
}

function faultNode(table: CsvTable, row: CsvRow): SourceNode {
  const at = { file: table.file, line: row.line, column: 1 };
  const entries = new Map<string, SourceEntry>();
  const ends = row.cells[table.columns.indexOf("target")]?.split("|") ?? [];
  table.columns.forEach((column, index) => {
    const cell = row.cells[index]!.trim();
    const place = { ...at, column: cellColumn(row, index) };
    if (cell === "") return;
    // Two ends with a bar between them are what YAML calls `between`.
    if (column === "target" && ends.length > 1) {
      const items = ends.map((end) => scalar(end.trim(), place));
      entries.set("between", { keyAt: place, node: { kind: "list", at: place, items } });
    } else entries.set(column, { keyAt: place, node: scalar(typed(column, cell), place) });
  });
  return { kind: "map", at, entries };
}

function scalar(value: string | number | boolean, at: Position): SourceNode {
  return { kind: "scalar", at, value };
}

function typed(column: string, cell: string): string | number | boolean {
  if (NUMERIC.has(column) && NUMBER.test(cell)) return Number(cell);
  if (column === "preempt" && (cell === "true" || cell === "false")) return cell === "true";
  return cell;
}
