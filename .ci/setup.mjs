// Brings a fresh clone to a built state: installs the pinned packages when any is missing or of another
// version, and compiles. Repeats nothing that is already so.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
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

// Scripts of packages are not needed by any of ours, so none is run.
if (!isInstalled())
  run(isWindows ? "npm.cmd" : "npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ]);
run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.json"]);
// The compiler writes plain files; npx runs this one as a program.
chmodSync(fileURLToPath(new URL("../dist/cli/main.js", import.meta.url)), 0o755);
