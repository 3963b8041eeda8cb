/** The program of the sampling processes, bundled as it is shipped, and variants of it that misbehave. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Where bundles of one test file lie. */
export interface Entries {
  readonly plain: URL;
  /** The same after `prelude`, in which `number` counts the processes begun before this one. */
  variant(prelude: string): URL;
  remove(): void;
}

/** Bundles the program into a folder of its own. */
export async function bundledEntries(): Promise<Entries> {
  const folder = mkdtempSync(join(tmpdir(), "regionsim-pool-"));
  const outfile = join(folder, "worker.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../../src/cli/sampleWorker.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "error",
  });
  let variants = 0;
  return {
    plain: pathToFileURL(outfile),
    variant(prelude: string): URL {
      variants += 1;
      const file = join(folder, `variant-${variants}.cjs`);
      writeFileSync(
        file,
        `const fs = require("node:fs");
const seen = ${JSON.stringify(join(folder, `seen-${variants}-`))};
let number = 0;
for (;;) {
  try {
    fs.writeFileSync(seen + number, "", { flag: "wx" });
    break;
  } catch {
    number += 1;
  }
}
const send = process.send.bind(process);
${prelude}
require(${JSON.stringify(outfile)});
`,
      );
      return pathToFileURL(file);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
