/** CSV text: RFC 4180 quoting, and text cells that no spreadsheet evaluates. */
import { csvFormatRows } from "d3-dsv";

/** Null is an empty cell. */
export type Cell = string | number | boolean | null;
/** As many cells as there are heads. */
export type Row = readonly Cell[];

/** What makes a spreadsheet evaluate a cell, at its start. */
const FORMULA_LEADER = /^[=+\-@\t\r\0]/;

/** A cell as CSV text before quoting: null is empty, booleans are words, text is inert. */
function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  return FORMULA_LEADER.test(cell) ? `'${cell}` : cell;
}

/** One header line, then the rows. */
export function table(heads: readonly string[], rows: readonly Row[]): string {
  return `${csvFormatRows([[...heads], ...rows.map((row) => row.map(cellText))])}\n`;
}
