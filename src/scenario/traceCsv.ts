/**
 * Requests from a CSV file. Three forms, told apart by their headers: the Azure LLM traces
 * (`TIMESTAMP,ContextTokens,GeneratedTokens`), Mooncake's (`timestamp_ms,input_length,output_length`) and a plain one
 * (`atMs` or `at_s`, `inputTokens`, `outputTokens` and, if wanted, `site`, `class` and `session`). Times must not fall;
 * the first row is time zero in the Azure form only.
 */
import { type CsvRow, type CsvTable, cellColumn, cellIssue, MAX_CSV_ISSUES, readCsv } from "./csvRows.js";
import type { Issue } from "./issue.js";
import { nearest } from "./suggest.js";
import { LONGEST_DURATION_US } from "./units.js";

/** The forms of a trace file. */
export type TraceFormat = "azure" | "generic" | "mooncake";

/** A trace in columns of equal length; −1 where the file names no site or class. */
export interface TraceColumns {
  readonly arrivalUs: Float64Array;
  readonly inputTokens: Int32Array;
  readonly outputTokens: Int32Array;
  readonly siteIndex: Int32Array;
  readonly classIndex: Int32Array;
  /** Conversations numbered in the order they appear, −1 for none; null when the file has no such column. */
  readonly session: Int32Array | null;
}

/** A trace, or what is wrong with the file. */
export interface TraceReading {
  readonly trace: TraceColumns | null;
  readonly issues: readonly Issue[];
}

/** What the optional columns `site` and `class` may name. */
export interface TraceNames {
  readonly sites: readonly string[];
  readonly classes: readonly string[];
}

const MAX_TOKENS = 1_000_000_000;

/** The columns of a form. */
interface TraceColumnsForm {
  readonly required: readonly [time: string, input: string, output: string];
  readonly optional: readonly string[];
  /** Of a number in the time column; null for a date. */
  readonly usPerUnit: number | null;
}

const AZURE: TraceColumnsForm = {
  required: ["TIMESTAMP", "ContextTokens", "GeneratedTokens"],
  optional: [],
  usPerUnit: null,
};
const MOONCAKE: TraceColumnsForm = {
  required: ["timestamp_ms", "input_length", "output_length"],
  // What a cache without bounds would have held is known there; ours finds out by itself.
  optional: ["n_blocks", "cached_blocks", "session"],
  usPerUnit: 1_000,
};
const GENERIC = ["site", "class", "session"];

