/** Tables for a terminal of a given width. */

const INDENT = "  ";
const GAP = "  ";
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

/** Longer words are cut where there is no room for them. */
const LONGEST_WORD = 24;

/** Takes from the widest column that is wider than its longest word until the table fits, or none can give any more. */
function fittingWidths(rows: readonly (readonly string[])[], room: number): readonly number[] {
  const columns = (rows[0] ?? []).map((_, i) => rows.map((row) => row[i] ?? ""));
  const longest = (words: readonly string[]): number =>
    Math.max(...words.map((word) => Array.from(word).length));
  const widths = columns.map(longest);
  const least = columns.map((cells) =>
    Math.min(LONGEST_WORD, longest(cells.flatMap((cell) => cell.split(" ")))),
  );
  let over = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1) - room;
  for (; over > 0; over--) {
    const slack = widths.map((width, i) => (width > least[i]! ? width : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if (slack[widest] === 0) break;
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
