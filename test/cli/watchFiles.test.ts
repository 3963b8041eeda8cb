/** A file that has changed is noticed, and only when it is at rest. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { FileWatch } from "../../src/cli/gateway/watchFiles.js";
import { scratch } from "./harness.js";

const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

function watchedFile(): string {
  const file = join(scratch(), "case.yaml");
  writeFileSync(file, "first\n");
  return file;
}

describe("FileWatch", () => {
  it("finds a file at rest although another one beside it is written all the time", async () => {
    const file = watchedFile();
    let changes = 0;
    const watch = new FileWatch(
      () => {
        changes += 1;
      },
      { settleMs: 300, pollMs: 3_600_000 },
    );
    const busy = setInterval(() => writeFileSync(`${file}.log`, `${performance.now()}`), 20);
    closing.push(() => {
      clearInterval(busy);
      watch.stop();
    });
    watch.set([file], Number.POSITIVE_INFINITY);
    writeFileSync(file, "changed\n");
    await vi.waitFor(() => expect(changes).toBe(1), { timeout: 4_000, interval: 20 });
  });

  it("counts what was written since the files were read as a change", async () => {
    const file = watchedFile();
    let changes = 0;
    const watch = new FileWatch(
      () => {
        changes += 1;
      },
      { settleMs: 5, pollMs: 3_600_000 },
    );
    closing.push(() => watch.stop());
    watch.set([file], 0);
    await vi.waitFor(() => expect(changes).toBe(1), { timeout: 10_000, interval: 10 });
  });
});
