/** Tables as Parquet files: the same table, the same bytes, with what each column means in the file itself. */
import { parquetWriteBuffer } from "hyparquet-writer";
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

/** A column with its values, one a row. */
export interface Column extends ColumnInfo {
  readonly values: readonly Cell[];
}

/** A table; all columns are of one length. */
export interface Table {
  readonly columns: readonly Column[];
  /** Kept in the file beside what the columns mean. */
  readonly metadata: Readonly<Record<string, string>>;
}

const TYPES = { text: "STRING", flag: "BOOLEAN", whole: "INT32", number: "DOUBLE" } as const;

/** Key of the metadata that holds a list of {@link ColumnInfo} as JSON. */
export const COLUMNS_KEY = "regionsim.columns";

/** The file. Its metadata names this tool's version too. */
export function parquetBytes({ columns, metadata }: Table): Uint8Array {
  const infos = columns.map(({ name, type, unit, meaning }): ColumnInfo => ({ name, type, unit, meaning }));
  const notes = { "regionsim.version": VERSION, ...metadata, [COLUMNS_KEY]: JSON.stringify(infos) };
  const buffer = parquetWriteBuffer({
    columnData: columns.map(({ name, type, values }) => ({ name, type: TYPES[type], data: [...values] })),
    kvMetadata: Object.entries(notes).map(([key, value]) => ({ key, value })),
    createdBy: `regionsim version ${VERSION}`,
  });
  return new Uint8Array(buffer);
}

/** Columns that grow row by row; those that come later are null in the rows before. */
export class TableBuilder {
  readonly #columns = new Map<string, { readonly info: ColumnInfo; readonly values: Cell[] }>();
  #rows = 0;

  /** Adds a row; `cells` may name new columns, and leave known ones out. */
  add(cells: Iterable<readonly [info: ColumnInfo, value: Cell]>): void {
    for (const [info, value] of cells) {
      let column = this.#columns.get(info.name);
      if (column === undefined) {
        column = { info, values: new Array<Cell>(this.#rows).fill(null) };
        this.#columns.set(info.name, column);
      }
      column.values.push(value);
    }
    this.#rows += 1;
    for (const { values } of this.#columns.values()) if (values.length < this.#rows) values.push(null);
  }

  /** The columns in the order in which they came, with `absent` in the place of what no row said. */
  columns(absent: (name: string) => Cell = () => null): readonly Column[] {
    return [...this.#columns.values()].map(({ info, values }) => {
      const filler = absent(info.name);
      return { ...info, values: filler === null ? values : values.map((value) => value ?? filler) };
    });
  }
}
