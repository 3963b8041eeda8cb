import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ending, scratch, smallScenario, start } from "./harness.js";
import { ask } from "./resident.js";

const long = (text: string): string =>
  text.replace("duration: 4m", "duration: 20h").replaceAll("5rps", "50rps");

/** Throws unless `directory` is absent or complete. */
function assertWhole(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const manifest = JSON.parse(readFileSync(join(directory, "manifest.json"), "utf8"));
  for (const { path, sha256 } of manifest.files) {
    const found = createHash("sha256")
      .update(readFileSync(join(directory, path)))
      .digest("hex");
    expect(found, path).toBe(sha256);
  }
  return true;
}

describe("a run that is stopped", () => {
  it("by Ctrl-C ends at once with exit code 130 and leaves nothing", async () => {
    const folder = scratch();
    const file = smallScenario(folder, long);
    const child = start(folder, ["run", file, "--html", "--json", "x.json"]);
    const ended = ending(child);
    await sleep(2000);
    const startedMs = performance.now();
    child.kill("SIGINT");
    const { code, err } = await ended;
    expect(code).toBe(130);
    expect(err).toBe("interrupted\n");
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(readdirSync(folder)).toEqual([file]);
  });

  it("by a polite kill ends with exit code 143 and leaves nothing", async () => {
    const folder = scratch();
    const file = smallScenario(folder, long);
    const child = start(folder, ["run", file]);
    const ended = ending(child);
    await sleep(1500);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(143);
    expect(readdirSync(folder)).toEqual([file]);
  });

  it("by a rude kill at any moment leaves a folder that is complete or absent, and the next run tidies up", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    const args = ["run", file, "--csv", "--quiet"];
    const startedMs = performance.now();
    await ending(start(folder, args));
    const wholeMs = performance.now() - startedMs;
    // Most of the moments lie near the end, where the writing is.
    for (let i = 0; i < 10; i += 1) {
      const child = start(folder, args);
      const ended = ending(child);
      await sleep(wholeMs * (i < 3 ? i / 3 : 0.7 + (i - 3) * 0.05));
      child.kill("SIGKILL");
      await ended;
      assertWhole(join(folder, "reports/small"));
    }
    expect(await ask(folder, args)).toMatchObject({ code: 0 });
    expect(assertWhole(join(folder, "reports/small"))).toBe(true);
    expect(readdirSync(join(folder, "reports"))).toEqual(["small"]);
  });

  it("while an older result was being replaced loses neither: the older one comes back", async () => {
    const folder = scratch();
    const file = smallScenario(folder);
    await ask(folder, ["run", file, "--quiet"]);
    // As a writer killed between its two renames leaves it; no process has this number.
    renameSync(join(folder, "reports/small"), join(folder, "reports/.small.replaced-4194999"));
    mkdirSync(join(folder, "reports/.small.partial-4194999"));
    expect(await ask(folder, ["run", file, "--quiet"])).toMatchObject({ code: 0 });
    expect(readdirSync(join(folder, "reports"))).toEqual(["small"]);
    assertWhole(join(folder, "reports/small"));
  });
});
