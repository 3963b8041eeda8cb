/** Same scenario, seed and version: same bytes, on every JavaScript engine. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enginesFolder, installEngines } from "./engines/install.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = "eu-us.yaml";
const isCi = process.env.CI !== undefined && process.env.CI !== "";

const work = mkdtempSync(join(tmpdir(), "regionsim-engines-"));
const bundle = join(work, "bundle.mjs");
const packages = join(enginesFolder, "node_modules");

/** An engine: its program, and how it is told to run the bundle. */
interface Engine {
  readonly name: string;
  readonly program: () => string | null;
  readonly args: () => readonly string[];
}

function present(path: string): string | null {
  return existsSync(path) ? path : null;
}

function onPath(...names: readonly string[]): string | null {
  const folders = (process.env.PATH ?? "").split(":");
  for (const name of names)
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name);
  return null;
}

const browserArgs = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
  `--user-data-dir=${join(work, "profile")}`,
  "--dump-dom",
];

const engines: readonly Engine[] = [
  ...["22", "24", "26"].map((major) => ({
    name: `Node ${major}`,
    program: () => present(join(packages, `node${major}/bin/node`)),
    args: () => [bundle],
  })),
  {
    name: "Bun",
    program: () => present(join(packages, "@oven/bun-linux-x64-baseline/bin/bun")),
    args: () => [bundle],
  },
  {
    name: "Deno",
    program: () => present(join(packages, "@deno/linux-x64-glibc/deno")),
    args: () => ["run", "--no-config", "--no-remote", "--no-npm", bundle],
  },
  {
    name: "Chromium",
    program: () => onPath("chromium", "chromium-browser", "google-chrome"),
    args: () => [...browserArgs, pathToFileURL(join(work, "page.html")).href],
  },
];

/** Every text file of the folder of scenarios, by relative path. */
function scenarioFiles(): Record<string, string> {
  const folder = join(root, "scenarios");
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    paths
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
}

async function writeBundle(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL("./engines/entry.ts", import.meta.url))],
    outfile: bundle,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    define: { SCENARIO: JSON.stringify({ file: example, files: scenarioFiles() }) },
    logLevel: "silent",
  });
  // Inline, because a page from disk may not import modules from disk.
  const script = readFileSync(bundle, "utf8").replaceAll("</script", "<\\/script");
  writeFileSync(
    join(work, "page.html"),
    `<!doctype html><meta charset="utf-8"><body><script type="module">${script}</script>`,
  );
}

function lineFrom(program: string, args: readonly string[]): string {
  const done = spawnSync(program, args, {
    encoding: "utf8",
    cwd: work,
    env: { ...process.env, HOME: work, NO_COLOR: "1" },
  });
  return /digest \w+ events \d+ document \w+/.exec(done.stdout)?.[0] ?? `${done.stdout}${done.stderr}`;
}

describe("engines", () => {
  let expected = "";

  beforeAll(async () => {
    if (isCi && !installEngines()) throw new Error("the engines could not be installed");
    await writeBundle();
    expected = lineFrom(process.execPath, [bundle]);
  });
  afterAll(() => rmSync(work, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }));

  it("this Node runs the worked example to the end", () => {
    expect(expected).toMatch(/^digest [0-9a-f]{64} events [1-9]\d+ document [0-9a-f]{64}$/);
  });

  it.for(engines)(
    "$name gives the same digest and the same document as this Node",
    ({ name, program, args }, context) => {
      const found = program();
      if (found === null && !isCi) {
        const how =
          name === "Chromium" ? "install chromium" : "run node test/determinism/engines/install.mjs";
        console.log(`skipped ${name}: not installed; ${how}`);
        context.skip();
      }
      expect(found, `${name} is missing`).not.toBeNull();
      expect(lineFrom(found ?? "", args())).toBe(expected);
    },
  );
});
