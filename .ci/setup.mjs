// Brings a fresh clone to a built state: installs the pinned packages when any is missing or of another
// version, compiles, and puts `regionsim` where `npx regionsim` looks first. Repeats nothing that is
// already so.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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

/** npm links a package's commands for those who depend on it, not inside its own checkout. */
function linkCommand() {
  const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
  if (!existsSync(main)) return;
  const bin = fileURLToPath(new URL("../node_modules/.bin/", import.meta.url));
  mkdirSync(bin, { recursive: true });
  if (isWindows) {
    writeFileSync(`${bin}regionsim.cmd`, '@node "%~dp0\\..\\..\\dist\\cli\\main.js" %*\r\n');
    return;
  }
  chmodSync(main, 0o755);
  rmSync(`${bin}regionsim`, { force: true });
  symlinkSync("../../dist/cli/main.js", `${bin}regionsim`);
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
linkCommand();
