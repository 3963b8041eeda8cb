/**
 * Requests as a serving engine logged them, from CSV: arrival, first token, last token, input and output tokens, and,
 * if the file has them, tokens found in a prefix cache and the replica. Names and units are read off the header; other
 * columns are left out and named. Nothing is dropped: a row that makes no sense is an issue.
 */
import {
  type CsvRow,
  type CsvTable,
  cellColumn,
  cellIssue,
  MAX_CSV_ISSUES,
  readCsv,
} from "../../scenario/csvRows.js";
import type { Issue } from "../../scenario/issue.js";
import { readTimestampUs } from "../../scenario/traceCsv.js";
import { LONGEST_DURATION_US } from "../../scenario/units.js";
import { type Column, findColumns, headerOf, type Role } from "./logColumns.js";

/** A log in columns of equal length, by arrival and, among equal arrivals, by row; time 0 is the first arrival. */
export interface RequestLog {
  readonly count: number;
  readonly arrivalUs: Float64Array;
  readonly firstUs: Float64Array;
  readonly lastUs: Float64Array;
  readonly inputTokens: Int32Array;
  /** Of the input, tokens that were not computed again. */
  readonly cachedTokens: Int32Array;
  readonly outputTokens: Int32Array;
  /** Which of `replicas` answered; all 0 when the file does not say. */
  readonly replica: Int32Array;
  readonly replicas: readonly string[];
  readonly ignoredColumns: readonly string[];
}

/** A log, or everything that is wrong with the file. */
export interface RequestLogReading {
  readonly log: RequestLog | null;
  readonly issues: readonly Issue[];
}

/** Fewer say nothing: three fifths are fitted, the rest must still have quantiles. */
export const MIN_REQUESTS = 50;

const MAX_TOKENS = 10_000_000;
const LARGEST_US = Number.MAX_SAFE_INTEGER;

/** Reads a log. Never throws for what is in the text. */
export function readRequestLog(file: string, text: string): RequestLogReading {
  const { columns, ignored, issues } = findColumns(file, text);
  const names = [...columns.values()].map(({ name }) => name);
  const { table, issues: faults } = readCsv(file, text, names, ignored);
  if (table === null && text.trim() === "") return { log: null, issues: faults };
  if (table === null || issues.length > 0) return { log: null, issues: [...issues, ...faults] };
  return new LogReader(table, columns, ignored).read();
}

class LogReader {
  readonly #table: CsvTable;
  readonly #columns: ReadonlyMap<Role, Column>;
  readonly #ignored: readonly string[];
  readonly #issues: Issue[] = [];
  readonly #replicas: string[] = [];
  readonly #replicaIndex = new Map<string, number>();

  constructor(table: CsvTable, columns: ReadonlyMap<Role, Column>, ignored: readonly string[]) {
    this.#table = table;
    this.#columns = columns;
    this.#ignored = ignored;
  }

