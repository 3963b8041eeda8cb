/** The store of finished runs, as processes leave it: torn, damaged, of other versions, twice. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { InvalidInputError } from "../../src/cli/failures.js";
import { readLineHead, rowLine } from "../../src/cli/sweep/rowLine.js";
import { openStore, type SweepStore } from "../../src/cli/sweep/store.js";
import type { SweepRow } from "../../src/experiment/sweep/index.js";
import { VERSION } from "../../src/version.js";
import { scratch } from "./harness.js";

function row(number: number, extra: Partial<SweepRow> = {}): SweepRow {
  return {
    key: String(number).padStart(64, "0"),
    tool: VERSION,
    scenarioSha256: "a".repeat(64),
    seed: "s",
    replication: number,
    digest: "d".repeat(64),
    measures: { offered: 3, "ttft.p99{origin=EU}": null },
    objectives: [],
    histograms: { "ttft{origin=EU}": { count: 1, sum: 5, max: 5, steps: [3], counts: [1] } },
    series: null,
    ...extra,
  };
}

/** A store with `rows`, all in one shard, as whoever wrote it left it. */
function storeWith(folder: string, rows: readonly SweepRow[]): string {
  mkdirSync(join(folder, "shards"));
  const shard = join(folder, "shards", "machine-1.jsonl");
  writeFileSync(shard, rows.map((each) => `${rowLine(each)}\n`).join(""));
  return shard;
}

function refusalOf(open: () => SweepStore): string {
  try {
    open();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.issues.map(({ file, line, message }) => `${file}:${line}: ${message}`).join("\n");
  }
  throw new Error("it was not refused");
}

