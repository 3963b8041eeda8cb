/** Tables as Parquet files: the same table, the same bytes, with what each column means in the file itself. */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from "hyparquet-writer";
import { VERSION } from "../version.js";

/** `text`, `flag` for true and false, `whole` for whole numbers below 2^31, `number` for all others. */
export type ColumnType = "text" | "flag" | "whole" | "number";

/** A column as a reader must know it. */
export interface ColumnInfo {
  readonly name: string;
  readonly type: ColumnType;
  /** `ms`, `ratio`, `count` …; empty for what has none. */
  readonly unit: string;
  /** One sentence. */
  readonly meaning: string;
}

/** A value of a column; null where there is none. */
export type Cell = string | number | boolean | null;

/** A column of a table. */
export interface Column extends ColumnInfo {
  /** What stands where a row leaves the column out; null unless told. */
  readonly absent?: Cell;
}

const TYPES = { text: "STRING", flag: "BOOLEAN", whole: "INT32", number: "DOUBLE" } as const;

/** Key of the metadata that holds a list of {@link ColumnInfo} as JSON. */
export const COLUMNS_KEY = "regionsim.columns";

/** Rows that are encoded together: enough to pack well, few enough to hold any number of columns of them. */
export const GROUP_ROWS = 10_000;

/** A file, row after row. What is held is the packed bytes and the rows of one group. */
export class TableWriter {
  readonly #infos: readonly ColumnInfo[];
  readonly #absent: readonly Cell[];
  readonly #places: ReadonlyMap<string, number>;
  readonly #bytes: ByteWriter = new ByteWriter();
  readonly #file: ParquetWriter;
  /** The rows of the group, by column. */
  #values: Cell[][];
  #rows = 0;

  /** `columns` in the order of the file; names are apart. */
  constructor(columns: readonly Column[]) {
    this.#infos = columns.map(({ name, type, unit, meaning }) => ({ name, type, unit, meaning }));
    this.#absent = columns.map(({ absent }) => absent ?? null);
    this.#places = new Map(columns.map(({ name }, place) => [name, place]));
    this.#values = columns.map(() => []);
    const columnData = columns.map(({ name, type }) => ({ name, type: TYPES[type], data: [] }));
    const schema = schemaFromColumnData({ columnData });
    const createdBy = `regionsim version ${VERSION}`;
    this.#file = new ParquetWriter({ writer: this.#bytes, schema, createdBy });
  }

  /** Adds a row. Cells of columns that the table does not have are an error; those it leaves out are absent. */
  add(cells: Iterable<readonly [info: ColumnInfo, value: Cell]>): void {
    for (const values of this.#values) values.push(null);
    const row = this.#rows % GROUP_ROWS;
    const said = new Set<number>();
    for (const [{ name }, value] of cells) {
      const place = this.#places.get(name);
      if (place === undefined) throw new Error(`the table has no column ${name}`);
      this.#values[place]![row] = value;
      said.add(place);
    }
    for (const [place, absent] of this.#absent.entries())
      if (absent !== null && !said.has(place)) this.#values[place]![row] = absent;
    this.#rows += 1;
    if (this.#rows % GROUP_ROWS === 0) this.#flush();
  }

  /** The file, which ends with it: `metadata`, this tool's version and what the columns mean are its last part. */
  finish(metadata: Readonly<Record<string, string>>): Uint8Array {
    if (this.#rows % GROUP_ROWS > 0) this.#flush();
    const notes = { "regionsim.version": VERSION, ...metadata, [COLUMNS_KEY]: JSON.stringify(this.#infos) };
    this.#file.kvMetadata = Object.entries(notes).map(([key, value]) => ({ key, value }));
    this.#file.finish();
    return this.#bytes.getBytes();
  }

  #flush(): void {
    const columnData = this.#infos.map(({ name }, place) => ({ name, data: this.#values[place]! }));
    this.#file.write({ columnData, rowGroupSize: GROUP_ROWS });
    this.#values = this.#infos.map(() => []);
  }
}
