/** Small pieces of HTML. Every text that comes in is escaped here, so that no caller can forget. */
import { html } from "./escape.js";

/** A cell: text to the left, or a figure to the right, ready to read either way. */
export interface Cell {
  readonly text: string;
  readonly figure: boolean;
}

/** Cells from plain values; numbers that are already formatted come as {@link figure}. */
export function words(text: string): Cell {
  return { text, figure: false };
}

/** A cell that lines up with the figures above and below it. */
export function figure(text: string): Cell {
  return { text, figure: true };
}

/** A table before it is markup: every row has as many cells as there are heads. */
export interface Table {
  readonly title: string;
  /** One sentence on how to read it. */
  readonly note: string;
  readonly heads: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** A table that scrolls sideways by itself where it does not fit; a sentence where it has no rows. */
export function tableMarkup(table: Table): string {
  if (table.rows.length === 0) return "<p>None in this run.</p>";
  const first = table.rows[0]!;
  const heads = table.heads
    .map((head, i) => `<th scope="col"${first[i]?.figure === true ? ' class="n"' : ""}>${html(head)}</th>`)
    .join("");
  const body = table.rows.map((row) => `<tr>${row.map(cellMarkup).join("")}</tr>`).join("\n");
  return (
    `<div class="scroll" role="region" aria-label="${html(table.title)}" tabindex="0">\n<table>\n` +
    `<thead><tr>${heads}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>\n</div>`
  );
}

function cellMarkup(cell: Cell): string {
  return cell.figure ? `<td class="n">${html(cell.text)}</td>` : `<td>${html(cell.text)}</td>`;
}

/** A table folded away under its title; it opens without a script. */
export function foldedTable(table: Table): string {
  const note = table.note === "" ? "" : `<p class="lede">${html(table.note)}</p>\n`;
  return `<details>\n<summary>${html(table.title)}</summary>\n<div>\n${note}${tableMarkup(table)}\n</div>\n</details>`;
}

/** PASS or FAIL: the word carries the meaning, the colour repeats it. */
export function badge(pass: boolean): string {
  return pass ? '<span class="badge pass">PASS</span>' : '<span class="badge fail">FAIL</span>';
}

/** A small square of a colour of ours, beside a word that says the same. */
export function swatch(colour: string): string {
  return `<svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" fill="${html(colour)}"/></svg>`;
}

/** A list without bullets; items are markup already. */
export function listMarkup(items: readonly string[]): string {
  return `<ul class="plain">\n${items.map((item) => `<li>${item}</li>`).join("\n")}\n</ul>`;
}