  read(): RequestLogReading {
    const rows = this.#table.rows;
    const log = emptyColumns(rows.length);
    for (const [index, row] of rows.entries()) {
      if (this.#issues.length >= MAX_CSV_ISSUES) break;
      this.#readRow(row, index, log);
    }
    if (rows.length < MIN_REQUESTS) {
      const message = `the log must have at least ${MIN_REQUESTS} requests, got ${rows.length}`;
      this.#issues.push(cellIssue(headerOf(this.#table.file), "missing", message));
    }
    if (this.#issues.length === 0) this.#checkSpan(log);
    if (this.#issues.length > 0) return { log: null, issues: this.#issues };
    const replicas = this.#replicas.length === 0 ? [""] : this.#replicas;
    return {
      log: { ...byArrival(log), count: rows.length, replicas, ignoredColumns: this.#ignored },
      issues: [],
    };
  }

  #readRow(row: CsvRow, index: number, log: LogColumns): void {
    const arrivalUs = this.#time(row, "arrival");
    const firstUs = this.#time(row, "first_token");
    const lastUs = this.#time(row, "last_token");
    if (firstUs < arrivalUs) this.#complainOrder(row, "first_token", "arrival");
    if (lastUs < firstUs) this.#complainOrder(row, "last_token", "first_token");
    const input = this.#tokens(row, "input_tokens", 1, MAX_TOKENS);
    log.arrivalUs[index] = arrivalUs;
    log.firstUs[index] = firstUs;
    log.lastUs[index] = lastUs;
    log.inputTokens[index] = input;
    log.outputTokens[index] = this.#tokens(row, "output_tokens", 1, MAX_TOKENS);
    log.cachedTokens[index] = this.#columns.has("cached_tokens")
      ? this.#tokens(row, "cached_tokens", 0, input)
      : 0;
    log.replica[index] = this.#replica(row);
  }

  /** µs since whatever the file counts from; NaN, which no comparison complains about again, when it is none. */
  #time(row: CsvRow, role: Role): number {
    const { usPerUnit } = this.#columns.get(role)!;
    const text = this.#cell(row, role);
    const isNumber = usPerUnit > 0 && /^\d{1,16}(\.\d{1,12})?$/.test(text);
    const us =
      usPerUnit === 0 ? readTimestampUs(text.replace("T", " ")) : isNumber ? Number(text) * usPerUnit : null;
    if (us !== null && us <= LARGEST_US) return Math.round(us);
    const rule =
      usPerUnit === 0
        ? 'a UTC time such as "2023-11-16 18:17:03.979", or the name must end in a unit'
        : "a number from 0";
    this.#complain(row, role, "invalid-value", rule);
    return Number.NaN;
  }

  #tokens(row: CsvRow, role: Role, least: number, most: number): number {
    const text = this.#cell(row, role);
    const value = /^\d{1,10}(\.0+)?$/.test(text) ? Number(text) : -1;
    if (value >= least && value <= most) return value;
    const hint = role === "output_tokens" && value === 0 ? "; leave out requests that failed" : "";
    this.#complain(row, role, "invalid-value", `a whole number from ${least} to ${most}${hint}`);
    return 1;
  }

  #replica(row: CsvRow): number {
    if (!this.#columns.has("replica")) return 0;
    const name = this.#cell(row, "replica");
    const known = this.#replicaIndex.get(name);
    if (known !== undefined) return known;
    this.#replicaIndex.set(name, this.#replicas.length);
    return this.#replicas.push(name) - 1;
  }

  /** Times on clocks of different origins would make a log that lasts decades. */
  #checkSpan(log: LogColumns): void {
    let startUs = Number.POSITIVE_INFINITY;
    let endUs = 0;
    for (const us of log.arrivalUs) startUs = Math.min(startUs, us);
    for (const us of log.lastUs) endUs = Math.max(endUs, us);
    if (endUs - startUs <= LONGEST_DURATION_US) return;
    this.#issues.push(
      cellIssue(headerOf(this.#table.file), "inconsistent", "the log must not be longer than ten years"),
    );
  }

  #cell(row: CsvRow, role: Role): string {
    return row.cells[this.#columns.get(role)!.index]!.trim();
  }

  #complainOrder(row: CsvRow, later: Role, earlier: Role): void {
    this.#complain(row, later, "inconsistent", `not before ${this.#columns.get(earlier)!.name}`);
  }

  #complain(row: CsvRow, role: Role, code: Issue["code"], rule: string): void {
    const { name, index } = this.#columns.get(role)!;
    const at = { file: this.#table.file, line: row.line, column: cellColumn(row, index) };
    const cell = this.#cell(row, role);
    this.#issues.push(
      cellIssue(at, code, `${name} must be ${rule}, got ${JSON.stringify(cell.slice(0, 60))}`, cell),
    );
  }
}

type LogColumns = Omit<RequestLog, "count" | "replicas" | "ignoredColumns">;

function emptyColumns(count: number): LogColumns {
  return {
    arrivalUs: new Float64Array(count),
    firstUs: new Float64Array(count),
    lastUs: new Float64Array(count),
    inputTokens: new Int32Array(count),
    cachedTokens: new Int32Array(count),
    outputTokens: new Int32Array(count),
    replica: new Int32Array(count),
  };
}

/** Logs are written when requests end; a replay needs them as they came. */
function byArrival(log: LogColumns): LogColumns {
  const order = [...log.arrivalUs.keys()].sort((a, b) => log.arrivalUs[a]! - log.arrivalUs[b]! || a - b);
  const sorted = emptyColumns(order.length);
  const startUs = log.arrivalUs[order[0]!]!;
  for (const [place, row] of order.entries()) {
    sorted.arrivalUs[place] = log.arrivalUs[row]! - startUs;
    sorted.firstUs[place] = log.firstUs[row]! - startUs;
    sorted.lastUs[place] = log.lastUs[row]! - startUs;
    sorted.inputTokens[place] = log.inputTokens[row]!;
    sorted.cachedTokens[place] = log.cachedTokens[row]!;
    sorted.outputTokens[place] = log.outputTokens[row]!;
    sorted.replica[place] = log.replica[row]!;
  }
  return sorted;
}
