/** Small pieces of Markdown. Every text that comes in is escaped here. */
import { plain } from "./format.js";

/** Names come from a file: nothing in them may end a cell, start a tag or a link. */
export function cell(text: string): string {
  return plain(text).replace(/[\\|<>[\]`*_]/g, (character) => `\\${character}`);
}

/** A section of bullets; empty where there are none. */
export function bullets(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `## ${title}\n\n${lines.map((line) => `- ${cell(line)}`).join("\n")}`;
}

/** A section with a table; empty where it has no rows. Cells that begin and end in `**` are bold. */
export function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map((row) => `| ${row.map(bold).join(" | ")} |`);
  return `## ${title}\n\n| ${heads.join(" | ")} |\n|${heads.map(() => " --- |").join("")}\n${lines.join("\n")}`;
}

/** A cell that is set in bold keeps its own asterisks. */
function bold(text: string): string {
  return text.startsWith("**") && text.endsWith("**") ? `**${cell(text.slice(2, -2))}**` : cell(text);
}
