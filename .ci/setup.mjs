// Brings a fresh clone to a built state: installs the pinned packages when any is missing or of another
// version, compiles, and bundles the program. Repeats nothing that is already so but the bundling, half a second.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
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

/**
 * The program as few files with their libraries inside: finding and reading hundreds of modules took longer
 * than a small run. Made from the sources, over what the compiler wrote; both behave the same.
 */
async function bundleProgram() {
  const { build } = await import("esbuild");
  const outdir = fileURLToPath(new URL("../dist/cli/", import.meta.url));
  for (const name of readdirSync(outdir)) if (name.startsWith("chunk-")) rmSync(outdir + name);
  await build({
    absWorkingDir: root,
    entryPoints: ["src/cli/main.ts", "src/cli/simulationWorker.ts"],
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: "chunk-[hash]",
    platform: "node",
    format: "esm",
    target: "node20",
    // Only charts need these, and they are as large as all the rest.
    external: ["vega", "vega-lite"],
    // Some libraries are CommonJS inside and ask for Node's own modules in its way.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
    logLevel: "warning",
  });
  // Compiler and bundler write plain files; npx runs this one as a program.
  chmodSync(`${outdir}main.js`, 0o755);
}

// Scripts of packages are not needed by any of ours, so none is run.
const install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
if (!isInstalled()) run(isWindows ? "npm.cmd" : "npm", install);
run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]);
await bundleProgram();
