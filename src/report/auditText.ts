/** An audit for the terminal: the verdict first, then what is wrong and where, then what it costs. */
import { type AuditReport, type AuditViolation, isLetByEntry } from "../result/index.js";
import {
  auditScope,
  auditVerdict,
  channelRows,
  lossRows,
  lossTitle,
  placeRows,
  singlePointLines,
  survivorSentence,
} from "./auditRows.js";
import { auditCaveat, strandedLines } from "./auditStranded.js";
import { tableLines } from "./auditTable.js";
import { plain } from "./format.js";

/** What the terminal can show. */
export interface AuditTextOptions {
  readonly colour: boolean;
  /** Characters of a line; longer sentences are wrapped. */
  readonly widthCharacters: number;
  /** The file as it was named, and the folder it is in; empty for none. */
  readonly file: string;
  readonly folder: string;
  /** Every place of every kind of prompt too. */
  readonly isWhole: boolean;
}

const CODES = { red: "31", green: "32", yellow: "33", bold: "1", dim: "2" } as const;
type Paint = keyof typeof CODES;

/** Most lines of one kind; `--all`, the page and the document have the rest. */
const MOST = { violations: 12, channels: 24, losses: 10, points: 6, notes: 6 } as const;

/** The text, without a newline at its end. */
export function auditText(report: AuditReport, options: AuditTextOptions): string {
  const pen = new Pen(options);
  const sections = [
    headOf(report, pen, options),
    violationLines(report, pen, options),
    strandedSection(report, pen),
    channelTable(report, pen, options),
    options.isWhole ? placeTable(report, pen) : [],
    lossTable(report, pen, options),
    pointLines(report, pen, options),
    noteLines(report, pen, options),
    basisLines(report, pen),
  ];
  const text = sections.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return text.join("\n\n").replaceAll("\u00a0", " ");
}

/** `a.yaml:3, 7` of the audited file as `lines 3, 7`: what is meant is in the first lines of the text. */
function localLines(file: string): (text: string) => string {
  const name = file.slice(file.lastIndexOf("/") + 1);
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`(?<![\\w/.-])${escaped}:(\\d+)((?:, \\d+)*)`, "g");
  return (text) =>
    text.replace(found, (_, first: string, more: string) =>
      more === "" ? `line ${first}` : `lines ${first}${more}`,
    );
}

/** Paints and wraps. */
class Pen {
  readonly #colour: boolean;
  readonly #width: number;

  readonly #local: (text: string) => string;

  constructor({ colour, widthCharacters, file }: AuditTextOptions) {
    this.#colour = colour;
    this.#width = widthCharacters;
    this.#local = localLines(file);
  }

  paint(paint: Paint, text: string): string {
    return this.#colour ? `\u001b[${CODES[paint]}m${text}\u001b[0m` : text;
  }

  title(text: string): string {
    return this.paint("bold", text);
  }

