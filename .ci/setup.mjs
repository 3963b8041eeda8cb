// Brings a fresh clone to a built state: installs the pinned packages when any is missing or of another
// version, compiles, and bundles the program. Repeats nothing that is already so.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const isWindows = process.platform === "win32";

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
    shell: isWindows,
  });
  if (done.status !== 0) process.exit(done.status ?? 1);
}

/** Whether what npm recorded as installed is what the lock file asks for; packages for other platforms may be absent. */
function isInstalled() {
  const installedFile = new URL("../node_modules/.package-lock.json", import.meta.url);
  if (!existsSync(installedFile)) return false;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(new URL("../package-lock.json", import.meta.url), "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const found = installed[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

/** Bundles from the sources, over what the compiler wrote; both behave the same. */
async function bundle(outdir, options) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: "chunk-[hash]",
    platform: "node",
    format: "esm",
    target: "node20",
    // Puts the values of constants where they are used. A constant imported from another module is a memory load
    // and a real multiplication at every use: the event loop takes a sixth less time without them.
    minifySyntax: true,
    logLevel: "warning",
    ...options,
  });
}

/** The program with its libraries inside: finding and reading hundreds of modules took longer than a small run. */
async function bundleProgram() {
  await bundle("dist/cli/", {
    entryPoints: ["src/cli/main.ts"],
    // Only charts need the first two, and they are as large as all the rest; the others are there only where wanted.
    external: ["vega", "vega-lite", "bullmq", "ioredis", "@duckdb/node-api"],
    // Some libraries are CommonJS inside and ask for Node's own modules in its way.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  });
  // Compiler and bundler write plain files; npx runs this one as a program.
  chmodSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url)), 0o755);
}

/**
 * The thread a long run gets, and the processes many runs get. As CommonJS, because loading a module of the other kind detaches an array buffer, and
 * from then on V8 checks every typed array at every use: an eighth of the time per event.
 */
async function bundleWorkers() {
  await bundle("dist/cli/", {
    entryPoints: ["src/cli/simulationWorker.ts", "src/cli/sampleWorker.ts", "src/cli/sweepProcessor.ts"],
    external: ["bullmq", "ioredis"],
    format: "cjs",
    splitting: false,
    outExtension: { ".js": ".cjs" },
  });
}

/** What others import, for the same speed; packages stay imports. */
async function bundleLibrary() {
  await bundle("dist/", {
    entryPoints: { index: "src/index.ts", "policy/index": "src/policy/index.ts" },
    packages: "external",
  });
}

/** What the bundles are made from, as one hash: they are written only when it has changed. */
function sourcesHash() {
  const hash = createHash("sha256");
  const files = readdirSync(`${root}src`, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${name}`);
  for (const name of [...files.sort(), "package-lock.json", ".ci/setup.mjs"]) {
    hash
      .update(name)
      .update("\0")
      .update(readFileSync(root + name))
      .update("\0");
  }
  return hash.digest("hex");
}

/** Chunks carry a hash in their names, so old ones would stay. */
function removeOldChunks(folder) {
  for (const name of readdirSync(root + folder)) if (name.startsWith("chunk-")) rmSync(root + folder + name);
}

/** Bundles anew; leaves everything alone when nothing has changed, so that a program may run meanwhile. */
async function bundleAll() {
  const stamp = `${root}dist/.bundled`;
  const hash = sourcesHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  removeOldChunks("dist/cli/");
  removeOldChunks("dist/");
  await bundleWorkers();
  await bundleProgram();
  await bundleLibrary();
  writeFileSync(stamp, hash);
}

// Scripts of packages are not needed by any of ours, so none is run.
const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
if (!isInstalled()) run(isWindows ? "npm.cmd" : "npm", install);
run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]);
await bundleAll();
