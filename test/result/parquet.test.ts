import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { describedTables } from "../../src/result/describedTables.js";
import { MEASURE_PATTERNS, meaningOf } from "../../src/result/measureMeanings.js";
import {
  type Cell,
  COLUMNS_KEY,
  type Column,
  type ColumnInfo,
  GROUP_ROWS,
  TableWriter,
} from "../../src/result/parquet.js";
import { VERSION } from "../../src/version.js";

const COLUMNS: readonly Column[] = [
  { name: "point", type: "text", unit: "", meaning: "Name." },
  { name: "run", type: "whole", unit: "", meaning: "Number." },
  { name: "ttft{origin=EU}", type: "number", unit: "ms", meaning: "Time." },
  { name: "pass", type: "flag", unit: "", meaning: "Held." },
  { name: "never", type: "number", unit: "ms", meaning: "Nothing." },
];

const ROWS: readonly (readonly Cell[])[] = [
  ["a", 0, 0.1, true, null],
  ["ä", 1, null, false, null],
  [null, 2, 1e300, null, null],
];

function bytesOf(rows: readonly (readonly Cell[])[]): Uint8Array {
  const writer = new TableWriter(COLUMNS);
  for (const row of rows) writer.add(row.map((cell, i) => [COLUMNS[i]!, cell] as const));
  return writer.finish({ "regionsim.plan": "small" });
}

function fileOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

describe("Parquet files", () => {
  test("read by another library, a table is what it was, nulls and all", async () => {
    expect(await parquetReadObjects({ file: fileOf(bytesOf(ROWS)) })).toEqual([
      { point: "a", run: 0, "ttft{origin=EU}": 0.1, pass: true, never: null },
      { point: "ä", run: 1, "ttft{origin=EU}": null, pass: false, never: null },
      { point: null, run: 2, "ttft{origin=EU}": 1e300, pass: null, never: null },
    ]);
  });

  test("the file says what its columns mean, who wrote it and what it is of", () => {
    const { key_value_metadata, created_by } = parquetMetadata(fileOf(bytesOf(ROWS)));
    const notes = new Map(key_value_metadata?.map(({ key, value }) => [key, value]));
    expect(created_by).toContain(VERSION);
    expect(notes.get("regionsim.version")).toBe(VERSION);
    expect(notes.get("regionsim.plan")).toBe("small");
    expect(JSON.parse(notes.get(COLUMNS_KEY)!)[2]).toEqual({
      name: "ttft{origin=EU}",
      type: "number",
      unit: "ms",
      meaning: "Time.",
    });
  });

  test("the same table is the same bytes, and one without rows is a file too", async () => {
    expect(Buffer.from(bytesOf(ROWS))).toEqual(Buffer.from(bytesOf(ROWS)));
    expect(await parquetReadObjects({ file: fileOf(bytesOf([])) })).toEqual([]);
  });

  test("what a row leaves out is null or what stands for it, and what the table does not have is refused", async () => {
    const info = (name: string): ColumnInfo => ({ name, type: "number", unit: "", meaning: "" });
    const writer = new TableWriter([info("a"), { ...info("b"), absent: 0 }]);
    writer.add([[info("a"), 1]]);
    writer.add([
      [info("b"), null],
      [info("a"), 3],
    ]);
    writer.add([]);
    expect(() => new TableWriter([info("a")]).add([[info("c"), 1]])).toThrow("no column c");
    expect(await parquetReadObjects({ file: fileOf(writer.finish({})) })).toEqual([
      { a: 1, b: 0 },
      { a: 3, b: null },
      { a: null, b: 0 },
    ]);
  });

  test.each([0, 1])(
    "row groups hold every row once and in order, %i rows more than two groups",
    async (more) => {
      const count = 2 * GROUP_ROWS + more;
      const info: ColumnInfo = { name: "n", type: "whole", unit: "", meaning: "" };
      const late: ColumnInfo = { name: "late", type: "text", unit: "", meaning: "" };
      const writer = new TableWriter([info, late]);
      for (let n = 0; n < count; n += 1)
        writer.add(
          n < count - 1
            ? [[info, n]]
            : [
                [info, n],
                [late, "last"],
              ],
        );
      const file = fileOf(writer.finish({}));
      expect(parquetMetadata(file).row_groups).toHaveLength(2 + more);
      const rows = await parquetReadObjects({ file });
      expect(rows.length).toBe(count);
      expect(rows.every((row, n) => row.n === n && row.late === (n === count - 1 ? "last" : null))).toBe(
        true,
      );
    },
  );
});

test("every column that a sweep can have has a meaning, and no name comes twice in a file", () => {
  for (const [file, columns] of Object.entries(describedTables())) {
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size, `${file}: ${names.join(", ")}`).toBe(names.length);
    for (const { name, meaning } of columns) expect(meaning, `${file} ${name}`).toMatch(/^[A-Z0-9mean].*\.$/);
  }
});

test("a measure says which statistic it is and of what", () => {
  expect(meaningOf("ttft.p99{origin=EU}")).toBe(
    "99th percentile. Time from asking to the first token, at the user, of served requests. Only of origin=EU.",
  );
  expect(meaningOf("nobody.knows")).toBe("");
  expect(MEASURE_PATTERNS.filter((pattern) => meaningOf(pattern) === "")).toEqual([]);
});
