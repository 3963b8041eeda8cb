/** Statistics as one bundle: the test runner loads modules through getters, which makes hot loops four times slower. */
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import type * as batches from "../../../src/experiment/statistics/batchMeans.js";
import type * as intervals from "../../../src/experiment/statistics/intervals.js";
import type * as ocba from "../../../src/experiment/statistics/ocba.js";
import type * as paired from "../../../src/experiment/statistics/paired.js";
import type * as select from "../../../src/experiment/statistics/select.js";
import type * as sequential from "../../../src/experiment/statistics/sequential.js";
import type * as split from "../../../src/experiment/statistics/split.js";
import type * as streams from "../../../src/kernel/streams.js";

type Statistics = typeof batches &
  typeof intervals &
  typeof ocba &
  typeof paired &
  typeof select &
  typeof sequential &
  typeof split &
  typeof streams;

const SOURCE = resolve(fileURLToPath(import.meta.url), "../../../../src");
const FILES = ["batchMeans", "intervals", "ocba", "paired", "select", "sequential", "split"];

/** What the files of `src/experiment/statistics` export, and streams, bundled from the sources as they are now. */
export const statistics: Statistics = bundled();

function bundled(): Statistics {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-statistics-"));
  try {
    const outfile = join(folder, "statistics.cjs");
    const paths = [...FILES.map((file) => `./experiment/statistics/${file}.ts`), "./kernel/streams.ts"];
    buildSync({
      stdin: { contents: paths.map((path) => `export * from "${path}";`).join("\n"), resolveDir: SOURCE },
      outfile,
      bundle: true,
      format: "cjs",
      platform: "node",
      target: "es2022",
    });
    return createRequire(import.meta.url)(outfile) as Statistics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
