/** DuckDB, which whoever wants to ask in SQL installs: the one file that knows its interface. */
import { InvalidInputError, UsageError } from "../failures.js";
import { fileIssue, UnreadableFile } from "../inputFiles.js";

/** A table to be asked: its name, and the file its rows are in. */
export interface QueryTable {
  readonly name: string;
  readonly file: string;
  readonly format: "parquet" | "csv";
}

/** An answer: rows as JSON has them; whole numbers beyond its range are text. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

type Library = typeof import("@duckdb/node-api");

async function library(): Promise<Library> {
  try {
    return await import("@duckdb/node-api");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new UsageError(
      "query asks DuckDB, which is not installed; next to regionsim: npm install @duckdb/node-api",
    );
  }
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function sqlName(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Wide whole numbers come as text; those that a double holds exactly are numbers again. */
function asNumber(cell: unknown): unknown {
  return typeof cell === "string" && Number.isSafeInteger(Number(cell)) ? Number(cell) : cell;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What `sql` says of `tables`. The rows are copied into memory first and every door to files and the network is shut
 * after that, so a question from elsewhere reads these tables and nothing else. Throws {@link UsageError} for SQL that
 * cannot be answered, {@link InvalidInputError} for a table that cannot be read.
 */
export async function ask(tables: readonly QueryTable[], sql: string): Promise<QueryAnswer> {
  const { DuckDBInstance } = await library();
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    for (const { name, file, format } of tables) {
      const reader = format === "parquet" ? "read_parquet" : "read_csv";
      try {
        await connection.run(`create table ${sqlName(name)} as from ${reader}(${sqlText(file)})`);
      } catch (error) {
        throw new InvalidInputError([fileIssue(file, new UnreadableFile("unreadable", messageOf(error)))]);
      }
    }
    await connection.run("set enable_external_access = false; set lock_configuration = true");
    const reader = await connection.runAndReadAll(sql);
    const isWide = reader.columnTypes().map((type) => /^U?(BIG|HUGE)INT$/.test(type.toString()));
    const rows = reader.getRowsJson().map((row) => row.map((cell, c) => (isWide[c] ? asNumber(cell) : cell)));
    return { columns: reader.columnNames(), rows };
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const names = tables.map(({ name }) => name).join(", ");
    throw new UsageError(`the query cannot be answered: ${messageOf(error)}\ntables: ${names}`);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