describe("a store", () => {
  test("what was appended is there for whoever opens it next, bit for bit", () => {
    const folder = scratch();
    const writer = openStore(folder);
    for (const each of [row(1), row(2)]) writer.append(each);
    writer.close();
    const store = openStore(folder);
    expect(store.row(row(2).key)).toEqual(row(2));
    expect([row(1), row(3)].map(({ key }) => store.has(key))).toEqual([true, false]);
  });

  test("a failed run is missing, until it is made", () => {
    const folder = scratch();
    const store = openStore(folder);
    store.fail(row(1).key, "fell over");
    store.close();
    const again = openStore(folder);
    expect([again.has(row(1).key), again.hasFailed(row(1).key), again.failureOf(row(1).key)]).toEqual([
      false,
      true,
      "fell over",
    ]);
    again.append(row(1));
    again.close();
    expect(openStore(folder).hasFailed(row(1).key)).toBe(false);
  });

  test("cut short at any byte of its last line, it loses that line and no other", () => {
    const folder = scratch();
    const shard = storeWith(folder, [row(1), row(2)]);
    const whole = readFileSync(shard);
    const secondAt = whole.indexOf("\n") + 1;
    for (let bytes = secondAt; bytes < whole.length; bytes += 7) {
      writeFileSync(shard, whole.subarray(0, bytes));
      const store = openStore(folder);
      expect([store.has(row(1).key), store.has(row(2).key)], `${bytes} bytes`).toEqual([true, false]);
      expect(store.notes).toHaveLength(bytes === secondAt ? 0 : 1);
    }
  });

  test("any one byte changed in a line that ends is refused at its file and line, with what to do", () => {
    const folder = scratch();
    const shard = storeWith(folder, [row(1), row(2)]);
    const whole = readFileSync(shard);
    const start = whole.indexOf("\n") + 1;
    for (let at = start; at < whole.length - 1; at += 13) {
      const spoilt = Buffer.from(whole);
      spoilt[at] = whole[at] === 0x78 ? 0x79 : 0x78;
      writeFileSync(shard, spoilt);
      const said = refusalOf(() => openStore(folder));
      expect(said).toContain(`${shard}:2: the line is damaged`);
      expect(said).toContain("remove it");
    }
  });

  test("a run of another version is refused with that version and what to do", () => {
    const folder = scratch();
    const shard = storeWith(folder, [row(1), row(2, { tool: "9.9.9" })]);
    const said = refusalOf(() => openStore(folder));
    expect(said).toContain(`${shard}:2: the run was made by regionsim 9.9.9, and this is ${VERSION}`);
    expect(said).toContain("another --out");
  });

  test("the same run twice is one; the same run with other content is refused with both places", () => {
    const folder = scratch();
    const shard = storeWith(folder, [row(1), row(2)]);
    writeFileSync(join(folder, "shards", "zz.jsonl"), `${rowLine(row(2))}\n`);
    expect(openStore(folder).has(row(2).key)).toBe(true);
    const other = join(folder, "shards", "zzz.jsonl");
    writeFileSync(other, `${rowLine(row(2, { digest: "e".repeat(64) }))}\n`);
    const said = refusalOf(() => openStore(folder));
    expect(said).toContain(`${other}:1:`);
    expect(said).toContain(`${shard}:2`);
  });

  test("lines from elsewhere are kept once, and none of them when one is wrong", () => {
    const folder = scratch();
    storeWith(folder, [row(1)]);
    const store = openStore(folder);
    expect(store.appendLines([row(1), row(2), row(2)].map(rowLine))).toBe(1);
    expect(store.appendLines([rowLine(row(2))])).toBe(0);
    const damaged = rowLine(row(4)).replace("offered", "offerd!");
    const wrong = [damaged, rowLine(row(4, { tool: "9.9.9" })), rowLine(row(1, { seed: "other" }))];
    for (const line of wrong) {
      expect(() => store.appendLines([rowLine(row(3)), line], "a queue")).toThrow(InvalidInputError);
      expect(store.has(row(3).key)).toBe(false);
    }
    expect(() => store.appendLines([row(3), row(3, { seed: "other" })].map(rowLine))).toThrow(
      InvalidInputError,
    );
    expect(store.has(row(3).key)).toBe(false);
    store.close();
  });

  test("runs of another store are taken over when they are asked for, and only then; it is left as it is", () => {
    const [folder, other] = [scratch(), scratch()];
    const shard = storeWith(other, [row(1), row(2), row(3, { tool: "9.9.9" })]);
    const before = readFileSync(shard);
    const store = openStore(folder, { cache: other });
    expect([row(1), row(3)].map(({ key }) => store.has(key))).toEqual([true, false]);
    store.close();
    const again = openStore(folder);
    expect([row(1), row(2)].map(({ key }) => again.has(key))).toEqual([true, false]);
    expect(readFileSync(shard)).toEqual(before);
  });

  test("a folder of something else is left alone, and a cache that is none is told", () => {
    const folder = scratch();
    writeFileSync(join(folder, "thesis.txt"), "mine");
    expect(() => openStore(folder)).toThrow(/holds files and no sweep/);
    writeFileSync(join(folder, "plan.json"), "{}");
    expect(() => openStore(folder)).toThrow(/holds files and no sweep/);
    expect(() => openStore(scratch(), { cache: scratch() })).toThrow(/--cache .+ is no folder of a sweep/);
  });

  test("each process writes a file of its own, and none is made before there is a run", () => {
    const folder = scratch();
    const stores = [openStore(folder), openStore(folder), openStore(folder)];
    stores[0]!.append(row(1));
    stores[1]!.append(row(2));
    for (const store of stores) store.close();
    expect(readdirSync(join(folder, "shards"))).toHaveLength(2);
  });

  test("what is no shard is not read", () => {
    const folder = scratch();
    mkdirSync(join(folder, "shards"));
    writeFileSync(join(folder, "shards", "notes.txt"), "anything");
    expect(openStore(folder).has(row(1).key)).toBe(false);
  });
});

test("a line is told from all that is none of ours", () => {
  expect(readLineHead(rowLine(row(1)))).toMatchObject({ kind: "row", key: row(1).key, tool: VERSION });
  for (const line of ["", "{}", "null", '{"check":"0123456789abcdef","row":{}}', `${rowLine(row(1))} `])
    expect(readLineHead(line)).toBeNull();
});