  /** Lines no longer than the terminal is wide: the first after `first`, the others as far in. */
  wrapped(first: string, text: string): readonly string[] {
    return this.verbatim(first, this.#local(text));
  }

  /** The same with names of files as they are. */
  verbatim(first: string, text: string): readonly string[] {
    const indent = " ".repeat(Array.from(first).length);
    const lines: string[] = [];
    let line = first;
    let isEmpty = true;
    for (const word of text.split(" ")) {
      if (!isEmpty && Array.from(line).length + 1 + Array.from(word).length > this.#width) {
        lines.push(line);
        line = indent;
        isEmpty = true;
      }
      line = isEmpty ? `${line}${word}` : `${line} ${word}`;
      isEmpty = false;
    }
    return [...lines, line];
  }

  /** See {@link tableLines}; the first row is the head. */
  table(rows: readonly (readonly string[])[], right: readonly number[] = []): readonly string[] {
    const [head = [], ...lines] = tableLines(
      rows.map((row) => row.map(this.#local)),
      right,
      this.#width,
    );
    return [...head.map((line) => this.paint("dim", line)), ...lines.flat()];
  }
}

const VERDICT_PAINT = { proven: "green", "violation-possible": "red", "no-rules": "yellow" } as const;

function headOf(report: AuditReport, pen: Pen, { file }: AuditTextOptions): readonly string[] {
  const caveat = auditCaveat(report);
  return [
    pen.title(`Residency audit: ${plain(report.scenario.name)}`),
    ...pen.wrapped("", auditVerdict(report)).map((line) => pen.paint(VERDICT_PAINT[report.verdict], line)),
    ...(caveat === null ? [] : pen.wrapped("", caveat).map((line) => pen.paint("yellow", line))),
    ...pen.wrapped("", auditScope(report)),
    pen.paint(
      "dim",
      `${plain(file)}, sha256 ${report.scenario.sha256.slice(0, 16)}…, regionsim ${report.version}`,
    ),
  ];
}

function capped<T>(
  list: readonly T[],
  most: number,
  isWhole: boolean,
): { shown: readonly T[]; rest: readonly string[] } {
  if (isWhole || list.length <= most) return { shown: list, rest: [] };
  return { shown: list.slice(0, most), rest: [`  … and ${list.length - most} more (--all)`] };
}

function violationLines(
  report: AuditReport,
  pen: Pen,
  { isWhole, folder }: AuditTextOptions,
): readonly string[] {
  if (report.violations.length === 0) return [];
  const { shown, rest } = capped(report.violations, MOST.violations, isWhole);
  return [
    pen.title("Violations"),
    ...shown.flatMap((violation, i) => [
      ...pen.wrapped(`  ${i + 1}. `, plain(violation.sentence)),
      ...pen.verbatim("     ", changeWords(violation, folder)).map((line) => pen.paint("yellow", line)),
    ]),
    ...rest,
  ];
}

/** Where a person should look first. */
export function changeWords(violation: AuditViolation, folder: string): string {
  const { line, ruleLine, letBy, place, ways } = violation;
  const at = line ?? ruleLine;
  const within = (file: string): string => plain(folder === "" ? file : `${folder}/${file}`);
  const needs = ways.every((way) => way.needs === "client")
    ? " (only when a client sends something else than its class says)"
    : ways.every((way) => way.needs !== "state")
      ? " (only when the other system fails, or a client sends something else)"
      : "";
  if (at === null) return `The file does not say where${needs}.`;
  if (letBy === null) return `Change ${within(at)}${needs}.`;
  const where = place.kind === "store" ? "what the store holds" : `what the ${place.kind} does`;
  const checks = isLetByEntry(violation) ? "where entry leads" : "what the router checks";
  return `Change ${within(at)}, ${where}, or ${within(letBy)}, ${checks}${needs}.`;
}

function strandedSection(report: AuditReport, pen: Pen): readonly string[] {
  const lines = strandedLines(report);
  return lines.length === 0
    ? []
    : [pen.title("Never served within the rules"), ...lines.flatMap((line) => pen.wrapped("  ", line))];
}

function channelTable(report: AuditReport, pen: Pen, { isWhole }: AuditTextOptions): readonly string[] {
  const { shown, rest } = capped(channelRows(report), MOST.channels, isWhole);
  if (shown.length === 0) return [];
  const rows = shown.map((row) => [
    row.users,
    row.classes,
    row.channel,
    row.countries,
    row.verdict === "VIOLATION" ? `VIOLATION: ${row.outside}` : row.verdict,
    [row.rule, row.lines === "" ? "" : `by ${row.lines}`].filter((word) => word !== "").join(", "),
  ]);
  const heads = ["users in", "class", "channel", "may ever be in", "verdict", "rule, and what says so"];
  const table = pen.table([heads, ...rows]).map((line) => markVerdict(line, pen));
  return [pen.title("Where prompts may ever be"), ...table, ...rest];
}

function markVerdict(line: string, pen: Pen): string {
  return line.replace(/VIOLATION: |(?<= )lawful(?= )/, (word) =>
    word === "lawful" ? pen.paint("green", word) : pen.paint("red", word),
  );
}

function placeTable(report: AuditReport, pen: Pen): readonly string[] {
  const rows = placeRows(report).map((row) => [
    row.users,
    plain(row.dataClass),
    row.place,
    row.isEver ? "yes" : "never",
    row.why,
  ]);
  return [
    pen.title("Who may reach what"),
    ...pen.table([["users in", "class", "place", "ever", "how, or why not"], ...rows]),
  ];
}

function lossTable(report: AuditReport, pen: Pen, { isWhole }: AuditTextOptions): readonly string[] {
  const { sets } = report.unavoidable;
  if (report.unavoidable.peakPerS === 0) return [];
  const most = isWhole ? sets.length : MOST.losses;
  const rows = lossRows(report, most).map((row) => [
    row.lost,
    row.within,
    row.without,
    row.price,
    row.struck,
  ]);
  const heads = ["lost", "within the rules", "without rules", "due to the rules", "who is refused"];
  const survivor = survivorSentence(report);
  return [
    ...pen.wrapped("", lossTitle(report)).map((line) => pen.title(line)),
    ...pen.table([heads, ...rows], [1, 2, 3]),
    ...(survivor === null ? [] : pen.wrapped("  ", survivor)),
  ];
}

function pointLines(report: AuditReport, pen: Pen, { isWhole }: AuditTextOptions): readonly string[] {
  const { shown, rest } = capped(singlePointLines(report), MOST.points, isWhole);
  if (shown.length === 0) return [];
  return [
    pen.title("Single points of legal failure"),
    ...shown.flatMap((line) => pen.wrapped("  ", line)),
    ...rest,
  ];
}

function noteLines(report: AuditReport, pen: Pen, { isWhole }: AuditTextOptions): readonly string[] {
  const { shown, rest } = capped(report.notes, MOST.notes, isWhole);
  if (shown.length === 0) return [];
  return [
    pen.title("Before signing"),
    ...shown.flatMap(({ sentence }) => pen.wrapped("  - ", plain(sentence))),
    ...rest,
  ];
}

function basisLines(report: AuditReport, pen: Pen): readonly string[] {
  return [
    pen.title("What this rests on"),
    ...report.assumptions.flatMap((line) => pen.wrapped("  - ", plain(line))),
  ];
}
