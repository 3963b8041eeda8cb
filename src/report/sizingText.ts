/** A sizing for the terminal: what to buy first, then how far each region is from the cliff, then how it was found. */
import type { HeadroomRow, Sizing } from "../result/sizing.js";
import { tableLines } from "./auditTable.js";
import { plain } from "./format.js";
import {
  CURVE_FIGURES,
  CURVE_HEADS,
  curvePoints,
  curveRows,
  HEADROOM_FIGURES,
  HEADROOM_HEADS,
  HEADROOM_NOTE,
  headroomRows,
  isSized,
  KNOB_FIGURES,
  KNOB_HEADS,
  knobRows,
  limitSentence,
  regionSentences,
  rentSentence,
  sizingVerdict,
  TRIAL_FIGURES,
  TRIAL_HEADS,
  trialRows,
  trialSentence,
} from "./sizingRows.js";

/** What the terminal can show, and what was written. */
export interface SizingTextOptions {
  readonly colour: boolean;
  /** Characters of a line; longer sentences are wrapped, tables fold their cells. */
  readonly widthCharacters: number;
  /** The sized scenario file as the user may name it; null where none was written. */
  readonly sizedFile: string | null;
  /** Commands that show the answer by single runs, one a loss. */
  readonly commands: readonly string[];
  /** Every size that was tried too. */
  readonly isWhole?: boolean;
}

const CODES = { red: "31", green: "32", yellow: "33", bold: "1", dim: "2" } as const;
type Paint = keyof typeof CODES;

/** Most warnings; the document has the rest. */
const MOST_WARNINGS = 6;

/** The text, without a newline at its end. */
export function sizingText(sizing: Sizing, options: SizingTextOptions): string {
  const pen = new Pen(options);
  const sections = [
    answerLines(sizing, pen),
    headroomLines(sizing, pen),
    curveLines(sizing, pen),
    trialLines(sizing, pen, options),
    warningLines(sizing, pen),
    fileLines(pen, options),
    [
      pen.paint(
        "dim",
        `seed ${plain(sizing.seed)}  scenario ${sizing.scenario.sha256.slice(0, 16)}  regionsim ${plain(sizing.tool.version)}`,
      ),
    ],
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return text.join("\n\n").replaceAll("\u00a0", " ");
}

/** Paints, wraps and lays out. */
class Pen {
  readonly #colour: boolean;
  readonly #width: number;

  constructor({ colour, widthCharacters }: SizingTextOptions) {
    this.#colour = colour;
    this.#width = widthCharacters;
  }

  paint(paint: Paint, text: string): string {
    return this.#colour ? `\u001b[${CODES[paint]}m${text}\u001b[0m` : text;
  }

  /** Lines no longer than the terminal is wide: the first after `first`, the others as far in. */
  wrapped(first: string, text: string): readonly string[] {
    const indent = " ".repeat(Array.from(first).length);
    const lines: string[] = [];
    let line = first;
    for (const word of text.split(" ")) {
      const isEmpty = line === first || line === indent;
      if (!isEmpty && Array.from(line).length + 1 + Array.from(word).length > this.#width) {
        lines.push(line);
        line = indent + word;
      } else line = isEmpty ? line + word : `${line} ${word}`;
    }
    return [...lines, line];
  }

  /** The head dim, the other rows painted as `paintOf` says by their number. */
  table(
    heads: readonly string[],
    rows: readonly (readonly string[])[],
    right: readonly number[],
    paintOf: (row: number) => Paint | null = () => null,
  ): readonly string[] {
    const plainSpaces = [heads, ...rows].map((row) => row.map((cell) => cell.replaceAll("\u00a0", " ")));
    const [head = [], ...lines] = tableLines(plainSpaces, right, this.#width);
    return [
      ...head.map((line) => this.paint("dim", line)),
      ...lines.flatMap((of, i) => {
        const paint = paintOf(i);
        return paint === null ? of : of.map((line) => this.paint(paint, line));
      }),
    ];
  }
}

function answerLines(sizing: Sizing, pen: Pen): readonly string[] {
  const paint = isSized(sizing) ? "green" : "red";
  const rent = rentSentence(sizing);
  return [
    pen.paint("bold", plain(sizing.scenario.name)),
    ...pen.wrapped("", sizingVerdict(sizing)).map((line) => pen.paint(paint, line)),
    ...pen.table(KNOB_HEADS, knobRows(sizing), KNOB_FIGURES, (row) =>
      sizing.knobs[row]!.to === null || sizing.knobs[row]!.to === sizing.knobs[row]!.from ? null : "yellow",
    ),
    ...(rent === "" ? [] : pen.wrapped("", rent)),
  ];
}

function headroomLines({ headroom, headroomSized }: Sizing, pen: Pen): readonly string[] {
  if (headroom.length === 0) return [];
  const table = (title: string, rows: readonly HeadroomRow[]): readonly string[] => [
    pen.paint("bold", title),
    ...pen.table(HEADROOM_HEADS, headroomRows(rows), HEADROOM_FIGURES, (row) =>
      rows[row]!.shortfallUnits > 0 ? "red" : null,
    ),
    ...regionSentences(rows).flatMap((line) => pen.wrapped("  ", line)),
  ];
  return [
    ...table("Headroom now", headroom),
    ...(headroomSized === undefined ? [] : table("Headroom at the size found", headroomSized)),
    ...pen.wrapped("  ", limitSentence(headroom)),
    ...pen.wrapped("  ", HEADROOM_NOTE).map((line) => pen.paint("dim", line)),
  ];
}

function curveLines(sizing: Sizing, pen: Pen): readonly string[] {
  if (sizing.curve.length === 0) return [];
  return [
    pen.paint("bold", "What headroom buys: capacity over usual peak, and availability under the worst loss"),
    ...pen.table(CURVE_HEADS, curveRows(sizing), CURVE_FIGURES, (row) =>
      curvePoints(sizing)[row]!.meets ? "green" : null,
    ),
  ];
}

function trialLines(sizing: Sizing, pen: Pen, { isWhole }: SizingTextOptions): readonly string[] {
  const told = pen.wrapped("", trialSentence(sizing));
  return isWhole === true ? [...told, ...pen.table(TRIAL_HEADS, trialRows(sizing), TRIAL_FIGURES)] : told;
}

function warningLines({ warnings }: Sizing, pen: Pen): readonly string[] {
  const shown = warnings.slice(0, MOST_WARNINGS);
  const more = warnings.length - shown.length;
  return [
    ...shown.flatMap((warning) => pen.wrapped("warning: ", plain(warning))),
    ...(more > 0 ? [`  … and ${more} more`] : []),
  ].map((line) => pen.paint("yellow", line));
}

function fileLines(pen: Pen, { sizedFile, commands }: SizingTextOptions): readonly string[] {
  if (sizedFile === null) return [];
  const runs = commands.map((command) => `  ${plain(command)}`);
  const file = `The sized scenario is ${pen.paint("bold", plain(sizedFile))}.`;
  return commands.length === 0 ? [file] : [`${file} To see that it holds:`, ...runs];
}
