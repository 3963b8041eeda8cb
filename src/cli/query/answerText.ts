/** An answer as people, spreadsheets and programs read it. */
import { table } from "../../result/csvTable.js";
import type { QueryAnswer } from "./duckdb.js";

/** How an answer is written. */
export type AnswerForm = "text" | "csv" | "json";

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Columns two spaces apart, numbers to the right: what copies well into a ticket. */
function aligned({ columns, rows }: QueryAnswer): string {
  const cells = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, c) => Math.max(...cells.map((row) => row[c]!.length)));
  const toRight = columns.map((_, c) => rows.every((row) => row[c] === null || typeof row[c] === "number"));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, c) => (toRight[c] === true ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join("  ")
      .trimEnd();
  return `${cells.map(line).join("\n")}\n`;
}

/** The answer in the form asked for, with a line feed at the end. */
export function answerText(answer: QueryAnswer, form: AnswerForm): string {
  const { columns, rows } = answer;
  if (form === "json") {
    const objects = rows.map((row) => Object.fromEntries(columns.map((name, c) => [name, row[c] ?? null])));
    return `${JSON.stringify(objects, null, 2)}\n`;
  }
  if (form === "text") return aligned(answer);
  const asCell = (value: unknown): string | number | null =>
    typeof value === "number" || value === null ? value : cellText(value);
  return table(
    columns,
    rows.map((row) => row.map(asCell)),
  );
}
