import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AppendBytes, openLineLog } from "../../src/gateway/watch/lineLog.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lines-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const linesOf = (path: string): readonly string[] => readFileSync(path, "utf8").split("\n").slice(0, -1);

/** A disk that tells what it takes and when: nothing is written but by `pass`. */
function disk(): {
  readonly append: AppendBytes;
  readonly given: Buffer[];
  pass(taken: number | "all" | Error): void;
} {
  const given: Buffer[] = [];
  const waiting: { bytes: Buffer; done: Parameters<AppendBytes>[2] }[] = [];
  return {
    append: (_, bytes, done) => void waiting.push({ bytes, done }),
    given,
    pass: (taken) => {
      const { bytes, done } = waiting.shift()!;
      if (taken instanceof Error) return done(taken, 0);
      const part = bytes.subarray(0, taken === "all" ? bytes.length : taken);
      given.push(Buffer.from(part));
      done(null, part.length);
    },
  };
}

describe("a file of lines", () => {
  test("has every line in order once it is closed, in folders that were not there", async () => {
    const path = join(folder, "a", "b", "log.jsonl");
    const log = openLineLog({ path });
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify({ i, text: "é".repeat(i % 50) }));
    for (const line of lines) log.add(line);
    await log.close();
    expect(linesOf(path)).toEqual(lines);
    expect(log.counts()).toEqual({ written: 5000, lost: 0 });
  });

  test("is its owner's alone to read", async () => {
    const path = join(folder, "log.jsonl");
    await openLineLog({ path }).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("is appended to, on a line of its own where a killed process left half a line", async () => {
    const path = join(folder, "log.jsonl");
    writeFileSync(path, "whole\nhal");
    const log = openLineLog({ path });
    log.add("next");
    await log.close();
    expect(linesOf(path)).toEqual(["whole", "hal", "next"]);
  });

  test("is written within a while though nobody closes it", async () => {
    const path = join(folder, "log.jsonl");
    const log = openLineLog({ path });
    log.add("soon");
    while (readFileSync(path, "utf8") === "") await new Promise((resolve) => setTimeout(resolve, 20));
    expect(linesOf(path)).toEqual(["soon"]);
    await log.close();
  });

  test("cannot be where nothing may be written", () => {
    const path = join(folder, "not-a-folder");
    writeFileSync(path, "");
    chmodSync(path, 0o400);
    expect(() => openLineLog({ path: join(path, "log.jsonl") })).toThrow(/ENOTDIR|EEXIST/);
  });

  test("says where lines are missing that a slow disk did not take, and how many", async () => {
    const slow = disk();
    const path = join(folder, "log.jsonl");
    const gap = (lost: number): string => `gap ${lost}`;
    const log = openLineLog({ path, gap, heldBytes: 100_000, write: slow.append });
    const long = "x".repeat(25_000);
    log.add(long);
    log.add("while the first is on its way");
    for (const line of [long, long, "short enough"]) log.add(line);
    slow.pass("all");
    log.add("after");
    const closed = log.close();
    slow.pass("all");
    await closed;
    const text = Buffer.concat(slow.given).toString();
    expect(text).toBe(`${long}\nwhile the first is on its way\ngap 2\nshort enough\nafter\n`);
    expect(log.counts().lost).toBe(2);
  });

  test("tears no line on a disk that takes pieces, or nothing for a while", async () => {
    const slow = disk();
    const log = openLineLog({ path: join(folder, "log.jsonl"), write: slow.append });
    log.add("first line");
    const closed = log.close();
    slow.pass(3);
    slow.pass(1);
    slow.pass("all");
    await closed;
    expect(Buffer.concat(slow.given).toString()).toBe("first line\n");
  });

  test("ends though the disk is full, and counts what it lost", async () => {
    const full = disk();
    const log = openLineLog({ path: join(folder, "log.jsonl"), write: full.append });
    log.add("one");
    log.add("two");
    const closed = log.close();
    full.pass(new Error("ENOSPC"));
    await closed;
    expect(log.counts()).toEqual({ written: 0, lost: 2 });
  });
});
