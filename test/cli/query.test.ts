/** SQL over the tables of runs, as the program answers it. */
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { answerText } from "../../src/cli/query/answerText.js";
import { ask } from "../../src/cli/query/duckdb.js";
import { withTables } from "../../src/cli/query/tables.js";
import { root, scratch } from "./harness.js";

/** A folder with one Parquet file of three runs at two points. */
function collected(): string {
  const folder = scratch();
  const bytes = parquetWriteBuffer({
    columnData: [
      { name: "point", data: ["a", "a", "b"], type: "STRING" },
      { name: "replication", data: [0, 1, 0], type: "INT32" },
      { name: "refused", data: [0.25, 0.75, 0.125], type: "DOUBLE" },
    ],
  });
  writeFileSync(join(folder, "runs.parquet"), new Uint8Array(bytes));
  return folder;
}

function questionOf(folder: string, sql: string) {
  return withTables(folder, (tables) => ask(tables, sql));
}

describe("query", () => {
  it("answers from the Parquet files of a folder, each a table of its name", async () => {
    const sql =
      "select point, avg(refused) as refused, count(*) as n from runs group by point order by point";
    const { columns, rows } = await questionOf(collected(), sql);
    expect(columns).toEqual(["point", "refused", "n"]);
    expect(rows).toEqual([
      ["a", 0.5, 2],
      ["b", 0.125, 1],
    ]);
  });

  it("answers from the tables of a stored run, series over time among them, and leaves nothing in its folder", async () => {
    const folder = scratch();
    copyFileSync(join(root, "reports/eu-us/result.json"), join(folder, "result.json"));
    const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    const { rows } = await questionOf(folder, "select offered from requests where \"by\" = 'all'");
    expect(rows).toEqual([[result.requests.offered]]);
    expect(readdirSync(folder)).toEqual(["result.json"]);
  });

  it("reads the tables it was given and no other file, and stays so", async () => {
    const folder = collected();
    const other = join(folder, "runs.parquet");
    await expect(questionOf(folder, `select * from read_parquet('${other}')`)).rejects.toThrow(
      /cannot be answered/,
    );
    await expect(questionOf(folder, "set enable_external_access = true")).rejects.toThrow(
      /cannot be answered/,
    );
    await expect(questionOf(folder, `copy runs to '${join(folder, "x.csv")}'`)).rejects.toThrow(
      /cannot be answered/,
    );
    expect(readdirSync(folder)).toEqual(["runs.parquet"]);
  });

  it("says which tables there are when a question cannot be answered", async () => {
    await expect(questionOf(collected(), "select * from run")).rejects.toThrow(/\ntables: runs$/);
  });

  it("refuses a Parquet file that is none, naming it, and a folder with no results, saying what makes them", async () => {
    const folder = scratch();
    await expect(questionOf(folder, "select 1")).rejects.toThrow(/regionsim sweep collect/);
    writeFileSync(join(folder, "runs.parquet"), "PAR1 not really");
    await expect(questionOf(folder, "select 1")).rejects.toMatchObject({
      issues: [expect.objectContaining({ file: join(folder, "runs.parquet") })],
    });
  });

  it("writes numbers to the right in text, and text that a spreadsheet would run inert in CSV", () => {
    const answer = {
      columns: ["name", "n"],
      rows: [
        ["=1+1", 5],
        ["b", -12.5],
        [null, null],
      ],
    };
    expect(answerText(answer, "text")).toBe("name      n\n=1+1      5\nb     -12.5\n\n");
    expect(answerText(answer, "csv")).toBe("name,n\n'=1+1,5\nb,-12.5\n,\n");
    expect(JSON.parse(answerText(answer, "json"))).toEqual([
      { name: "=1+1", n: 5 },
      { name: "b", n: -12.5 },
      { name: null, n: null },
    ]);
  });
});
