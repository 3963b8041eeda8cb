/** Tables for a terminal of a given width. */

const INDENT = "  ";
const GAP = "  ";
/** No column is made narrower. */
const LEAST_WIDTH = 8;

/**
 * The lines of every row. Columns are as wide as their widest cell, or less where they must be, and then a cell goes on
 * below. `right` columns are figures.
 */
export function tableLines(
  rows: readonly (readonly string[])[],
  right: readonly number[],
  widthCharacters: number,
): readonly (readonly string[])[] {
  const widths = fittingWidths(rows, widthCharacters - INDENT.length);
  return rows.map((row) => {
    const cells = row.map((cell, i) => cellLines(cell, widths[i]!));
    const height = Math.max(...cells.map((lines) => lines.length));
    return Array.from({ length: height }, (_, l) => {
      const line = cells.map((lines, i) => padded(lines[l] ?? "", widths[i]!, right.includes(i))).join(GAP);
      return `${INDENT}${line}`.trimEnd();
    });
  });
}

/** Takes from the widest column until the table fits, or none can give any more. */
function fittingWidths(rows: readonly (readonly string[])[], room: number): readonly number[] {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => Array.from(row[i] ?? "").length)),
  );
  const over = (): number =>
    widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - room;
  while (over() > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= LEAST_WIDTH) break;
    widths[widest] = widths[widest]! - 1;
  }
  return widths;
}

/** A cell in lines no wider than its column; a longer word is cut. */
function cellLines(cell: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of cell.split(" ")) {
    let rest = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Array.from(rest).length > width) {
      lines.push(line);
      rest = word;
    }
    for (; Array.from(rest).length > width; rest = Array.from(rest).slice(width).join(""))
      lines.push(Array.from(rest).slice(0, width).join(""));
    line = rest;
  }
  return [...lines, line];
}

function padded(text: string, width: number, isRight: boolean): string {
  const blank = " ".repeat(Math.max(0, width - Array.from(text).length));
  return isRight ? blank + text : text + blank;
}
