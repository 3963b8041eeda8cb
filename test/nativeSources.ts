/**
 * The sources as plain JavaScript that Node itself loads. What the test runner loads, it loads through getters, which
 * makes loops of the engine several times slower; and loops of the engine are most of the suite.
 */
import { mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type { Plugin } from "vitest/config";

const ROOT = resolve(fileURLToPath(import.meta.url), "../..");
const SOURCES = join(ROOT, "src");
const PREFIX = "regionsim-tests-";

/** What the test runner is to leave to Node. */
export const NATIVE_SOURCES: RegExp = new RegExp(PREFIX);

/** A folder with `src` as JavaScript, file by file, as it is now; gone when this process ends. */
export function nativeSources(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), PREFIX)));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
  const files = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  buildSync({
    absWorkingDir: ROOT,
    entryPoints: files.filter((file) => file.endsWith(".ts")).map((file) => join(SOURCES, file)),
    outbase: ROOT,
    outdir: folder,
    format: "esm",
    platform: "node",
    target: "es2022",
    // Failures are to be told in the lines of the sources.
    sourcemap: "inline",
    sourcesContent: false,
  });
  return folder;
}

/** Takes every import of a source by a test to its JavaScript in `folder`. */
export function importNatively(folder: string): Plugin {
  return {
    name: "regionsim:native-sources",
    enforce: "pre",
    resolveId(source, importer) {
      if (importer === undefined || !source.startsWith(".") || !source.endsWith(".js")) return null;
      const inRoot = relative(ROOT, resolve(dirname(importer), source));
      return inRoot.startsWith(`src${sep}`) ? join(folder, inRoot) : null;
    },
  };
}
