/** Places that cannot be written: one sentence, no stack, nothing left behind. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { writeFailure } from "../../src/cli/failures.js";
import { program, scratch, smallScenario } from "./harness.js";
import { ask } from "./resident.js";

describe("a result that cannot be written", () => {
  it("ends with exit code 2 and one sentence when a file stands where its folder should be", async () => {
    const folder = scratch();
    const scenario = smallScenario(folder);
    writeFileSync(join(folder, "reports"), "a file");
    const before = readdirSync(folder).sort();
    const done = await ask(folder, ["run", scenario, "--quiet"]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 2, out: "" });
    expect(done.err).toMatch(/^regionsim: cannot write .+/m);
    expect(done.err).not.toContain("bug:");
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  it("ends the same way when the name is too long for the file system", async () => {
    const folder = scratch();
    const scenario = smallScenario(folder);
    mkdirSync(join(folder, "out"));
    const done = await ask(folder, ["run", scenario, "--quiet", "--out", `out/${"x".repeat(300)}`]);
    expect({ code: done.code, out: done.out }).toEqual({ code: 2, out: "" });
    expect(done.err).not.toContain("bug:");
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  // Only Linux has such a folder; elsewhere the same path is one more that cannot be made, or a foreign one.
  it.runIf(process.platform === "linux")(
    "ends the same way in a folder that is there and takes none, instead of trying for ever",
    () => {
      const folder = scratch();
      const file = smallScenario(folder);
      const done = spawnSync(
        process.execPath,
        [program, "run", file, "--quiet", "--out", "/proc/regionsim"],
        {
          cwd: folder,
          encoding: "utf8",
          timeout: 30_000,
        },
      );
      expect(done.stderr).toMatch(/^regionsim: cannot write \/proc\//m);
      expect(done.status).toBe(2);
    },
  );
});

it("a full disk and a read-only one are told in words, and other errors are not taken for them", () => {
  const failed = (code: string, extra: object = {}): Error =>
    Object.assign(new Error(code), { code, syscall: "write", ...extra });
  expect(writeFailure(failed("ENOSPC"))).toBe("cannot write: no space left on the device");
  expect(writeFailure(failed("EROFS", { path: "a/b" }))).toBe(
    "cannot write a/b: the file system is read-only",
  );
  expect(writeFailure(failed("EIO"))).toBeNull();
  expect(writeFailure(new Error("ENOSPC"))).toBeNull();
  expect(writeFailure("ENOSPC")).toBeNull();
});
