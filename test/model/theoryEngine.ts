/**
 * The engine as one bundle, the way it ships. The test runner loads modules through getters, which makes hot loops
 * four times slower; statistics need millions of requests.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type * as experiment from "../../src/experiment/index.js";

const SOURCE = resolve(fileURLToPath(import.meta.url), "../../../src/experiment/index.ts");

/** `runScenario` of `src/experiment`, bundled from the sources as they are now. */
export const runScenario: typeof experiment.runScenario = bundled().runScenario;

function bundled(): typeof experiment {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-theory-"));
  try {
    const outfile = join(folder, "engine.cjs");
    buildSync({
      entryPoints: [SOURCE],
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "es2022",
    });
    return createRequire(import.meta.url)(outfile) as typeof experiment;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
