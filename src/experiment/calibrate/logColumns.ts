/** Which columns of a log say what: engines and proxies name them differently, and in different units. */
import { cellIssue } from "../../scenario/csvRows.js";
import type { Issue, Position } from "../../scenario/issue.js";
import { editDistance } from "../../scenario/suggest.js";

/** What a column of a log says. */
export type Role =
  | "arrival"
  | "first_token"
  | "last_token"
  | "input_tokens"
  | "output_tokens"
  | "cached_tokens"
  | "replica";

/** What each column may be called; a time's name may end in its unit. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  arrival: ["arrival", "arrived", "arrival_time", "start", "start_time"],
  first_token: ["first_token", "first_token_time", "first"],
  last_token: ["last_token", "last_token_time", "last", "end", "end_time", "finished"],
  input_tokens: ["input_tokens", "prompt_tokens", "input", "isl"],
  output_tokens: ["output_tokens", "completion_tokens", "generated_tokens", "output", "osl"],
  cached_tokens: ["cached_tokens", "cached_input_tokens", "cached_prompt_tokens"],
  replica: ["replica", "replica_id", "instance"],
};
const ROLES = Object.keys(NAMES) as Role[];
const TIMES: readonly Role[] = ["arrival", "first_token", "last_token"];
const REQUIRED: readonly Role[] = [...TIMES, "input_tokens", "output_tokens"];
const US_PER_UNIT: Readonly<Record<string, number>> = { us: 1, ms: 1_000, s: 1_000_000 };

/** Where a role is in the rows; `usPerUnit` 0 for UTC timestamps and for what is no time. */
export interface Column {
  readonly name: string;
  readonly index: number;
  readonly usPerUnit: number;
}

/** The columns of a log's header, those that say nothing to us, and what is wrong with it. */
export interface FoundColumns {
  readonly columns: ReadonlyMap<Role, Column>;
  readonly ignored: readonly string[];
  readonly issues: readonly Issue[];
}

/** Reads the header of a log. Names must be plain: one with a comma or quote in it is found unknown by the rows. */
export function findColumns(file: string, text: string): FoundColumns {
  const header = /^\ufeff?[\r\n]*([^\r\n]*)/.exec(text)![1]!;
  const columns = new Map<Role, Column>();
  const ignored: string[] = [];
  const issues: Issue[] = [];
  for (const [index, cell] of header.split(",").entries()) {
    const name = /^\s*"?(.*?)"?\s*$/.exec(cell)![1]!.trim();
    const known = columnOf(name, index);
    const twin = known === null ? undefined : columns.get(known.role);
    if (known === null) ignored.push(name);
    else if (twin === undefined || twin.name === name) columns.set(known.role, twin ?? known.column);
    else {
      const message = `columns ${twin.name} and ${name} say the same thing`;
      issues.push(cellIssue(headerOf(file), "duplicate-key", message, name));
    }
  }
  for (const role of REQUIRED) if (!columns.has(role)) issues.push(missingColumn(file, role));
  return { columns, ignored, issues: [...issues, ...misspelt(file, ignored, columns)] };
}

function columnOf(name: string, index: number): { readonly role: Role; readonly column: Column } | null {
  const snake = name
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  for (const role of ROLES) {
    const unit = TIMES.includes(role) ? (/_(us|ms|s)$/.exec(snake)?.[1] ?? "") : "";
    const stem = unit === "" ? snake : snake.slice(0, -1 - unit.length);
    if (NAMES[role].includes(stem))
      return { role, column: { name, index, usPerUnit: US_PER_UNIT[unit] ?? 0 } };
  }
  return null;
}

/** Where an issue about the file as a whole is put: at its header. */
export function headerOf(file: string): Position {
  return { file, line: 1, column: 1 };
}

function missingColumn(file: string, role: Role): Issue {
  const names = TIMES.includes(role) ? `${role}_ms, ${role}_s, or ${role} for UTC times` : role;
  return cellIssue(
    headerOf(file),
    "missing",
    `column ${JSON.stringify(role)} is missing: it must be called ${names}`,
  );
}

/** A column left out because of a slip of the pen would change the fit without a word. */
function* misspelt(
  file: string,
  ignored: readonly string[],
  columns: ReadonlyMap<Role, Column>,
): Generator<Issue> {
  for (const name of ignored) {
    const meant = ROLES.filter((role) => !columns.has(role))
      .flatMap((role) => (TIMES.includes(role) ? [role, `${role}_ms`, `${role}_s`] : [role]))
      .find((known) => name.length < 64 && editDistance(name.toLowerCase(), known) <= 2);
    if (meant !== undefined)
      yield cellIssue(
        headerOf(file),
        "unknown-key",
        `column ${JSON.stringify(name)} is unknown`,
        name,
        meant,
      );
  }
}