/** Reads a trace; without a format, the header decides. */
export function readTraceCsv(
  file: string,
  text: string,
  names: TraceNames,
  format?: TraceFormat,
): TraceReading {
  const form = formOf(/^\ufeff?(?:#[^\n]*\n)*([^\r\n]*)/.exec(text)![1]!, format);
  const { table, issues } = readCsv(file, text, form.required, form.optional);
  if (table === null) return { trace: null, issues };
  return new TraceReader(table, names, form).read();
}

function formOf(header: string, format: TraceFormat | undefined): TraceColumnsForm {
  const mooncake = /(^|,)\s*timestamp_ms\s*(,|$)/.test(header);
  const kind = format ?? (header.startsWith("TIMESTAMP") ? "azure" : mooncake ? "mooncake" : "generic");
  if (kind === "azure") return AZURE;
  if (kind === "mooncake") return MOONCAKE;
  return /(^|,)\s*at_s\s*(,|$)/.test(header)
    ? { required: ["at_s", "inputTokens", "outputTokens"], optional: GENERIC, usPerUnit: 1_000_000 }
    : { required: ["atMs", "inputTokens", "outputTokens"], optional: GENERIC, usPerUnit: 1_000 };
}

class TraceReader {
  readonly #table: CsvTable;
  readonly #names: TraceNames;
  readonly #issues: Issue[] = [];
  readonly #form: TraceColumnsForm;
  readonly #sessions: Map<string, number> = new Map();
  #lastUs = Number.NEGATIVE_INFINITY;

  constructor(table: CsvTable, names: TraceNames, form: TraceColumnsForm) {
    this.#table = table;
    this.#names = names;
    this.#form = form;
  }

  read(): TraceReading {
    const rows = this.#table.rows;
    const [, inputColumn, outputColumn] = this.#form.required;
    const session = this.#table.columns.includes("session") ? new Int32Array(rows.length) : null;
    const trace = {
      arrivalUs: new Float64Array(rows.length),
      inputTokens: new Int32Array(rows.length),
      outputTokens: new Int32Array(rows.length),
      siteIndex: new Int32Array(rows.length).fill(-1),
      classIndex: new Int32Array(rows.length).fill(-1),
      session,
    };
    for (const [index, row] of rows.entries()) {
      if (this.#issues.length >= MAX_CSV_ISSUES) break;
      trace.arrivalUs[index] = this.#time(row);
      trace.inputTokens[index] = this.#tokens(row, inputColumn);
      trace.outputTokens[index] = this.#tokens(row, outputColumn);
      trace.siteIndex[index] = this.#name(row, "site", this.#names.sites);
      trace.classIndex[index] = this.#name(row, "class", this.#names.classes);
      if (session !== null) session[index] = this.#session(row);
    }
    if (rows.length === 0)
      this.#issues.push(
        cellIssue(
          { file: this.#table.file, line: 1, column: 1 },
          "missing",
          "the trace must have at least one row",
        ),
      );
    if (this.#issues.length > 0) return { trace: null, issues: this.#issues };
    if (this.#form.usPerUnit === null) fromZero(trace.arrivalUs);
    return { trace, issues: [] };
  }

  #time(row: CsvRow): number {
    const [column] = this.#form.required;
    const { usPerUnit } = this.#form;
    const text = this.#cell(row, column);
    const us = usPerUnit === null ? readTimestampUs(text) : readOffsetUs(text, usPerUnit);
    if (us === null) {
      const rule =
        usPerUnit === null
          ? 'a UTC time such as "2023-11-16 18:17:03.9799600"'
          : "a number from 0, of at most ten years";
      this.#complain(row, column, "invalid-value", `${column} must be ${rule}`);
      return 0;
    }
    if (us < this.#lastUs)
      this.#complain(
        row,
        column,
        "inconsistent",
        `${column} must not be before the row above: sort the file by time`,
      );
    this.#lastUs = us;
    return us;
  }

  #tokens(row: CsvRow, column: string): number {
    const text = this.#cell(row, column);
    const value = /^\d{1,10}(\.0+)?$/.test(text) ? Number(text) : -1;
    if (value >= 0 && value <= MAX_TOKENS) return value;
    this.#complain(row, column, "invalid-value", `${column} must be a whole number from 0 to ${MAX_TOKENS}`);
    return 0;
  }

  #name(row: CsvRow, column: string, known: readonly string[]): number {
    const index = this.#table.columns.indexOf(column);
    const text = index < 0 ? "" : row.cells[index]!.trim();
    if (text === "") return -1;
    const found = known.indexOf(text);
    if (found < 0)
      this.#complain(
        row,
        column,
        "unknown-reference",
        `${column} is unknown: no ${column} ${JSON.stringify(text.slice(0, 60))}`,
        nearest(text, known),
      );
    return found;
  }

  /** A conversation may be called anything; an empty cell is a request alone. */
  #session(row: CsvRow): number {
    const name = this.#cell(row, "session");
    if (name === "") return -1;
    const known = this.#sessions.get(name);
    if (known !== undefined) return known;
    this.#sessions.set(name, this.#sessions.size);
    return this.#sessions.size - 1;
  }

  #cell(row: CsvRow, column: string): string {
    return row.cells[this.#table.columns.indexOf(column)]!.trim();
  }

  #complain(row: CsvRow, column: string, code: Issue["code"], message: string, suggestion?: string): void {
    const at = {
      file: this.#table.file,
      line: row.line,
      column: cellColumn(row, this.#table.columns.indexOf(column)),
    };
    const cell = this.#cell(row, column);
    const near = suggestion === undefined ? undefined : JSON.stringify(suggestion);
    this.#issues.push(
      cellIssue(at, code, `${message}, got ${JSON.stringify(cell.slice(0, 60))}`, cell, near),
    );
  }
}

function fromZero(arrivalUs: Float64Array): void {
  const first = arrivalUs[0] ?? 0;
  for (let index = 0; index < arrivalUs.length; index += 1) arrivalUs[index] = arrivalUs[index]! - first;
}

function readOffsetUs(text: string, usPerUnit: number): number | null {
  if (!/^\d{1,15}(\.\d{1,9})?$/.test(text)) return null;
  const us = Math.round(Number(text) * usPerUnit);
  return us <= LONGEST_DURATION_US ? us : null;
}

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)?$/;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Microseconds since 1970 of a UTC time with up to nine decimals, rounded; null when it is none. No host clock is asked. */
export function readTimestampUs(text: string): number | null {
  const match = TIMESTAMP.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const longest = month === 2 && leap ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
  if (year < 1970 || day < 1 || day > longest || hour > 23 || minute > 59 || second > 59) return null;
  const seconds = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
  return seconds * 1_000_000 + Math.round(Number((match[7] ?? "0").padEnd(9, "0")) / 1_000);
}

/** Days from 1970-01-01 in the Gregorian calendar, counting years from March so that leap days come last. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const sinceMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * sinceMarch + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}
