/**
 * How wide text will be, without a font: an upper estimate from the advance widths that the wide common
 * sans-serif faces share. Vega would measure with a canvas where one is installed and guess where none
 * is, so the same chart would have two layouts; this gives one, and no label is narrower than planned.
 */

const NARROW = "!'()*,-./:;I[]fijlrt|·";
const WIDE = "%@MWmw—…";

/** Width of one character as a share of the font size. */
function advance(character: string): number {
  if (character === " " || character === "\u00a0") return 0.32;
  if (NARROW.includes(character)) return 0.4;
  if (WIDE.includes(character)) return 0.98;
  if (character >= "A" && character <= "Z") return 0.73;
  return character <= "\u024f" ? 0.63 : 1;
}

/** Width of one line of `text` in px at `sizePx`; bold is one tenth wider. */
export function textWidthPx(text: string, sizePx: number, bold = false): number {
  let share = 0;
  for (const character of text) share += advance(character);
  return share * sizePx * (bold ? 1.1 : 1);
}

/** `text` cut into lines no wider than `widthPx`, at spaces; one longer word keeps a line to itself. */
export function wrap(text: string, sizePx: number, widthPx: number, bold = false): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidthPx(longer, sizePx, bold) > widthPx) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** `text` cut with an ellipsis to be no wider than `widthPx`. */
export function fit(text: string, sizePx: number, widthPx: number): string {
  if (textWidthPx(text, sizePx) <= widthPx) return text;
  const letters = Array.from(text);
  while (letters.length > 1 && textWidthPx(`${letters.join("")}…`, sizePx) > widthPx) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}
