import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { describedTables } from "../../src/result/describedTables.js";
import { MEASURE_PATTERNS, meaningOf } from "../../src/result/measureMeanings.js";
import { COLUMNS_KEY, parquetBytes, type Table, TableBuilder } from "../../src/result/parquet.js";
import { VERSION } from "../../src/version.js";

const TABLE: Table = {
  columns: [
    { name: "point", type: "text", unit: "", meaning: "Name.", values: ["a", "ä", null] },
    { name: "run", type: "whole", unit: "", meaning: "Number.", values: [0, 1, 2] },
    { name: "ttft{origin=EU}", type: "number", unit: "ms", meaning: "Time.", values: [0.1, null, 1e300] },
    { name: "pass", type: "flag", unit: "", meaning: "Held.", values: [true, false, null] },
    { name: "never", type: "number", unit: "ms", meaning: "Nothing.", values: [null, null, null] },
  ],
  metadata: { "regionsim.plan": "small" },
};

function fileOf(table: Table): ArrayBuffer {
  const bytes = parquetBytes(table);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

describe("Parquet files", () => {
  test("read by another library, a table is what it was, nulls and all", async () => {
    expect(await parquetReadObjects({ file: fileOf(TABLE) })).toEqual([
      { point: "a", run: 0, "ttft{origin=EU}": 0.1, pass: true, never: null },
      { point: "ä", run: 1, "ttft{origin=EU}": null, pass: false, never: null },
      { point: null, run: 2, "ttft{origin=EU}": 1e300, pass: null, never: null },
    ]);
  });

  test("the file says what its columns mean, who wrote it and what it is of", () => {
    const { key_value_metadata, created_by } = parquetMetadata(fileOf(TABLE));
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

  test("the same table is the same bytes, and so is one without rows", () => {
    expect(Buffer.from(parquetBytes(TABLE))).toEqual(Buffer.from(parquetBytes(TABLE)));
    const empty = { ...TABLE, columns: TABLE.columns.map((column) => ({ ...column, values: [] })) };
    expect(parquetBytes(empty).length).toBeGreaterThan(0);
  });
});

test("columns that come late are null before, and what a row leaves out is null or what stands for it", () => {
  const info = (name: string) => ({ name, type: "number" as const, unit: "", meaning: "" });
  const builder = new TableBuilder();
  builder.add([[info("a"), 1]]);
  builder.add([
    [info("b"), 2],
    [info("a"), 3],
  ]);
  builder.add([]);
  expect(builder.columns().map(({ name, values }) => [name, values])).toEqual([
    ["a", [1, 3, null]],
    ["b", [null, 2, null]],
  ]);
  expect(builder.columns((name) => (name === "b" ? 0 : null)).map(({ values }) => values)).toEqual([
    [1, 3, null],
    [0, 2, 0],
  ]);
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
